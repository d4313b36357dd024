# Every target sets up what it needs: a machine with Python 3.11+, pip and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: help install demo test check soak bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

install: $(VENV)/.installed  ## a virtual environment with hourcast and what its tests need

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV) || ($(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv $(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	# its copy of axe-core, which looks for what keeps people from reading the page; the driver it wants is not used
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c constraints.txt axe-playwright-python
	touch $@

demo: install  ## forecast a real campus from its meter: forecast.csv and report.html
	$(BIN)/hourcast demo

check: install  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file benchmarks/mypy.ini benchmarks

test: check  ## everything CI runs
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

$(VENV)-readers/.installed:  # programs that read our exports, in an environment of their own
	$(PYTHON) -m venv $(VENV)-readers
	$(VENV)-readers/bin/pip install --quiet --disable-pip-version-check pandas polars frictionless pyarrow duckdb openpyxl
	touch $@

soak: install $(VENV)-readers/.installed  ## long checks: runs killed, disks full, fuzzing
	HOURCAST_READERS=$(abspath $(VENV)-readers/bin/python) $(BIN)/python -m pytest -q -m soak

bench: install  ## the figures of docs/benchmarks.md; the data lie in HOURCAST_DATA
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/ablation.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/vintages.py
	$(BIN)/python benchmarks/weather.py
	$(BIN)/python benchmarks/explain.py
	$(BIN)/python benchmarks/faults.py
	$(BIN)/python benchmarks/intervals.py
	$(BIN)/python benchmarks/selection.py
	$(BIN)/python benchmarks/significance.py
	$(BIN)/python benchmarks/judge_cost.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "polars>=1.30,<3"
	$(BIN)/python benchmarks/reading.py

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-readers build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis forecast.csv report.html
