"""HTML that escapes by default."""

from __future__ import annotations

from forecasting.report.markup import element, join, text


def test_only_markup_passes_unescaped():
    assert element("p", {}, "<b>", element("b", {}, "&")) == "<p>&lt;b&gt;<b>&amp;</b></p>"
    assert join(["<", element("i", {})]) == "&lt;<i></i>"


def test_attributes_are_always_escaped_even_when_they_are_markup():
    assert element("a", {"title": element("b", {}, '"')}) == '<a title="&lt;b&gt;&amp;quot;&lt;/b&gt;"></a>'


def test_void_elements_have_no_end_tag_and_numbers_no_needless_digits():
    assert element("br") == "<br>"
    assert element("rect", {"x": 3.0, "y": 1 / 3}) == '<rect x="3" y="0.33"></rect>'


def test_a_per_cent_sign_stays_on_the_line_of_its_number():
    assert text("4.1 % of 7") == "4.1\N{NO-BREAK SPACE}% of 7"
