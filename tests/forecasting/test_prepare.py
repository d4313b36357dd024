"""From a table as it was read to a regular history, with everything that was noticed listed."""

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from connectors.errors import ConfigError, DataError, IrregularTimestampsError, MissingColumnsError
from connectors.frame import check_history
from forecasting.findings import summarised
from forecasting.prepare import prepare

UTC = "UTC"


def stamp(text):
    return pd.Timestamp(text, tz=UTC)


def table(values, *, start="2025-01-06", freq="h", item="a", **covariates):
    stamps = pd.date_range(start, periods=len(values), freq=freq, tz=UTC)
    return pd.DataFrame(
        {"item_id": item, "timestamp": stamps, "target": np.asarray(values, dtype=float), **covariates}
    )


def load(length, *, day=24, seed=0):
    at = np.arange(length)
    return 100 + 30 * np.sin(2 * np.pi * at / day) + np.random.default_rng(seed).normal(0, 3, length)


def by_kind(prepared):
    found = {}
    for finding in prepared.findings:
        found.setdefault(finding.kind, []).append(finding)
    return found


def test_a_sound_table_passes_unchanged():
    rows = table(load(1008), temperature=load(1008, seed=1))
    made = prepare(rows, freq="h")
    pd.testing.assert_frame_equal(made.history, rows, check_dtype=False)
    assert made.findings == ()
    assert made.faulty.empty
    assert made.future.empty


def test_the_order_of_the_rows_does_not_matter():
    rows = pd.concat([table(load(400), item="b"), table(load(400, seed=2), item="a")])
    shuffled = rows.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(prepare(rows, freq="h").history, prepare(shuffled, freq="h").history)


def test_the_table_given_is_left_as_it_was():
    rows = table([1.0, np.inf, 3.0, 2.0], price=[1.0, 2.0, 3.0, 4.0])
    before = rows.copy()
    prepare(rows, freq="h", as_of=stamp("2025-01-06 02:00"), known=["price"])
    pd.testing.assert_frame_equal(rows, before)


def test_a_gap_becomes_rows_without_a_reading():
    rows = table(load(100)).drop(index=[10, 11, 12, 50])
    made = prepare(rows, freq="h")
    assert len(made.history) == 100
    assert made.history["target"].isna().to_numpy().nonzero()[0].tolist() == [10, 11, 12, 50]
    first, second = by_kind(made)["gap"]
    assert (first.first, first.last, first.count) == (stamp("2025-01-06 10:00"), stamp("2025-01-06 12:00"), 3)
    assert second.count == 1


def test_many_gaps_become_one_finding():
    made = prepare(table(load(200)).drop(index=list(range(5, 195, 5))), freq="h")
    assert len(by_kind(made)["gap"]) == 38
    (gap,) = summarised(by_kind(made)["gap"])
    assert gap.count == 38
    assert "38 stretches" in gap.detail


def test_copies_are_dropped_and_differing_rows_averaged():
    rows = table([1.0, 2.0, 3.0, 4.0])
    twin = rows.iloc[[2]].assign(target=5.0)
    made = prepare(pd.concat([rows, rows.iloc[[1]], twin]), freq="h")
    assert made.history["target"].tolist() == [1.0, 2.0, 4.0, 4.0]
    copies, differing = by_kind(made)["duplicate"]
    assert (copies.action, copies.count, copies.first) == ("left out", 1, rows["timestamp"][1])
    assert (differing.action, differing.count, differing.first) == ("averaged", 1, rows["timestamp"][2])


def test_twins_keep_their_words():
    rows = table([1.0, 2.0, 3.0]).assign(sky=pd.Series(["clear", "rain", "rain"], dtype="str"))
    made = prepare(pd.concat([rows, rows.iloc[[1]].assign(target=4.0)]), freq="h")
    assert made.history["sky"].tolist() == ["clear", "rain", "rain"]


def test_a_reading_and_an_empty_row_of_one_stamp_give_the_reading():
    rows = table([1.0, 2.0, 3.0])
    made = prepare(pd.concat([rows, rows.iloc[[1]].assign(target=np.nan)]), freq="h")
    assert made.history["target"].tolist() == [1.0, 2.0, 3.0]


def test_stamps_off_the_grid_are_left_out_and_listed():
    rows = table(load(100))
    stray = rows.iloc[[4]].assign(timestamp=stamp("2025-01-06 04:17"), target=1e9)
    made = prepare(pd.concat([rows, stray]), freq="h")
    assert made.history["target"].max() < 1e9
    (off,) = by_kind(made)["off grid"]
    assert off.first == stamp("2025-01-06 04:17")


def test_a_table_of_another_step_is_refused():
    with pytest.raises(IrregularTimestampsError, match="do not lie on a step of h"):
        prepare(table(load(100), freq="30min"), freq="h")


