"""Both languages say the same: no sentence is missing, none is left over, and every number is there."""

from __future__ import annotations

import ast
import html
import re
import string
from pathlib import Path

import pytest

from connectors.errors import ConfigError
from forecasting.report import language as language_file
from forecasting.report.french import FRENCH, NOUNS
from forecasting.report.language import speaking, t
from forecasting.report.page import render
from forecasting.report.topics import result_sentences
from forecasting.report.wording import count, number, percent, plural, step_of
from tests.forecasting.report.test_why import PROFILE, RECENT, WEATHER, explained

HOME = Path(language_file.__file__).parent.parent


def written():
    """Every text of the code, and those that are handed to ``t`` as they stand."""
    texts, spoken = set(), set()
    for path in HOME.rglob("*.py"):
        if path.name.startswith("french"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t"
            if called and isinstance(node.args[0], ast.Constant):
                spoken.add(node.args[0].value)
    return texts, spoken


def names(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_sentence_is_in_the_catalogue_and_every_entry_is_a_sentence():
    texts, spoken = written()
    assert spoken - set(FRENCH) == set()
    made = {f"repeating {past}" for past in ("yesterday", "last week", "last year", "the last reading")}
    assert set(FRENCH) - texts - made == set()


@pytest.mark.parametrize("english", FRENCH)
def test_a_translation_fills_in_the_same_names(english):
    assert names(FRENCH[english]) == names(english)
    assert FRENCH[english].strip()


def test_numbers_are_written_as_the_language_does():
    with speaking("fr"):
        assert number(1234567) == "1\N{NO-BREAK SPACE}230\N{NO-BREAK SPACE}000"
        assert (number(12.345), percent(0.0412), count(7)) == ("12,3", "4,1 %", "7")
        assert (plural(1, "hour"), plural(0, "hour"), plural(2, "month")) == ("1 heure", "0 heure", "2 mois")
        assert step_of("15min").span(96) == "96 pas de 15 minutes"
    assert number(12.345) == "12.3"


def numbers(text, *, decimal):
    """All numbers of a text, as one language writes them."""
    group = "\N{NO-BREAK SPACE}" if decimal == "," else ","
    found = re.findall(rf"\d+(?:{group}\d{{3}})*(?:{re.escape(decimal)}\d+)?", text)
    return sorted(float(one.replace(group, "").replace(decimal, ".")) for one in found)


def test_both_languages_say_the_same_numbers(content, hold_out):
    told = content(hold_out=hold_out(mae=1234.5, naive_mae=4321.0, bias=-1111.0, windows=4, coverage=0.5))
    english = " ".join(result_sentences(told))
    with speaking("fr"):
        french = " ".join(result_sentences(told))
    assert numbers(english, decimal=".") == numbers(french, decimal=",")
    assert "1,23" not in french.replace("1\N{NO-BREAK SPACE}230", "")


def test_the_page_names_its_language_and_holds_no_english_sentence(content):
    with speaking("fr"):
        page = render(content())
    assert '<html lang="fr">' in page
    text = re.sub(r'<li lang="en">.*?</li>', "", page, flags=re.DOTALL)
    text = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    english = {key for key in FRENCH if len(key) > 12 and "{" not in key and FRENCH[key] != key}
    assert [key for key in english if key in text] == []


def lines(page):
    """All that a page says, in text, in names for screen readers and in what pointing at a chart tells."""
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|aria-valuetext|data-tips|data-labels|data-frames)="([^"]*)"', page)
    said += re.findall(r">([^<]+)<", page)
    # positions of bars are no words; versions, also those of licences, have points in every language
    bare = [re.sub(r"^[\d.]+\t[\d.]+\t", "", line) for text in said for line in html.unescape(text).splitlines()]
    return [re.sub(r"\d+\.\d+\.\d+|BY \d\.\d", "", line) for line in bare]


def test_every_number_of_one_page_is_on_the_other_line_by_line(content, hold_out):
    told = explained(
        content, {PROFILE: 1300.0, WEATHER: 12.25, RECENT: -4.0}, hold_out=hold_out(mae=1234.5, naive_mae=4321.0),
        findings=("house, gap at 2024-03-31 02:00 UTC: 1 step left empty (no reading).",),
        guesses=("step: h (99.9% of the steps; --freq)",),
    )  # fmt: skip
    english = [numbers(line, decimal=".") for line in lines(render(told))]
    with speaking("fr"):
        french = lines(render(told))
    assert [numbers(line, decimal=",") for line in french] == english
    assert sum(map(len, english)) > 2000
    assert "pas : h (99,9 % des pas ; " in "\n".join(french).replace("\N{NO-BREAK SPACE}", " ")


def test_an_unknown_language_is_refused():
    with pytest.raises(ConfigError, match="Known: en, fr"), speaking("de"):
        pass


def test_what_is_not_in_the_catalogue_is_said_in_english():
    with speaking("fr"):
        assert t("a word of {name}", name="nobody") == "a word of nobody"


def test_every_noun_that_is_counted_has_a_plural():
    assert all(one and many for one, many in NOUNS.values())
    with speaking("fr"):
        assert step_of("MS").count(3) == "3 mois"
