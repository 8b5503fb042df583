SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

bin     := node_modules/.bin
run     := node --import tsx
# The pinned Node where the machine's own is too old, else empty: first on PATH for all that make runs.
node    := $(shell test/node/run --where)
export PATH := $(if $(node),$(dir $(node)):)$(PATH)
modules := node_modules/.package-lock.json
sandbox := test/sandbox/sandbox
# The programs that exist, as folders with a main.ts.
programs := $(patsubst %/main.ts,%,$(wildcard plugin/main.ts webhook/main.ts controller/main.ts))

KUBECTL ?= kubectl
# Which folder of manifests is installed in place of the plain one.
OVERLAY ?=
# Where the end-to-end tests run: empty for the sandbox, `current` for the cluster of the current kubeconfig.
CLUSTER ?=
# Test files to run in place of all, such as FILES=kube/reflector.test.ts.
FILES ?=
# Which soaks, and for how many minutes each goes on.
SOAK ?= leader releases
MINUTES ?= 30
# What a soak of releases drew before, to draw it again.
SEED ?=
# Platforms that the plugin is packaged for in place of all, and where the archives will be.
PLATFORMS ?=
RELEASES ?=
# Benchmarks to run in place of all.
BENCH ?=
# How many canaries are released at once, in place of 100, 500 and 1000.
SIZES ?=

##@ General

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z0-9-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: clean
clean: ## Remove what was built here, and say where the cache is.
	rm -rf dist coverage
	@cache="$${XDG_CACHE_HOME:-$$HOME/.cache}/kubectl-canary"; \
	  echo "The sandbox's programs and fetched Nodes stay in $$cache; to drop them too: rm -rf $$cache"

##@ Development

.PHONY: build
build: $(modules) ## Bundle the programs into dist/.
ifeq ($(programs),)
	@echo "There is nothing to build yet: neither plugin/, webhook/ nor controller/ has a main.ts."
else
	@rm -rf dist
	@$(bin)/esbuild $(programs:%=%/main.ts) --outdir=dist --outbase=. --entry-names=[dir] --chunk-names=chunks/[name]-[hash] \
	  --bundle --splitting --format=esm --out-extension:.js=.mjs --platform=node --target=node24 \
	  --minify --keep-names --legal-comments=none --sourcemap=linked --log-level=warning \
	  --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
	@$(if $(filter plugin,$(programs)),mkdir dist/bin && chmod +x dist/plugin.mjs && ln -s ../plugin.mjs dist/bin/kubectl-canary)
	@du -h $(programs:%=dist/%.mjs)
endif

.PHONY: plugin
plugin: $(modules) ## Package kubectl canary into dist/: for npm, as an executable a platform, for krew (PLATFORMS="linux-x64").
	@RELEASES="$(RELEASES)" $(run) plugin/ship/main.ts $(PLATFORMS)

.PHONY: fmt
fmt: $(modules) ## Format every file and sort its imports.
	@$(bin)/biome check --write .

.PHONY: generate
generate: $(modules) ## Make api/generated of manifests/crd, and docs/kubectl-canary.md of the commands.
	@$(run) manifests/generate/main.ts
	@$(run) plugin/docs/main.ts

.PHONY: check
check: $(modules) ## Lint, format, types, unused code, generated code and unit tests: what a change has to pass first.
	@FILES= $(run) test/run.ts lint format typecheck unused generated unit

.PHONY: lint
lint: $(modules) ## Lint with type information; holds the import rule between folders too.
	@$(bin)/oxlint

.PHONY: format
format: $(modules) ## Check that `make fmt` would change nothing.
	@$(bin)/biome check --max-diagnostics=200 .

.PHONY: typecheck
typecheck: $(modules) ## Check types.
	@$(bin)/tsc

.PHONY: unused
unused: $(modules) ## Look for unused files, exports and dependencies.
	@$(bin)/knip --no-progress

.PHONY: generated
generated: $(modules) ## Check that `make generate` would change nothing.
	@$(run) manifests/generate/main.ts --check
	@$(run) plugin/docs/main.ts --check

