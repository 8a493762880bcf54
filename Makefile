# The whole stack in one command. `make` alone lists the others.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export npm_config_update_notifier := false

.PHONY: help up down logs status test check install generate lint bench collector-sources clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

up: install ## Install what is missing, start everything, speak one turn
	@node scripts/stack.ts up

down: ## Stop everything, the agent first
	@node scripts/stack.ts down

status: ## What runs, and where
	@node scripts/stack.ts status

logs: ## Follow every log
	@node scripts/stack.ts logs

test: ## Every check and test
	@bash scripts/check.sh

check: ## Lint and types only
	@bash scripts/check.sh lint types

lint: ## Mend what can be mended, show the rest
	@biome check --write .

generate: ## Write what is made from the metric catalog
	@npm run --silent generate

bench: install ## Measure turns a second and the overhead of a turn
	@npm run --silent bench

install: ## Everything that the stack and the tests need
	@bash scripts/install.sh

collector-sources: ## After a change of collector/builder-config.yaml
	cd collector && go run go.opentelemetry.io/collector/cmd/builder@v0.155.0 \
		--config builder-config.yaml --skip-compilation --skip-get-modules

clean: down ## Remove all that was installed, built or stored, the learners' data too
	rm -rf node_modules .stack collector/bin
