# make demo PYTHON=python3.12 VENV=.venv312   runs everything on another interpreter, in another environment.
PYTHON ?= python3
VENV   ?= .venv
# dev,gssapi adds the tests with Kerberos: needs its headers and a KDC, see .ci/run.
EXTRAS ?= dev

python  := $(VENV)/bin/python
package := $(VENV)/.stamp-package
dev     := $(VENV)/.stamp-dev

.PHONY: help setup demo test suite contracts-backend jupyter lint lint-style lint-types lint-imports bench clean

help:
	@echo "make demo    see it work: hello world, publish-subscribe, a pipeline, encryption, C programs on libzmq"
	@echo "make test    run the tests"
	@echo "make suite   run PyZMQ's own tests on purezmq, in every way in, beside PyZMQ"
	@echo "make jupyter run Jupyter on purezmq"
	@echo "make lint    ruff, mypy --strict, import rules"
	@echo "make bench   measure, side by side with PyZMQ"
	@echo "make setup   only create $(VENV) with the package and its development tools"
	@echo "make clean   remove $(VENV), builds and caches"

setup: $(dev)

demo: $(package)
	@$(python) examples/demo.py

# On a busy machine one of ten thousand tests may wait too long: it gets a second chance, and is named.
test: $(dev)
	$(python) -m pytest --reruns 1 -r fER

suite: $(dev)
	@$(python) scripts/pyzmq_suite.py

# PyZMQ's front end on our engine keeps libzmq's rules, too.
contracts-backend: $(dev)
	PYZMQ_BACKEND=purezmq.backend PUREZMQ_IMPL=theirs $(python) -m pytest tests/contracts

jupyter: $(dev)
	@$(python) scripts/real_software.py

lint: lint-style lint-types lint-imports

lint-style: $(dev)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check

lint-types: $(dev)
	$(VENV)/bin/mypy --strict

lint-imports: $(dev)
	$(VENV)/bin/lint-imports

bench: $(dev)
	$(python) -m bench run

clean:
	rm -rf $(VENV) .cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find bench examples src tests -name __pycache__ -prune -exec rm -rf {} +
	$(MAKE) -C examples/c clean

$(VENV)/.stamp-venv:
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit("purezmq needs Python 3.11 or newer: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "No venv here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(package): pyproject.toml $(VENV)/.stamp-venv
	@echo "Installing purezmq into $(VENV)"
	@$(python) -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(dev): pyproject.toml $(VENV)/.stamp-venv
	@echo "Installing purezmq and its development tools into $(VENV)"
	@$(python) -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@ $(package)
