# Every target works alone on a fresh machine: it makes .venv, installs with tested versions, and does its job.
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help verify test nightly lint bench notebooks gpu clean

help: ## print the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

# fla-core is a peer, used by its path alone and without its dependencies; where it cannot be had, what needs it is skipped.
$(INSTALLED): pyproject.toml $(CONSTRAINTS)
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "weightproof needs Python 3.11 or newer; found: $(or $(PYTHON),none). Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[test,notebooks]'
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -c $(CONSTRAINTS) fla-core
	@touch $@

verify: $(INSTALLED) ## decide every claim with all its controls (ARGS='GLOB --budget full')
	$(BIN)/weightproof verify $(ARGS)

test: $(INSTALLED) ## the test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

nightly: $(INSTALLED) ## the test suite with many more random examples, from a printed seed
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)
	$(BIN)/weightproof verify --budget full

lint: $(INSTALLED) ## ruff and the type checker
	$(BIN)/ruff check .
	$(BIN)/basedpyright

bench: $(INSTALLED) ## ratios against peers, measured side by side
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python $$script $(ARGS) || exit 1; done

notebooks: $(INSTALLED) ## execute every notebook in quick mode, assertions included
	$(BIN)/python notebooks/execute.py --quick $(ARGS)

GPU_BENCHMARKS := deltaformer_gpu training pointer infini_attention position_kernels

gpu: $(INSTALLED) ## the tests and benchmarks that need a GPU; skipped with the reason where there is none
	$(BIN)/python -m pytest -m gpu -rs $(ARGS)
	@$(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' || { \
		echo "benchmarks on a GPU skipped ($(GPU_BENCHMARKS)): torch sees no GPU here"; exit 0; } && \
	for name in $(GPU_BENCHMARKS); do \
		echo "== bench_$$name"; $(BIN)/python benchmarks/bench_$$name.py --device cuda || exit 1; done

clean: ## remove what the targets made
	rm -rf $(VENV) weightproof-out .pytest_cache .ruff_cache .hypothesis
