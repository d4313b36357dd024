"""Tables in memory as other tools make them, and panels with a column for every series."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError, IrregularTimestampsError
from connectors.files.read import SourceOptions, read_table

TIMES = pd.date_range("2024-01-01", periods=48, freq="h")
ONE, TWO = np.arange(48.0), np.arange(48.0) + 100
BOTH = [*ONE, *TWO]
LONG = {"id": ["a"] * 48 + ["b"] * 48, "time": [*TIMES, *TIMES], "value": BOTH}


def index(*levels, names=None):
    return pd.MultiIndex.from_product([*map(list, levels), TIMES], names=names)


#: A table as some tool makes it, the target to name, its item column, and the names of its series.
TABLES = {
    "naive index": (pd.DataFrame({"kwh": ONE}, index=TIMES), "kwh", None, ["series"]),
    "aware index": (pd.DataFrame({"kwh": ONE}, index=TIMES.tz_localize("UTC")), "kwh", None, ["series"]),
    "periods": (pd.DataFrame({"kwh": ONE}, index=TIMES.to_period("h")), "kwh", None, ["series"]),
    "Series": (pd.Series(ONE, index=TIMES), None, None, ["series"]),
    "unique_id, ds, y": (
        pd.DataFrame(LONG).set_axis(["unique_id", "ds", "y"], axis=1), None, "unique_id", ["a", "b"],
    ),
    "item_id, timestamp, target": (
        pd.DataFrame(LONG).set_axis(["item_id", "timestamp", "target"], axis=1), None, "item_id", ["a", "b"],
    ),
    "item_id and timestamp in the index": (
        pd.DataFrame({"target": BOTH}, index=index("ab", names=["item_id", "timestamp"])),
        None, "item_id", ["a", "b"],
    ),
    "pd-multiindex": (
        pd.DataFrame({"c0": BOTH}, index=index("ab", names=["instances", "timepoints"])),
        "c0", "instances", ["a", "b"],
    ),
    "pd-multiindex of numbers": (
        pd.DataFrame({"c0": BOTH}, index=index([0, 1])), "c0", "index level 0", ["0", "1"],
    ),
    "pd_multiindex_hier": (
        pd.DataFrame({"c0": BOTH * 2}, index=index("ns", "ab", names=["region", "site", "time"])),
        "c0", "region / site", ["n / a", "n / b", "s / a", "s / b"],
    ),
    "df-list": ([pd.DataFrame({"c0": part}, index=TIMES) for part in (ONE, TWO)], "c0", "instances", ["0", "1"]),
    "Series by name": (
        {"a": pd.Series(ONE, index=TIMES), "b": pd.Series(TWO, index=TIMES)}, "target", "instances", ["a", "b"],
    ),
    "nested_univ": (
        pd.DataFrame({"dim_0": [pd.Series(ONE, index=TIMES), pd.Series(TWO, index=TIMES)]}),
        "dim_0", "instances", ["0", "1"],
    ),
    "pd-wide": (pd.DataFrame([ONE, TWO], index=["a", "b"], columns=TIMES), "target", "instances", ["a", "b"]),
    "pd-long": (
        pd.DataFrame(LONG).set_axis(["case_id", "reading_id", "value"], axis=1), "value", "case_id", ["a", "b"],
    ),
    "ds, y": (pd.DataFrame({"ds": TIMES, "y": ONE}), None, None, ["series"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_memory_is_read_as_it_is_meant(name):
    frame, target, item, items = TABLES[name]
    table = read_table(frame, SourceOptions(target=target))
    assert (table.item, table.frame["item_id"].unique().tolist()) == (item, items)
    for place, (_, rows) in enumerate(table.frame.groupby("item_id")):
        assert rows["timestamp"].tolist() == list(TIMES.tz_localize("UTC"))
        assert rows["target"].tolist() == (TWO if place % 2 else ONE).tolist()


#: Tables without times, and what the question names.
TIMELESS = {
    "np.ndarray": (ONE, "come without times"),
    "np.ndarray of two dimensions": (ONE[:, None], "come without times"),
    "numpy3D": (np.zeros((2, 1, 48)), r"shape \(2, 1, 48\)"),
    "numpyflat": (np.zeros((2, 48)), "come without times"),
    "df-list without times": ([pd.DataFrame({"c0": ONE})], "come without times"),
    "nested_univ without times": (pd.DataFrame({"dim_0": [pd.Series(ONE)]}), "come without times"),
    "pd.Series by number": (pd.Series(ONE), "pd.date_range"),
    "pd-multiindex by number": (
        pd.DataFrame({"c0": BOTH}, index=pd.MultiIndex.from_product([[0, 1], range(48)])), "pd.date_range",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMELESS)
def test_readings_without_times_are_asked_about(name):
    source, words = TIMELESS[name]
    with pytest.raises(IrregularTimestampsError, match=words):
        read_table(source)


@pytest.mark.parametrize("source", [[1, 2], [], {"a": "b"}, 7], ids=str)
def test_what_is_no_table_is_refused(source):
    with pytest.raises((DataError, ConfigError), match=r"collection|cannot be read"):
        read_table(source)


@pytest.mark.parametrize("kind", ["index", "column", "file"])
def test_a_wide_panel_has_a_series_for_every_column(tmp_path, kind):
    frame = pd.DataFrame({"north": ONE, "south": TWO}, index=TIMES.rename("time"))
    source = frame if kind == "index" else frame.reset_index()
    if kind == "file":
        source = tmp_path / "panel.csv"
        frame.reset_index().to_csv(source, index=False)
    table = read_table(source, SourceOptions(target="kwh", wide=True))
    assert (table.target, table.unit, table.freq) == ("kwh", "kWh", "h")
    assert table.frame["item_id"].tolist() == ["north"] * 48 + ["south"] * 48
    assert table.frame["target"].tolist() == BOTH
    again = read_table(source, table.options)
    assert again.guesses == ()
    pd.testing.assert_frame_equal(again.frame, table.frame)
    fewer = read_table(source, SourceOptions(target="kwh", wide=True, ignore=("north",)))
    assert fewer.frame["item_id"].unique().tolist() == ["south"]


def test_a_series_more_in_a_saved_panel_is_a_change_of_shape():
    frame = pd.DataFrame({"north": ONE, "south": TWO}, index=TIMES.rename("time"))
    options = read_table(frame, SourceOptions(target="kwh", wide=True)).options
    with pytest.raises(DataError, match="'east' not there before"):
        read_table(frame.assign(east=ONE), options)


def test_a_panel_whose_target_is_a_column_is_asked_about():
    frame = pd.DataFrame({"north": ONE, "south": TWO}, index=TIMES)
    with pytest.raises((DataError, ConfigError), match="--wide"):
        read_table(frame, SourceOptions(target="north", wide=True))
