# Everything Exovigil needs is put into .venv from hashed requirements; Python 3.11+ and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
export UV_NO_PROGRESS = 1

.PHONY: demo test check bench docs requirements clean

demo: $(VENV)/.runtime  ## build the demonstration world and serve it
	@$(BIN)/exovigil demo $(ARGS)

test: $(VENV)/.dev  ## every test: SQLite, PostgreSQL and a real browser
	@$(BIN)/python -m tests $(ARGS)

check: $(VENV)/.dev  ## lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m django makemigrations --check --dry-run --settings exovigil.web.settings

bench: $(VENV)/.bench  ## the benchmarks, each printed as a ratio
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev  ## the reference pages made from the content files
	@$(BIN)/python -m docs.build

requirements: $(VENV)/.build  ## compile requirements/*.in to pinned, hashed *.txt
	@for name in build runtime postgres spark dev bench; do \
	  $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make requirements" requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build

$(VENV)/.build: requirements/build.txt
	@echo "Preparing $(VENV) (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Exovigil needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.build requirements/runtime.txt pyproject.toml
	@$(UV) --require-hashes -r requirements/runtime.txt
	@$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@$(UV) --require-hashes -r requirements/bench.txt
	@touch $@
