"""The documentation is true: what it shows runs, what exists is described, what it links to is there.

Blocks of one page run in their order, in a folder with the files it names (``tests.samples``). Commands get
``--trials 4 --jobs 1`` behind their own options, to be quick; the weather of ``--place`` comes from recorded files
on this machine. Blocks marked ``sh`` set things up: their ``hourcast`` commands are run, and of the rest it is
checked that make's targets, extras and files exist.
"""

from __future__ import annotations

import ast
import re
import shlex
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import meteostat
import numpy as np
import pandas as pd
import pytest
import typer

import forecasting
from backtests import windows
from backtests.metrics import METRICS, Scored, score
from connectors.errors import HourcastError
from connectors.exports.write import WRITERS, write_forecasts
from connectors.frame import quantile_level
from connectors.open_data import door
from features.matrix import FEATURES
from forecasting import automl, cli, effort, ensemble, search, watch
from forecasting.forecasters import FORECASTERS
from forecasting.run.order import NOTHING_NEW
from tests.contracts.series import task, view
from tests.contracts.test_features import test_a_feature_knows_only_its_origin as check_feature
from tests.contracts.test_forecasters import test_it_sees_nothing_that_was_not_available as check_leak
from tests.samples import load_records, write_samples

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
#: What a user reads, as one text.
MANUAL = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "CONTRIBUTING.md")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOP = typer.main.get_command(cli.app).commands
#: Commands by what one types: those of a group as "runs list".
COMMANDS = {
    f"{name} {below}".strip(): command
    for name, top in TOP.items()
    for below, command in getattr(top, "commands", {"": top}).items()
}
REGISTRIES = (FORECASTERS, METRICS, FEATURES, WRITERS)
QUICK = ["--trials", "4", "--jobs", "1"]


def blocks(page, *kinds):
    """Blocks of a page: the line before, the kind, the text."""
    text = page.read_text(encoding="utf-8")
    found = [(text.count("\n", 0, match.start()), match[1], match[2]) for match in BLOCK.finditer(text)]
    return [block for block in found if block[1] in kinds]


def commands(kind, text):
    """Command lines of a block; in a ``console`` block those after ``$``, the rest is what they print."""
    lines = text.replace("\\\n", " ").splitlines()
    if kind == "console":
        return [shlex.split(line[2:]) for line in lines if line.startswith("$ ")]
    parts = [part for line in lines for part in line.split("#", maxsplit=1)[0].split("&&")]
    return [shlex.split(part) for part in parts if part.strip()]


@pytest.fixture
def unchanged_registries():
    """What a block registers is gone after the test."""
    before = [dict(registry._parts) for registry in REGISTRIES]
    yield
    for registry, parts in zip(REGISTRIES, before, strict=True):
        registry._parts = parts


@pytest.fixture
def folder(tmp_path, monkeypatch, loopback, unchanged_registries):
    """A folder with the files the pages name; runs are short, and the weather is on this machine."""
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setitem(effort.PRESETS, "balanced", (60.0, 4))
    monkeypatch.setattr(automl, "default_jobs", lambda: 1)
    monkeypatch.setattr(door, "fetch", load_records)
    monkeypatch.setattr(watch, "keep_watch", lambda _config, **_options: None)
    loopback.folder = ROOT / "tests" / "data" / "weather"
    hourly = "/hourly/{year}/{station}.csv.gz"
    monkeypatch.setattr(meteostat.config, "hourly_endpoint", loopback.url + hourly)
    monkeypatch.setattr(meteostat.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    return tmp_path


def named(words):
    """The command of a line: its first word, or two of them for one of a group."""
    return " ".join(words[1:3]) if words[1] in TOP and hasattr(TOP[words[1]], "commands") else words[1]


def run_command(words):
    """Run one ``hourcast`` command; it must end well."""
    with pytest.raises(SystemExit) as ended:
        cli.main([*words[1:], *(QUICK if "--trials" in options_of(COMMANDS.get(named(words))) else [])])
    assert (ended.value.code or 0) == 0, shlex.join(words)


def run_page(page):
    """Run every python block and every ``hourcast`` command of a page; returns how many there were."""
    count = 0
    for line, kind, text in blocks(page, "python", "console", "sh"):
        if kind == "python":
            exec(compile("\n" * (line + 1) + text, str(page), "exec"), {"__name__": "__main__"})
            count += 1
            continue
        for words in commands(kind, text):
            if words[0] == "hourcast":
                run_command(words)
                count += 1
    return count


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_a_page_runs(folder, page):
    assert run_page(page) > 0 or page.name in {"benchmarks.md", "choices.md", "faults.md"}


def test_every_block_is_of_a_kind_that_is_run():
    """A block without a kind is a picture or an output; it holds no command."""
    for page in PAGES:
        for _, kind, text in [(0, match[1], match[2]) for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]:
            assert kind in {"", "console", "sh", "python"}, f"{page.name}: {kind}"
            assert kind or not re.search(r"^\$ |^hourcast |^import ", text, re.MULTILINE), page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_about_setting_up_exists(page):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for _, kind, text in blocks(page, "sh"):
        assert not re.search(r"or: .*hourcast (?!demo)", text), "commands in a remark are not run"
        for words in commands(kind, text):
            if words[0] == "make":
                assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), words
            for extra in re.findall(r"\[(\w+)\]", " ".join(words)):
                assert extra in project["optional-dependencies"]
            if "-c" in words:
                assert (ROOT / words[words.index("-c") + 1]).is_file()


