"""The query the documentation gives for Power BI names every column of the files it reads, with its type."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from connectors.exports.layout import LAYOUTS
from connectors.exports.publish import Destination
from tests.connectors.exports.test_publish import hand_over, tables

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bi.md"
KINDS = {"Texts": "text", "Whole": "integer", "Instants": "instant"}


def typed(columns):
    """The type the query gives to each column, by the lists it holds."""
    query = PAGE.read_text(encoding="utf-8").split("let\n")[1].split("in\n")[0]
    found = {}
    for name, kind in KINDS.items():
        (listed,) = re.findall(rf"{name} = \{{(.*?)\}}", query)
        found |= dict.fromkeys(set(re.findall(r'"(\w+)"', listed)) & set(columns), kind)
    (named,) = re.findall(r"Numbers = .* each (.*) or Text\.Start\(_, 1\) = \"p\"\)", query)
    numbers = re.findall(r'_ = "(\w+)"', named)
    found |= {column: "number" for column in columns if column in numbers or column[0] == "p"}
    (local,) = re.findall(r'\{\{"(\w+)", type datetime\}\}', query)
    return found | {local: "local"}


@pytest.mark.parametrize("name", ["forecast", "forecast_latest", "actual"])
def test_every_column_has_the_type_it_is_written_with(tmp_path, name):
    made = tables()
    issued = {n: table.assign(issued_at=table["cutoff"]) for n, table in made.items() if n.startswith("forecast")}
    hand_over(made | issued, Destination(to=str(tmp_path)))
    header = pd.read_csv(tmp_path / f"{name}.csv", nrows=0).columns.tolist()
    assert typed(header) == {column: LAYOUTS[name].kind(column) for column in header}
