"""The parts of a structural regression: calendar and weather against what was usual of late, then the correction.

A regression of the logarithm multiplies its causes. What they add together to the usual value is shared among them
by their logarithms: ``part = (exp(total) - exp(usual)) x / (total - usual)``, which adds up exactly. Source: B. Ang
(2004), Decomposition analysis for policymaking in energy, Energy Policy 32(9): the logarithmic mean Divisia index.

Letters: N items, C origins, H steps, R rows, K columns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from features.parts import CALENDAR, OTHER, PROFILE, RECENT, WEATHER, added, part_of_known
from features.structure import Structure
from forecasting.forecasters.structural import corrected, design_of, logged_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.forecaster import State
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts

#: Longest seasons before the origin whose weather, phase by phase, counts as usual.
USUAL_SEASONS = 4
#: Groups of columns that know of holidays.
OF_DAYS = frozenset({"day", "year by day", "flags"})


def contributions(past: Past, origins: IntArray, learnt: State) -> Parts:
    """Parts that add up to ``structural.forecast``. ``[C, N, H]`` each.

    Usual is an ordinary day of its kind at this time of the year, in the weather that such hours had in the last
    four weeks.
    """
    structure = design_of(past, learnt)
    ordinary = Structure(replace(past, task=replace(past.task, country=None)), structure.knots, structure.last)
    items = [_of_item(item, past, origins, learnt, (structure, ordinary)) for item in range(len(past.items))]
    return {name: np.stack([one[name] for one in items], axis=1) for name in items[0]}


def _of_item(item: int, past: Past, origins: IntArray, learnt: State, designs: tuple[Structure, Structure]) -> Parts:
    """Mean over the regressions of one item. ``[C, H]`` each."""
    arrays, (structure, ordinary) = learnt.arrays, designs
    weights, constants = arrays["weights"][item], arrays["constants"][item]
    ahead, plain = structure.ahead(item, origins), ordinary.ahead(item, origins)
    added_to = corrected(structure, item, origins, learnt, ahead)
    lately = [structure.observed(item, _lately(origin, past, structure)) for origin in origins]
    found = []
    for index, log in enumerate(logged_of(learnt, item)):
        effects = _effects(ahead, weights[index], len(origins))
        usual = _usual(lately, weights[index], past, structure.late)
        parts = _sorted_out(
            past, effects, usual, _effects(plain, _of_plain(ahead, plain, weights[index]), len(origins))
        )
        parts[PROFILE] = parts[PROFILE] + constants[index]
        parts[RECENT], trust = added_to[index]
        parts[WEATHER] = parts.get(WEATHER, 0.0) + trust
        parts = _multiplied(parts) if log else parts
        total = np.sum(list(parts.values()), axis=0)
        found.append({**parts, OTHER: np.clip(total, *arrays["bounds"][item, 1:]) - total})
    return {name: values / len(found) for name, values in added(found).items()}


def _lately(origin: int, past: Past, structure: Structure) -> IntArray:
    """Positions of the last longest seasons whose weather is known, whole ones. ``[R]``."""
    end, season = int(origin) + 1 - structure.late, max(past.task.seasonality)
    return np.arange(max(0, end - season * max(1, min(USUAL_SEASONS, end // season))), end)


def _effects(groups: Mapping[str, FloatArray], weights: FloatArray, count: int) -> dict[str, FloatArray]:
    """What each group adds. ``[C, H]`` each, or of any rows ``[1, R]``."""
    found: dict[str, FloatArray] = {}
    start = 0
    for name, columns in groups.items():
        found[name] = (columns @ weights[start : start + columns.shape[1]]).reshape(count, -1)
        start += columns.shape[1]
    return found


def _of_plain(ahead: Mapping[str, FloatArray], plain: Mapping[str, FloatArray], weights: FloatArray) -> FloatArray:
    """Weights of the groups that a design without holidays has."""
    edges = np.cumsum([0, *(columns.shape[1] for columns in ahead.values())])
    pieces = [weights[edges[i] : edges[i + 1]] for i, name in enumerate(ahead) if name in plain]
    return np.concatenate(pieces)


def _usual(lately: list[dict[str, FloatArray]], weights: FloatArray, past: Past, late: int) -> dict[str, FloatArray]:
    """Mean effect of each weather group at the phase of each step over the last seasons. ``[C, H]`` each."""
    season, steps = max(past.task.seasonality), np.arange(past.task.horizon)
    found: dict[str, list[FloatArray]] = {}
    for groups in lately:
        for name, values in _effects(groups, weights, 1).items():
            if ":" in name:
                # the row after the last one is at the phase of the first of them
                by_phase = values[0, len(values[0]) % season :].reshape(-1, season).mean(axis=0)
                found.setdefault(name, []).append(by_phase[(steps + late) % season])
    return {name: np.stack(values) for name, values in found.items()}


def _sorted_out(
    past: Past,
    effects: Mapping[str, FloatArray],
    usual: Mapping[str, FloatArray],
    plain: Mapping[str, FloatArray],
) -> Parts:
    """Effects by part: weather and known columns against what is usual, days against ordinary ones."""
    parts: Parts = {PROFILE: np.zeros(()), CALENDAR: np.zeros(())}
    for name, effect in effects.items():
        if name in OF_DAYS:
            ordinary = plain.get(name, 0.0)
            parts[PROFILE] = parts[PROFILE] + ordinary
            parts[CALENDAR] = parts[CALENDAR] + effect - ordinary
        elif ":" in name:
            variable = name.rsplit(":", 1)[0]
            part = part_of_known(past.known[variable]) if variable in past.known else WEATHER
            parts[part] = parts.get(part, 0.0) + effect - usual[name]
            parts[PROFILE] = parts[PROFILE] + usual[name]
        else:
            parts[PROFILE] = parts[PROFILE] + effect
    return parts


def _multiplied(parts: Parts) -> Parts:
    """Parts of a logarithm as parts of the value itself."""
    usual = parts[PROFILE]
    beyond = np.sum([values for name, values in parts.items() if name != PROFILE], axis=0)
    base = np.exp(np.minimum(usual, 700.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(np.abs(beyond) > 1e-12, base * np.expm1(beyond) / beyond, base)
    return {name: base if name == PROFILE else values * mean for name, values in parts.items()}
