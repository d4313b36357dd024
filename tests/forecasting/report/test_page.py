"""The page stands on its own, is well formed, escapes every name, and can be read by anyone."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import pandas as pd
import pytest

from forecasting.report.page import render

VOID = {"meta", "link", "br", "hr"}
EVIL = "\"><script>alert('x')</script><img src=http://evil.test/x onerror=alert(1)>\n\n&lt;"


class Tree(HTMLParser):
    """All elements in order with their attributes; complains of tags that do not match."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} says an attribute twice"
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, *tags):
        return [attributes for tag, attributes, _ in self.elements if tag in tags]

    def words(self):
        shown = "".join(text for tag, text in self.texts if tag not in {"script", "style"})
        return shown.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def page(content):
    return render(content())


def test_the_page_is_well_formed_and_says_its_language(page):
    assert page.startswith("<!doctype html>\n<html")
    tree = Tree(page)
    assert tree.all("html") == [{"lang": "en"}]
    assert [level for level, _, _ in tree.elements if level in {"h1", "h2"}] == ["h1", *["h2"] * 5]


def test_every_sentence_and_name_of_the_content_is_on_the_page(page):
    words = Tree(page).words()
    for said in (
        "Forecast of kwh",
        "meter.csv",
        "The forecast is usually off by 12.3 kWh (4.1 %)",
        "It combines 2 forecasters: ridge and trees.",
        "One gap of 3 hours was left empty.",
        "Times are local times of Europe/Paris (--time-zone).",
        "Made by hourcast 0.1.0 on Wed 1 Jan 2025, 07:00 (Europe/Paris).",
        "Weather: Meteostat, CC BY 4.0.",
        "failed: singular matrix",
    ):
        assert said in words


def test_the_result_comes_before_anything_else(page):
    tree = Tree(page)
    first = next(attributes for tag, attributes, _ in tree.elements if tag == "section")
    assert first == {"class": "card", "aria-labelledby": "result"}


def test_names_from_the_users_file_can_be_anything(content, faulty, board, hold_out):
    report = content(
        items=(EVIL, "b"),
        title=EVIL,
        source=EVIL,
        target=EVIL,
        unit=EVIL,
        findings=(EVIL,),
        guesses=(EVIL,),
        members=(EVIL, EVIL),
        attribution=(EVIL,),
        version=EVIL,
        faulty=faulty([(EVIL, "2024-12-30 05:00", EVIL)]),
        leaderboard=board(
            [(EVIL, 1.0, 0.1, 1.0, EVIL, True, EVIL), (EVIL, float("nan"), 0.1, 1.0, "failed", False, EVIL)]
        ),
        hold_out=hold_out(naive_name=EVIL),
    )
    tree = Tree(render(report))
    assert len(tree.all("script")) == 1
    assert not tree.all("img")
    for _, attributes, _ in tree.elements:
        assert not any(name.startswith("on") or name in {"src", "style"} for name in attributes)
    assert tree.words().count("<script>alert('x')</script>") > 10


def test_a_unit_with_empty_lines_does_not_shift_what_is_said_of_the_points(content):
    page = render(content(unit="k\n\n\nWh"))
    for tips, at in re.findall(r'data-tips="([^"]*)".*?data-x="([^"]*)"', page, re.DOTALL):
        assert len(tips.split("\n\n")) == len(at.split())


def test_nothing_is_asked_from_anywhere(page):
    tree = Tree(page)
    own = ("data:,", "data:image/png;base64,")
    assert all(attributes.get("href", "data:,").startswith(own) for _, attributes, _ in tree.elements)
    assert not [attributes for _, attributes, _ in tree.elements if {"src", "srcset", "action"} & set(attributes)]
    assert not re.search(r"url\(|@import|https?://|fetch\(|XMLHttpRequest|import\(", page)


