# Every command that this project offers to people; `make` alone lists them.
# What is installed, and where, is decided in .ci/setup.sh.

PYTHON ?= python3
DIR ?= demo
ARGS ?=
LINK_ARGS ?=
MEASURE_ARGS ?=
# The release of uv that writes the locks; it lives apart from .venv, so no lock has to hold it.
UV_RELEASE := 0.13.9

export PYTHON
BIN := .venv/bin
UV := build/uv/bin/uv
COMPILE = $(UV) pip compile --quiet --universal --no-strip-extras --generate-hashes --no-header --python-version 3.11
BUILD_NEEDS = $(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'

.DEFAULT_GOAL := help
.PHONY: help demo test lint format ui lock licences pages bench match-bench calibrate fuzz wheel-demo clean clean-all setup setup-dev

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

demo: setup ## Set up what is needed and run the whole road on a simulated world (DIR=demo)
	@$(BIN)/tieout demo --dir "$(DIR)"

test: setup-dev ## Set up what is needed and run the tests (ARGS="-k name" for some of them)
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: setup-dev ## ruff, mypy and the direction of the road; all of them, even when one complains
	@failed=0; for tool in "ruff check ." "ruff format --check ." mypy lint-imports; do \
		printf '\nlint: %s\n' "$$tool"; $(BIN)/$$tool || failed=1; \
	done; exit $$failed

format: setup-dev ## Lay the code out and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: setup ## Open Dagster's UI on a workspace (DIR=demo)
	@$(BIN)/tieout ui --dir "$(DIR)"

bench: setup-dev ## Measure reading (ARGS="--rows 1000000"), rules, linking and measuring (LINK_ARGS, MEASURE_ARGS="--calls 1000000 --markdown FILE")
	@$(BIN)/python -m tests.bench.read_and_standardise $(ARGS)
	@$(BIN)/python -m tests.bench.days_and_rules
	@$(BIN)/python -m tests.bench.link $(LINK_ARGS)
	@$(BIN)/python -m tests.bench.measure $(MEASURE_ARGS)

match-bench: setup-dev ## Measure how well calls are matched on disturbed months (ARGS="--seeds 3 --markdown FILE")
	@$(BIN)/python -m tests.bench.matching $(ARGS)

calibrate: setup-dev ## Check that intervals hold the truth as often as they say, and bounds always (ARGS="--markdown FILE")
	@$(BIN)/python -m tests.bench.calibrate $(ARGS)

fuzz: setup-dev ## Feed thousands of damaged files to every reader (ARGS="--files 5000 --seed 7")
	@$(BIN)/python -m tests.fuzz.damaged_files $(ARGS)

spark: setup-spark ## Set Spark up (needs Java; 0.5 GB) and run the steps' SQL on it
	@$(BIN)/python -m pytest -n 0 tests/link/test_on_spark.py $(ARGS)

wheel-demo: setup-dev ## Build the wheel and run the demo from it in another folder
	@.ci/wheel_demo.sh

lock: $(UV) ## Write the locks anew after a change in pyproject.toml (ARGS=--upgrade for newer releases)
	$(COMPILE) $(ARGS) pyproject.toml -o requirements.lock
	$(COMPILE) $(ARGS) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BUILD_NEEDS) | $(COMPILE) $(ARGS) --no-annotate -c requirements-dev.lock -o requirements-build.lock -
	$(COMPILE) $(ARGS) --no-annotate --group spark -o requirements-spark.lock
	@printf 'Next: make licences test\n'

pages: setup-dev ## Write the pages of docs/ that are made from the code
	@COLUMNS=100 $(BIN)/python .ci/pages.py

licences: setup-dev ## Write THIRD_PARTY_LICENSES.md anew from the lock
	@$(BIN)/python .ci/licences.py

clean: ## Remove what was built and the demo's workspace
	rm -rf build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

clean-all: clean ## The same, and the virtual environment
	rm -rf .venv

setup:
	@.ci/setup.sh run

setup-dev:
	@.ci/setup.sh dev

setup-spark: setup-dev
	@.ci/setup_spark.sh

$(UV):
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_RELEASE)
