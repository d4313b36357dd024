"""The encoding of a text: found where its bytes tell, taken where it is said."""

import pytest

from connectors.errors import ConfigError, DataError, UnreadableFileError
from connectors.files.read import SourceOptions, read_table
from connectors.saved_source import SavedSource, load_source, save_source

LINES = ["Čas;Odběr (kWh)", *(f"{day:02d}/01/2024 00:00;{day},5" for day in range(1, 29))]
TEXT = "\n".join(LINES)


def written(tmp_path, encoding, text=TEXT):
    path = tmp_path / "meter.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_the_bytes_tell_is_found(tmp_path, encoding):
    table = read_table(written(tmp_path, encoding), SourceOptions(target="Odběr (kWh)"))
    assert (table.target, table.frame["target"].sum()) == ("Odběr (kWh)", sum(range(1, 29)) + 14)


def test_what_is_said_is_taken_and_kept(tmp_path):
    path = written(tmp_path, "cp1250")
    options = SourceOptions(target="Odběr (kWh)", encoding="cp1250")
    with pytest.raises(DataError, match="no column"):
        read_table(path, SourceOptions(target="Odběr (kWh)"))
    table = read_table(path, options)
    assert table.form.encoding == "cp1250"
    save_source(SavedSource.of(path, table.options), tmp_path / "hourcast.toml")
    again = read_table(path, load_source(tmp_path / "hourcast.toml").options)
    assert again.guesses == ()
    assert again.frame.equals(table.frame)


def test_a_table_by_hand_may_say_the_encoding_alone(tmp_path):
    written(tmp_path, "cp1250")
    (tmp_path / "own.toml").write_text('[source]\npath = "meter.csv"\nencoding = "cp1250"\n')
    source = load_source(tmp_path / "own.toml")
    assert (source.options.encoding, source.options.form) == ("cp1250", None)
    assert source.values()["encoding"] == "cp1250"


@pytest.mark.parametrize(
    ("encoding", "kind", "words"),
    [
        ("klingon", ConfigError, "no encoding 'klingon'"),
        ("rot13", ConfigError, "no encoding 'rot13'"),
        ("ascii", UnreadableFileError, "not in ascii"),
    ],
)
def test_another_encoding_is_refused(tmp_path, encoding, kind, words):
    with pytest.raises(kind, match=words):
        read_table(written(tmp_path, "cp1250"), SourceOptions(encoding=encoding))