def test_an_infinite_number_is_no_reading():
    values = load(50)
    values[7], values[8] = np.inf, -np.inf
    made = prepare(table(values, wind=[np.inf, *load(49)]), freq="h")
    assert made.history["target"].isna().sum() == 2
    assert np.isnan(made.history["wind"][0])
    assert [finding.count for finding in by_kind(made)["not finite"]] == [2, 1]


def test_rows_after_the_last_reading_are_the_future():
    rows = table([1.0, 2.0, 3.0, np.nan, np.nan, np.nan], price=[1.0, 2.0, 3.0, 4.0, np.nan, 6.0])
    made = prepare(rows, freq="h")
    assert made.history["target"].tolist() == [1.0, 2.0, 3.0]
    assert made.future["price"].tolist()[::2] == [4.0, 6.0]
    assert list(made.future.columns) == ["item_id", "timestamp", "price"]
    assert made.future["timestamp"].tolist() == rows["timestamp"].tolist()[3:]


def test_rows_of_which_nothing_is_known_are_no_future():
    rows = table([1.0, 2.0, 3.0, np.nan, np.nan], price=[1.0, 2.0, 3.0, 4.0, np.nan])
    assert prepare(rows, freq="h").future["price"].tolist() == [4.0]
    assert prepare(rows.drop(columns="price"), freq="h").future.empty


def test_a_history_starts_with_the_first_reading_of_an_item():
    rows = pd.concat([table([np.nan, np.nan, 3.0, 4.0]), table([1.0, 2.0, 3.0, 5.0], item="b")])
    made = prepare(rows, freq="h")
    assert made.history.groupby("item_id").size().to_dict() == {"a": 2, "b": 4}


def test_all_items_end_with_the_last_reading_of_any():
    rows = pd.concat([table(load(300)), table(load(200), item="b"), table(load(290), item="c")])
    made = prepare(rows, freq="h")
    assert made.history.groupby("item_id").size().to_dict() == {"a": 300, "b": 300, "c": 300}
    (stale,) = by_kind(made)["stale item"]
    assert (stale.item_id, stale.count) == ("b", 100)
    (gap,) = by_kind(made)["gap"]
    assert (gap.item_id, gap.count) == ("c", 10)


def test_an_item_that_never_changes_or_never_reads_is_dropped_and_listed():
    rows = pd.concat([table(load(50)), table([5.0] * 50, item="b"), table([np.nan] * 50, item="c")])
    made = prepare(rows, freq="h")
    assert made.history["item_id"].unique().tolist() == ["a"]
    assert by_kind(made)["constant"][0].item_id == "b"
    assert by_kind(made)["empty"][0].item_id == "c"


@pytest.mark.parametrize(
    ("values", "message"), [([np.nan] * 9, "all NaN"), ([7.0] * 9, "constant: all 9 readings are 7")]
)
def test_a_target_that_says_nothing_is_refused(values, message):
    with pytest.raises(DataError, match=message):
        prepare(table(values), freq="h")


def test_an_empty_table_is_refused():
    with pytest.raises(DataError, match="no row"):
        prepare(table([1.0, 2.0]).iloc[:0], freq="h")
    with pytest.raises(DataError, match="up to 2020"):
        prepare(table([1.0, 2.0]), freq="h", as_of=stamp("2020-01-01"))


def test_a_missing_column_an_unknown_step_and_an_unknown_covariate_are_refused():
    with pytest.raises(MissingColumnsError, match="target"):
        prepare(table([1.0, 2.0]).drop(columns="target"), freq="h")
    with pytest.raises(ConfigError, match="no step"):
        prepare(table([1.0, 2.0]), freq="hourly")
    with pytest.raises(ConfigError, match="Did you mean 'price'"):
        prepare(table([1.0, 2.0], price=1.0), freq="h", known=["prices"])
    with pytest.raises(ConfigError, match="no time zone"):
        prepare(table([1.0, 2.0]), freq="h", as_of=pd.Timestamp("2025-01-06"))


def test_as_of_keeps_the_intervals_that_have_ended():
    rows = table(np.arange(10.0), price=np.arange(10.0), wind=np.arange(10.0))
    for minute, last in (("00", 4), ("59", 4)):
        made = prepare(rows, freq="h", as_of=stamp(f"2025-01-06 05:{minute}"), known=["price"])
        assert made.history["target"].tolist() == list(range(last + 1))
        assert made.history["wind"].tolist() == list(range(last + 1))
        assert made.future["price"].tolist() == [5.0, 6.0, 7.0, 8.0, 9.0]
        assert made.future["wind"].isna().all()


