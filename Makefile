VENV ?= .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := run
.PHONY: run test check promises bench format clean

$(VENV)/installed: pyproject.toml constraints.txt
	@test -x $(PY) || python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "torch==2.13.0"
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

run: $(VENV)/installed  ## the program, on a lesson
	$(VENV)/bin/foghill run hill

test: $(VENV)/installed  ## every promise, the long ones shortened
	$(PY) -m pytest -q -n auto --dist loadfile

check: $(VENV)/installed  ## format, lint, types, import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/basedpyright
	$(VENV)/bin/lint-imports

promises: $(VENV)/installed  ## the long repetitions, written to bench/RESULTS.md
	$(PY) -m bench.promises

bench: $(VENV)/installed  ## the figures, written to bench/RESULTS.md
	$(PY) -m bench

format: $(VENV)/installed
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean:
	rm -rf $(VENV) build *.egg-info
