# make up     start everything in one terminal          make lint    style, types, layers, containers
# make test   install what tests need and run them all  make trial   one long trial whole: NAME=…
# make setup  install for developing                    make bench   measure intake and pages
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
NAME   ?= intake

# Every start of a process would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test lint bench trial setup browser lock

up: $(VENV)/.runtime
	@exec $(BIN)/roadworthy up $(ARGS)

test: $(VENV)/.dev browser
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/lint-imports
	$(BIN)/mypy
	DJANGO_SETTINGS_MODULE=config.settings.test SECRET_KEY=lint DATABASE_URL=postgresql://nobody@127.0.0.1:1/none \
	  $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml

bench: $(VENV)/.dev
	$(BIN)/python -m bench.$(NAME) $(ARGS)

trial: $(VENV)/.dev
	$(BIN)/python -m bench.$(NAME) $(ARGS)

setup: $(VENV)/.dev browser
	@test -d .git && $(BIN)/pre-commit install || true

# Debian's Chromium for the browser tests, its headless shell where there is one; where neither can be had they say that
# they were skipped.
browser:
	@command -v chromium-headless-shell >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  (apt-get update -qq && export DEBIAN_FRONTEND=noninteractive; \
	   apt-get install -y -qq chromium-headless-shell fonts-liberation >/dev/null || \
	   apt-get install -y -qq chromium fonts-liberation >/dev/null)

# After a change of pyproject.toml's dependencies.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile pyproject.toml --extra build --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -q \
	  -c requirements.lock -o requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Roadworthy needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "The venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing (once) …"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
