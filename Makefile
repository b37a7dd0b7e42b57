# A shelf of commands; `make` alone lists them. The environment is .venv, made when first needed.
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
COMPILE := uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header

# A worker of the tests per core; `make test WORKERS=0` runs them in one process, `ARGS=` goes to pytest.
WORKERS ?= logical
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo install check test bench prove requirements openapi clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(RUNTIME) ## play a till's day into a simulated Fortnox and serve it; ONCE=1 ends by itself
	@$(BIN)/fortnox-sync demo $(if $(ONCE),--once)

install: $(DEV) ## make the environment to develop in

check: $(DEV) ## lint, format, types, import contracts, dependencies, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/hadolint Dockerfile

test: $(DEV) ## run all tests in random order, on SQLite, PostgreSQL and Redis
	$(BIN)/pytest -n $(WORKERS) -rs --inline-snapshot=disable $(ARGS)

bench: $(DEV) ## measure the figures that the documentation tells
	$(BIN)/python -m bench $(ARGS)

prove: $(DEV) ## try to break the promise, and write docs/reliability.md (needs spin); ARGS="--long storm"
	$(BIN)/python -m proof $(ARGS)

openapi: $(RUNTIME) ## write openapi.yaml from the app
	@mkdir -p var
	$(BIN)/fortnox-sync openapi > var/openapi.yaml
	@mv var/openapi.yaml openapi.yaml

requirements: ## compile requirements/*.txt anew (needs uv); UPGRADE=1 takes newer versions
	@command -v uv >/dev/null || { echo "Compiling the requirements needs uv: install it." >&2; exit 1; }
	$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements/runtime.txt requirements/embedded.in -o requirements/embedded.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements/runtime.txt pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/build.in -o requirements/build.txt

clean: ## remove what these commands made, the environment too
	rm -rf .venv var dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): scripts/install pyproject.toml requirements/runtime.txt requirements/embedded.txt requirements/build.txt
	@scripts/install runtime

$(DEV): $(RUNTIME) requirements/dev.txt
	@scripts/install dev
