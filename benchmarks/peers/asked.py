"""What every runner is asked, and the table it answers with. Needs pandas, nothing of hourcast.

A runner is called as ``python RUNNER.py ASKED.json ANSWER.csv``. It fits once on what precedes the first cutoff, then
forecasts from every cutoff with the readings up to there.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

#: Both cores for every tool. On a machine that is busy two threads are many times slower than one.
THREADS = int(os.environ.get("PEER_THREADS", "2"))
for _name in ("LOKY_MAX_CPU_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = str(THREADS)
os.environ.setdefault("NIXTLA_ID_AS_COL", "1")

import pandas as pd  # noqa: E402 - after the threads are set

#: Columns of the answer beside ``cutoff`` and ``timestamp``; the quantiles may be missing.
QUANTILES = {0.1: "p10", 0.5: "p50", 0.9: "p90"}
SEASON = 24


@dataclass(frozen=True)
class Asked:
    """One series and its windows."""

    frame: pd.DataFrame
    """Index of hours without a gap, ``y`` and the columns of :attr:`covariates`, known over every horizon."""
    covariates: list[str]
    horizon: int
    cutoffs: list[int]
    """Positions of the last reading known."""
    seconds: float
    """What may be spent on fitting."""
    country: str
    """Country of the holidays; empty where it is not known."""
    time_zone: str | None
    """Zone of the local clock where the stamps are UTC; None where they are the local clock."""

    @property
    def first(self) -> pd.DataFrame:
        """What there is to fit on."""
        return self.frame.iloc[: self.cutoffs[0] + 1]

    def known(self, cutoff: int) -> pd.DataFrame:
        return self.frame.iloc[: cutoff + 1]

    def ahead(self, cutoff: int) -> pd.DataFrame:
        """Stamps and covariates of the horizon, without the target."""
        return self.frame.iloc[cutoff + 1 : cutoff + 1 + self.horizon][self.covariates]


def asked() -> Asked:
    what = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    frame = pd.read_csv(what.pop("frame"), parse_dates=["timestamp"], index_col="timestamp").asfreq("h")
    return Asked(frame=frame, **what)


def answer(asked: Asked, forecasts: dict[int, pd.DataFrame]) -> None:
    """Write the answer whole or not at all.

    Args:
        asked: What was asked.
        forecasts: For each cutoff a row a step, with ``mean`` and, where the peer makes them, the columns of QUANTILES.
    """
    parts = [
        made.reset_index(drop=True).assign(cutoff=cutoff, step=range(1, len(made) + 1))
        for cutoff, made in forecasts.items()
    ]
    out = Path(sys.argv[2])
    part = out.with_suffix(".part")
    pd.concat(parts).to_csv(part, index=False, float_format="%.8g")
    part.replace(out)


def long(frame: pd.DataFrame) -> pd.DataFrame:
    """The form of Nixtla's libraries: unique_id, ds, y and the covariates."""
    return frame.rename_axis("ds").reset_index().assign(unique_id="one")