def test_the_policy_lets_only_our_own_style_and_script_run(page):
    (policy,) = [a["content"] for a in Tree(page).all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_every_drawing_has_a_title_and_a_description_of_its_own(page):
    tree = Tree(page)
    drawings = [a for a in tree.all("svg") if a.get("role") == "img"]
    # forecast, closer look, windows, each of seven, hours, weekdays, bands, history, map: wide and narrow
    assert len(drawings) == 2 * (3 + 7 + 5)
    ids = [a["id"] for _, a, _ in tree.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for attributes in drawings:
        assert set(attributes["aria-labelledby"].split()) <= set(ids)
    others = [a for a in tree.all("svg") if a.get("role") != "img"]
    assert all(a.get("aria-hidden") == "true" for a in others)


def test_every_table_has_a_caption_and_named_rows_and_columns(page):
    tree = Tree(page)
    assert len(tree.all("table")) == len(tree.all("caption")) == 4
    assert all(a.get("scope") in {"row", "col"} for a in tree.all("th"))


def test_one_item_has_no_choice_and_several_are_there_without_script(content):
    assert not Tree(render(content())).all("select")
    tree = Tree(render(content(items=tuple("abcde"))))
    assert len(tree.all("option")) == 5
    (choice,) = [a for a in tree.all("div") if a.get("class") == "choice"]
    assert "hidden" in choice
    shown = [a["data-item"] for a in tree.all("div") if "data-item" in a]
    folded = [a["data-item"] for a in tree.all("details") if "data-item" in a]
    assert shown == ["item0", "item1", "item2"] * 3
    assert folded == ["item3", "item4"] * 3


def test_more_than_twelve_items_are_counted_not_drawn(content):
    report = content(items=tuple(f"meter {n}" for n in range(14)), length=400, windows=1)
    tree = Tree(render(report))
    assert len(tree.all("option")) == 12
    assert "12 of 14 items are pictured; the forecast table holds all." in tree.words()


def test_a_report_with_nothing_but_a_history_is_still_a_page(content):
    report = content(windows=0, hold_out=None, members=(), findings=(), guesses=(), attribution=(), unit=None)
    report = replace(report, forecast=report.forecast.iloc[:0], leaderboard=report.leaderboard.iloc[:0])
    words = Tree(render(report)).words()
    assert "Nothing had to be repaired." in words
    assert "Nothing had to be decided." in words
    assert "What was tried" not in words
    assert "nan" not in words


@pytest.mark.parametrize(
    ("freq", "length", "horizon"),
    [("15min", 4000, 96), ("D", 400, 14), ("W-SUN", 200, 8), ("MS", 90, 12), ("YS", 40, 3), ("min", 5000, 30)],
)
def test_every_step_makes_a_page(content, hold_out, freq, length, horizon):
    report = content(freq=freq, length=length, horizon=horizon, windows=2, start="1984-01-01", hold_out=hold_out())
    words = Tree(render(report)).words()
    assert "nan" not in words.replace("naive", "")
    assert "NaT" not in words


def test_readings_that_are_all_missing_make_a_page(content):
    report = content(length=200, windows=1)
    gone = report.history.assign(target=float("nan"))
    assert Tree(render(replace(report, history=gone)))


def test_rows_of_the_history_may_come_with_any_index(content):
    report = content(items=("a", "b"))
    parts = [part.reset_index(drop=True) for _, part in report.history.groupby("item_id")]
    assert render(replace(report, history=pd.concat(parts))) == render(report)


def test_three_years_of_hours_are_small_and_quick(content):
    report = content(length=3 * 8766)
    began = time.perf_counter()
    page = render(report)
    assert time.perf_counter() - began < 3
    assert len(page.encode()) < 400_000


def test_the_content_is_left_as_it_was(content):
    report, same = content(), content()
    render(report)
    for name in ("history", "faulty", "forecast", "final", "leaderboard"):
        pd.testing.assert_frame_equal(getattr(report, name), getattr(same, name))


def luminance(colour):
    """Relative luminance; source: WCAG 2.2, section 1.4.3."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_and_lines_stand_out_in_light_in_dark_and_on_paper():
    style = resources.files("forecasting.report").joinpath("page.css").read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--(\w+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for ground in (palette["paper"], palette["panel"]):
            for name in ("ink", "soft", "accent", "warn"):
                assert contrast(palette[name], ground) >= 4.5, (name, ground)
        for name in ("actual", "fault"):
            assert contrast(palette[name], palette["paper"]) >= 3, name
