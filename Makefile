# Everything a user types; `make help` lists it. Each target sets up .venv first, from the hashed lock alone.
.DEFAULT_GOAL := help
.PHONY: help reports test data lab bench lock metadata docs release drift check

# The first of these that is new enough makes .venv; `make PYTHON=/path/to/python` overrides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
READY := .venv/.ready

# Caches and settings stay in the checkout, so that a read-only home does no harm.
export MPLCONFIGDIR := $(CURDIR)/.venv/var/matplotlib
export IPYTHONDIR := $(CURDIR)/.venv/var/ipython
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/var/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/.venv/var/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/.venv/var/jupyter/runtime
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

reports: $(READY)  ## build the standard reports into reports/build
	@$(PY) -m reform_analysis build

test: $(READY)  ## run every test, the committed notebooks included
	@$(PY) -m pytest -n 2 --dist worksteal
	@$(PY) -m pytest -p no:xdist -W default --nbval --nbval-sanitize-with notebooks/nbval.cfg notebooks

data: $(READY)  ## rebuild data/processed from data/raw
	@$(PY) -m reform_analysis data build

lab: $(READY)  ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab --LanguageServerManager.autodetect=False notebooks

bench: $(READY)  ## measure speed against the usual tools (docs/performance.md) and of loading
	@$(PY) benchmarks/bench.py
	@$(PY) benchmarks/data.py

RESOLVE := $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"
lock: $(READY)  ## resolve pyproject.toml anew into requirements.lock and environment.yml
	@$(RESOLVE) --all-extras pyproject.toml --output-file requirements.lock
	@$(RESOLVE) .ci/roc-validator.in --output-file .ci/roc-validator.txt
	@$(PY) tools/environment.py

metadata: $(READY)  ## write CITATION.cff, .zenodo.json and codemeta.json from their sources
	@$(PY) tools/metadata.py

docs: $(READY)  ## write the generated parts of README.md and pages of docs/reference
	@$(PY) tools/docs.py

release: $(READY)  ## prepare a version, publishing nothing: make release VERSION=x.y.z
	@$(PY) tools/release.py "$(VERSION)"

drift: $(READY)  ## rebuild with the newest packages and report which key numbers moved
	@$(PY) tools/drift.py

check: $(READY)  ## lint, types, licences, and what a data editor checks
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m reuse lint --quiet
	@$(PY) -m reform_analysis data check
	@$(PY) -m reform_analysis checklist

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 2; }
	@echo "Setting up .venv from requirements.lock (a minute or two)"
	@"$(PYTHON)" -m venv --clear .venv
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements.lock
	@mkdir -p data/processed .venv/var/matplotlib .venv/var/ipython
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@# a relative path: the checkout may move, and the locale C cannot read every letter of an absolute one
	@for path in .venv/lib/python3*/site-packages/_editable_impl_reform_analysis.pth; do echo ../../../../src > "$$path"; done
	@touch $(READY)
