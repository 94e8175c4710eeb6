# The front doors. Each sets up .venv by itself when it has to; a second run costs nothing.
#   make test ARGS="-k sealing"     arguments for pytest
#   make setup PYTHON=/path/python  a Python of your choice (3.11 or newer)
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench docs translations lock clean secrets

ARGS ?=
AMPARO_PYTHON ?= $(PYTHON)
export AMPARO_PYTHON
IN := .venv/bin/python
COMPILE := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

help: ## Show what can be done here
	@echo "Amparo. Usage: make NAME"
	@echo
	@grep -E '^[a-z]+:.*## ' Makefile | while IFS= read -r line; do \
		printf '  %-14s %s\n' "$${line%%:*}" "$${line#*## }"; done

setup: ## Install everything for development into .venv (the other commands do it by themselves)
	@sh scripts/setup.sh dev

demo: ## Serve a demonstration site with its own mailbox on http://127.0.0.1:8000
	@sh scripts/setup.sh runtime
	@AMPARO_VAR="$${AMPARO_VAR:-$(CURDIR)/var}" .venv/bin/amparo demo $(ARGS)

test: ## Run all tests on SQLite, then those of the data on PostgreSQL; ARGS goes to pytest
	@sh scripts/setup.sh dev
	@$(IN) -m scripts.test $(ARGS)

check: ## Format, lint, types, floors, templates, migrations, deployment, containers, translations
	@sh scripts/setup.sh dev
	@$(IN) -m scripts.check $(ARGS)

bench: ## Measure the goals on this machine: every file of bench/, or ARGS="targets"
	@sh scripts/setup.sh dev
	@$(IN) -m scripts.bench $(ARGS)

docs: ## Check every link of the documentation and print its contents
	@sh scripts/setup.sh dev
	@$(IN) -m scripts.docs

translations: ## Bring the .po files up to date with the sources, and compile them
	@sh scripts/setup.sh dev
	@$(IN) -m scripts.translations update

secrets: ## Make the secrets that compose.yaml reads, once, in secrets/
	@sh scripts/make_secrets.sh

lock: ## Resolve pyproject.toml into the lock files again; ARGS=--upgrade for newer versions
	@sh scripts/setup.sh dev
	$(COMPILE) $(ARGS) pyproject.toml -o requirements.lock
	$(COMPILE) $(ARGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	printf 'uv\nhatchling\neditables\n' | $(COMPILE) $(ARGS) - -c requirements-dev.lock -o requirements-build.lock

clean: ## Remove .venv and caches; the demonstration's data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
