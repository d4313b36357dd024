"""How many rows stand at the time of another: by runs of equal steps as by looking at every row."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import repeats
from connectors.files.read import SourceOptions, read_table

#: Where a run of a series begins [hours], how many rows it has, and the series.
RUN = st.tuples(st.integers(0, 300), st.integers(70, 200), st.integers(-1, 3))


def by_rows(times, items=None):
    rows = pd.DataFrame({"time": times} if items is None else {"time": times, "item": items})
    return float(rows.duplicated().mean())


@given(st.lists(RUN, min_size=1, max_size=6), st.sampled_from(["1h", "15min", "45s"]))
def test_runs_are_counted_as_rows_are(runs, freq):
    step = pd.Timedelta(freq).to_timedelta64()
    start = np.datetime64("2024-01-01", "ns")
    # Half of the series do not stand on the grid of the others.
    times = [start + step * (first + np.arange(size)) + step // 2 * (item % 2) for first, size, item in runs]
    items = np.repeat(np.array([item for _, _, item in runs], dtype=np.int8), [size for _, size, _ in runs])
    whole = np.concatenate(times)
    found = repeats.Repeats(whole)
    assert found._starts is not None
    assert np.isclose(found.share(), by_rows(whole))
    assert np.isclose(found.share(items), by_rows(whole, items))


@given(st.lists(st.integers(0, 40), min_size=2, max_size=200), st.data())
def test_so_are_times_in_no_order(hours, data):
    times = np.datetime64("2024-01-01", "ns") + np.array(hours) * np.timedelta64(1, "h")
    items = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(hours), max_size=len(hours))), dtype=np.int8)
    found = repeats.Repeats(times)
    assert np.isclose(found.share(), by_rows(times))
    assert np.isclose(found.share(items), by_rows(times, items))


def test_a_name_that_stands_in_no_row_is_no_series():
    """Categories of a column may have more names than its rows."""
    sites = pd.Categorical(["b"] * 48 + ["a"] * 48, categories=["a", "z", "b"])
    hours = pd.date_range("2024-01-01", periods=48, freq="h")
    table = read_table(
        pd.DataFrame({"site": sites, "time": [*hours, *hours], "kwh": np.arange(96.0)}),
        SourceOptions(target="kwh", item="site"),
    )
    firsts = table.frame.groupby("item_id")["target"].first()
    assert firsts.to_dict() == {"a": 48.0, "b": 0.0}