.PHONY: lock
lock: $(modules) ## Add to package-lock.json the integrities that npm leaves out, after a change of dependencies.
	@$(run) test/complete-lock.ts

##@ Tests

.PHONY: test
test: $(modules) ## Everything: check, unit tests on our Node and on the newest one, safety rules, end-to-end tests in the sandbox.
	@FILES= KUBECTL_CANARY_CLUSTER=$(CLUSTER) $(run) test/run.ts

.PHONY: test-unit
test-unit: $(modules) ## Unit tests on our Node (FILES=kube/reflector.test.ts for some of them).
	@FILES="$(FILES)" $(run) test/run.ts unit

.PHONY: test-safety
test-safety: $(modules) ## The safety rules over 100,000 random releases, on all cores (SCHEDULES=1000 for fewer, SEED=7 for others).
	@FILES= SCHEDULES=$(SCHEDULES) SEED=$(SEED) $(run) test/run.ts safety

.PHONY: test-e2e
test-e2e: $(modules) ## End-to-end tests in the sandbox (CLUSTER=current for the current kubeconfig, FILES= for some of them).
	@FILES="$(FILES)" KUBECTL_CANARY_CLUSTER=$(CLUSTER) $(run) test/run.ts kube e2e network releases cli

.PHONY: test-disturbed
test-disturbed: $(modules) ## Releases while the controller is killed at each write, and what they stand on is frozen, slow or away: half an hour.
	@FILES="$(FILES)" $(run) test/run.ts disturbed

.PHONY: soak
soak: $(modules) ## Leaders that are killed and frozen, and 200 canaries released at random, with faults (SOAK="leader releases", MINUTES=30).
	@for soak in $(SOAK); do $(sandbox) run -- $(run) test/soak/main.ts $$soak $(MINUTES) $(SEED) || exit 1; done

.PHONY: bench
bench: $(modules) ## Benchmarks, in the sandbox, into docs/benchmarks.md (BENCH="sandbox transport store plugin webhook release pods releases profile", SIZES=100).
	@SIZES="$(SIZES)" $(sandbox) run -- $(run) test/bench/main.ts $(BENCH)

##@ Try it

.PHONY: demo
demo: $(modules) ## A good release and a bad one on a real gateway under load, in a sandbox of its own (CLUSTER=current for yours).
	@$(if $(filter current,$(CLUSTER)),,$(sandbox) run --) $(run) examples/demo/demo.ts $(CLUSTER)

.PHONY: sandbox
sandbox: $(modules) ## Open a shell in a real Kubernetes on this machine.
	@$(sandbox) shell

##@ Deployment, to the cluster of the current kubeconfig

.PHONY: install
install: ## Install the CRDs.
	$(KUBECTL) apply -k manifests/crd

.PHONY: deploy
deploy: ## Install everything and wait until it is rolled out (OVERLAY=with-config-tracking, four-eyes, two-shards or cert-manager).
	$(KUBECTL) apply -k manifests$(OVERLAY:%=/%)
	@$(KUBECTL) get -k manifests$(OVERLAY:%=/%) \
	  -o jsonpath='{range .items[?(@.kind=="Deployment")]}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}' \
	  | while read -r namespace name; do \
	      $(KUBECTL) -n "$$namespace" rollout status "deployment/$$name" --timeout=180s \
	        || { $(KUBECTL) -n "$$namespace" get pods; $(KUBECTL) -n "$$namespace" logs "deployment/$$name" --tail=10; exit 1; }; \
	    done

.PHONY: undeploy
undeploy: ## Give all targets back, then remove everything, the CRDs and with them all canaries included.
	@manifests/remove-canaries.sh $(KUBECTL)
	$(KUBECTL) delete --ignore-not-found -k manifests/with-config-tracking

# What every target needs first: exactly what the lock file says.
$(modules): package.json package-lock.json | $(node)
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

ifneq ($(node),)
$(node):
	@test/node/run true
endif
