"""The store of weather under processes that are killed at random and write at the same time."""

import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from connectors.frame import check_vintages
from connectors.weather.store import WeatherStore

#: Appends run after run, and says so once each is stored.
WRITER = """
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from connectors.weather.store import WeatherStore

store, model = WeatherStore(Path(sys.argv[1])), sys.argv[2]
for number in range(int(sys.argv[3]), 10_000):
    issued = pd.Timestamp("2024-01-01", tz="UTC") + number * pd.Timedelta(hours=6)
    valid = pd.date_range(issued, periods=48, freq="h")
    rows = {"location": "here", "variable": "temperature", "model": model, "issued_at": issued,
            "available_at": issued, "valid_time": valid, "value": np.arange(48.0) + number, "kind": "forecast",
            "retrieved_at": issued, "unit": "°C", "source": "made up"}
    store.append(pd.DataFrame(rows))
    print(number, flush=True)
"""


def start(folder, model, number):
    command = [sys.executable, "-c", WRITER, str(folder), model, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.soak
def test_writers_killed_at_random_lose_and_break_nothing(tmp_path):
    """Two writers share a folder; each round both are killed somewhere, and what they said was stored is there."""
    choice, told = random.Random(0), {"a": -1, "b": -1}
    for _ in range(12):
        writers = {model: start(tmp_path, model, told[model] + 1) for model in told}
        for writer in writers.values():
            writer.stdout.readline()
        time.sleep(choice.uniform(0.05, 0.8))
        for model, writer in writers.items():
            writer.send_signal(signal.SIGKILL)
            said = writer.communicate()[0].split()
            told[model] = max([told[model] + 1, *map(int, said)])
        rows = check_vintages(WeatherStore(tmp_path).read("here"))
        for model, last in told.items():
            stored = rows[rows["model"] == model]
            assert stored["issued_at"].nunique() >= last + 1
            started = pd.Timestamp("2024-01-01", tz="UTC")
            number = (stored["issued_at"] - started) / pd.Timedelta(hours=6)
            lead = (stored["valid_time"] - stored["issued_at"]) / pd.Timedelta(hours=1)
            assert (stored["value"] == number + lead).all()
            assert (stored.groupby("issued_at").size() == 48).mean() > 0.5
    assert min(told.values()) >= 11
