"""One model of statsforecast, fitted once and carried on over the windows (``refit=False``).

pip install -r requirements/nixtla.txt

Called with the name of the model: MSTL, AutoTheta or AutoETS. None of the three takes covariates.
"""

import sys

import numpy as np
from asked import SEASON, answer, asked, long
from statsforecast import StatsForecast, models

ask, name = asked(), sys.argv[3]
seasons = [SEASON, 7 * SEASON] if name == "MSTL" else SEASON
model = getattr(models, name)(season_length=seasons, alias="m")
last = ask.cutoffs[-1] + ask.horizon
frame = long(ask.frame.iloc[: last + 1][["y"]])
step = ask.cutoffs[1] - ask.cutoffs[0]
try:
    made = StatsForecast(models=[model], freq="h", n_jobs=1).cross_validation(
        h=ask.horizon, df=frame, n_windows=len(ask.cutoffs), step_size=step, refit=False, level=[80]
    )
except Exception as error:  # noqa: BLE001 - some models have no intervals when they are carried on
    print("without intervals:", repr(error)[:200])
    made = StatsForecast(models=[model], freq="h", n_jobs=1).cross_validation(
        h=ask.horizon, df=frame, n_windows=len(ask.cutoffs), step_size=step, refit=False
    )
made = made.rename(columns={"m": "mean", "m-lo-80": "p10", "m-hi-80": "p90"})
columns = [column for column in ("mean", "p10", "p90") if column in made]
at = np.searchsorted(ask.frame.index, made["cutoff"])
answer(ask, {cutoff: made.loc[at == cutoff, columns] for cutoff in ask.cutoffs})
