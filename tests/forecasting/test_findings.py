"""What was noticed, as sentences."""

import pandas as pd

from forecasting.findings import MOST_LISTED, Finding, summarised


def finding(hour=0, count=1, **changes):
    first = pd.Timestamp("2025-03-30", tz="UTC") + pd.Timedelta(hours=hour)
    fields = {
        "kind": "stuck",
        "item_id": "north",
        "first": first,
        "last": first + pd.Timedelta(hours=count - 1),
        "count": count,
        "action": "left out",
        "known_from": first,
        "detail": "why",
    }
    return Finding(**(fields | changes))


def test_a_finding_says_what_where_how_many_and_what_was_done():
    assert finding(count=3).sentence() == (
        "north, stuck from 2025-03-30 00:00 to 2025-03-30 02:00 UTC: 3 readings left out (why)."
    )


def test_one_step_without_a_reading_is_one_step():
    assert finding(kind="gap", action="left empty").sentence() == (
        "north, gap at 2025-03-30 00:00 UTC: 1 step left empty (why)."
    )


def test_few_findings_stay_as_they_are():
    few = [finding(hour) for hour in range(MOST_LISTED)]
    assert summarised(few) == few


def test_many_findings_of_one_kind_and_item_become_one():
    many = [finding(2 * hour, count=1 + (hour == 5)) for hour in range(MOST_LISTED + 1)]
    other = finding(item_id="south")
    joined, kept = summarised([*many, other])
    assert kept == other
    assert joined.count == MOST_LISTED + 2
    assert (joined.first, joined.last, joined.known_from) == (many[0].first, many[-1].last, many[0].known_from)
    assert joined.detail.startswith(f"{MOST_LISTED + 1} stretches, the longest of 2 from 2025-03-30 10:00")
