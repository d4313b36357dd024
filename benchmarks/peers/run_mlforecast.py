"""AutoLightGBM of mlforecast: searched and fitted once, then given the readings up to each cutoff.

pip install -r requirements/nixtla.txt
"""

import optuna
from asked import SEASON, THREADS, answer, asked, long
from mlforecast.auto import AutoLightGBM, AutoMLForecast

optuna.logging.set_verbosity(optuna.logging.ERROR)
ask = asked()
auto = AutoMLForecast(
    models=[AutoLightGBM()], freq="h", season_length=SEASON, num_threads=THREADS,
    fit_config=lambda trial: {"static_features": []},
)  # fmt: skip
columns = ["y", *ask.covariates]
auto.fit(
    long(ask.first[columns]), n_windows=2, h=ask.horizon, num_samples=1000, optimize_kwargs={"timeout": 0.9 * ask.seconds}
)
model = auto.models_["AutoLightGBM"]
forecasts = {}
for cutoff in ask.cutoffs:
    ahead = long(ask.ahead(cutoff)) if ask.covariates else None
    made = model.predict(ask.horizon, new_df=long(ask.known(cutoff)[columns]), X_df=ahead)
    forecasts[cutoff] = made[["AutoLightGBM"]].set_axis(["mean"], axis=1)
print("trials:", len(auto.results_["AutoLightGBM"].trials))
answer(ask, forecasts)
