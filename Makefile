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
	touch $@

demo: install  ## forecast a real campus from its meter: forecast.csv and report.html
	$(BIN)/hourcast demo

check: install  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check  ## everything CI runs
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

soak: install  ## long checks: interrupted searches, fuzzing
	$(BIN)/python -m pytest -q -m soak

bench: install  ## the figures of docs/benchmarks.md; the data lie in HOURCAST_DATA
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/vintages.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "polars>=1.30,<3"
	$(BIN)/python benchmarks/reading.py

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis forecast.csv report.html
