"""The whole page: one HTML file that asks for nothing from anywhere, complete without script."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING

from forecasting.report.card import result_card
from forecasting.report.language import language, t
from forecasting.report.markup import Markup, element, join
from forecasting.report.readings import clock_of
from forecasting.report.sections import page_sections
from forecasting.report.wording import step_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.report.content import Content


def render(content: Content) -> str:
    """The page as HTML.

    Args:
        content: What it says. Names in it may hold anything: they are escaped.
    """
    unit = f" [{content.unit}]" if content.unit and f"({content.unit})" not in content.target else ""
    ahead = t("{span} ahead", span=step_of(content.freq).span(content.horizon))
    parts = (content.source, f"{content.target}{unit}", ahead, content.time_zone)
    return document(content, parts, [result_card(content), *page_sections(content)])


def document(content: Content, parts: Sequence[str], body: Sequence[Markup]) -> str:
    """A whole page around what it says.

    Args:
        content: Title, version, times and credits.
        parts: What stands under the title.
        body: What stands below that.
    """
    style, script = _asset("page.css"), _asset("page.js")
    page = join(
        [
            _header(content.title, parts),
            element("main", {}, *body),
            _footer(content),
            # Raw text is safe here: both files are ours and hold no end tag.
            element("script", {}, Markup(script)),
        ]
    )
    return "<!doctype html>\n" + element(
        "html",
        {"lang": language()},
        element(
            "head",
            {},
            element("meta", {"charset": "utf-8"}),
            element("meta", {"http-equiv": "Content-Security-Policy", "content": _policy(style, script)}),
            element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            element("meta", {"name": "color-scheme", "content": "light dark"}),
            element("meta", {"name": "generator", "content": f"hourcast {content.version}"}),
            # Without it a browser asks the server for an icon.
            element("link", {"rel": "icon", "href": "data:,"}),
            element("title", {}, content.title),
            element("style", {}, Markup(style)),
        ),
        element("body", {"data-keys": t("Arrow keys read the values.")}, page),
    )


def stylesheet(theme: str) -> str:
    """The style of the drawings alone, in the colours of one theme.

    Args:
        theme: ``light`` or ``dark``.
    """
    sheet = _asset("page.css")
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    colours = dict(re.findall(r"(--[\w-]+): ([^;]+);", light + (dark if theme == "dark" else "")))
    rules = re.findall(
        r"^(?:svg text|svg \.note|"
        r"\.(?:grid|base|tick|band|line|mark|rule|bar|mean|part|together|day|dot|point|paper)\b)[^{]*\{[^}]*\}",
        sheet,
        re.MULTILINE,
    )
    return re.sub(r"var\((--[\w-]+)\)", lambda match: colours[match[1]], "\n".join(rules))


def _asset(name: str) -> str:
    return resources.files("forecasting.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded and no script runs but ours: a second lock behind the escaping."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _header(title: str, parts: Sequence[str]) -> Markup:
    meta = [element("span", {}, part) for part in parts if part]
    return element("header", {}, element("h1", {}, title), element("p", {"class": "meta"}, *meta))


def _footer(content: Content) -> Markup:
    when = clock_of(content).made(content.made_at)
    made = t("Made by hourcast {version} on {when}.", version=content.version, when=when)
    credit = [element("p", {}, line) for line in content.attribution]
    return element("footer", {}, element("div", {}, element("p", {}, made), *credit))
