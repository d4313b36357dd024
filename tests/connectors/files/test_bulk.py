"""Large files by many lines at once: what is read so is what the other reader reads, and the rest is left to it."""

import random

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError, UnreadableFileError
from connectors.files import blocks, bulk
from connectors.files.read import SourceOptions, read_table
from connectors.files.source import Grid
from tests.connectors.files.mutations import mutate

HOURS = pd.date_range("2024-01-01", periods=1500, freq="h")


def lines(header, times, values, sep=",", end="\n"):
    return end.join([header, *(f"{time}{sep}{value}" for time, value in zip(times, values, strict=True))]) + end


def numbers(places=2):
    return [f"{value:.{places}f}" for value in np.random.default_rng(0).normal(100, 20, len(HOURS))]


ISO = HOURS.strftime("%Y-%m-%d %H:%M:%S")
FRENCH = HOURS.strftime("%d/%m/%Y %H:%M")
SITES = [f"{('north', 'south')[place // 750]},{value}" for place, value in enumerate(numbers())]
HALVES = [*ISO[:750], *ISO[:750]]

PLAIN = {
    "ISO": lines("time,kwh", ISO, numbers()),
    "windows": lines("time,kwh", ISO, numbers(), end="\r\n"),
    "ISO with T and Z": lines("time,kwh", HOURS.strftime("%Y-%m-%dT%H:%MZ"), numbers()),
    "an offset": lines("time,kwh", HOURS.strftime("%Y-%m-%dT%H:%M+01:00"), numbers()),
    "an offset of whole hours": lines("time,kwh", HOURS.strftime("%Y-%m-%d %H:%M:%S+00"), numbers()),
    "an offset behind Greenwich": lines("time,kwh", HOURS.strftime("%Y-%m-%d %H:%M:%S-07"), numbers()),
    "an offset with half an hour": lines("time,kwh", HOURS.strftime("%Y-%m-%d %H:%M:%S+0530"), numbers()),
    "French": lines("Date;Charge (kWh)", FRENCH, [one.replace(".", ",") for one in numbers()], sep=";"),
    "American": lines("time,kwh", HOURS.strftime("%m/%d/%Y %H:%M"), numbers()),
    "French, a day proves it late": lines("time,kwh", HOURS.strftime("%d/%m/%Y %H:%M"), numbers()),
    "whole numbers": lines("time,kwh", ISO, [one[:-3] for one in numbers()]),
    "long numbers": lines("time,kwh", ISO, [repr(float(one) / 3) for one in numbers()]),
    "exponents and signs": lines("time,kwh", ISO, 250 * ["1.5e-7", "-3.25", "+17", "123456789.25", ".5", "7."]),
    "not in full": lines("time,kwh", [f"{one:%-d/%-m/%Y %-H:%M}" for one in HOURS], numbers()),
    "gaps": lines("time,kwh", ISO, [one if place % 7 else "NA" for place, one in enumerate(numbers())]),
    "items": lines("time,site,kwh", HALVES, SITES),
    "quotes": lines('"time","kwh"', [f'"{one}"' for one in ISO], [f'"{one}"' for one in numbers()]),
    "a title": "Export of 2024\n\n" + lines("time,kwh", ISO, numbers()),
    "shuffled": lines("time,kwh", ISO[::-1], numbers()),
    "words": lines("time,kwh,state", ISO, [f"{one},{'ok' if float(one) > 60 else 'low'}" for one in numbers()]),
}
PLAIN |= {
    "days": lines("time,kwh", pd.date_range("2021-01-01", periods=1500).strftime("%Y-%m-%d %H:%M:%S"), numbers()),
    "a mark of byte order": "\ufeff" + PLAIN["ISO"],
    "no newline at the end": PLAIN["items"].removesuffix("\n"),
    "blank lines at the end": PLAIN["ISO"] + "\n\n",
    "blanks behind the commas": PLAIN["items"].replace(",", ", "),
    "items side by side": lines(
        "time,site,kwh", ISO[:750].repeat(2), [f"{'ab'[k % 2]},{k / 4}" for k in range(1500)]
    ),
}
#: Every one has a cell that only the other reader understands, beyond the first lines.
LEFT = {
    "Total": PLAIN["ISO"] + "Total,150000\n",
    "a stray word": PLAIN["ISO"] + "2024-03-04 00:00:00,err\n",
    "another encoding": PLAIN["ISO"].encode() + b"2024-03-04 00:00:00,1.5\xe9\n",
    "a field more": PLAIN["ISO"] + "2024-03-04 00:00:00,1.5,7\n",
    "groups of thousands": lines("time,kwh", ISO, [*numbers(0)[:-1], "1 234"]),
    "points that may group": lines("time,kwh", ISO, [*numbers(0)[:-9], *["1.234"] * 9]),
    "an offset that changes": lines("time,kwh", HOURS.strftime("%Y-%m-%d %H:%M:%S+01"), numbers()).replace(
        "2024-03-01 23:00:00+01", "2024-03-01 23:00:00+02"
    ),
    "another spelling": PLAIN["ISO"] + "04/03/2024 00:00,1.5\n",
    "no day proves it": lines("time,kwh", FRENCH[:288], numbers()[:288]),
    "a control character in a text": PLAIN["items"] + "2024-03-04 00:00:00,nor\x07th,1.5\n",
    "a line too short": PLAIN["items"] + "2024-03-04 00:00:00,1.5\n",
    "a delimiter in quotes": PLAIN["items"] + '2024-03-04 00:00:00,"a,b",1.5\n',
    "a newline in quotes": PLAIN["items"] + '2024-03-04 00:00:00,"a\nb",1.5\n',
    "a text that is a number": PLAIN["items"] + "2024-03-04 00:00:00,17,1.5\n",
    "no such day": PLAIN["ISO"] + "2024-02-30 00:00:00,1.5\n",
    "a field more behind a text": PLAIN["words"] + "2024-03-04 00:00:00,1.5,ok,7\n",
    "no such hour": PLAIN["ISO"] + "2024-03-03 24:10:00,1.5\n",
    "infinite": PLAIN["ISO"] + "2024-03-04 00:00:00,inf\n",
}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "SMALLEST", 0)
    monkeypatch.setattr(bulk, "HEAD", 6_000)

    def write(content):
        path = tmp_path / "meter.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def target_of(path):
    return "Charge (kWh)" if b"Charge" in path.read_bytes()[:200] else "kwh"


