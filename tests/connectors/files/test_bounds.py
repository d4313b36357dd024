"""Files made to fill the memory, or to run for ever, are refused."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from connectors.errors import UnreadableFileError
from connectors.files.read import SourceOptions, read_table


def read(path, **options):
    return read_table(path, SourceOptions(**options))


@pytest.fixture
def file(tmp_path):
    """Write bytes or a text to a file."""

    def write(content, name="meter.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def zipped(**entries):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return packed.getvalue()


def test_a_small_archive_of_an_endless_file_is_refused(file, monkeypatch):
    monkeypatch.setattr("connectors.files.decode.MAX_BYTES", 1 << 20)
    with pytest.raises(UnreadableFileError, match="more than"):
        read(file(zipped(a_dot_csv=b"0" * (1 << 22)), "a.zip"))


def test_a_workbook_of_an_endless_sheet_is_refused(file, monkeypatch):
    monkeypatch.setattr("connectors.files.decode.MAX_BYTES", 1 << 20)
    with pytest.raises(UnreadableFileError, match="more than"):
        read(file(zipped(xl__workbook_dot_xml=b" " * (1 << 22)), "a.xlsx"))


def test_a_cell_in_the_far_corner_of_a_sheet_is_refused(tmp_path, monkeypatch):
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setattr("connectors.files.excel.MAX_CELLS", 100_000)
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"], book.active["XFD2000"] = "time", "load", 1
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(UnreadableFileError, match="more than 100,000 cells"):
        read(tmp_path / "a.xlsx", target="load")


def test_a_broken_workbook_is_refused(file):
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        read(file(zipped(xl__workbook_dot_xml=b"<workbook", _Content_Types__dot_xml=b"<"), "a.xlsx"))


def test_a_device_without_an_end_is_refused(monkeypatch):
    if not Path("/dev/zero").exists():
        pytest.skip("there is no such device here")
    monkeypatch.setattr("connectors.files.decode.MAX_BYTES", 1 << 20)
    with pytest.raises(UnreadableFileError, match="more than"):
        read("/dev/zero")


def test_a_line_without_an_end_is_refused(file):
    with pytest.raises(UnreadableFileError, match="a line of over 1,048,576 characters"):
        read(file("time,load\n2024-01-01,1\n2024-01-02," + "1" * (1 << 21) + "\n2024-01-03,3\n"))
    with pytest.raises(UnreadableFileError, match="a line of over"):
        read(file("x" * (1 << 21)))


@pytest.mark.parametrize("wide", [2, 300], ids=["in the first lines", "further down"])
def test_a_line_of_countless_fields_is_refused(file, wide):
    lines = [f"2024-01-01 {place % 24:02d}:{place // 24:02d},1" for place in range(400)]
    lines[wide] += ",1" * 100_000
    with pytest.raises(UnreadableFileError, match="a line of 100,002 fields"):
        read(file("time,load\n" + "\n".join(lines)))


def test_a_long_document_is_refused(file, monkeypatch):
    monkeypatch.setattr("connectors.files.document.MAX_DOCUMENT", 1000)
    for text in ('{"results": [' + " " * 2000 + "]}", "<GL_MarketDocument>" + " " * 2000 + "</GL_MarketDocument>"):
        with pytest.raises(UnreadableFileError, match="of text in one piece"):
            read(file(text))


GROWN = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize("kind", [f'[<!ENTITY e0 "x">{GROWN}]', 'SYSTEM "file:///etc/hostname"'])
def test_a_document_type_is_refused_before_it_is_read(file, kind):
    text = f'<?xml version="1.0"?><!DOCTYPE x {kind}><feed>&e11;</feed>'
    with pytest.raises(UnreadableFileError, match="document type of its own"):
        read(file(text))


MANY = " " * 50_000


@pytest.mark.parametrize(
    "header",
    [f"1{MANY}x", "(" * 50_000, f"({MANY}", "h" * 50_000, f"00h{MANY}-", "index " * 9_000],
    ids=["blanks", "brackets", "open bracket", "letters", "half an hour", "words"],
)
def test_a_header_made_to_be_slow_is_not(file, header):
    rows = "".join(f"2024-01-01 {hour:02d}:00,{hour},1\n" for hour in range(24))
    path = file(f"time,load,{header}\n{rows}")
    start = time.process_time()
    read(path, target="load")
    assert time.process_time() - start < 2


def test_a_cell_made_to_be_slow_is_not(file):
    slow = ("1/" * 20_000, "a" * 50_000, " " * 50_000 + "x", "1 " * 30_000, "2024-01-01 " + "0" * 50_000)
    rows = "".join(f"2024-01-01 {hour:02d}:00,{hour},{slow[hour % 5]}\n" for hour in range(24))
    path = file(f"time,load,text\n{rows}")
    start = time.process_time()
    read(path, target="load")
    assert time.process_time() - start < 3
