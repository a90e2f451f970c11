# `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PEERS := $(patsubst bench/peers/%.txt,bench/.peers/%/.installed,$(wildcard bench/peers/*.txt))

.PHONY: install demo test lint fix lock simulate hunt snapshots story golden bench bench-peers soak clean

install: $(INSTALLED)

$(INSTALLED): requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("syncd needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/syncd demo --once

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n auto --dist worksteal

# Any number of seeds of the simulation, on all cores; failing ones are named with the command that repeats them.
SEEDS ?= 1000
simulate: install
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation.simulate 0 $(SEEDS)

# What must hold for every input, on inputs that no run before drew; a failure shows what it was drawn from.
hunt: install
	$(BIN)/pytest -n auto --hypothesis-profile=anew tests/mapping

fix: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Measures, see docs/speed.md; fails for no slowness.
bench: install
	$(BIN)/pytest --quiet --benchmark-only bench
	$(BIN)/python -m bench

# The daemon under fire for so many minutes, and some more to settle and to rest; see docs/reliability.md.
MINUTES ?= 20
SEED ?= 1
soak: install
	$(BIN)/python -m bench.soak --minutes $(MINUTES) --seed $(SEED)

# The same cold pull by other programs, each in an environment of its own.
bench-peers: install $(PEERS)
	$(BIN)/python -m bench.peers

bench/.peers/%/.installed: bench/peers/%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

snapshots: install
	$(BIN)/python -m tests.report.pages
	$(BIN)/pytest tests/report --snapshot-update

# docs/story.md: the ten days of the demo, played without waiting.
story: install
	$(BIN)/python -m tests.sandbox.played

# After a rule was changed on purpose: what is judged by it, written anew. Look at what became of each file.
golden: install
	$(BIN)/python -m tests.golden.build

# The lock files hold every dependency with its hashes and the address of no index.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --group build pyproject.toml --extra postgres -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-annotate --no-header --group build --group dev pyproject.toml --extra postgres -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) bench/.peers .benchmarks build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
