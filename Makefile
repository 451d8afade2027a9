# Every target sets up what it needs (.ci/setup: .venv, packages, graphviz); the second time that takes no time.
# `make` alone prints this help: the words after ## are each target's line of it.

# .venv/blas-kernel exports the OpenBLAS kernel that the doctor names, if it names one
PY := . .venv/blas-kernel && .venv/bin/python
SETUP := @.ci/setup

# one BLAS thread a process: several spinning ones on few cores are up to 100 times slower
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# the memory of one graph is kept for the next: getting it from the system again costs a page fault for every 4 KB
export MALLOC_TRIM_THRESHOLD_ := 536870912
export MALLOC_MMAP_THRESHOLD_ := 33554432
export PYTHON

.PHONY: help setup lessons lesson site test test-slow test-wheel bench bench-peers gallery gpu loc clean
.DEFAULT_GOAL := help

help:        ## this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup:       ## the environment alone: .venv, packages, graphviz
	$(SETUP)

lessons:     ## all lessons, fast mode, two at a time; a table of results, then where the pictures are
	$(SETUP)
	@$(PY) -m lessons run --all --fast --jobs 2

lesson:      ## one lesson in full: make lesson N=12
	@test -n "$(N)" || { echo "which lesson? make lesson N=12" >&2; exit 2; }
	$(SETUP)
	@$(PY) -m lessons run $(N)

test:        ## ruff, then the suite on NumPy and again on the stand-in for CuPy
	$(SETUP) tests
	@$(PY) -m tests.run

test-slow:   ## the same with the slow tests and many more random examples
	$(SETUP) tests
	@$(PY) -m tests.run --slow

test-wheel:  ## the real CuPy wheel in an environment of its own, no GPU needed (downloads 70 MB)
	$(SETUP)
	@$(PY) -m tests.wheel

bench:       ## the benchmarks, as a table
	$(SETUP)
	@$(PY) -m tests.benchmarks

bench-peers: ## the whole-sequence kernels beside PyTorch and JAX, in an environment of its own (downloads 1 GB)
	$(SETUP)
	@$(PY) -m tests.benchmarks.peers

site:        ## the course as a site, strictly built: make site, or FAST=1 for short runs; then open the file it names
	$(SETUP) site
	@$(PY) -m lessons site $(if $(FAST),--fast)

gallery:     ## the pictures of the README, drawn anew
	$(SETUP) tests
	@$(PY) .ci/gallery.py

gpu:         ## suite and benchmarks on a machine with a GPU, by the python3 and CuPy found there; installs nothing
	@$(or $(PYTHON),python3) -m tests.benchmarks.gpu

loc:         ## lines of code without docstrings, comments and blanks, and the aims
	@$(or $(PYTHON),python3) .ci/loc.py

clean:       ## remove the environments and everything that runs have written
	rm -rf .venv .venv-wheel .venv-peers build dist out *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
