# 联动 Liandong: the front door. `make` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
DEMO_MARK := $(VENV)/.runtime-installed
MARK := $(VENV)/.develop-installed
CODE := workdays servicekit services carrier checker simulator chaos journeys cli devstack deploy bench tools

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^##@ / {printf "%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(DEMO_MARK): requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(MARK): $(DEMO_MARK) requirements/develop.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/develop.txt
	@touch $@

##@ See it
.PHONY: demo run up observe down
demo: $(DEMO_MARK) ## Ten journeys from application to proven service, in one process
	$(BIN)/liandong demo
run: $(DEMO_MARK) ## The embedded district, staying up
	$(BIN)/liandong run
up: $(DEMO_MARK) ## The district as separate processes on PostgreSQL and RabbitMQ
	$(BIN)/liandong up
observe: $(DEMO_MARK) ## `make up`, watched by Prometheus and Alertmanager, with load, left up
	$(BIN)/liandong observe
down: $(DEMO_MARK) ## End what `make up` started
	$(BIN)/liandong down

##@ Work on it
.PHONY: test check format protos documents dashboards lock
test: $(MARK) ## All tests, on real PostgreSQL and RabbitMQ; every refusal must be produced
	$(BIN)/python -m pytest -q -p tools.produced
check: $(MARK) ## Format, lint, types, import contracts, protos, migrations, links
	$(BIN)/ruff format --check $(CODE) tests
	$(BIN)/ruff check $(CODE) tests
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf breaking protos --against protos/released.binpb
	$(RUN) -m tools.protos --check
	$(RUN) -m tools.migrations --check
	$(RUN) -m tools.documents --check
	$(RUN) -m deploy.grafana --check
	$(RUN) -m deploy.reference --check
	$(RUN) -m tools.links
format: $(MARK) ## Format the code and sort its imports
	$(BIN)/ruff format $(CODE) tests
	$(BIN)/ruff check --fix $(CODE) tests
protos: $(MARK) ## Generate the code of the protos anew
	$(RUN) -m tools.protos
documents: $(MARK) ## Generate the documents that are tables of the code
	$(RUN) -m tools.documents
	$(RUN) -m deploy.reference
dashboards: $(MARK) ## Generate the Grafana dashboards anew
	$(RUN) -m deploy.grafana
lock: $(MARK) ## Resolve the requirements anew
	$(RUN) -m tools.lock

##@ Prove it
.PHONY: simulate mutants chaos mutants-of-the-spine mutual-tls-test
simulate: $(MARK) ## Seeded schedules of deliveries, crashes and time: ARGS="--seed 1 --schedules 1000"
	$(RUN) -m simulator $(ARGS)
mutants: $(MARK) ## Plant small defects in domains and handlers: which do no tests notice? ARGS="review --alive"
	$(RUN) -m tools.mutants $(ARGS)
chaos: $(MARK) ## Faults on real servers and all processes: ARGS="--seed 1 --rounds 60 --resume"
	$(RUN) -m chaos $(ARGS)
mutants-of-the-spine: $(MARK) ## Deliberate faults of the spine: does chaos or simulation find each?
	$(RUN) -m chaos.spine_mutants $(ARGS)
mutual-tls-test: $(MARK) ## Journey 1 where services, database and broker all ask for certificates
	$(BIN)/python -m pytest -q tests/integration/test_mutual_tls.py -m mutual_tls

##@ Measure it
.PHONY: bench soak overload
bench: $(MARK) ## How fast, beside pgbench: ARGS="--only lists --cases 20000 --seconds 10"
	$(RUN) -m bench $(ARGS)
soak: $(MARK) ## Half an hour at 70 % of the sustained rate: ARGS="--minutes 5"
	$(RUN) -m bench soak $(ARGS)
overload: $(MARK) ## Three times the sustained rate: who is accepted, who is told no: ARGS="--seconds 10"
	$(RUN) -m bench overload $(ARGS)

##@ Ship it
.PHONY: tools image image-test chart bundle
tools: $(MARK) ## Build helm, pinned, from Go modules when it is missing
	$(RUN) -m deploy.tools
image: $(MARK) ## Build the image with podman or docker; BASE=bootstrap makes its base from Debian packages
	$(RUN) -m deploy.image --base "$(BASE)"
image-test: $(MARK) ## Build the image and run the demonstration in it
	$(BIN)/python -m pytest -q tests/deploy -m image
chart: $(MARK) ## Pack the chart with its alerts and dashboards
	$(RUN) -m deploy.chart
bundle: $(MARK) ## One archive for a site without a line: image, chart, checksums, notes
	$(RUN) -m deploy.bundle --base "$(BASE)"

##@ A Kubernetes on this machine
.PHONY: cluster-build cluster-up cluster-check cluster-test cluster-down
cluster-build: $(MARK) ## Build Kubernetes and its images from Go modules and Debian packages, once
	$(RUN) -m deploy.cluster build
cluster-up: $(MARK) ## A Kubernetes of one node on this machine (root), without a registry
	$(RUN) -m deploy.cluster up
cluster-check: $(MARK) ## Does the cluster of the current context do what the chart needs?
	$(RUN) -m deploy.cluster.check
cluster-test: $(MARK) ## Install, scale, upgrade, break and remove the chart there, under load: ARGS="--previous COMMIT"
	$(RUN) -m deploy.cluster.shown $(ARGS)
cluster-down: $(MARK) ## End what `make cluster-up` started
	$(RUN) -m deploy.cluster down
