"""Broken copies of the files kept for the tests: each is read, or refused with an error of ours."""

import pytest

from connectors.errors import ConfigError, DataError
from connectors.files.read import SourceOptions, read_table
from tests.connectors.files.mutations import INPUTS, TARGETS, mutations


def share_read(number, seed, folder):
    """Share of the mutations that are still read; anything but our own errors comes through."""
    read = 0
    for place, (name, data) in enumerate(mutations(number, seed)):
        path = folder / name
        path.write_bytes(data)
        try:
            table = read_table(path, SourceOptions(target=TARGETS[name]))
        except (DataError, ConfigError):
            continue
        except Exception as error:
            error.add_note(f"mutation {place} of seed {seed}, a copy of {name}")
            raise
        assert len(table.frame), f"mutation {place} of seed {seed}: a table without rows"
        assert table.frame["timestamp"].notna().all()
        read += 1
    return read / number


def test_every_text_kept_for_the_tests_is_broken():
    texts = {path.name for path in INPUTS.iterdir()} - {"README.md", "excel_fr_mesures_dst.xlsx"}
    assert set(TARGETS) == texts


def test_broken_files_are_read_or_refused(tmp_path):
    assert share_read(300, 2024, tmp_path) >= 0.2


@pytest.mark.soak
def test_a_hundred_thousand_broken_files_are_read_or_refused(tmp_path):
    """About a quarter of an hour."""
    for part in range(10):
        assert share_read(10_000, 1_000 + part, tmp_path) >= 0.2
