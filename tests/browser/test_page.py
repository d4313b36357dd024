"""The page in a real browser: nothing goes wrong, nothing is asked for, everybody can read it."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.parts import OTHER, PROFILE, RECENT, WEATHER
from forecasting.report.content import WindowSpan
from forecasting.report.language import speaking
from forecasting.report.page import render
from forecasting.responses import Response
from tests.browser.chromium import Browser, chromium
from tests.forecasting.report.conftest import make_board, make_content, make_faulty
from tests.forecasting.report.test_why import explained

pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium is installed")

NASTY = "<script>document.title='caught'</script>"
LOOKS = [("light", 1180), ("dark", 1180), ("light", 390), ("dark", 390)]
DAYS = pd.date_range("2024-01-01", periods=400, freq="D", tz="UTC")
ROWS = (("history", 0, 360), ("selection", 200, 210), ("final", 350, 357), ("forecast", 360, 361))
SPANS = tuple(
    WindowSpan(row=row, first=DAYS[first], last=DAYS[last], fitted=row == "final") for row, first, last in ROWS
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    found = Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A page with all there is on it, and one of nasty names that says beware, in French."""
    folder = tmp_path_factory.mktemp("pages")
    board = make_board([(f"ridge {n}", 0.6 + n / 10, 0.3 - n / 10, 2.0, "done", n < 2, "") for n in range(4)])
    degrees = np.linspace(-5.0, 25.0, 40)
    curve = Response(
        item_id="house", name="temperature", degrees=degrees, readings=300 - 2 * degrees,
        curve_degrees=degrees[::8], curve=300 - 2 * degrees[::8],
    )  # fmt: skip
    full = explained(make_content, {PROFILE: 300.0, WEATHER: 12.0, RECENT: -4.0, OTHER: 0.0}, leaderboard=board)
    cards = {"data_card": {"source": "meter.csv"}, "model_card": {"run_id": "0" * 16, "seed": 0}}
    full = replace(full, windows=SPANS, responses=(curve,), **cards)
    names = (NASTY, "Usine & fils")
    faulty = make_faulty([(NASTY, "2024-03-01 05:00", "spike")])
    alert = f"{NASTY}, dead meter from 2024-12-30 00:00 to 2024-12-31 23:00 UTC: 48 steps left out (no reading)."
    nasty = make_content(
        items=names, target=NASTY, source=NASTY, title=NASTY, unit="k\"W'", members=(NASTY,), faulty=faulty,
        alerts=(alert,), stale=names[:1], findings=(alert,), guesses=(f"time column: {NASTY}",), leaderboard=board,
    )  # fmt: skip
    (folder / "full.html").write_text(render(full), encoding="utf-8")
    with speaking("fr"):
        (folder / "nasty.html").write_text(render(nasty), encoding="utf-8")
    return folder


def axe():
    """The text of axe-core, None where it is not installed."""
    found = importlib.util.find_spec("axe_playwright_python")
    return found and (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["full", "nasty"])
@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_it_opens_without_an_error_or_a_request_and_fits(browser, pages, name, theme, width):
    browser.open(pages / f"{name}.html", theme=theme, width=width)
    said = [what for method, what in browser.events if method in ("Runtime.exceptionThrown", "Log.entryAdded")]
    said += [what for method, what in browser.events if method == "Runtime.consoleAPICalled"]
    assert said == []
    asked = [what["request"]["url"] for method, what in browser.events if method == "Network.requestWillBeSent"]
    assert [url for url in asked[1:] if not url.startswith("data:")] == []
    assert browser.value("document.documentElement.scrollWidth") <= width, "nothing sticks out to the side"
    assert browser.value("document.title") != "caught"
    assert browser.value("document.querySelectorAll('script').length") == 1


@pytest.mark.skipif(axe() is None, reason="axe-core is not installed: see make install")
@pytest.mark.parametrize("name", ["full", "nasty"])
@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_to_complain_of(browser, pages, name, theme, width):
    browser.open(pages / f"{name}.html", theme=theme, width=width)
    browser.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.value(axe())
    found = browser.value("axe.run().then((made) => made.violations.map((one) => [one.impact, one.id, one.nodes"
                          ".map((node) => node.html.slice(0, 200))]))")  # fmt: skip
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_in_the_drawings_stand_out_from_the_page(browser, pages, theme):
    """axe-core does not look at text in SVG: 4.5 to 1 at least, by the formula of WCAG 2.2."""
    browser.open(pages / "full.html", theme=theme)
    colours = browser.value(
        "[getComputedStyle(document.body).backgroundColor, ...new Set([...document.querySelectorAll('svg text')]"
        ".map((one) => getComputedStyle(one).fill))]"
    )
    paper, *words = (light(colour) for colour in colours)
    assert words
    assert all((max(one, paper) + 0.05) / (min(one, paper) + 0.05) >= 4.5 for one in words)


def light(colour):
    """Relative luminance of a colour such as ``rgb(1, 2, 3)``."""
    parts = np.array([float(part) for part in colour[4:-1].split(",")]) / 255
    return float(
        np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    )


def test_everything_that_can_be_pointed_at_is_reached_and_told_by_keys(browser, pages):
    browser.open(pages / "full.html")
    plots = browser.value("document.querySelectorAll('.plot.wide[data-x]').length")
    assert plots == browser.value("document.querySelectorAll('.plot.wide .hover[tabindex=\"0\"]').length") > 3
    told = browser.value(
        "(() => { const one = document.querySelector('.plot.wide .hover'); one.focus();"
        " one.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));"
        " return [one.getAttribute('aria-valuetext'), one.parentElement.querySelector('.tip').textContent]; })()"
    )
    assert told[0] == told[1] != ""
    unnamed = (
        "[...document.querySelectorAll('input, select, [role=slider], svg[role=img], [tabindex]')].filter((one) =>"
        " !one.labels?.length && !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby')).length"
    )
    assert browser.value(unnamed) == 0


def test_sliders_show_another_step_and_another_window(browser, pages):
    browser.open(pages / "full.html")
    moved = browser.value(
        "[...document.querySelectorAll('input[type=range]')].map((one) => { const before = document.body.innerHTML;"
        " one.value = one.value === '0' ? '1' : '0'; one.dispatchEvent(new Event('input'));"
        " return before !== document.body.innerHTML; })"
    )
    assert moved == [True, True]


def test_on_paper_all_is_open_and_within_the_page(browser, pages):
    browser.open(pages / "full.html", theme="dark", media="print")
    assert browser.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert browser.value("getComputedStyle(document.querySelector('.narrow')).display") == "none"
    assert len(browser.ask("Page.printToPDF", preferCSSPageSize=True)["data"]) > 20_000
