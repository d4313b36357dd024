"""Worker processes: one candidate and one block of windows is one job, one thread each.

Jobs are pure functions of their arguments and the shared view, so that it does not matter which worker runs one.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import tempfile
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from threadpoolctl import threadpool_limits

from backtests.backtest import roll
from backtests.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backtests.forecaster import Forecasts, State
    from backtests.task import Task
    from backtests.view import IntArray, View

#: How often a worker looks whether the process that started it is still there [s].
PARENT_CHECKED = 1.0
#: Libraries start a thread per core unless told before they are loaded; on a busy machine that is ten times slower.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a job came to.

    Attributes:
        forecasts: The forecasts, or None when it failed.
        seconds: Time it took [s].
        failure: What went wrong, empty when nothing did.
    """

    forecasts: Forecasts | None = None
    seconds: float = 0.0
    failure: str = ""


def forecast_block(view: View, task: Task, name: str, settings: Mapping[str, Any], block: IntArray) -> Outcome:
    """Fit a forecaster at the first cutoff of a block and forecast from all of them."""
    return forecast_windows(view, task, name, settings, Windows(positions=block, horizon=task.horizon))


def forecast_windows(view: View, task: Task, name: str, settings: Mapping[str, Any], windows: Windows) -> Outcome:
    """Forecast from every window, fitted anew as the windows say."""
    from forecasting.forecasters import build

    started = time.perf_counter()
    cutoffs = view.cutoffs(windows.positions)
    try:
        made = roll(build(name, settings), view, windows, task)
    except Exception as error:  # noqa: BLE001 - one forecaster may fail in any way; it becomes a row
        reason = f"{type(error).__name__}: {error} (cutoff {cutoffs[0].isoformat()})"
        return Outcome(seconds=time.perf_counter() - started, failure=reason)
    return Outcome(forecasts=made, seconds=time.perf_counter() - started)


def learn(view: View, task: Task, name: str, settings: Mapping[str, Any], cutoff: IntArray) -> State:
    """Fit a forecaster at one cutoff and return what it learnt."""
    from forecasting.forecasters import build

    return build(name, settings).fit(view, view.cutoffs(cutoff)[0], task).state()


@dataclass
class Workers:
    """A pool of processes, or this very process when there is one job at a time.

    Example:
        >>> with Workers(jobs=1) as workers:
        ...     workers.jobs
        1
    """

    jobs: int
    _pool: Any = field(default=None, repr=False)
    _folder: Any = field(default=None, repr=False)
    _shared: int = 0

    def __enter__(self) -> Self:
        """Start the processes; they load their libraries while the data are being read."""
        if self.jobs > 1:
            self._folder = tempfile.TemporaryDirectory(prefix="hourcast-")
            self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End the processes, busy or not."""
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def submit(self, function: Callable[..., Any], shared: Shared, *arguments: Any) -> Future[Any]:
        """Run ``function(view, task, *arguments)`` in a worker, or here and now when there is none."""
        if self._pool is None:
            return _run_here(function, shared.view, shared.task, *arguments)
        future: Future[Any] = self._pool.submit(_run_shared, function, self._file(shared), arguments)
        return future

    def stop(self) -> None:
        """End the processes now. Later jobs run in this process: starting anew would take longer."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def _start(self) -> None:
        from loky import ProcessPoolExecutor

        self._pool = ProcessPoolExecutor(max_workers=self.jobs, initializer=_prepare, env=ONE_THREAD)
        for _ in range(self.jobs):
            self._pool.submit(_load)

    def _file(self, shared: Shared) -> str:
        """The file the workers read a view from, written once. It never leaves this machine or this run."""
        if not shared.file:
            self._shared += 1
            path = Path(self._folder.name) / f"view-{self._shared}"
            path.write_bytes(pickle.dumps((shared.view, shared.task)))
            shared.file = str(path)
        return shared.file


@dataclass
class Shared:
    """A view and a task that many jobs are about.

    Attributes:
        view: What the jobs may see.
        task: What is asked.
        file: Where the workers find both; empty until the first job.
    """

    view: View
    task: Task
    file: str = ""


def default_jobs() -> int:
    """Processes to run at a time: one per core this process may use."""
    with contextlib.suppress(AttributeError):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def _run_here(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    future: Future[Any] = Future()
    with threadpool_limits(1):
        future.set_result(function(*arguments))
    return future


_views: dict[str, Any] = {}


def _run_shared(function: Callable[..., Any], file: str, arguments: tuple[Any, ...]) -> Any:
    if file not in _views:
        _views.clear()
        _views[file] = pickle.loads(Path(file).read_bytes())  # noqa: S301 - our own file, of this run
    with threadpool_limits(1):
        return function(*_views[file], *arguments)


def _prepare() -> None:
    """An interrupt is for the process that started this one: it decides what to keep. If it is killed, end too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone: nobody would ever ask it for anything again."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECKED)
    os._exit(1)


def _load() -> None:
    import lightgbm  # noqa: F401 - loaded while the data are being read
