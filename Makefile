# The whole stack in one command. `make` alone lists the others.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export npm_config_update_notifier := false

.PHONY: help up down logs status drill boards test test-prometheus3 check install stack-parts generate lint bench \
	collector-sources pictures clean
.DEFAULT_GOAL := help

help: ## This list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

up: stack-parts ## Install what is missing, start everything, speak one turn
	@node scripts/stack.ts up

down: ## Stop everything, the agent first
	@node scripts/stack.ts down

status: ## What runs, and where
	@node scripts/stack.ts status

logs: ## Follow every log
	@node scripts/stack.ts logs

drill: stack-parts ## Practise an alert, in a stack of its own: make drill ALERT=AgentDown
	@node scripts/drill.ts "$(ALERT)"

boards: ## Draw the boards from the running Prometheus, as pages and pictures
	@bash scripts/install/chromium.sh
	@npm run --silent boards -- --png

pictures: stack-parts ## Take the pictures of the page anew, from a conversation in a real browser: docs/pictures
	@bash scripts/install/chromium.sh
	@node scripts/pictures.ts

test: ## Every check and test
	@bash scripts/check.sh

test-prometheus3: install ## Rules, boards and drills on Prometheus 3, compiled once (five minutes)
	@bash scripts/install/prometheus3.sh
	@PROMETHEUS_DIR=.stack/prometheus3/bin node --test --test-reporter=spec \
		'test/mixin/*.test.ts' 'test/e2e/{boards,drills,four-windows}.test.ts'

check: ## Lint and types only
	@bash scripts/check.sh lint types

lint: ## Mend what can be mended, show the rest
	@biome check --write .

generate: ## Write what is made from the catalog, src/mixin and the runbook
	@npm run --silent generate

bench: stack-parts ## Measure turns a second and the overhead of a turn
	@npm run --silent bench

install: ## Everything that the stack and the tests need
	@bash scripts/install.sh

stack-parts:
	@bash scripts/install.sh stack

collector-sources: ## After a change of collector/builder-config.yaml
	cd collector && go run go.opentelemetry.io/collector/cmd/builder@v0.155.0 \
		--config builder-config.yaml --skip-compilation --skip-get-modules

clean: down ## Remove all that was installed, built or stored, the learners' data too
	rm -rf node_modules .stack collector/bin
