"""The sections of the page below the result card, each with pictures or tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.report.calibration import calibration_figure
from forecasting.report.cardtables import cards
from forecasting.report.causes import build_up, causes_figure
from forecasting.report.charts import forecast_figures, history_figure, profile_figures, windows_figure
from forecasting.report.frames import window_frames
from forecasting.report.heat import consumption_map, error_map
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.measures import measures_table, weather_table
from forecasting.report.readings import item_names, window_errors
from forecasting.report.response import response_figure
from forecasting.report.retold import retold_items
from forecasting.report.searched import searched_figure
from forecasting.report.tables import faults_table, forecast_table, leaderboard_table, names_table
from forecasting.report.views import item_views
from forecasting.report.why import day_sentences
from forecasting.report.windows_map import windows_map
from forecasting.report.wording import percent, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forecasting.report.content import Content
    from forecasting.report.views import ItemView

#: Items open without script; the others can be unfolded.
OPEN_ITEMS = 3


def page_sections(content: Content) -> list[Markup]:
    """All sections that have something to show, after the choice of an item."""
    views = item_views(content)
    return [
        *choice(content, views),
        *section("forecast", t("The forecast"), _made_of(content), by_item(views, _forecast_parts)),
        *section("why", t("Why this forecast"), _why_lead(content), by_item(views, _why_parts)),
        *section(
            "tested", t("Tested on what it had not seen"), _tested_lead(content), _tested_parts(content, views)
        ),
        *section("tried", t("What was tried"), "", _tried_parts(content)),
        *section("data", t("The data"), "", _data_parts(content, views)),
        *section("cards", t("For the record"), "", cards(content)),
    ]


def section(key: str, heading: str, lead: str, parts: Sequence[Markup]) -> list[Markup]:
    """A section under a heading and a lead; none without parts."""
    if not parts:
        return []
    head = [element("h2", {"id": key}, heading)]
    if lead:
        head.append(element("p", {"class": "lead"}, lead))
    return [element("section", {"aria-labelledby": key}, *head, *parts)]


def choice(content: Content, views: list[ItemView]) -> list[Markup]:
    """A select box that the script shows, and how many items have no pictures."""
    if len(views) < 2:
        return []
    options = [element("option", {"value": view.key}, view.name) for view in views]
    label = element("label", {"for": "item"}, t("Pictures of"))
    box = element("div", {"class": "choice", "hidden": "hidden"}, label, element("select", {"id": "item"}, *options))
    rest = len(item_names(content)) - len(views)
    if not rest:
        return [box]
    items = plural(len(item_names(content)), "item")
    said = t("{some} of {items} are pictured; the forecast table holds all.", some=len(views), items=items)
    return [box, element("p", {"class": "lead"}, said)]


def by_item(views: list[ItemView], draw: Callable[[ItemView], list[Markup]]) -> list[Markup]:
    """Parts of one item as they are; of several, each under its name, the later ones folded."""
    if len(views) == 1:
        return draw(views[0])
    blocks = []
    for index, view in enumerate(views):
        parts = draw(view)
        if not parts:
            continue
        if index < OPEN_ITEMS:
            blocks.append(element("div", {"data-item": view.key}, element("h3", {}, view.name), *parts))
        else:
            blocks.append(element("details", {"data-item": view.key}, element("summary", {}, view.name), *parts))
    return blocks


def _forecast_parts(view: ItemView) -> list[Markup]:
    figures = forecast_figures(view)
    if not figures:
        return []
    values = element("details", {}, element("summary", {}, t("The forecast in numbers")), forecast_table(view))
    return [*figures, values]


def _why_lead(content: Content) -> str:
    if content.why is None:
        return ""
    left = percent(content.why.live.unexplained)
    return t(
        "The parts add up to the forecast, through all its forecasters. Share without a cause: {left}.", left=left
    )


def _why_parts(view: ItemView) -> list[Markup]:
    days = day_sentences(view.content, view.name)
    told = element("ul", {"class": "list"}, *(element("li", {}, day) for day in days))
    drawn = (causes_figure(view), build_up(view), response_figure(view))
    figures = [part for part in drawn if part is not None]
    nothing = element("p", {}, t("Nothing moves it away from the usual: it is what these hours usually hold."))
    unmoved = view.content.why is not None and drawn[0] is None
    return [*([told] if days else []), *([nothing] if unmoved else []), *figures]


def _made_of(content: Content) -> str:
    if not content.members:
        return ""
    if len(content.members) == 1:
        return t("It is the forecast of {member}.", member=content.members[0])
    named = t("{some} and {last}", some=", ".join(content.members[:-1]), last=content.members[-1])
    return t("It combines {number} forecasters: {named}.", number=len(content.members), named=named)


def _tested_lead(content: Content) -> str:
    if content.hold_out is None:
        return ""
    return t("These windows were set aside: no forecaster was chosen by them, so they show what to expect.")


def _tested_parts(content: Content, views: list[ItemView]) -> list[Markup]:
    parts = by_item(views, _window_parts)
    lie, bands = windows_map(content), calibration_figure(window_errors(content))
    tables = weather_table(content)
    measures = [*tables, measures_table(content, content.hold_out)] if content.hold_out else []
    return [*([lie] if lie and parts else []), *parts, *([bands] if bands else []), *measures]


def _window_parts(view: ItemView) -> list[Markup]:
    before, after = (windows_figure(view), window_frames(view)), error_map(view)
    return [*(part for part in before if part), *profile_figures(view), *([after] if after else [])]


def _tried_parts(content: Content) -> list[Markup]:
    if content.leaderboard.empty:
        return []
    searched = searched_figure(content)
    return [leaderboard_table(content), *names_table(content), *([searched] if searched else [])]


def _data_parts(content: Content, views: list[ItemView]) -> list[Markup]:
    faults = faults_table(content)
    return [
        *by_item(views, _history_parts),
        *said(t("What was found and repaired"), content.findings, t("Nothing had to be repaired.")),
        *([faults] if faults else []),
        *said(t("What was decided on reading"), content.guesses, t("Nothing had to be decided.")),
    ]


def _history_parts(view: ItemView) -> list[Markup]:
    return [part for part in (history_figure(view), consumption_map(view)) if part is not None]


def said(heading: str, sentences: Sequence[str], none: str) -> list[Markup]:
    """A heading and a list under it, or what is said when there is none."""
    head = element("h3", {}, heading)
    if not sentences:
        return [head, element("p", {}, none)]
    return [head, element("ul", {"class": "list"}, *retold_items(sentences))]
