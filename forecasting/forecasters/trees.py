"""What the forecasters that boost trees share: how LightGBM is asked, and how a saved model answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backtests.view import FloatArray
    from forecasting.forecasters.family import Suggest

#: On one thread: two on a busy machine are ten times slower. The seed and the order of the rows decide the trees.
ALWAYS = {
    "bagging_freq": 1, "max_bin": 127, "seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 1,
    "verbosity": -1,
}  # fmt: skip


@dataclass(kw_only=True)
class Trees:
    """Settings of boosted trees.

    Attributes:
        rounds: Trees.
        leaves: Leaves of a tree.
        rate: Learning rate.
        min_leaf: Rows in a leaf at least.
        l2: L2 penalty of the leaf values.
        columns: Share of the features each tree sees.
    """

    rounds: int = 200
    leaves: int = 31
    rate: float = 0.05
    min_leaf: int = 60
    l2: float = 1.0
    columns: float = 0.7

    def grow(self, X: FloatArray, target: FloatArray, names: Sequence[str], more: Mapping[str, Any]) -> str:
        """Trees grown on rows ``[R, K]`` and their target ``[R]``, as text.

        Source: Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NeurIPS 30.

        Args:
            X: Features, NaN where one is missing.
            target: What they are to say.
            names: Names of the features.
            more: Further parameters of LightGBM: objective, share of the rows each tree sees.
        """
        import lightgbm

        parameters = {
            "learning_rate": self.rate, "num_leaves": self.leaves, "min_data_in_leaf": self.min_leaf,
            "lambda_l2": self.l2, "feature_fraction": self.columns, **ALWAYS, **more,
        }  # fmt: skip
        data = lightgbm.Dataset(X, target, feature_name=list(names), free_raw_data=True)
        return str(lightgbm.train(parameters, data, self.rounds).model_to_string())


def tree_space(trial: Suggest) -> dict[str, Any]:
    """Size of the trees and how much is believed of them."""
    return {
        "rounds": trial.suggest_int("rounds", 60, 500, log=True),
        "leaves": trial.suggest_int("leaves", 7, 63, log=True),
        "rate": trial.suggest_float("rate", 0.02, 0.1, log=True),
        "min_leaf": trial.suggest_int("min_leaf", 20, 200, log=True),
        "l2": trial.suggest_float("l2", 0.1, 20.0, log=True),
        "columns": trial.suggest_float("columns", 0.4, 1.0),
    }


def said(text: str, X: FloatArray, *, apart: bool = False) -> FloatArray:
    """What grown trees say of rows ``[..., K]``: ``[...]``, or by column and their mean ``[..., K + 1]``.

    By column these are SHAP values. Source: Lundberg et al. (2020), From local explanations to global understanding
    with explainable AI for trees, Nature Machine Intelligence 2, as LightGBM's ``pred_contrib``.
    """
    import lightgbm

    booster = lightgbm.Booster(model_str=text)
    made = np.asarray(booster.predict(X.reshape(-1, X.shape[-1]), num_threads=1, pred_contrib=apart), dtype=float)
    return made.reshape(*X.shape[:-1], *made.shape[1:])
