"""Pictures of a fitted model for slides and documents: one SVG or PNG file each, in light or dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from connectors.errors import ConfigError, near_name
from connectors.exports.atomic import check_folder, replace_file
from connectors.extras import require
from forecasting.report.causes import causes_figure
from forecasting.report.charts import forecast_figures, history_figure, windows_figure
from forecasting.report.language import speaking
from forecasting.report.page import stylesheet
from forecasting.report.response import response_figure
from forecasting.report.views import item_views
from forecasting.summary import content_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecasting.automl import AutoForecaster
    from forecasting.report.markup import Markup
    from forecasting.report.views import ItemView

#: What can be drawn.
PICTURES: dict[str, Callable[[ItemView], Markup | None]] = {
    "forecast": lambda view: next(iter(forecast_figures(view)), None),
    "causes": causes_figure,
    "windows": windows_figure,
    "history": history_figure,
    "response": response_figure,
}
#: Room for the legend above a drawing [px].
HEAD = 34
#: Pixels of a PNG for each of the drawing.
ZOOM = 3.0


def plot(
    model: AutoForecaster,
    path: str | Path,
    *,
    what: str = "forecast",
    item: str | None = None,
    theme: str = "light",
    language: str = "en",
) -> Path:
    """Draw one picture of the page as a file of its own.

    Args:
        model: A fitted model.
        path: Where to: ``.svg``, which stays sharp at any size, or ``.png``, which needs the extra ``plot``.
        what: One of ``PICTURES``.
        item: The item; None for the first.
        theme: ``light`` or ``dark``.
        language: ``en`` or ``fr``.

    Returns:
        The path.

    Raises:
        ConfigError: If a name is unknown, or there is nothing to draw.
        MissingExtraError: If a PNG is asked for and the extra is not installed.
        OutputError: If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITERS:
        raise ConfigError(f"The picture {path} has no ending .svg or .png.", fix="Give forecast.svg.")
    made_of = WRITERS[path.suffix.lower()]()
    for given, known, kind in ((what, PICTURES, "picture"), (theme, ("light", "dark"), "theme")):
        if given not in known:
            raise ConfigError(f"There is no {kind} {given!r}.", fix=near_name(given, known))
    check_folder(path)
    with speaking(language):
        table = model.predict()[model.forecast_columns()]
        views = {view.name: view for view in item_views(content_of(model, table, pd.Timestamp.now("UTC")))}
        name = next(iter(views)) if item is None else item
        if name not in views:
            raise ConfigError(f"There is no item {name!r}.", fix=near_name(name, views))
        figure = PICTURES[what](views[name])
    if figure is None:
        raise ConfigError(f"There is no {what} to draw for {name!r}.", fix=f"Draw one of: {', '.join(PICTURES)}.")
    data = made_of(still(figure, theme))
    replace_file(path, lambda draft: _write(draft, data))
    return path


def _write(draft: Path, data: bytes) -> None:
    draft.write_bytes(data)


def _svg() -> Callable[[str], bytes]:
    return str.encode


def _png() -> Callable[[str], bytes]:
    """Drawn by resvg, a library of 4 MB that needs no other; letters are those of the system."""
    resvg = require("resvg_py", extra="plot", purpose="A picture as .png")
    return lambda text: bytes(resvg.svg_to_bytes(svg_string=text, zoom=ZOOM))


#: What becomes of a drawing, by the ending of the file.
WRITERS = {".svg": _svg, ".png": _png}


def still(figure: str, theme: str) -> str:
    """The wide drawing of a figure as a document of its own, with legend and colours inside.

    Args:
        figure: Markup of ``report.canvas.figure``.
        theme: ``light`` or ``dark``.
    """
    drawing = re.search(r'<div class="plot wide"[^>]*>(<svg .*?</svg>)', figure, re.DOTALL)
    assert drawing is not None
    width, height = map(float, re.findall(r"[\d.]+", re.search(r'viewBox="([^"]*)"', drawing[1])[1])[2:])  # type: ignore[index]
    body = drawing[1][drawing[1].index(">") + 1 : -len("</svg>")]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-HEAD} {width:g} {height + HEAD:g}" '
        f'width="{width:g}" height="{height + HEAD:g}"><style>{stylesheet(theme)}</style>'
        f'<rect class="paper" x="0" y="{-HEAD}" width="100%" height="100%"/>{_legend(figure)}{body}</svg>\n'
    )


def _legend(figure: str) -> str:
    """The entries of the legend in a row."""
    entries = re.findall(r"<li>(<svg .*?</svg>)(.*?)</li>", figure, re.DOTALL)
    parts, left = [], 8.0
    for picture, name in entries:
        inner = picture[picture.index(">") + 1 : -len("</svg>")]
        parts.append(f'<g transform="translate({left:g} {-HEAD + 10})">{inner}<text x="30" y="12">{name}</text></g>')
        left += 52 + 7.2 * len(name)
    return "".join(parts)
