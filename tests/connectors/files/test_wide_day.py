"""A row a day and a column an hour, as American and German exports write the repeated hour."""

import pandas as pd
import pytest

from connectors.files.read import SourceOptions, read_table

ZONE = "America/New_York"
SPELLINGS = {
    "HE25": [f"HE{hour:02d}" for hour in range(1, 26)],
    "H2A and H2B": ["H1", "H2A", "H2B", *(f"H{hour}" for hour in range(3, 25))],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_repeated_hour_is_read_and_days_follow_days(tmp_path, name):
    """2, 3 and 4 November as 11/02 to 11/04 could be three months; the clock goes back on the 3rd."""
    hours = SPELLINGS[name]
    extra = "HE25" if name == "HE25" else "H2B"
    lines = [["Date", *hours]]
    lines += [
        [f"11/{day:02d}/2024", *("" if hour == extra and day != 3 else "10" for hour in hours)] for day in (2, 3, 4)
    ]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(map(",".join, lines)))
    table = read_table(path, SourceOptions(target="value", time_zone=ZONE))
    expected = pd.date_range("2024-11-02 04:00", periods=73, freq="h", tz="UTC")
    assert table.frame["timestamp"].tolist() == expected.tolist()
    assert table.frame["target"].sum() == 730
    assert [(guess.what, guess.value) for guess in table.guesses] == [("day and month", "month first")]
    again = read_table(path, table.options)
    assert again.guesses == ()
    assert again.frame.equals(table.frame)
