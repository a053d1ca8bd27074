# make demo is all a newcomer needs; make help lists the rest.
PYTHON ?= python3
CITY ?= rejang-lebong
DAYS ?= 30
SEED ?= 1
N ?= 100
CLUSTER ?= 1

# Leftovers of another project's environment must not matter here.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

IN_VENV := .venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help demo up simulate faults secrets bench docs test verify soak check lock clean ops-venv dev-venv

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ops-venv ## the whole story in one terminal: platform, services, a day of visits
	@$(IN_VENV) lab demo

up: ops-venv ## run everything and stay up, the first time with 30 simulated days: EMPTY=1 for none
	@$(IN_VENV) lab up $(if $(filter-out 0,$(EMPTY)),--empty)

simulate: ops-venv ## simulate an office: CITY= DAYS= SEED=
	@$(IN_VENV) lab simulate --city $(CITY) --days $(DAYS) --seed $(SEED)

faults: ops-venv ## kill and pause servers under load, count what is lost: N= SEED= CLUSTER=1|3
	@$(IN_VENV) lab faults --n $(N) --seed $(SEED) --cluster $(CLUSTER)

secrets: ops-venv ## make ./secrets/, for a system in production in containers
	@$(IN_VENV) ops secrets

bench: dev-venv ## measure throughput and latency
	@$(IN_VENV) lab bench

docs: dev-venv ## generate the documents that tests compare
	@$(IN_VENV) ops docs

test: dev-venv ## the tests of every commit
	@$(IN_VENV) pytest -m "not long and not soak" -n 2

verify: dev-venv ## the long tests: crashes, faults, containers
	@$(IN_VENV) pytest -m long

soak: dev-venv ## the longest tests, before a release: SEED=
	@SEED=$(SEED) $(IN_VENV) pytest -m soak

check: dev-venv ## format, lint, types, boundaries, documents, then the tests
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) ruff check .
	@$(IN_VENV) mypy
	@.venv/bin/lint-imports
	@$(IN_VENV) ops docs --check
	@$(MAKE) --no-print-directory test

lock: dev-venv ## resolve pyproject.toml anew into requirements/, with hashes and without addresses
	@for extra in common requests dispatch inventory notify tools ops dev; do \
		.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
			--python-version 3.11 --extra $$extra pyproject.toml -o requirements/$$extra.txt || exit 1; done

clean: ## remove this clone's data and caches
	@if [ -x .venv/bin/python ] && $(IN_VENV) ops clean; then :; else rm -rf .platform build; fi
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

ops-venv:
	@$(PYTHON) ops/bootstrap.py ops

dev-venv:
	@$(PYTHON) ops/bootstrap.py dev
