.PHONY: demo quick test test-long test-slow test-latest constraints check docs format venv clean

PYTEST_WORKERS ?= 2
export LITELLM_LOCAL_MODEL_COST_MAP = True
export OMP_NUM_THREADS = 1
# Where bytecode is not written, every process compiles torch anew: 9 s instead of 3.
export PYTHONDONTWRITEBYTECODE =

demo:
	@EXTRAS= tools/venv.sh
	.venv/bin/codefrontier demo

# Lint, types and tests of what has changed, in less than a minute.
quick: venv
	.venv/bin/python tools/quick.py

test: venv
	.venv/bin/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile

test-long: venv
	.venv/bin/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile -m long

test-slow: venv
	.venv/bin/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile -m slow --timeout 1800

# What will break: the quick suite, or TESTS of it, with the newest versions that pyproject.toml admits.
test-latest:
	@VENV=.venv-latest VERSIONS=latest tools/venv.sh
	.venv-latest/bin/python tools/test_latest.py -n $(PYTEST_WORKERS) $(TESTS)

# Renew the tested versions; then `make test` and `make test-long`.
constraints:
	tools/constraints.sh

check: venv
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy -p codefrontier
	.venv/bin/lint-imports --no-cache

# The environment of the other targets with one extra more, so that they do not install anything anew.
docs:
	@EXTRAS=dev,docker,agents,train,lora,serve,ray,report,docs tools/venv.sh
	.venv/bin/sphinx-build -W --keep-going -n -q -b html docs build/docs
	@echo "build/docs/index.html"

format: venv
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

venv:
	@tools/venv.sh

clean:
	rm -rf .venv .venv-* build *.egg-info .mypy_cache .ruff_cache .pytest_cache
