"""DuckDB says nothing on its own: its bar of progress would stand in the JSON of a command."""

from pathlib import Path

from connectors.duck import connect

ROOT = Path(__file__).resolve().parents[2]


def test_no_bar_of_progress_is_shown():
    with connect(threads=2) as base:
        asked = "SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'"
        assert base.execute(asked).fetchall() == [("false",)]


def test_nobody_connects_otherwise():
    """But for the small files of the weather, which take no two seconds."""
    files = (
        path
        for floor in ("connectors", "features", "backtests", "forecasting")
        for path in (ROOT / floor).rglob("*.py")
    )
    loud = {path.name for path in files if "duckdb.connect(" in path.read_text(encoding="utf-8")}
    assert loud <= {"duck.py", "month_files.py"}
