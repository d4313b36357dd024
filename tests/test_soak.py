"""Long checks, run by ``make soak``: searches killed at random lose nothing and leave nothing half written."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.contracts.series import history

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from forecasting.cli import main; main()", "forecast", "meter.csv"]
LIMITS = ["--trials", "24", "--time-limit", "600", "--study", "study.log"]
OPTIONS = ["--target", "target", "--ignore", "event", *LIMITS]


def start(folder):
    run = [*COMMAND, *OPTIONS, "--output", "forecast.csv"]
    env = {"PYTHONPATH": str(ROOT), "HOURCAST_RECORD": "off", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(run, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_a_search_killed_again_and_again_still_ends_well(tmp_path, seed):
    """Six kills at random instants; the old forecast stays whole throughout, and the seventh run finishes the job.

    What it finishes with is what an undisturbed search of the same seed comes to.
    """
    chance = random.Random(seed)
    history(days=60).drop(columns="item_id").to_csv(tmp_path / "meter.csv", index=False)
    (tmp_path / "forecast.csv").write_text("the forecast of yesterday\n")
    for _ in range(6):
        process = start(tmp_path)
        time.sleep(chance.uniform(0.5, 9.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        text = (tmp_path / "forecast.csv").read_text()
        assert text == "the forecast of yesterday\n" or len(text.splitlines()) == 25
    process = start(tmp_path)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors.decode()
    resumed = pd.read_csv(tmp_path / "forecast.csv")
    (tmp_path / "study.log").unlink()
    process = start(tmp_path)
    process.communicate(timeout=600)
    undisturbed = pd.read_csv(tmp_path / "forecast.csv")
    pd.testing.assert_frame_equal(resumed, undisturbed, check_exact=True)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []
