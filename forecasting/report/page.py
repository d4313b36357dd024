"""The whole page: one HTML file that asks for nothing from anywhere, complete without script."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from forecasting.report.card import result_card
from forecasting.report.markup import Markup, element, join
from forecasting.report.readings import clock_of
from forecasting.report.sections import page_sections
from forecasting.report.wording import step_of

if TYPE_CHECKING:
    from forecasting.report.content import Content


def render(content: Content) -> str:
    """The page as HTML.

    Args:
        content: What it says. Names in it may hold anything: they are escaped.
    """
    style, script = _asset("page.css"), _asset("page.js")
    body = join(
        [
            _header(content),
            element("main", {}, result_card(content), *page_sections(content)),
            _footer(content),
            # Raw text is safe here: both files are ours and hold no end tag.
            element("script", {}, Markup(script)),
        ]
    )
    return "<!doctype html>\n" + element(
        "html",
        {"lang": "en"},
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
        element("body", {}, body),
    )


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


def _header(content: Content) -> Markup:
    unit = f" [{content.unit}]" if content.unit else ""
    parts = (
        content.source,
        f"{content.target}{unit}",
        f"{step_of(content.freq).span(content.horizon)} ahead",
        content.time_zone,
    )
    meta = [element("span", {}, part) for part in parts if part]
    return element("header", {}, element("h1", {}, content.title), element("p", {"class": "meta"}, *meta))


def _footer(content: Content) -> Markup:
    made = f"Made by hourcast {content.version} on {clock_of(content).made(content.made_at)}."
    credit = [element("p", {}, line) for line in content.attribution]
    return element("footer", {}, element("div", {}, element("p", {}, made), *credit))
