"""What a reading found is saved as the [source] table; the second reading guesses nothing and knows another file."""

import sqlite3
import tomllib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConfigError, DataError, OutputError, UnreadableFileError
from connectors.files.read import SourceOptions, read_table
from connectors.saved_source import SavedSource, load_source, save_source
from connectors.source import read_source
from connectors.toml import put_table, toml_value

INPUTS = Path(__file__).parents[1] / "data" / "inputs"
FILES = sorted(path.name for path in INPUTS.iterdir() if path.suffix != ".md")


def saved(path, folder, **options):
    """Read a file, save how, and give the file with the table."""
    table = read_table(path, SourceOptions(**options))
    if table.target is None:
        table = read_table(path, SourceOptions(**options | {"target": table.covariates[0]}))
    file = folder / "hourcast.toml"
    save_source(SavedSource.of(path, table.options), file)
    return table, file


@pytest.mark.parametrize("name", FILES)
def test_the_second_reading_is_the_first_without_a_guess(tmp_path, name):
    first, file = saved(INPUTS / name, tmp_path)
    again = read_source(str(file))
    pd.testing.assert_frame_equal(again.frame, first.frame)
    assert (again.freq, again.time_zone, again.unit, again.item) == (
        first.freq,
        first.time_zone,
        first.unit,
        first.item,
    )
    assert again.guesses == ()
    assert again.options == first.options


def hours(start, values, *, date="%Y-%m-%d %H:%M", freq="h"):
    times = pd.date_range(start, periods=len(values), freq=freq).strftime(date)
    return [f"{time};{value}" for time, value in zip(times, values, strict=True)]


def write(path, lines, header="Date;Charge (kWh)", encoding="utf-8"):
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)


FRENCH = "%d/%m/%Y %H:%M"
VALUES = [f"{10 + place % 7},{place % 10}5" for place in range(72)]

