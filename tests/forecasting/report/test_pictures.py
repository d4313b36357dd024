"""The pictures of the page show the numbers they stand for."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.report.bars import skill_bar
from forecasting.report.calibration import calibration_figure
from forecasting.report.content import WindowSpan
from forecasting.report.frames import window_frames
from forecasting.report.heat import consumption_map, error_map
from forecasting.report.raster import NOTHING, STEPS, colour, heat_png
from forecasting.report.readings import window_errors
from forecasting.report.searched import searched_figure
from forecasting.report.views import item_views
from forecasting.report.windows_map import ROWS, windows_map


def pixels(url):
    """Palette indices of a PNG as a data URL. ``[R, C]``."""
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    return rows[:, 1:]


def test_cells_are_coloured_from_low_to_high_and_gaps_are_left_out():
    found = pixels(heat_png(np.array([[0.0, 5.0, 10.0], [-3.0, 99.0, np.nan]]), 0.0, 10.0))
    assert found.tolist() == [[0, round(0.5 * (STEPS - 1)), STEPS - 1], [0, STEPS - 1, NOTHING]]
    assert pixels(heat_png(np.ones((2, 2)), 1.0, 1.0)).tolist() == [[0, 0], [0, 0]]


def test_the_colours_rise_in_lightness():
    light = [sum(w * int(colour(s)[i : i + 2], 16) for w, i in ((0.21, 1), (0.72, 3), (0.07, 5)))
             for s in np.linspace(0, 1, 11)]  # fmt: skip
    assert light == sorted(light)


def test_the_map_has_a_row_an_hour_and_a_column_a_day(content):
    (view,) = item_views(content(length=24 * 30))
    found = pixels(re.search(r'href="([^"]*)"', consumption_map(view))[1])
    assert found.shape == (24, 31)  # 30 days of UTC reach into a 31st day in Paris
    night, noon = found[2, 5], found[8, 5]
    assert noon > night


@pytest.mark.parametrize("freq", ["D", "MS"])
def test_steps_of_a_day_have_no_map(content, freq):
    (view,) = item_views(content(freq=freq, length=60, horizon=2, start="2020-01-01"))
    assert consumption_map(view) is None
    assert error_map(view) is None


def test_the_error_map_names_its_worst_cell(content):
    report = content()
    final = report.final.copy()
    at = final["timestamp"] == pd.Timestamp("2024-12-27 18:00", tz="UTC")  # a Friday, 19:00 in Paris
    final.loc[at, "mean"] += 100
    (view,) = item_views(replace(report, final=final))
    assert "Largest at Fri 19:00: 102 kWh." in error_map(view)
    assert error_map(item_views(content(windows=0))[0]) is None


def test_the_shares_below_each_quantile_are_counted(content):
    report = content()  # forecasts lie 2 above what came, quantiles at -12 to +12 around them
    figure = calibration_figure(window_errors(report))
    assert "50 % of readings should be below: 100.0 % were" in figure
    assert "25 % of readings should be below: 0.0 % were" in figure
    assert "furthest off at the 50 % quantile: 100.0 %" in figure.replace("\N{NO-BREAK SPACE}", " ")
    assert calibration_figure(window_errors(content(quantiles={}))) is None
    assert calibration_figure(window_errors(content(windows=0))) is None


def test_the_search_is_told_in_seconds_and_losses(content, board):
    rows = [
        ("combination of 2", 0.50, 0.4, 3.0, "done", False, ""),
        ("ridge 1", 0.60, 0.3, 2.0, "done", True, ""),
        ("naive 0", 1.00, 0.0, 1.0, "done", False, ""),
        ("trees 2", 0.55, 0.35, 7.0, "done", True, ""),
        ("trees 3", 0.40, 0.35, 5.0, "pruned", False, ""),
        ("theta 4", float("nan"), float("nan"), 1.0, "failed", False, "singular"),
    ]
    figure = searched_figure(content(leaderboard=board(rows)))
    assert (
        "4 candidates in 15.0 s of computing: the best came down from 1.00 to 0.550 times the loss of repeating a "
        "season; after 10.0 s it was within" in figure.replace("\N{NO-BREAK SPACE}", " ")
    )
    assert figure.count("point pruned") == 2  # in both sizes
    assert "singular" not in figure
    assert searched_figure(content(leaderboard=board(rows[:3]))) is None
    best_first = [("naive 0", 0.50, 0.0, 1.0, "done", False, ""), *rows[1:2], *rows[3:4]]
    figure = searched_figure(content(leaderboard=board(best_first))).replace("\N{NO-BREAK SPACE}", " ")
    assert "the best, at 0.500 times the loss of repeating a season, was found after 1.00 s." in figure
    assert "given up early" not in figure


def test_where_the_windows_lie_is_drawn_by_what_they_did(content):
    hours = pd.date_range("2024-01-01", periods=400, freq="D", tz="UTC")
    spans = (
        WindowSpan(row="history", first=hours[0], last=hours[380], fitted=False),
        *(WindowSpan(row="selection", first=hours[k], last=hours[k + 1], fitted=k == 200) for k in (200, 250)),
        WindowSpan(row="final", first=hours[370], last=hours[372], fitted=True),
        WindowSpan(row="forecast", first=hours[380], last=hours[382], fitted=False),
    )
    figure = windows_map(replace(content(), windows=spans))
    assert "2 windows chose the members, 1 window judged the forecast." in figure
    boxes = {row: re.search(rf'"window {row}" d="([^"]*)"', figure)[1].count("Z") for row in ROWS}
    assert boxes == {"history": 1, "selection": 2, "final": 1, "forecast": 1}
    assert figure.count('class="fit" d="M') == 2 * 2 + 1, "two rows in two sizes, and the legend"
    assert windows_map(content()) is None


def test_there_is_a_frame_for_each_window(content):
    (view,) = item_views(content())
    frames = window_frames(view)
    assert frames.count('class="frame"') == 7
    assert len(re.search(r'data-labels="([^"]*)"', frames)[1].split("\n")) == 7
    assert "Off by 2.00 kWh" in frames
    assert window_frames(item_views(content(windows=1))[0]) is None


def test_a_skill_has_a_whisker_where_its_interval_is_known():
    assert "whisker" not in skill_bar(0.3, 0.5)
    bar = skill_bar(0.3, 0.5, (0.1, 0.9))
    assert 'd="M71.6,7H118.0' in bar  # 0.1 of the way to the limit, and the limit itself
