"""OpenSTEF 4 with its default model, fitted once, then given the readings up to each cutoff.

pip install -r requirements/openstef.txt        (Python 3.12 or newer)
"""

from datetime import timedelta

import numpy as np
import pandas as pd
from asked import QUANTILES, answer, asked
from openstef_core.datasets import TimeSeriesDataset
from openstef_core.types import LeadTime, Q
from openstef_models.presets import ForecastingWorkflowConfig, create_forecasting_workflow
from openstef_models.presets.forecasting_workflow import LocationConfig

HOUR = timedelta(hours=1)
#: Its features look back 14 days; more need not be handed over at each cutoff.
LOOK_BACK = 60 * 24

ask = asked()


def given(frame):
    named = frame.rename(columns={"y": "load", "temperature_f": "temperature"})
    return TimeSeriesDataset(named.set_axis(named.index.tz_localize("UTC")), sample_interval=HOUR)


place = LocationConfig(country_code=ask.country.partition("-")[0]) if ask.country else LocationConfig()
workflow = create_forecasting_workflow(
    ForecastingWorkflowConfig(
        model_id="peer", model="xgboost", horizons=[LeadTime(HOUR * ask.horizon)], quantiles=[Q(level) for level in QUANTILES],
        sample_interval=HOUR, location=place, mlflow_storage=None, verbosity=0,
    )
)  # fmt: skip
# It makes its own holidays from the country.
columns = [name for name in ask.covariates if name != "holiday"]
workflow.fit(given(ask.first[["y", *columns]]))
forecasts = {}
for cutoff in ask.cutoffs:
    ahead = ask.ahead(cutoff)[columns].assign(y=np.nan)
    both = pd.concat([ask.known(cutoff)[["y", *columns]].iloc[-LOOK_BACK:], ahead])
    start = ahead.index[0].tz_localize("UTC")
    made = workflow.predict(given(both), forecast_start=start.to_pydatetime()).data.sort_index()
    made = made[made.index >= start].iloc[: ask.horizon]
    names = {f"quantile_P{round(100 * level):02d}": name for level, name in QUANTILES.items()}
    made = made.rename(columns=names)
    forecasts[cutoff] = made[list(QUANTILES.values())].assign(mean=made["p50"])
answer(ask, forecasts)
