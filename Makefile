# make install · demo · run · test · check · bench · chaos · lock. Needs Python ≥ 3.11 and git; everything else is set up in .venv here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# --no-deps: the lock is complete, and rigour's PyICU is provided by pyicu-wheels (docs/decisions/0002-dependencies.md).
INSTALL := $(PIP) install --quiet --require-hashes --no-deps --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help install demo run test check format bench chaos lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F'\t' '{printf "make %-10s %s\n", $$1, $$2}'

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("sanctions-bot needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

# flashtext, the peer, has no wheel: it is built by the pinned setuptools of the lock above.
$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements/bench.txt
	@touch $@

install: $(VENV)/.run ## set up .venv here, and nothing else

demo: install ## a bundled week of news, replayed: the whole bot, no token, no internet
	@$(BIN)/sanctions-bot demo

run: install ## the bot on config/ (SQLite and the web console, unless the environment says more)
	@$(BIN)/sanctions-bot run

test: $(VENV)/.dev check ## everything CI runs
	@$(BIN)/python -m pytest -n auto

check: $(VENV)/.dev ## lint, format and types
	@$(BIN)/ruff check bot tests bench
	@$(BIN)/ruff format --check bot tests bench
	@$(BIN)/mypy

format: $(VENV)/.dev ## let ruff fix what it can
	@$(BIN)/ruff check --fix bot tests bench
	@$(BIN)/ruff format bot tests bench

bench: $(VENV)/.bench ## how fast and how small, against a peer: about half an hour, writes bench/latest.json
	@$(BIN)/python -m bench

chaos: $(VENV)/.dev ## kill -9 in the midst of 1,000 alerts on servers that fail: about four minutes, counts last
	@$(BIN)/python -m tests.chaos

lock: ## new pins (needs uv)
	@uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --only-binary :all: --upgrade --group build -o requirements/run.txt -q
	@uv pip compile pyproject.toml --group build --group dev --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --only-binary :all: -c requirements/run.txt -o requirements/dev.txt -q
	@uv pip compile --group pyproject.toml:bench --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements/bench.txt -q

clean: ## remove .venv and caches; data stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
