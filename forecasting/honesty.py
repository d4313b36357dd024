"""What the weather is worth: the same forecasters on the same windows, knowing more and less of it.

Knowing what came is an upper bound no forecast reaches, and it is called so. Weather that does not help on the
selection windows is left out of the forecast: it would only add ways to be wrong.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backtests.backtest import actuals, join, losses
from connectors.errors import ForecasterFailedError
from forecasting.choose import judge
from forecasting.ensemble import combined
from forecasting.intervals import calibrate
from forecasting.shares import weights_without
from forecasting.workers import Shared, forecast_block

if TYPE_CHECKING:
    from backtests.forecaster import Forecasts
    from backtests.result import BacktestResult
    from backtests.view import FloatArray, View
    from backtests.windows import Windows
    from forecasting.case import Case
    from forecasting.choose import Choice
    from forecasting.workers import Workers

logger = logging.getLogger(__name__)

#: Modes in which there is nothing to compare with.
ALONE = frozenset({"none", "oracle"})
#: What forecasters learn the weather from (``RegisteredForecaster.weather_training``), in words.
LEARNT = {
    "observed": "what came",
    "mixed": "what came, with how far to trust its forecasts,",
    "forecast": "what was forecast",
}
#: Time left below which weather is not weighed, in times of the members' trial: that again, judging, the last fit.
WEIGHED = 1.7
#: Time left below which what it is worth is not measured, in times of judging: that twice more, and the last fit.
JUDGED = 3.0


@dataclass(frozen=True, kw_only=True)
class WeatherWorth:
    """Errors of the same forecasters on the same windows.

    Attributes:
        mode: Where the weather of the forecast came from (``backtests.task.WEATHER_MODES``).
        share: Whether the errors are shares of the readings (WAPE); else they are in the unit of the target (MAE).
        perfect: Error when what came is known, an upper bound; None when it could not be measured.
        forecast: Error with the weather of the mode; None when it could not be measured.
        without: Error without weather; None when it could not be measured.
        issued: Local time of day at which all windows are issued, such as "06:00"; None when they differ.
        windows: How many windows there are.
        dropped: Whether weather was left out because it did not help where the forecasters were chosen.
    """

    mode: str
    share: bool
    perfect: float | None
    forecast: float | None
    without: float | None
    issued: str | None
    windows: int
    dropped: bool = False


def worth(
    choice: Choice, view: View, windows: Windows, workers: Workers, result: BacktestResult, *, asked: str
) -> WeatherWorth | None:
    """Judge the same forecasters once more knowing what came, and without weather.

    Args:
        choice: The forecasters.
        view: The view they were judged on.
        windows: The windows they were judged on.
        workers: Where they forecast.
        result: How they were judged.
        asked: The mode before weather was left out, if it was.

    Returns:
        The errors; None when no weather was asked for.
    """
    mode, dropped = view.task.weather_mode, view.task.weather_mode != asked
    if asked in ALONE or not view.task.weather_covariates:
        return None
    share = bool(np.isfinite(result.scores["wape"]))
    metric = "wape" if share else "mae"
    others: dict[str, float | None] = {mode: float(result.scores[metric])}
    for other in sorted({"oracle", "none", asked} - {mode}):
        others[other] = _error(choice, in_mode(view, other), windows, workers, metric)
    return WeatherWorth(
        mode=asked,
        share=share,
        perfect=others["oracle"],
        forecast=others[asked],
        without=others["none"],
        issued=_time_of_issue(view, windows),
        windows=windows.number,
        dropped=dropped,
    )


def without_useless_weather(choice: Choice, view: View, workers: Workers) -> Choice | None:
    """The same choice without weather, when that is as good on the selection windows; None when weather helps.

    Args:
        choice: What was chosen on the view.
        view: The view that ends before the windows that judge.
        workers: Where the forecasters forecast.
    """
    if view.task.weather_mode in ALONE or not view.task.weather_covariates:
        return None
    plain = in_mode(view, "none")
    shared = Shared(plain, plain.task)
    blocks = choice.windows.blocks()
    jobs = [
        [workers.submit(forecast_block, shared, one.name, one.settings, block) for block in blocks]
        for one in choice.members
    ]
    made: list[Forecasts] = []
    for row in jobs:
        parts = [outcome.forecasts for outcome in (job.result() for job in row) if outcome.forecasts is not None]
        if len(parts) < len(row):
            return None
        made.append(join(parts))
    means, actual = (
        [forecasts.mean for forecasts in made],
        actuals(view, choice.windows.positions, view.task.horizon),
    )
    together = replace(made[0], mean=combined(means, choice.shares, weights_without(means, actual)))
    if np.array_equal(together.mean, choice.forecasts.mean):
        return None  # the members do not look at the weather: there is nothing to leave out
    loss = losses(together, plain, plain.task)
    if _is_more_than_luck(loss - choice.loss):
        return None
    intervals = calibrate(plain, together, plain.task)
    return replace(choice, forecasts=together, intervals=intervals, loss=loss)


def _is_more_than_luck(gains: FloatArray) -> bool:
    """Whether the mean gain ``[C]`` of the windows is above its own standard error; true where there are no windows.

    The rule of one standard error takes the simpler of two that are about as good (Breiman et al. (1984),
    Classification and Regression Trees, section 3.4.3).
    """
    found = gains[np.isfinite(gains)]
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else 0.0
    return not len(found) or bool(found.mean() > error)


def in_mode(view: View, mode: str) -> View:
    """A view with the weather of the horizon filled in another way."""
    return replace(view, task=replace(view.task, weather_mode=mode))


def _error(choice: Choice, view: View, windows: Windows, workers: Workers, metric: str) -> float | None:
    try:
        result, _ = judge(choice, view, view.task, windows, workers)
    except ForecasterFailedError as error:
        logger.info("the weather mode %s could not be judged: %s", view.task.weather_mode, error)
        return None
    return float(result.scores[metric])


def _time_of_issue(view: View, windows: Windows) -> str | None:
    if view.task.per_day == 1:
        return None
    clock = view.issued_at(windows.positions).tz_convert(view.task.time_zone).strftime("%H:%M")
    return str(clock[0]) if len(set(clock)) == 1 else None


def learnt_from(choice: Choice, case: Case) -> tuple[str, ...]:
    """Which weather the members learn from, as the selection windows decided; nothing where none looks at it."""
    if case.task.weather_mode in ALONE or not case.task.weather_covariates:
        return ()
    found: dict[str, list[str]] = {}
    for one in choice.ensemble().members:
        training = one.weather_training()
        if training is not None:
            found.setdefault(training, []).append(one.name)
    words = "; ".join(
        f"{LEARNT[training]} by {', '.join(dict.fromkeys(names))}" for training, names in found.items()
    )
    return (f"weather is learnt from {words} (chosen on the selection windows)",) if words else ()


def weigh(choice: Choice, case: Case, until: View, workers: Workers) -> tuple[Choice, Case]:
    """A choice and its case, without weather where that does not help; and that is said."""
    plain = without_useless_weather(choice, until, workers)
    if plain is None:
        return choice, replace(
            case, facts=replace(case.facts, decisions=(*case.facts.decisions, *learnt_from(choice, case)))
        )
    both = np.isfinite(plain.loss) & np.isfinite(choice.loss)
    words = (
        f"weather: left out (on the {int(both.sum())} windows that choose, the error with it is "
        f"{choice.loss[both].mean():.3g} of copying's, without it {plain.loss[both].mean():.3g}; --weather-mode)"
    )
    view = in_mode(case.view, "none")
    facts = replace(case.facts, decisions=(*case.facts.decisions, words))
    return plain, replace(case, task=view.task, view=view, facts=facts)
