# Everything starts here: a Debian machine with python3, make and git needs nothing else.
PYTHON ?= python3
BOOT = $(PYTHON) tools/bootstrap.py $(if $(BUNDLE),--bundle "$(BUNDLE)")

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint bench bundle screenshots clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## install everything into .venv and var/, without root
	@$(BOOT) setup

demo: ## run a class and print its scorecards (ARGS="--agents 6 --calls 18 --seed 7", BUNDLE=file: no network)
	@$(BOOT) demo $(ARGS)

serve: ## run the lab until Ctrl-C
	@$(BOOT) serve $(ARGS)

test: ## run every test (ARGS="-k name" for some)
	@$(BOOT) test $(ARGS)

lint: ## check style, types, import directions and message catalogues
	@$(BOOT) lint

bench: ## measure, and print the figures as a table and as JSON
	@$(BOOT) bench $(ARGS)

bundle: ## write one archive with which "make demo BUNDLE=file" needs no network (ARGS=file)
	@$(BOOT) bundle $(ARGS)

screenshots: ## take the pictures in docs/images anew: a real lab, an example school, a real Chromium (ARGS="--lang en --dark")
	@$(BOOT) screenshots $(ARGS)

clean: ## remove what is made again by itself; recordings, reports and the database stay
	@$(BOOT) clean

distclean: ## remove .venv and var/ as well, with recordings, reports and the database
	@$(BOOT) distclean