#: Another file under the same name, and what is said of it.
CHANGED = {
    "a column more": (
        lambda p: write(p, [f"{row};1" for row in hours("2024-05-20", VALUES)], "Date;Charge (kWh);état"),
        "column 'état' not there before",
    ),
    "another name": (lambda p: write(p, hours("2024-05-20", VALUES), "Date;Charge (MWh)"), "'Charge (kWh)' missing"),
    "another separator": (
        lambda p: p.write_text(p.read_text().replace(",", ".").replace(";", ",")),
        "separator of the fields was ';' and is ','",
    ),
    "another encoding": (
        lambda p: write(p, [*hours("2024-05-20", VALUES), "Total énergie;7"], encoding="cp1252"),
        "encoding was 'UTF-8' and is 'Windows-1252'",
    ),
    "another step": (
        lambda p: write(p, hours("2024-05-20", VALUES, date=FRENCH, freq="30min")),
        "step was 'h' and is '30min'",
    ),
    "another decimal mark": (
        lambda p: write(p, hours("2024-05-20", ["10.55", "1,210.75"] * 20, date=FRENCH)),
        "decimal mark of 'Charge (kWh)' was ',' and is '.'",
    ),
    "times with an offset": (
        lambda p: write(p, hours("2024-05-20", VALUES, date="%Y-%m-%dT%H:%M+02:00")),
        "offset of the times was 'none' and is 'written'",
    ),
    "a clock of another zone": (
        lambda p: write(p, hours("2024-10-26", VALUES, date=FRENCH)),
        "clock changes was none and is 'not followed'",
    ),
    "a month in front": (
        lambda p: write(p, hours("2024-05-20", VALUES, date="%m/%d/%Y %H:%M")),
        "with the day first, but they stand with the month first",
    ),
    "lines that are no readings": (
        lambda p: write(p, [*hours("2024-05-20", VALUES, date=FRENCH), "Remarque;0"]),
        "a row that begins with 'Remarque' has no time",
    ),
    "a title above": (
        lambda p: write(p, ["Date;Charge (kWh)", *hours("2024-05-20", VALUES, date=FRENCH)], "Export"),
        "line of the header was 1 and is 2",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_file_that_changed_its_shape_is_refused(tmp_path, name):
    """With what was expected and what was found, and exit code 3."""
    change, words = CHANGED[name]
    path = tmp_path / "charge.csv"
    write(path, hours("2024-05-20", VALUES, date=FRENCH))
    _, file = saved(path, tmp_path, time_zone="Europe/Paris")
    change(path)
    with pytest.raises(DataError) as refused:
        read_source(file)
    assert words in str(refused.value)
    assert refused.value.exit_code == 3


def test_what_one_month_proved_holds_for_the_next(tmp_path):
    """Day and month, decimal mark, zone: the next file alone could be read in several ways."""
    path = tmp_path / "charge.csv"
    write(path, [*hours("2024-10-20", ["1 234,5"] * 163, date=FRENCH), "Total;1"])
    _, file = saved(path, tmp_path, time_zone="Europe/Paris")
    write(path, hours("2024-06-05", ["1,234", "2,345", "3,456"] * 4, date=FRENCH), encoding="cp1252")
    table = read_source(file)
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-06-04 22:00", tz="UTC")
    assert table.frame["target"].tolist()[:3] == [1.234, 2.345, 3.456]
    assert table.guesses == ()


def test_a_single_new_reading_is_read_with_the_step_that_is_known(tmp_path):
    path = tmp_path / "charge.csv"
    write(path, hours("2024-05-20", VALUES, date=FRENCH))
    _, file = saved(path, tmp_path)
    write(path, hours("2024-05-23", ["12,5"], date=FRENCH))
    table = read_source(file)
    assert (table.freq, table.frame["target"].tolist()) == ("h", [12.5])


def test_a_series_that_changed_into_another_is_refused(tmp_path):
    """An export of consumption followed by one of production."""
    text = (INPUTS / "enedis_courbe_de_charge_30_15min_dst.csv").read_text(encoding="utf-8")
    path = tmp_path / "courbe.csv"
    path.write_text(text, encoding="utf-8")
    _, file = saved(path, tmp_path)
    path.write_text(text.replace("Consommation", "Production"), encoding="utf-8")
    with pytest.raises(ConfigError, match="Production"):
        read_source(file)


# ------------------------------------------------------------------------------------------------------ the file


def a_source(folder, **options):
    write(folder / "charge.csv", hours("2024-05-20", VALUES, date=FRENCH))
    table = read_table(folder / "charge.csv", SourceOptions(target="Charge (kWh)"))
    return SavedSource.of(folder / "charge.csv", replace(table.options, **options))


OTHERS = """# my forecast
name = "north"

[forecast]
horizon = 48  # two days

# where it goes
[[output]]
path = "a.csv"
"""


def test_other_tables_stay_as_they_are(tmp_path):
    file = tmp_path / "hourcast.toml"
    file.write_text(OTHERS)
    source = a_source(tmp_path)
    save_source(source, file)
    first = file.read_text()
    assert [line for line in OTHERS.splitlines() if line not in first.splitlines()] == []
    save_source(source, file)
    assert file.read_text() == first
    both = tomllib.loads(first)
    assert {**tomllib.loads(OTHERS), "source": both["source"]} == both
    assert load_source(file).options == source.options


@pytest.mark.parametrize(
    "text",
    [
        "a = '''\n[source]\nb = 1\n'''\n",
        'source = {path = "a.csv"}\n',
        '[source]\npath = "a"\n[source.more]\nb = 1\n',
        '[source]\nquery = """\n[x]\n"""\n',
    ],
)
def test_a_file_in_which_the_table_cannot_be_told_is_left_alone(tmp_path, text):
    file = tmp_path / "hourcast.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"hourcast\.toml"):
        save_source(a_source(tmp_path), file)
    assert file.read_text() == text


def test_a_broken_file_is_left_alone(tmp_path):
    file = tmp_path / "hourcast.toml"
    file.write_text("[source\n")
    with pytest.raises(ConfigError, match="no TOML"):
        save_source(a_source(tmp_path), file)
    assert file.read_text() == "[source\n"
    with pytest.raises(OutputError):
        save_source(a_source(tmp_path), tmp_path / "nowhere" / "hourcast.toml")


def test_the_path_counts_from_the_folder_of_the_table(tmp_path, monkeypatch):
    save_source(a_source(tmp_path), tmp_path / "hourcast.toml")
    assert 'path = "charge.csv"' in (tmp_path / "hourcast.toml").read_text()
    moved = tmp_path.rename(tmp_path.with_name("elsewhere"))
    monkeypatch.chdir("/")
    assert len(read_source(moved / "hourcast.toml").frame) == 72


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("target =", "tagret ="), "Did you mean 'target'"),
        (('stamps = "start"', 'stamps = "begin"'), "start, end"),
        (("header = 1", 'header = "1"'), "a number from 1"),
        (('columns = ["Date", "Charge (kWh)"]', 'columns = "Date"'), "a list of texts"),
        (('step = "h"', ""), "lacks the key 'step'"),
        (('path = "charge.csv"', ""), "no key 'path'"),
        (("[source]", "[sauce]"), "no table"),
    ],
)
def test_a_table_that_cannot_be_is_refused(tmp_path, change, words):
    file = tmp_path / "hourcast.toml"
    save_source(a_source(tmp_path), file)
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(ConfigError) as refused:
        load_source(file)
    assert words in str(refused.value)


