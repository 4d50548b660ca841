# make run     open the page on http://127.0.0.1:7860   (make run PORT=8000 DEVICE=cpu)
# make test    format, lint, types and the quick tests  (make test ALL=1: slow and browser tests too)
# make train   retrain the checkpoint                   (make train ARGS="--epochs 5 --seed 2")
# make space   upload to a Hugging Face Space           (make space SPACE=user/name ARGS=--dry-run)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Each of these, when given, goes to app.py as the flag of its name.
RUN_FLAGS = $(foreach flag,host port device checkpoint,$(call as_flag,$(flag),$(shell echo $(flag) | tr a-z A-Z)))
as_flag = $(if $($(2)),--$(1) $($(2)))

QUICK = -n 2 -m "not slow and not browser"

.PHONY: run test test-js coverage train space format readme clean

run: $(VENV)/.installed
	$(BIN)/python app.py $(RUN_FLAGS) $(ARGS)

coverage: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(QUICK) --cov --cov-report=term:skip-covered $(ARGS)

train: $(VENV)/.installed
	$(BIN)/python train_mnist.py $(ARGS)

space: $(VENV)/.installed
	@$(BIN)/python scripts/space.py '$(SPACE)' $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) --no-print-directory test-js
	$(BIN)/python -m pytest $(QUICK) $(ARGS)
ifdef ALL # one after the other: they share a browser, or measure times
	$(BIN)/python -m pytest -m "slow or browser" $(ARGS)
endif

# The page needs no Node, only these checks do; in CI they must run.
ifeq ($(shell command -v npm),)
test-js:
	@echo "npm is not installed: the checks of the page's JavaScript are skipped."; [ "$$CI" != true ]
else
test-js: node_modules/.package-lock.json
	npm run --silent check
	npm run --silent test
endif

format: $(VENV)/.installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	if [ -d node_modules ]; then npm run --silent format; fi

readme: $(VENV)/.installed-test
	$(BIN)/python scripts/readme.py

clean:
	rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .mypy_cache

# The stamps make a second call instant; a changed list of requirements installs again.
$(VENV)/.installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --silent
	touch $@
