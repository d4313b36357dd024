"""What a model promised: how far off its forecasts were where they took no part in its fits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backtests.backtest import naive_scales
from forecasting.monitor.scores import nominal, windows

if TYPE_CHECKING:
    import pandas as pd

    from backtests.view import FloatArray, View
    from forecasting.automl import AutoForecaster


def scales_of(view: View, season: int) -> dict[str, float]:
    """Usual change of each item over a season, in the unit of the target; items that never change are left out."""
    last = np.array([view.raw.shape[1] - 1])
    found = naive_scales(view, last, season)[0][0]
    return {item: float(scale) for item, scale in zip(view.items, found, strict=True) if scale > 0}


def promise_of(model: AutoForecaster) -> dict[str, Any]:
    """The promise of a model just fitted, as plain values.

    ``centre`` and ``spread`` of its losses come from the windows it was chosen on and those that judged it, about
    sixty days where the history allows; each was forecast out of sample. ``echo`` is how much of a day's deviation
    lasts until the next. Coverage comes from the windows that judged it alone: the others made the intervals.
    """
    case, choice, held = model.case, model.choice, model.hold_out
    assert case is not None
    assert choice is not None
    assert held is not None
    scales = scales_of(case.view, case.task.season)
    chosen = replace(choice.forecasts, quantiles=None).to_frame("hourcast")
    earlier, final = windows(chosen, case.view, scales), windows(held.forecasts, case.view, scales)
    losses = np.concatenate([earlier["loss"], final["loss"]])
    biases = np.concatenate([earlier["bias"], final["bias"]])
    logs = np.log(np.maximum(losses, 1e-9))
    inside, readings = held.inside
    return {
        "scales": scales,
        "windows": len(losses),
        "loss": float(losses.mean()),
        "loss_spread": _spread(losses),
        "log_loss": {"centre": float(logs.mean()), "spread": _spread(logs), "echo": _echo(earlier["loss"])},
        "bias": {"centre": float(biases.mean()), "spread": _spread(biases), "echo": _echo(earlier["bias"])},
        "coverage": {
            "centre": nominal(case.task.quantile_levels),
            "spread": max(_spread(final["coverage"].to_numpy(float)), 0.05),
            "echo": 0.3,
            "held": inside / readings if readings else None,
        },
        "hold_out": {"windows": held.windows, "scores": _finite(held.scores),
                     "baselines": {name: _finite(scores) for name, scores in held.baselines.items()}},
    }  # fmt: skip


def _finite(scores: Any) -> dict[str, float]:
    return {name: float(value) for name, value in scores.items() if np.isfinite(value)}


def _spread(values: FloatArray) -> float:
    """Standard deviation [as the values]; that of one value is 0."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _echo(values: pd.Series[float]) -> float:
    """Correlation of neighbouring days, at least 0 and at most 0.9; 0 where there are too few."""
    if len(values) < 10 or values.std() == 0:
        return 0.0
    return float(np.clip(np.nan_to_num(values.autocorr(1)), 0.0, 0.9))
