# `make run` serves on http://127.0.0.1:5000; `make test` runs everything that CI runs;
# `make promises` prints what a fresh installation promises, and how each promise stands;
# `make faults` kills, starves and lies to real processes at full size. FAULT_SEED=… repeats a run.

BIN = .venv/bin

.PHONY: run test faults promises demo bench setup setup-bench setup-tests lock format screenshots

run: setup
	@MAILER_ENV=development exec $(BIN)/mailer run

test: setup-tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest --numprocesses=3 --dist=worksteal --cov --cov-report= --cov-fail-under=95

faults: setup-tests
	@FAULT_SIZE=full $(BIN)/pytest -q tests/faults tests/delivery/test_model.py

demo: setup
	@MAILER_ENV=development exec $(BIN)/mailer demo

promises: setup
	@folder=$$(mktemp -d); trap 'rm -r "$$folder"' EXIT; \
	export MAILER_ENV=development MAILER_DATA_DIR="$$folder"; \
	$(BIN)/mailer upgrade && $(BIN)/mailer promises

bench: setup-bench
	@$(BIN)/python -m bench

setup:
	@tools/setup.sh requirements.lock

setup-bench:
	@tools/setup.sh requirements-dev.lock
	@$(BIN)/python -m tools.postfix

setup-tests:
	@tools/setup.sh requirements-dev.lock
	@$(BIN)/python -m tools.chromium
	@$(BIN)/python -m tools.spamassassin
	@$(BIN)/python -m tools.postfix
	@$(BIN)/python -m tools.corpus

# The locks: for every platform, hashes only. Needs uv.
LOCK = printf 'flit-core>=3.12\n' | uv pip compile --quiet --universal --generate-hashes \
	--no-header --no-annotate --extra server pyproject.toml -

lock:
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --group dev --constraint requirements.lock --output-file requirements-dev.lock

format: setup-tests
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

screenshots: setup-tests
	@$(BIN)/python -m tools.screenshots
