"""Made ``v1/``: a small saved model of format 1 with one member of every kind, and the forecast it gave that day.

Run once per format, from the root of the repository; the folder is never made anew, later versions must read it.
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from forecasting import AutoForecaster
from tests.contracts.series import history

HERE = Path(__file__).resolve().parent
FIRST = [
    ("seasonal_naive", {"season": 168}),
    ("seasonal_profile", {"period": 168}),
    ("deviation_ridge", {"period": 168}),
    ("autoregression", {}),
    ("boosted_residual", {"rounds": 60, "leaves": 7}),
]


def main() -> None:
    frame = history(days=80).rename(columns={"target": "load_kw"}).drop(columns="item_id")
    ahead = frame.tail(24).assign(timestamp=lambda rows: rows["timestamp"] + frame["timestamp"].diff().iloc[-1] * 24)
    with patch("forecasting.search.portfolio", lambda *_: FIRST), patch("forecasting.ensemble.NEAR_BEST", 1e9):
        model = AutoForecaster(
            "load_kw", horizon=24, known=["event"], weather=["temperature"], country="FR", trials=5, jobs=1,
            time_limit=1e6, time_zone="Europe/Paris",
        )  # fmt: skip
        model.fit(frame, future=ahead[["timestamp", "event"]])
    model.save(HERE / "v1")
    columns = ["timestamp", "mean", "p05", "p50", "p95"]
    model.predict()[columns].to_csv(HERE / "v1" / "forecast.csv", index=False)


if __name__ == "__main__":
    main()
