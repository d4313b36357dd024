"""Ten million rows of CSV: time and memory of reading them, beside those of ``polars.read_csv`` on the same file.

    python benchmarks/reading.py [rows]

What is measured: from the path to the table of readings that forecasting starts from (encoding, separator, header,
time column, items, step, zone and unit found; times in UTC; sorted by item and time). Each reading is one process of
its own: seconds on the clock, seconds of the processor (user and system, all threads), and the peak of its memory.
The readers take turns, so that what else the machine does falls on all of them; the median of each figure counts.

``polars.read_csv`` as it is leaves times as text; with ``try_parse_dates`` it does what we must do in any case.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas as pd
from run import RESULTS, ROOT, machine

PAGE = ROOT / "docs" / "reading.md"
REPEATS = int(os.environ.get("HOURCAST_REPEATS", "7"))
#: Ten meters one after the other, every minute, with a temperature.
PANEL = """
COPY (
    SELECT printf('meter_%02d', meter) AS site,
           {time} AS {name},
           {number}(round(50 + 20 * sin(step / 229.2) + 6 * (hash(step * 10 + meter) % 1000 / 1000.0), 2)) AS kwh,
           {number}(round(10 + 10 * (hash(step * 10 + meter + 7) % 1000 / 1000.0), 1)) AS temperature
    FROM range(10) AS meters(meter), range({rows} // 10) AS steps(step)
    ORDER BY meter, step
) TO '{path}' (HEADER, DELIMITER '{sep}')
"""
FILES = {
    "ISO 8601, commas": {
        "time": "strftime(TIMESTAMP '2005-01-01' + to_minutes(step), '%Y-%m-%d %H:%M:%S')",
        "name": "timestamp",
        "number": "",
        "sep": ",",
    },
    "27/10/2024 02:00, semicolons, decimal commas": {
        "time": "strftime(TIMESTAMP '2005-01-01' + to_minutes(step), '%d/%m/%Y %H:%M')",
        "name": "horodatage",
        "number": "comma",
        "sep": ";",
    },
}
COMMA = "CREATE MACRO comma(x) AS replace(CAST(x AS VARCHAR), '.', ',')"

MEASURE = """
import json, sys, time
{setup}
before, clock = time.process_time(), time.perf_counter()
{read}
made = {{"cpu": time.process_time() - before, "clock": time.perf_counter() - clock, "rows": rows}}
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps(made | {{"MiB": int(peak.split()[1]) / 1024}}))
"""
READERS = {
    "hourcast": (
        "from connectors.source import read_source\nfrom connectors.files.source import SourceOptions",
        "rows = len(read_source(sys.argv[1], SourceOptions(target='kwh')).frame)",
    ),
    "polars, times as text": ("import polars", "rows = len(polars.read_csv(sys.argv[1], separator=sys.argv[2]))"),
    "polars, times parsed": (
        "import polars",
        "rows = len(polars.read_csv(sys.argv[1], separator=sys.argv[2], try_parse_dates=True))",
    ),
}


def measure(reader: str, path: Path, sep: str) -> dict[str, float]:
    """What one reading took."""
    setup, read = READERS[reader]
    command = [sys.executable, "-c", MEASURE.format(setup=setup, read=read), str(path), sep]
    made = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(made.stdout)
    return found


def table(rows: int) -> pd.DataFrame:
    found = []
    for name, spelling in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "meters.csv"
            with duckdb.connect() as base:
                base.execute(COMMA)
                base.execute(PANEL.format(**spelling, rows=rows, path=path))
            for reader in list(READERS) * REPEATS:
                run = measure(reader, path, spelling["sep"])
                found.append({"file": name, "MB": path.stat().st_size / 1e6, "reader": reader, **run})
                print(found[-1], flush=True)
    made = pd.DataFrame(found).groupby(["file", "reader"], sort=False).median().reset_index()
    made["rows"] = made["rows"].astype(int)
    made = made[["file", "MB", "reader", "clock", "cpu", "MiB", "rows"]]
    for column in ("clock", "cpu", "MiB"):
        own = made[made["reader"] == "hourcast"].set_index("file")[column]
        made[f"ours to this, {column}"] = made["file"].map(own) / made[column]
    return made


def show(made: pd.DataFrame) -> None:
    text = PAGE.read_text(encoding="utf-8")
    start, end = "<!-- size -->\n", "<!-- end of size -->"
    before, rest = text.split(start)
    cells = [[f"{x:.3g}" if isinstance(x, float) else str(x) for x in row] for row in made.to_numpy(object)]
    rows = [" | ".join(row) for row in [list(made.columns), ["---"] * made.shape[1], *cells]]
    filled = "".join(f"| {row} |\n" for row in rows) + f"\n{machine()}\n"
    PAGE.write_text(before + start + filled + end + rest.split(end)[1], encoding="utf-8")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    made = table(rows)
    print(made.round(3).to_string(index=False))
    if rows == 10_000_000:
        RESULTS.mkdir(exist_ok=True)
        show(made)
        made.assign(machine=machine()).to_csv(RESULTS / "reading.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
