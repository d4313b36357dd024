"""What was said of a file is said again in French: by rules, every number as it was."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from connectors.errors import HourcastError
from forecasting.case import case_of, examine
from forecasting.findings import Finding
from forecasting.question import Question
from forecasting.report.french_found import CHOICES, RULES
from forecasting.report.language import speaking
from forecasting.report.retold import retold, retold_items

INPUTS = sorted((Path(__file__).parents[2] / "data" / "inputs").glob("*.[cxj]*"))


def french(sentence):
    with speaking("fr"):
        return retold(sentence)


def digits(text, decimal):
    """All numbers of a text, in order of size, as one language writes them."""
    text = re.sub(r"(?<!\w)'[^']*'", "", text)  # what stands in the file stays as it stands there
    group = "\N{NO-BREAK SPACE}" if decimal == "," else ","
    found = re.findall(rf"\d+(?:{group}\d{{3}})*(?:{re.escape(decimal)}\d+)?", text)
    return sorted(one.replace(group, "").replace(decimal, ".") for one in found)


FOUND = Finding(
    kind="spike", item_id="Usine, nord", first=pd.Timestamp("2025-03-30 02:00", tz="UTC"),
    last=pd.Timestamp("2025-03-30 04:00", tz="UTC"), count=3, action="left out", known_from=None,
    undo="--keep spike",
    detail="1234.5 lies 2.6 times as far from the median of 98.7 as any reading before (limit 1.9)",
)  # fmt: skip


@pytest.mark.parametrize(
    ("english", "said"),
    [
        (
            FOUND.sentence(),
            (
                "Usine, nord, pic du 2025-03-30 02:00 au 2025-03-30 04:00 UTC : 3 relevés écartés (1234,5 est 2,6 "
                "fois plus loin de la médiane de 98,7 que tout relevé d'avant (limite 1,9) ; --keep spike)."
            ),
        ),
        (
            replace(FOUND, last=FOUND.first, kind="gap", count=1, action="left empty", undo="", detail="no reading")
            .sentence(),
            "Usine, nord, trou le 2025-03-30 02:00 UTC : 1 pas laissé vide (pas de relevé).",
        ),
        (
            "step: h (99.9% of the steps; --freq)",
            "pas : h (99,9\N{NO-BREAK SPACE}% des pas ; --freq)",
        ),
        (
            "stamps: end (the header 'Heure fin' says so; each time was moved to the start of its step; --stamps)",
            (
                "horodatage : fin (l'en-tête 'Heure fin' le dit ; chaque temps a été ramené au début de son pas ; "
                "--stamps)"
            ),
        ),
        (
            "'kWh': the comma was read as a mark of thousands: 1,234 is 1234; --decimal comma says otherwise",
            (
                "'kWh' : on a lu la virgule comme marque des milliers : 1,234 vaut 1234 ; --decimal comma en décide "
                "autrement"
            ),
        ),
        ("nobody foresaw this sentence", "nobody foresaw this sentence"),
    ],
)  # fmt: skip
def test_a_sentence_becomes_french_with_its_numbers(english, said):
    assert french(english) == said
    assert retold(english) == english, "in English nothing changes"


def test_what_stays_english_is_marked_as_such():
    with speaking("fr"):
        known, unknown = retold_items(["fields are separated by tabs", "nobody foresaw this"])
    assert known == "<li>les champs sont séparés par des tabulations</li>"
    assert unknown == '<li lang="en">nobody foresaw this</li>'


SAMPLES = {"n": "1,234.5", "say": "no reading", "says": "stuck, held", "option": "--freq"}


def sample(english):
    names = [name for _, name, _, _ in string.Formatter().parse(english) if name]
    kinds = {name: name.rstrip("0123456789") for name in names}
    words = {name: SAMPLES.get(kind) or next(iter(CHOICES.get(kind, [f"<{kind}>"]))) for name, kind in kinds.items()}
    return english.format(**words)


@pytest.mark.parametrize("english", RULES)
def test_each_rule_knows_its_own_sentence_and_keeps_its_numbers(english):
    told = french(sample(english))
    assert told != sample(english) or english in ("{end}", "{kind}")
    assert digits(told, ",") == digits(sample(english), ".")


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name)
def test_what_is_said_of_real_files_is_said_in_french(path):
    facts = facts_of(path)
    told = [*facts.findings, *facts.decisions, *facts.notes]
    left = [one for one in told if french(one) == one]
    assert left == [] or len(left) < 0.05 * len(told), left
    for one in told:
        assert digits(french(one), ",") == digits(one, "."), one


def facts_of(path):
    question = Question(allow_stale=True, country="FR")
    try:
        return case_of(examine(question, path)).facts
    except HourcastError as error:  # it names the columns of numbers
        target = re.search(r"--target '([^']*)'", str(error))
        return case_of(examine(replace(question, target=target[1]), path)).facts
