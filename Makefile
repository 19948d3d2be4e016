#   make run          set up what is needed, and open the dashboard on the demo
#   make setup        the set-up alone: .venv/ with pinned dependencies, the Rust target
#   make check        ruff (lint and format), mypy in strict mode, import contracts
#   make test-fast    the tests that start no compiler, terminal, dashboard or other program
#   make test         the everyday tests, which are all but those of the targets below; ARGS='-k name'
#                     selects some
#   make test-clusters   the tests on a Kafka and a Fluvio cluster, which they start
#   make test-languages  the tests of JavaScript, TypeScript and Python, whose interpreters are built from
#                     crates.io in some minutes; FLUVIO_TUI_TEST_CACHE names a folder that keeps them
#   make soak         the tests that take minutes, and changes, kills and full disks at random for
#                     SOAK_MINUTES=10 more; SOAK_SEED and SOAK_ROUND repeat what failed
#   make peer         the comparison with Fluvio's engine, which is built from crates.io: ten minutes the
#                     first time; FLUVIO_TUI_REQUIRE_CRATES=1 fails where crates.io is out of reach
#   make bench        how fast the program is, as ratios measured in one run;
#                     ARGS='against REVISION evaluate' compares with another commit
#   make docs        the reference pages in docs/ that are generated
#   make site         the documentation as a site, in dist/site/; a link that leads nowhere fails
#   make screenshots  new pictures in screenshots/, taken of the real program
#   make requirements pin the newest dependencies (needs uv)
#   make clean        remove everything that these have made

.PHONY: run test test-fast test-clusters test-languages soak peer setup check bench docs site screenshots requirements clean
.DELETE_ON_ERROR:

# Tests start the program some hundred times: let it be compiled once.
export PYTHONDONTWRITEBYTECODE =

BIN = .venv/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
UV = uv
LANGUAGES = javascript or typescript or python
LONG = soak or peer

run: .venv/ready
	@$(BIN)/fluvio-tui demo

setup: .venv/ready

test: .venv/ready-to-develop
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not (kafka or fluvio or $(LANGUAGES) or $(LONG))' $(ARGS)

test-clusters: .venv/ready-to-develop
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup -m '(kafka or fluvio) and not ($(LANGUAGES) or $(LONG))' $(ARGS)

test-languages: .venv/ready-to-develop
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m '($(LANGUAGES)) and not ($(LONG))' $(ARGS)

test-fast: .venv/ready-to-develop
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m fast $(ARGS)

soak: .venv/ready-to-develop
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m soak -rP $(ARGS)

peer: .venv/ready-to-develop
	$(BIN)/python -m pytest -m peer $(ARGS)

check: .venv/ready-to-develop
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin
	$(BIN)/lint-imports --no-logo

bench: .venv/ready-to-develop
	$(BIN)/python -m tests.bench $(ARGS)

docs: .venv/ready-to-develop
	$(BIN)/python docs/generate.py

site: .venv/bin/python
	@$(PIP) install --require-hashes --requirement requirements-site.txt
	cd site && NO_MKDOCS_2_WARNING=1 ../$(BIN)/mkdocs build

screenshots: .venv/ready-to-develop
	$(BIN)/python -m tests.screenshots $(ARGS)

# Without the Rust target everything works but building filters.
.venv/ready: .venv/bin/python requirements.txt pyproject.toml
	@echo "Installing dependencies into .venv/"
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/fluvio-tui doctor --fix || \
	  echo "Continuing without it. To try again: $(BIN)/fluvio-tui doctor --fix"
	@touch $@

.venv/ready-to-develop: .venv/ready requirements-dev.txt
	@echo "Installing what the tests and checks need into .venv/"
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

.venv/bin/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Making .venv/ with $$($$python --version)"; \
	  exec $$python -m venv .venv; \
	done; \
	echo "No Python 3.11 or later with its venv module was found." >&2; \
	echo "On Debian and Ubuntu: apt-get install python3-venv. Elsewhere: make setup PYTHON=/path/to/python3" >&2; \
	exit 1

PIN = UV_CUSTOM_COMPILE_COMMAND="make requirements" $(UV) pip compile --quiet --upgrade \
  --universal --python-version 3.11 --generate-hashes --no-emit-index-url
COMPILE = $(PIN) pyproject.toml --group build

requirements:
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(PIN) --group site --constraint requirements-dev.txt --output-file requirements-site.txt

clean:
	rm -rf .venv dist build-cache .hypothesis .import_linter_cache .mypy_cache .ruff_cache .pytest_cache snapshot_report.html
	find engine tui tests -name __pycache__ -type d -exec rm -rf {} +
	rm -rf tests/engine/runtime/fluvio_peer/target
	rm -rf filters/sdk/target filters/sdk/*/target
