# make run     open the page on http://127.0.0.1:7860   (make run PORT=8000 DEVICE=cpu)
# make test    format, lint and the quick tests         (make test ALL=1: slow and browser tests too)
# make train   retrain the checkpoint                   (make train ARGS="--epochs 5 --seed 2")

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Each of these, when given, goes to app.py as the flag of its name.
RUN_FLAGS = $(foreach flag,host port device checkpoint,$(call as_flag,$(flag),$(shell echo $(flag) | tr a-z A-Z)))
as_flag = $(if $($(2)),--$(1) $($(2)))

# The quick ones in two processes; the others share a browser, or measure.
SELECT = $(if $(ALL),,-n 2 -m "not slow and not browser")

.PHONY: run test train format readme clean

run: $(VENV)/.installed
	$(BIN)/python app.py $(RUN_FLAGS) $(ARGS)

train: $(VENV)/.installed
	$(BIN)/python train_mnist.py $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m pytest $(SELECT) $(ARGS)

format: $(VENV)/.installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

readme: $(VENV)/.installed-test
	$(BIN)/python scripts/readme.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache

# The stamps make a second call instant; a changed list of requirements installs again.
$(VENV)/.installed: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@
