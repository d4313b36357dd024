"""Prophet, fitted once; it cannot take new readings without another fit, so later windows are further from its fit.

pip install -r requirements/prophet.txt
"""

import logging

from asked import answer, asked
from prophet import Prophet

logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
ask = asked()
known = ask.first.rename_axis("ds").reset_index()
model = Prophet(
    interval_width=0.8, yearly_seasonality=len(known) > 1.5 * 8760, weekly_seasonality=True, daily_seasonality=True
)
for name in ask.covariates:
    if name != "holiday":
        model.add_regressor(name)
if ask.country:
    model.add_country_holidays(country_name=ask.country.partition("-")[0])
model.fit(known)
forecasts = {}
for cutoff in ask.cutoffs:
    made = model.predict(ask.ahead(cutoff).rename_axis("ds").reset_index())
    forecasts[cutoff] = made.rename(columns={"yhat": "mean", "yhat_lower": "p10", "yhat_upper": "p90"})[
        ["mean", "p10", "p90"]
    ]
answer(ask, forecasts)
