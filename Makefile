# Commands for people and CI. `make help` lists them.

SWIFT ?= swift
VECTIS = .build/release/vectis
PORT ?= 8080
# Added to debug builds, such as -Xswiftc -warnings-as-errors in CI.
BUILD_FLAGS ?=
# With the Swift libraries inside, a command takes 0.7 of the processor time to start, and the file runs where no toolchain is.
RELEASE = --configuration release --static-swift-stdlib

.PHONY: help run tour build test test-rt check lint portable api api-baseline dependants format docs connector pages flaws screenshots bench fuzz torture year attack contract short-attack clean documentation

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, and start the admin page with a demo HaloPSA tenant beside it (PORT, 8080)
	@$(VECTIS) serve --demo --port $(PORT)

tour: build ## a guided run of the main commands against a HaloPSA simulator in its own process
	@$(VECTIS) tour

build: ## build the vectis command
	@.ci/packages run
	@echo "Building vectis (the first time takes a few minutes) …"
	@$(SWIFT) build $(RELEASE) --product vectis

test: ## run all tests
	@.ci/packages test
	$(SWIFT) build $(BUILD_FLAGS) --build-tests --explicit-target-dependency-import-check error
	@.ci/swift-test --skip FuzzTests --skip DifferentialTests --skip BrowserSupportTests --skip AdminPageTests
	@VECTIS_TEST_DATABASE=postgresql .ci/swift-test --filter 'VectisTests\..*(Store|APICoverage|Lease|Outcome|EventGroup|EventList|Session|JobCount|NotificationService|SharedHost|Retention|SecondFactor)' --skip 'FuzzTests|YearTests|OpenAPI|EarlierDataFolder'
	@.ci/axe
	@.ci/swift-test --filter 'BrowserSupportTests|AdminPageTests'
	@.ci/swift-test --filter 'FuzzTests|DifferentialTests'

test-rt: ## run the Request Tracker connector against a real RT 5, which is installed, started and thrown away (not part of `test`)
	@.ci/test-rt

check: lint portable test api documentation dependants short-attack ## everything CI checks

lint: ## format, doc comments, sizes, names, imports
	@.ci/packages lint
	@.ci/lint

portable: ## type-check the libraries for other systems with plain Foundation, as those have it (without a build)
	@.ci/portable

api: ## hold the public API of every library product against its baseline (after a build)
	@.ci/api

api-baseline: ## record these baselines again, after an entry in Docs/CHANGELOG.md
	@.ci/api record

dependants: ## use every library, and do the ten tasks of a host, in a package outside the tree that depends on a tagged copy by URL
	@.ci/dependants

format: ## format all Swift files
	$(SWIFT) format format --in-place --recursive --parallel Package.swift Sources Plugins Tests

docs: build ## write Docs/Errors.md from the catalogue, and Docs/Conformance.md from the rules
	$(VECTIS) errors --markdown > Docs/Errors.md
	$(VECTIS) conformance --markdown > Docs/Conformance.md

documentation: ## build the reference of every library with docc, to .build/documentation (after a build)
	@.ci/documentation

connector: ## write a package with a new connector beside this one (NAME, such as Syncro; DISPLAY_NAME), or with INSIDE=1 a placeholder in here
	@.ci/packages run
	@$(SWIFT) build --product vectis
	@.build/debug/vectis new-connector $(if $(DISPLAY_NAME),--display-name "$(DISPLAY_NAME)") \
		$(if $(INSIDE),--package .,--source "$(CURDIR)" --into "$(or $(INTO),../$(shell echo "$(NAME)" | tr A-Z a-z)-connector)") $(NAME)

pages: ## check every page in every state with axe-core, light and dark, wide and narrow (`test` checks every fourth state)
	@.ci/packages test
	@.ci/axe
	VECTIS_ALL_PAGES=1 TEST_LIMIT=1800 .ci/swift-test --filter AppearanceTests

flaws: ## examine every connector that was broken on purpose by every rule (`test` takes its own rule and an eighteenth of the others)
	ALL_RULES=1 $(SWIFT) test --filter isCaught

screenshots: ## write a picture of every page of the admin page to .build/screenshots, and the README's two to Docs/Pictures
	@.ci/packages test
	VECTIS_PICTURES=$(CURDIR)/.build/screenshots $(SWIFT) test --filter PictureTests
	@mkdir -p Docs/Pictures
	@cp .build/screenshots/windows/guidance-light.png .build/screenshots/windows/integrations-dark-narrow.png Docs/Pictures/

bench: ## compare listing 100,000 tickets with other clients; measure sync, connection tests, load, rules, growth and starts (BENCH, such as listing)
	@.ci/packages bench
	@$(SWIFT) build $(RELEASE) --product vectis
	@$(SWIFT) build $(RELEASE) --product bench
	@.build/release/bench $(BENCH)

fuzz: ## feed damaged answers, requests, lines and texts to all that reads them, and compare fast readers with plain ones (FUZZ_ROUNDS, FUZZ_SEED)
	@.ci/packages test
	FUZZ_ROUNDS=$${FUZZ_ROUNDS:-5000000} $(SWIFT) test --configuration release -Xswiftc -enable-testing --filter 'FuzzTests|DifferentialTests'

torture: ## kill and restore debug builds of the host, falsify responses, and count tickets (TORTURE_RUNS, TORTURE_SEED, TORTURE_KIND, TORTURE_FLEET, TORTURE_STORE)
	@.ci/packages test
	@$(SWIFT) build --product vectis
	@$(SWIFT) build --product engine-host
	@$(SWIFT) build --product torture
	@.build/debug/torture $${TORTURE_RUNS:-50} $${TORTURE_SEED:-1} "" "$$TORTURE_KIND"

attack: build ## attack a host on loopback, and print memory and response times under each attack (ATTACK_SECONDS, ATTACK_ONLY)
	@python3 Tests/Attack/attack.py $(VECTIS) --strict --seconds $${ATTACK_SECONDS:-20} $${ATTACK_ONLY:+--only "$$ATTACK_ONLY"}

contract: build ## compare the answers of the API with Docs/OpenAPI.json through schemathesis from PyPI (CONTRACT_SECONDS, CONTRACT_SEED)
	@.ci/contract $(VECTIS) $${CONTRACT_SECONDS:-600} $${CONTRACT_SEED:-1}

year: ## send the events of a year through retention with a clock of its own, and print sizes and page times (YEAR_EVENTS, 10,000,000)
	@.ci/packages run
	@$(SWIFT) build $(RELEASE) --product year
	@.build/release/year $(YEAR_EVENTS)

short-attack: ## the short forms of attack and contract, on what the tests have built
	@python3 Tests/Attack/attack.py .build/debug/vectis --seconds 3
	@.ci/contract .build/debug/vectis 75

clean: ## forget everything built
	rm -rf .build
