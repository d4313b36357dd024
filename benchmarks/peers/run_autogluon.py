"""AutoGluon-TimeSeries without its foundation models, whose weights are fetched from a hub when they are first used.

pip install -r requirements/autogluon.txt
"""

import shutil
import tempfile

from asked import QUANTILES, SEASON, answer, asked
from autogluon.timeseries import TimeSeriesDataFrame, TimeSeriesPredictor

ask = asked()


def given(frame):
    return TimeSeriesDataFrame.from_data_frame(
        frame.rename_axis("timestamp").rename(columns={"y": "target"}).reset_index().assign(item_id="one")
    )


folder = tempfile.mkdtemp()
predictor = TimeSeriesPredictor(
    prediction_length=ask.horizon, freq="h", eval_metric="MASE", eval_metric_seasonal_period=SEASON,
    quantile_levels=list(QUANTILES), known_covariates_names=ask.covariates, path=folder, verbosity=1,
)  # fmt: skip
predictor.fit(
    given(ask.first[["y", *ask.covariates]]), presets="high_quality", time_limit=ask.seconds, random_seed=0,
    excluded_model_types=["Chronos", "Chronos2", "Toto", "Toto2"],
)  # fmt: skip
print(predictor.leaderboard(silent=True).to_string())
forecasts = {}
for cutoff in ask.cutoffs:
    known = given(ask.known(cutoff)[["y", *ask.covariates]])
    made = predictor.predict(known, known_covariates=given(ask.ahead(cutoff)) if ask.covariates else None)
    quantiles = {str(level): name for level, name in QUANTILES.items()}
    # Its point forecast under an absolute error is the median.
    forecasts[cutoff] = made.rename(columns=quantiles)[list(QUANTILES.values())].assign(mean=made["0.5"])
shutil.rmtree(folder, ignore_errors=True)
answer(ask, forecasts)
