# The menu: `make` alone prints it. Works with GNU make 3.81 and bash 3.2.
SHELL := /bin/bash
PYTHON := .venv/bin/python
SETUP := bash service/setup.sh

# Values typed on the command line reach python through the environment exactly as typed: not expanded by make, not seen by a shell.
QUARTET_TYPED := $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name)))
$(foreach name,$(QUARTET_TYPED),$(eval override $(name) := $$(value $(name)))$(eval export $(name)))
export QUARTET_TYPED
MAKEOVERRIDES =

menu: ## this menu
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

demo: ## the whole loop once on a virtual clock, from an empty database to a retrain (no key, no Docker)
	@$(SETUP)
	@$(PYTHON) -m crypto_forecast.demo

run: ## one workflow or step:  make run p=crypto_forecast k=train c=btc,eth s=evaluate at=2026-11-20T00:00Z
	@$(SETUP)
	@$(PYTHON) -m service.make_run

mlflow: ## look at experiments and models of $QUARTET_HOME in a browser (port=5000)
	@$(SETUP)
	@$(PYTHON) -m service.make_mlflow

migrate: ## bring the platform's own tables up to date
	@$(SETUP)
	@$(PYTHON) -m db_handler migrate

test: ## all tests that need no Docker
	@$(SETUP) dev
	@$(PYTHON) -m pytest

test-stack: ## tests on a real MySQL (needs Docker)
	@$(SETUP) dev
	@$(PYTHON) -m pytest -o addopts= tests/stack

lint: ## what continuous integration checks: format, rules, types
	@$(SETUP) dev
	@$(PYTHON) -m ruff format --check -q . && $(PYTHON) -m ruff check -q . && $(PYTHON) -m mypy

format: ## put all code into its form
	@$(SETUP) dev
	@$(PYTHON) -m ruff check -q --fix-only . ; $(PYTHON) -m ruff format -q .

bench: ## measure: collection, upsert, features, search
	@$(SETUP) dev
	@$(PYTHON) -m bench

setup: ## install the locked packages into .venv (every target does so by itself)
	@$(SETUP) dev
	@$(PYTHON) --version

lock: ## lock the packages anew after a change in pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev pyproject.toml -o requirements-dev.txt

clean: ## delete the home (database, models, reports) and the environment; asks first
	@bash service/clean.sh

.PHONY: menu demo run mlflow migrate test test-stack lint format bench setup lock clean