def test_a_table_by_hand_needs_no_more_than_a_path(tmp_path):
    """What it does not say is found, as without it."""
    write(tmp_path / "charge.csv", hours("2024-05-20", VALUES, date=FRENCH))
    (tmp_path / "hourcast.toml").write_text('[source]\npath = "charge.csv"\ntarget = "Charge (kWh)"\n')
    table = read_source(tmp_path / "hourcast.toml")
    assert len(table.frame) == 72
    assert table.guesses != ()


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_source(tmp_path / "hourcast.toml")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:geheim@127.0.0.1/db",
        "postgresql://me:${A}geheim@127.0.0.1/db",
        "postgresql://127.0.0.1/db?password=geheim",
    ],
)
def test_no_password_is_stored(tmp_path, url):
    with pytest.raises(ConfigError, match="never stored") as refused:
        SavedSource.of(url, SourceOptions())
    assert "geheim" not in str(refused.value)


def test_a_url_with_names_of_variables_is_kept(tmp_path):
    url = "postgresql://${DB_USER}:${DB_PASSWORD}@127.0.0.1/db#meter"
    assert SavedSource.of(url, SourceOptions()).place == url


def test_a_database_in_a_file_counts_from_the_folder_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=48, freq="h").astype(str), "kwh": 1.5})
    with closing(sqlite3.connect("meters.db")) as database:
        frame.to_sql("readings", database, index=False)
        database.commit()
    table = read_source("sqlite:///meters.db#readings", SourceOptions(target="kwh"))
    save_source(SavedSource.of("sqlite:///meters.db#readings", table.options), tmp_path / "deep" / "hourcast.toml")
    (tmp_path / "meters.db").rename(tmp_path / "deep" / "meters.db")
    save_source(
        SavedSource.of("sqlite:///deep/meters.db#readings", table.options), tmp_path / "deep" / "hourcast.toml"
    )
    assert 'path = "sqlite:///meters.db#readings"' in (tmp_path / "deep" / "hourcast.toml").read_text()
    monkeypatch.chdir("/")
    again = read_source(tmp_path / "deep" / "hourcast.toml")
    assert (len(again.frame), again.guesses) == (48, ())


@given(st.recursive(st.text() | st.booleans() | st.integers(-(2**60), 2**60), st.lists))
def test_what_is_written_is_read_again(value):
    assert tomllib.loads(f"a = {toml_value(value)}\n") == {"a": value}


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_tables_of_any_names_are_written(value):
    assert tomllib.loads(f"a = {toml_value(value)}\n") == {"a": value}


def test_a_table_is_put_before_the_others_and_after_keys_of_no_table():
    made = put_table("a = 1\n\n[b]\nc = 1\n", "source", '[source]\npath = "x"\n', file="f.toml")
    assert tomllib.loads(made) == {"a": 1, "b": {"c": 1}, "source": {"path": "x"}}
