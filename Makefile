# The menu: `make` alone prints it. Works with GNU make 3.81 and bash 3.2.
SHELL := /bin/bash
PYTHON := .venv/bin/python
SETUP := bash compose/python/setup.sh
LAUNCH := bash compose/launch.sh
# Every folder with a run.py is a project, and is checked like the platform's own rooms; its types in its own
# environment where it has one.
OWN := $(patsubst %/requirements.txt,%,$(wildcard */requirements.txt))
PROJECTS := $(addprefix --package=,$(filter-out $(OWN),$(patsubst %/run.py,%,$(wildcard */run.py))))

# Values typed on the command line reach python through the environment exactly as typed: not expanded by make, not seen by a shell.
QUARTET_TYPED := $(foreach _,$(.VARIABLES),$(if $(findstring command,$(origin $_)),$_))
$(foreach _,$(QUARTET_TYPED),$(eval override $_ := $$(value $_))$(eval export $_))
export QUARTET_TYPED
MAKEOVERRIDES =

TARGETS := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile)
UNKNOWN := $(firstword $(filter-out $(TARGETS),$(MAKECMDGOALS)))
$(if $(UNKNOWN),$(error There is no target $(UNKNOWN): make alone lists them, and a project is named by p=, as in  make check p=crypto_forecast))

menu: ## this menu
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

up: ## the whole platform: Docker's stack, or embedded without Docker (MODE=... EXECUTOR=celery WORKERS=2 DEMO=1)
	@$(LAUNCH) up

down: ## stop it and keep all data
	@$(LAUNCH) down

ps: ## what runs, and whether it is healthy
	@$(LAUNCH) ps

logs: ## what a service says:  make logs s=airflow-scheduler
	@$(LAUNCH) logs

restart: ## restart a service (s=mlflow), or all
	@$(LAUNCH) restart

user: ## make a user of Airflow:  make user name=ada role=Viewer
	@$(LAUNCH) user

scale: ## another number of Celery workers:  make scale WORKERS=4
	@$(LAUNCH) scale

demo: ## the whole loop once on a virtual clock, from an empty database to a retrain (no key, no Docker)
	@$(SETUP)
	@$(PYTHON) -m crypto_forecast.demo

run: ## one workflow or step:  make run p=crypto_forecast k=train c=btc,eth s=evaluate at=2026-11-20T00:00Z
	@[ -x $(PYTHON) ] || { python=$$($(SETUP) python) && $$python -S -m service.cli.make_run look; }
	@$(SETUP)
	@$(PYTHON) -m service.cli.make_run

mlflow: ## look at experiments and models of $QUARTET_HOME in a browser (port=5000)
	@$(SETUP)
	@$(PYTHON) -m service.cli.make_mlflow

new-project: ## a project that runs at once, from the skeleton:  make new-project name=demand_forecast (model=sklearn)
	@$(SETUP)
	@$(PYTHON) -m service.cli.new_project

check: ## what is missing or wrong in a project (p=demand_forecast), or in all of them
	@$(SETUP)
	@$(PYTHON) -m service.cli.check

migrate: ## bring the platform's own tables up to date
	@$(SETUP)
	@$(PYTHON) -m db_handler migrate

test: ## all tests that need no Docker
	@$(SETUP) dev
	@$(PYTHON) -m pytest -n auto --dist loadfile

test-stack: ## tests on the real containers (needs Docker)
	@$(SETUP) dev
	@$(PYTHON) -m pytest -o addopts= tests/stack

lint: ## what continuous integration checks: format, rules, types
	@$(SETUP) dev
	@$(PYTHON) -m ruff format --check -q . && $(PYTHON) -m ruff check -q .
	@$(PYTHON) -m mypy && $(PYTHON) -m mypy $(PROJECTS) && MYPYPATH=.:dags $(PYTHON) -m mypy dags/*.py && bash compose/python/check_own_types.sh $(OWN)

bench: ## measure: collection, upsert, features, search, monitoring, the stack
	@$(SETUP) dev
	@$(PYTHON) -m bench

lock: ## lock the packages anew after a change in pyproject.toml (needs uv)
	@bash compose/python/lock.sh

clean: ## delete all data of the stack and the home, and the environment; says what would be lost, and asks first
	@$(LAUNCH) clean

.PHONY: menu up down ps logs restart user scale demo run mlflow new-project check migrate test test-stack lint bench lock clean
