"""hourcast, chosen and fitted once, then given the readings up to each cutoff; in its own environment."""

from asked import answer, asked

from forecasting import AutoForecaster

ask = asked()


def main() -> None:
    weather = [name for name in ask.covariates if name != "holiday"]
    frame = ask.frame[["y", *weather]].rename_axis("timestamp").reset_index()
    options = {"time_zone": ask.time_zone or "UTC", "weather_mode": "oracle" if weather else "none"}
    if ask.time_zone:
        frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    model = AutoForecaster(
        "y", horizon=ask.horizon, time_limit=ask.seconds, country=ask.country or None, weather=weather, **options
    )
    step = ask.cutoffs[1] - ask.cutoffs[0]
    made = model.backtest(frame, windows=len(ask.cutoffs), step=step).forecasts
    by_cutoff = [one[["mean", "p10", "p50", "p90"]] for _, one in made.groupby("cutoff")]
    answer(ask, dict(zip(ask.cutoffs, by_cutoff, strict=True)))


if __name__ == "__main__":
    main()
