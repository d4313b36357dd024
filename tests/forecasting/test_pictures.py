"""Pictures for slides: files of their own that hold what they need, and the curve through the days ahead."""

from __future__ import annotations

import re
import struct
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from connectors.errors import ConfigError, MissingExtraError
from forecasting import AutoForecaster
from forecasting.pictures import PICTURES, plot
from forecasting.responses import responses
from tests.forecasting.test_automl import meter
from tests.forecasting.test_explain import ensemble
from tests.forecasting.test_whatif import model as warmth  # noqa: F401 - a process with -2.5 a degree


@pytest.fixture(scope="module")
def model():
    frame = meter(days=70).drop(columns=["event", "pressure"])
    return AutoForecaster("kwh", horizon=24, weather=["temperature"], trials=9, jobs=1, time_limit=600).fit(frame)


@pytest.mark.parametrize("what", PICTURES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_picture_is_a_document_of_its_own(model, tmp_path, what, theme):
    path = plot(model, tmp_path / f"{what}.svg", what=what, theme=theme, language="fr")
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert (".paper { fill: #12161b; }" in text) == (theme == "dark")
    assert len(root.findall("{*}g/{*}text")) >= 2


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        ("forecast.gif", {}, "no ending .svg or .png"),
        ("a.svg", {"what": "forecasts"}, "Did you mean 'forecast'"),
        ("a.svg", {"theme": "grey"}, "no theme"),
        ("a.svg", {"item": "north"}, "no item 'north'"),
        ("a.svg", {"language": "de"}, "no language"),
    ],
)
def test_what_cannot_be_drawn_is_refused(model, tmp_path, path, options, said):
    with pytest.raises(ConfigError, match=said):
        plot(model, tmp_path / path, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_for_slides_is_sharp_and_has_its_words_drawn(model, tmp_path):
    path = model.plot(tmp_path / "forecast.png", theme="dark")
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width > 2 * height > 1600
    drawn = model.plot(tmp_path / "forecast.svg", theme="dark").read_text(encoding="utf-8")
    without = re.sub(r"<text.*?</text>", "", drawn, flags=re.DOTALL)
    resvg = pytest.importorskip("resvg_py")
    assert len(data) > len(resvg.svg_to_bytes(svg_string=without, zoom=3.0)) + 10_000, "letters take room"


def test_without_the_library_the_line_that_installs_it_is_said(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtraError, match=r"hourcast\[plot\]"):
        model.plot(tmp_path / "forecast.png")
    assert list(tmp_path.iterdir()) == []


def test_the_curve_falls_as_the_process_does(warmth):  # noqa: F811
    fitted, view = warmth
    (found,) = responses(fitted, view)
    slope = np.polyfit(found.curve_degrees, found.curve, 1)[0]
    assert slope == pytest.approx(-2.5, rel=0.15)
    assert len(found.degrees) == len(found.readings) == 138
    assert found.curve_degrees.min() > found.degrees.min()


def test_without_a_temperature_there_is_no_curve(warmth):  # noqa: F811
    from dataclasses import replace

    _, view = warmth
    bare = replace(view, task=replace(view.task, weather_covariates=(), weather_mode="none"), weather={})
    assert responses(ensemble(bare, ("seasonal_profile", {})), bare) == ()
