# make run     open the page on http://127.0.0.1:7860   (make run PORT=8000 DEVICE=cpu)
# make test    format, lint, types and the quick tests  (make test ALL=1: slow and browser tests too)
# make train   retrain the checkpoint                   (make train ARGS="--epochs 5 --seed 2")
# make figures measure the checkpoint, rebuild its probes and neighbours, and write the README's figures
#              (make figures DATA=data STROKES="a.jsonl b.jsonl" PICTURES="folder other")
# make space   upload to a Hugging Face Space           (make space SPACE=user/name ARGS=--dry-run)

VENV := .venv
BIN := $(VENV)/bin

# uv, where it is installed, takes the build of PyTorch for this machine: without a GPU the small one for CPUs. pip
# always takes the large one on Linux. `make run UV=` uses pip; PYTHON=python3.12 chooses the interpreter.
UV ?= $(shell command -v uv)
ifneq ($(UV),)
create = $(UV) venv --quiet --seed $(if $(PYTHON),--python $(PYTHON)) $(VENV)
install = $(UV) pip install --python $(BIN)/python --torch-backend=auto -r $(1)
else
create = $(or $(PYTHON),python3) -m venv $(VENV)
install = $(BIN)/python -m pip install --disable-pip-version-check $(if $(CI),--quiet) -r $(1)
size = $(if $(filter Linux,$(shell uname -s)),about 3 GB with pip; with uv installed it is 0.4 GB without a GPU,about 0.4 GB)
endif

# Each of these, when given, goes to app.py as the flag of its name.
RUN_FLAGS = $(foreach flag,host port device checkpoint,$(call as_flag,$(flag),$(shell echo $(flag) | tr a-z A-Z)))
as_flag = $(if $($(2)),--$(1) $($(2)))

QUICK = -n 2 -m "not slow and not browser"

.PHONY: run test test-js coverage train space figures format readme clean

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

# All that belongs to a new checkpoint.
DATA ?= data
figures: $(VENV)/.installed-test
	$(BIN)/python -m model evaluate --data-dir $(DATA) --dataset mnist --styles --record \
		$(if $(STROKES),--strokes $(STROKES) --robust --rows) $(if $(PICTURES),--pictures $(PICTURES))
	$(BIN)/python -m model probes --data-dir $(DATA)
	$(BIN)/python -m model probes --data-dir $(DATA) --record
	$(BIN)/python -m model neighbours --data-dir $(DATA)
	$(BIN)/python scripts/readme.py

readme: $(VENV)/.installed-test
	$(BIN)/python scripts/readme.py

clean:
	rm -rf $(VENV) node_modules .pytest_cache .ruff_cache .mypy_cache

# The stamps make a second call instant; a changed list of requirements installs again.
$(VENV)/.installed: requirements.txt
	@echo "Installing into $(VENV), once: $(or $(size),uv downloads what this machine needs)."
	@test -x $(BIN)/python || $(create)
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	$(call install,requirements-test.txt)
	@touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --silent
	touch $@
