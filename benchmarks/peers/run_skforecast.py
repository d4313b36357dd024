"""A recursive LightGBM of skforecast, searched and fitted once, then given the readings up to each cutoff.

pip install -r requirements/nixtla.txt
"""

import optuna
from asked import SEASON, THREADS, answer, asked
from lightgbm import LGBMRegressor
from skforecast.model_selection import TimeSeriesFold, bayesian_search_forecaster
from skforecast.recursive import ForecasterRecursive

optuna.logging.set_verbosity(optuna.logging.ERROR)
ask = asked()


def space(trial):
    return {
        "n_estimators": trial.suggest_int("n_estimators", 100, 800, step=100),
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 8, 128, log=True),
        "lags": trial.suggest_categorical("lags", [SEASON, 3 * SEASON, 7 * SEASON]),
    }


forecaster = ForecasterRecursive(LGBMRegressor(n_jobs=THREADS, verbose=-1, random_state=0), lags=7 * SEASON)
covariates = ask.first[ask.covariates] if ask.covariates else None
folds = TimeSeriesFold(steps=ask.horizon, initial_train_size=len(ask.first) - 7 * ask.horizon, refit=False)
bayesian_search_forecaster(
    forecaster, y=ask.first["y"], cv=folds, search_space=space, metric="mean_absolute_error", n_trials=1000,
    kwargs_study_optimize={"timeout": 0.9 * ask.seconds}, return_best=True, random_state=0, exog=covariates,
    suppress_warnings=True, show_progress=False,
)  # fmt: skip
forecasts = {}
for cutoff in ask.cutoffs:
    ahead = ask.ahead(cutoff) if ask.covariates else None
    window = ask.known(cutoff)["y"].iloc[-forecaster.window_size :]
    made = forecaster.predict(steps=ask.horizon, last_window=window, exog=ahead)
    forecasts[cutoff] = made.to_frame("mean")
answer(ask, forecasts)