@pytest.mark.parametrize(
    ("freq", "start", "as_of", "left"),
    [
        ("D", "2025-01-06", "2025-01-10 23:00", 4),
        ("W-SUN", "2025-01-05", "2025-01-19", 2),
        ("MS", "2025-01-01", "2025-04-01", 3),
        ("QS", "2024-01-01", "2025-03-31", 4),
        ("YS", "2010-01-01", "2020-06-01", 10),
    ],
)
def test_as_of_knows_the_calendar(freq, start, as_of, left):
    made = prepare(table(np.arange(20.0), start=start, freq=freq), freq=freq, as_of=stamp(as_of))
    assert len(made.history) == left


def test_as_of_is_what_a_shorter_table_would_have_given():
    rows = table(load(2000), price=load(2000, seed=1))
    rows.loc[1500:1530, "target"] = 0
    then = prepare(rows, freq="h", as_of=rows["timestamp"][1510])
    shorter = prepare(rows.iloc[:1510], freq="h")
    pd.testing.assert_frame_equal(then.history, shorter.history)
    pd.testing.assert_frame_equal(then.faulty, shorter.faulty)
    assert then.findings == shorter.findings


@pytest.mark.parametrize(
    "freq", ["5min", "15min", "30min", "h", "2h", "3h", "D", "2D", "W-SUN", "MS", "2MS", "QS", "YS"]
)
def test_every_step_gives_a_history_that_passes_the_check(freq):
    rows = table(load(60), freq=freq, start="1990-01-01").drop(index=[7, 30])
    made = prepare(rows, freq=freq)
    check_history(made.history, freq)
    assert made.history["target"].isna().sum() == 2
    assert len(made.history) == 60


def test_steps_may_begin_ten_past_the_hour_but_months_not_on_the_second():
    made = prepare(table(load(30), start="2025-01-06 00:10"), freq="h")
    assert len(made.history) == 30
    with pytest.raises(IrregularTimestampsError):
        prepare(
            table(load(30), start="2025-01-01", freq="MS").assign(
                timestamp=lambda rows: rows["timestamp"] + pd.Timedelta(days=1)
            ),
            freq="MS",
        )


def broken():
    rows = table(load(2016), temperature=load(2016, seed=1))
    rows.loc[1000:1019, "target"] = 0
    rows.loc[1200:1223, "target"] = rows.loc[1200, "target"]
    rows.loc[1500, "target"] = 5157
    rows.loc[1600, "target"] = -80
    return rows


def test_faulty_readings_are_named_and_stay_in_the_history():
    rows = broken()
    made = prepare(rows, freq="h")
    assert made.faulty["kind"].value_counts().to_dict() == {"zero run": 20, "stuck": 24, "spike": 1, "negative": 1}
    assert made.history["target"].tolist() == rows["target"].tolist()
    stuck = made.faulty[made.faulty["kind"] == "stuck"]
    assert stuck["known_from"].min() == rows["timestamp"][1205]
    assert (made.faulty["known_from"] >= made.faulty["timestamp"]).all()
    (finding,) = by_kind(made)["stuck"]
    assert (finding.count, finding.action, finding.known_from) == (24, "left out", rows["timestamp"][1205])


def test_without_repair_faults_are_listed_only():
    made = prepare(broken(), freq="h", repair=False)
    assert made.faulty.empty
    assert list(made.faulty.columns) == ["item_id", "timestamp", "known_from", "kind"]
    assert {finding.action for finding in made.findings} == {"kept"}
    assert len(made.findings) == 4


def test_faults_known_later_do_not_show_earlier():
    rows = broken()
    whole = prepare(rows, freq="h").faulty
    for cut in (1010, 1204, 1205, 1230, 1499, 1501, 2015):
        then = prepare(rows, freq="h", as_of=rows["timestamp"][cut] + pd.Timedelta("1h")).faulty
        known = whole[whole["known_from"] <= rows["timestamp"][cut]].reset_index(drop=True)
        pd.testing.assert_frame_equal(then, known)


def test_a_view_of_it_leaves_faulty_readings_out_once_they_are_known():
    rows = broken()
    made = prepare(rows, freq="h")
    view = make_view(made.history, Task(horizon=24, freq="h"), faulty=made.faulty, future=made.future)
    assert np.isfinite(view.past_at(rows["timestamp"][1204]).readings[0, 1200])
    assert np.isnan(view.past_at(rows["timestamp"][1205]).readings[0, 1200])
    assert np.isnan(view.past_at(view.last).readings).sum() == 46


def test_a_panel_of_some_size_is_prepared_in_a_moment():
    items = [table(load(5016, seed=k), item=f"m{k:02d}") for k in range(20)]
    rows = pd.concat(items, ignore_index=True).sample(frac=1, random_state=0)
    made = prepare(rows, freq="h")
    assert len(made.history) == 100_320
    assert made.findings == ()