def test_the_parts_of_contributing_pass_the_contracts(folder):
    """The templates are parts like any other: no leak, a score, a file."""
    before = [set(registry) for registry in REGISTRIES]
    run_page(ROOT / "CONTRIBUTING.md")
    added = [set(registry) - names for registry, names in zip(REGISTRIES, before, strict=True)]
    assert [len(names) for names in added] == [1, 1, 1, 1]
    forecaster, metric, feature, writer = (names.pop() for names in added)

    check_leak((forecaster, task(), view(), {}))
    check_feature(feature, 24, 0, "climatology")
    actual = np.array([[[1.0, 2.0, np.nan]]])
    one = np.ones((1, 1))
    assert score(Scored(actual=actual, mean=actual + 0.5, scale=one, square_scale=one))[metric] == 0.5
    write_forecasts(pd.DataFrame({"mean": [1.5]}), folder / f"out.{writer}")
    assert pd.read_json(folder / f"out.{writer}")["mean"].tolist() == [1.5]


# ----------------------------------------------------------------------------------- what exists is described


def options_of(command):
    """Long options of a command."""
    if command is None:
        return set()
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")} - {"--help"}


def test_every_command_is_shown():
    shown = {
        named(words) for page in PAGES for _, kind, text in blocks(page, "console") for words in commands(kind, text)
    }
    assert set(COMMANDS) <= shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described(name):
    missing = [option for option in options_of(COMMANDS[name]) if not re.search(rf"`[^`]*{option}\b", MANUAL)]
    assert missing == []


def test_no_option_is_described_that_does_not_exist():
    known = set().union(*map(options_of, COMMANDS.values())) | {"--help", "--version"}
    lines = [line for line in MANUAL.splitlines() if not re.search(r"\b(ruff|mypy)\b", line)]
    assert set(re.findall(r"--[a-z][a-z-]*", "\n".join(lines))) - known == set()


def named_in_messages():
    """Options that stand in texts of the packages, with the file."""
    for package in ("connectors", "features", "backtests", "forecasting"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "systemctl" not in node.value:
                    yield from ((option, path.name) for option in re.findall(r"--[a-z][a-z-]*", node.value))


def test_no_message_speaks_of_an_option_that_does_not_exist():
    known = set().union(*map(options_of, COMMANDS.values())) | {"--version"}
    assert sorted({pair for pair in named_in_messages() if pair[0] not in known}) == []


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_every_registered_part_is_described(registry):
    dot = "." if registry is WRITERS else ""
    assert [name for name in registry if f"`{dot}{name}`" not in MANUAL] == []


def test_the_exit_codes_are_those_of_the_errors():
    def kinds(kind):
        return {kind.exit_code}.union(*map(kinds, kind.__subclasses__()))

    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("### Exit codes")[2].partition("\n###")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert told == kinds(HourcastError) | {0, cli.DEGRADED, cli.INTERRUPTED, NOTHING_NEW}


@pytest.mark.parametrize("page", ["README.md", "docs/export.md"])
def test_the_columns_of_the_table_are_described_in_their_order(folder, page):
    table = forecasting.AutoForecaster("kwh", horizon=24).fit("meter.csv").predict()
    text = (ROOT / page).read_text(encoding="utf-8")
    described = [
        name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    ]
    columns = [name for name in table if quantile_level(name) is None]
    assert [name for name in described if name in columns] == columns
    assert {name for name in described if quantile_level(name)} == {"p05", "p95"}


def test_the_numbers_of_how_it_works_are_those_of_the_code():
    text = " ".join((ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8").split())
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    for phrase in (
        f"up to {words[windows.FINAL_WINDOWS - 1]} windows at the end",
        f"up to {windows.SELECTION_WINDOWS} windows",
        f"batches of {words[search.BATCH - 1]}",
        f"{search.PATIENCE} trials in a row",
        f"at most {ensemble.NEAR_BEST} times the best",
        f"at most {words[ensemble.MOST_OF_A_FAMILY - 1]} of one forecaster",
        f"at least {words[ensemble.FEWEST - 1]} and at most {words[ensemble.MOST - 1]} in all",
    ):
        assert phrase in text


def test_the_presets_are_those_of_the_code():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"`(fast|balanced|accurate)` \((\d+ \w+)", text))
    seconds = {name: int(said.split()[0]) * (60 if said.endswith("min") else 1) for name, said in told.items()}
    assert seconds == {name: limit for name, (limit, _) in effort.PRESETS.items()}


# --------------------------------------------------------------------------------------- links, paths, names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    house = r"`((?:connectors|features|backtests|forecasting|tests|docs|benchmarks)/[\w./-]*)`"
    for path in re.findall(house, page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def test_the_picture_is_small():
    picture = (ROOT / "docs" / "demo.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000


def faces():
    """Modules that say what they hand out."""
    for package in ("connectors", "features", "backtests", "forecasting"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if re.search(r"^__all__ = ", path.read_text(encoding="utf-8"), re.MULTILINE):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("name", faces())
def test_what_a_module_hands_out_exists_and_is_sorted(name):
    module = import_module(name)
    assert list(module.__all__) == sorted(module.__all__)
    assert [public for public in module.__all__ if not hasattr(module, public)] == []


def test_the_face_hands_out_exactly_what_it_says():
    """Everything named can be had, and nothing else is shown."""
    assert dir(forecasting) == forecasting.__all__ == ["AutoForecaster", "BacktestResult", "__version__"]
    with pytest.raises(AttributeError, match="no attribute 'Autoforecaster'"):
        _ = forecasting.Autoforecaster
