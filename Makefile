# Zhifang 职防. `make` lists what there is.
SHELL := /bin/bash
CONFIGURATION ?= release
PYTHON := .venv/bin/python
ROOMS = $(filter-out Sources/TestKit,$(wildcard Sources/*))

.DEFAULT_GOAL := help
.PHONY: help run build test test-long faults crash failover format lint bench bench-rules screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is missing, build, fill a demonstration and serve it
	@Scripts/run $(CONFIGURATION)

build: ## install what is missing and build (CONFIGURATION=debug builds faster and runs slower)
	@Scripts/setup
	swift build --configuration $(CONFIGURATION) --product zhifang

test: ## everything that must hold before a change lands
	@Scripts/test

test-long: ## the same properties over many more generated databases
	@Scripts/setup test
	swift build --build-tests
	ZHIFANG_TEST_LONG=1 Scripts/postgres run swift test --skip-build

faults: ## plant faults in a scratch copy and see that the tests find each
	@Scripts/setup test
	$(PYTHON) Tests/faults/run.py --out docs/faults.md

crash: build ## kill the server 10,000 times while clients submit, on a disk that forgets too; CRASH="--seed 300 --kills 500" goes on from a seed
	@Scripts/setup test
	ZHIFANG_BINARY="$$(swift build --configuration $(CONFIGURATION) --show-bin-path)/zhifang" nice -n 10 $(PYTHON) Tests/crash/run.py --kills 10000 --quiet $(CRASH)

failover: build ## kill a primary under load, promote its standby, restore to a moment: nothing acknowledged may be missing
	@Scripts/setup test
	$(PYTHON) Tests/failover/run.py --binary "$$(swift build --configuration $(CONFIGURATION) --show-bin-path)/zhifang" $(FAILOVER)

format: ## lay out the sources as .swift-format says
	swift format format --in-place --parallel --recursive Sources Tests Package.swift

# Forced unwrapping and forced tries are for tests only.
lint: ## check the layout and the rules
	@swift format lint --strict --parallel --recursive Sources/TestKit Tests Package.swift
	@swift format lint --strict --parallel --recursive --configuration "$$(sed -E 's/("Never[A-Za-z]+"): false/\1: true/' .swift-format)" $(ROOMS)

bench: build ## beside what a user would pick instead; ratios as they are, in bench/RESULTS.md
	@Scripts/setup bench
	$(PYTHON) bench/run.py --binary "$$(swift build --configuration $(CONFIGURATION) --show-bin-path)/zhifang" --out bench/RESULTS.md $(BENCH)

bench-rules: build ## verdicts beside pandas and fits beside SciPy; writes bench/RULES.md
	@Scripts/setup bench
	@binary="$$(swift build --configuration $(CONFIGURATION) --show-bin-path)/zhifang"; \
	{ echo '# Verdicts and fits'; echo; $(PYTHON) bench/verdicts/run.py --binary "$$binary"; echo; \
	  $(PYTHON) bench/statistics/fits.py --binary "$$binary"; } | tee bench/RULES.md

screenshots: ## take the pictures of the README again
	@Scripts/setup test
	swift build --product zhifang
	@Scripts/screenshots

clean: ## remove what was built; databases in var/ stay
	@Scripts/postgres stop
	rm -rf .build .venv
