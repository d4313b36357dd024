"""``hourcast check``: every finding is listed, drawn, and can be undone."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError
from forecasting import cli
from forecasting.findings import keep_option
from forecasting.prepare import prepare
from forecasting.question import Question
from tests.forecasting.test_prepare import by_kind, load, table

LENGTH = 1488
#: Faults by kind: what is put where.
BROKEN = {"zero run": (slice(700, 712), 0.0), "stuck": (slice(900, 930), 111.125), "spike": (1100, 5000.0)}


def values_with(*kinds):
    values = load(LENGTH)
    for kind in kinds:
        at, value = BROKEN[kind]
        values[at] = value
    return values


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Run ``hourcast check`` on values; returns the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def run(values, *options, name="meter.csv"):
        frame = table(values)[["timestamp", "target"]].dropna()
        frame.to_csv(tmp_path / name, index=False)
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", name, "--target", "target", *options])
        return ended.value.code or 0, capsys.readouterr()

    return run


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_is_undone_by_its_own_flag(kind):
    rows = table(values_with(*BROKEN))
    whole = prepare(rows, freq="h")
    assert set(BROKEN) <= set(whole.faulty["kind"])
    (finding,) = by_kind(whole)[kind]
    assert finding.undo == keep_option(kind) == f"--keep {kind.replace(' ', '-')}"
    kept = prepare(rows, freq="h", keep=[kind.replace(" ", "-")])
    assert set(whole.faulty["kind"]) - set(kept.faulty["kind"]) == {kind}
    (after,) = by_kind(kept)[kind]
    assert (after.action, after.undo, after.first) == ("kept", "", finding.first)


def test_of_rows_that_stand_twice_the_first_can_be_kept():
    rows = table(load(400))
    twin = rows.iloc[[50]].assign(target=1.0)
    both = pd.concat([rows, twin])
    assert by_kind(prepare(both, freq="h"))["duplicate"][0].undo == "--keep duplicate"
    kept = prepare(both, freq="h", keep=["duplicate"])
    assert kept.history["target"].iloc[50] == rows["target"].iloc[50]
    assert by_kind(kept)["duplicate"][0].action == "left out"


def test_an_unknown_kind_is_refused():
    with pytest.raises(ConfigError, match="spikes"):
        Question(target="kwh", keep=("spikes",))


def test_a_kept_dead_meter_is_alive():
    values = load(LENGTH)
    values[-300:] = 111.125
    assert prepare(table(values), freq="h", keep=["stuck"]).refused is None
    assert prepare(table(values), freq="h", allow_stale=True).refused is not None


def test_the_machine_reads_every_finding(check):
    code, said = check(values_with(*BROKEN), "--json")
    found = json.loads(said.out)
    assert code == 0
    assert {one["kind"] for one in found["findings"]} >= set(BROKEN)
    stuck = next(one for one in found["findings"] if one["kind"] == "stuck")
    assert stuck["first"] == "2025-02-12T12:00:00+00:00"
    assert (stuck["count"], stuck["action"], stuck["undo"]) == (30, "left out", "--keep stuck")
    assert stuck["known_from"] > stuck["first"]
    assert found["kinds"]["stuck"] == 1


def test_many_findings_are_one_sentence_for_people_and_all_there_for_machines(check):
    values = load(LENGTH)
    values[np.arange(600, 1400, 20)] = np.nan
    assert "40 stretches" in check(values)[1].out
    assert len(json.loads(check(values, "--json")[1].out)["findings"]) == 40


@pytest.mark.parametrize(("hours", "code"), [(0, 0), (72, 5), (300, 3)])
def test_it_ends_as_a_forecast_would_and_says_so_first(check, hours, code):
    values = load(LENGTH)
    if hours:
        values[-hours:] = 111.125
    ended, said = check(values, "--report", "check.html")
    assert ended == code
    first = {0: "Verdict: Fit", 5: "Verdict: A forecast would be flagged", 3: "Verdict: Not fit"}[code]
    assert said.out.startswith(first)
    assert check(values, "--allow-stale")[0] == min(code, 5) if code != 3 else 5


def test_the_page_draws_every_finding_and_escapes_names(check, tmp_path):
    code, said = check(values_with(*BROKEN), "--report", "check.html", name="<b>'&.csv")
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert (code, "written: check.html" in said.out) == (0, True)
    assert "<b>'&" not in page
    assert "&lt;b&gt;" in page
    for kind in BROKEN:
        assert f"{kind.capitalize()}, " in page
        assert keep_option(kind) in page
    assert "span left-out" in page
    assert page.count("<figure") == 1 + len(BROKEN)
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_several_items_have_a_choice_and_a_column_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    both = pd.concat([table(values_with("stuck"), item="a"), table(values_with("spike"), item="b")])
    both.to_csv("two.csv", index=False)
    with pytest.raises(SystemExit):
        cli.main(["check", "two.csv", "--target", "target", "--report", "check.html"])
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert '<select id="item">' in page
    assert ">Item</th>" in page


def test_a_page_without_the_right_ending_is_refused_before_anything_is_read(check):
    assert check(load(LENGTH), "--report", "check.pdf")[0] == 2


def test_a_forecast_from_a_dead_meter_says_so_before_all_else(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    values = load(LENGTH)
    values[-72:] = 111.125
    table(values)[["timestamp", "target"]].to_csv("meter.csv", index=False)
    options = ["--target", "target", "--trials", "2", "--jobs", "1", "--output", "out.csv", "--report", "page.html"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["forecast", "meter.csv", *options])
    first = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 5
    assert first.startswith(
        "Beware This forecast starts from old readings and is flagged stale_input. The last sound"
    )
    assert set(pd.read_csv("out.csv")["quality_flag"]) == {"stale_input"}
    card = (tmp_path / "page.html").read_text(encoding="utf-8").partition('class="topics"')[2]
    assert card.startswith("><div><dt>Beware</dt>")