def other_reader(path, options, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "SMALLEST", 1 << 40)
        return read_table(path, options)


def alike(one, other):
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert (one.guesses, one.notes, one.options) == (other.guesses, other.notes, other.options)
    assert (one.freq, one.time_zone, one.item, one.unit) == (other.freq, other.time_zone, other.item, other.unit)


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_file_is_read_as_the_other_reader_reads_it(file, monkeypatch, name):
    path = file(PLAIN[name])
    options = SourceOptions(target=target_of(path))
    assert isinstance(bulk.read_bulk(path, options, series="meter"), Grid)
    alike(read_table(path, options), other_reader(path, options, monkeypatch))


def test_an_offset_is_taken_off_the_clock(file):
    path = file(PLAIN["an offset behind Greenwich"])
    cells = bulk.read_bulk(path, SourceOptions(target="kwh"), series="meter").cells
    first = pd.DatetimeIndex(cells["time"].iloc[:2]).tz_convert("UTC")
    assert first.strftime("%Y-%m-%d %H:%M").tolist() == ["2024-01-01 07:00", "2024-01-01 08:00"]
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01T07:00Z")


@pytest.mark.parametrize("name", LEFT)
def test_a_file_with_a_cell_that_does_not_fit_is_left(file, monkeypatch, name):
    path = file(LEFT[name])
    options = SourceOptions(target="kwh")
    assert bulk.read_bulk(path, options, series="meter") is None
    refused = dict.fromkeys(("a field more", "a field more behind a text"), "more fields")
    refused |= {"a control character in a text": "binary"}
    if name in refused:
        with pytest.raises(UnreadableFileError, match=refused[name]):
            read_table(path, options)
        return
    alike(read_table(path, options), other_reader(path, options, monkeypatch))


@pytest.mark.parametrize("size", [64, 500, 1 << 19])
@pytest.mark.parametrize("name", ["items", "windows", "quotes", "no newline at the end"])
def test_where_blocks_are_cut_does_not_matter(file, monkeypatch, name, size):
    path = file(PLAIN[name])
    options = SourceOptions(target="kwh")
    expected = other_reader(path, options, monkeypatch)
    monkeypatch.setattr(blocks, "BLOCK", size)
    assert isinstance(bulk.read_bulk(path, options, series="meter"), Grid)
    alike(read_table(path, options), expected)


def test_what_was_saved_from_one_reader_holds_for_the_other(file, monkeypatch):
    """The form of a file does not depend on its size."""
    path = file(PLAIN["French"])
    options = SourceOptions(target="Charge (kWh)")
    saved = other_reader(path, options, monkeypatch).options
    assert saved == read_table(path, options).options
    assert read_table(path, saved).guesses == ()


def test_nothing_else_on_this_machine_is_read(file, tmp_path):
    """A name with a star or a quote is the name of one file."""
    path = file(PLAIN["ISO"])
    odd = path.rename(tmp_path / "me*er's.csv")
    (tmp_path / "meter's.csv").write_text(PLAIN["ISO"])
    assert len(bulk.read_bulk(odd, SourceOptions(target="kwh"), series="meter").cells) == 1500


def outcome(path, options):
    """What a reading gives, or how it is refused."""
    try:
        table = read_table(path, options)
    except (DataError, ConfigError) as refused:
        return type(refused), str(refused)
    return table.frame, table.guesses, table.notes, table.options


def differences(number, seed, path, monkeypatch):
    """Broken copies of plain files that the two readers read differently, and how many were read at all."""
    chance, read, wrong = random.Random(seed), 0, []
    for place in range(number):
        name = chance.choice(list(PLAIN))
        path.write_bytes(mutate(PLAIN[name].encode(), chance))
        options = SourceOptions(target="Charge (kWh)" if name == "French" else "kwh")
        found = outcome(path, options)
        with monkeypatch.context() as patch:
            patch.setattr(bulk, "SMALLEST", 1 << 40)
            expected = outcome(path, options)
        if isinstance(found[0], pd.DataFrame) and isinstance(expected[0], pd.DataFrame):
            read += 1
            same = found[0].equals(expected[0]) and found[1:] == expected[1:]
        else:
            refused = not any(isinstance(one[0], pd.DataFrame) for one in (found, expected))
            same = refused and found == expected
        wrong += [] if same else [(place, seed, name)]
    return wrong, read / number


def test_the_two_readers_read_broken_files_alike(file, monkeypatch):
    wrong, read = differences(60, 7, file("x"), monkeypatch)
    assert wrong == []
    assert read >= 0.2


@pytest.mark.soak
def test_the_two_readers_read_thousands_of_broken_files_alike(file, monkeypatch):
    wrong, read = differences(5_000, 11, file("x"), monkeypatch)
    assert wrong == []
    assert read >= 0.2
