# The two commands of the README: `make run` and `make test`. Everything else is for developers (docs/developing.md).
#   make run [FILE=my.ged] [DATA=./data] [PORT=8080]
FILE ?=
DATA ?= ./data
PORT ?= 8080
JOBS ?= $(shell nproc)
PRESET ?= release

TABLINUM = build/$(PRESET)/tablinum
SAMPLE = samples/family/moyo-whitfield.gdz

.PHONY: help run test bench interop lighthouse build web packages-build packages-test configure sanitizers fuzz format clean

help:
	@echo "make run [FILE=my.ged]  build, import the sample family (or FILE), serve the pages on port $(PORT)"
	@echo "make test               build and run every test: C++, web, browser"
	@echo "make bench              measure against the peers and write bench/RESULTS.md"
	@echo "make interop            QUIC with other stacks, every case, into docs/interop.md"
	@echo "make lighthouse         the pages by Lighthouse, into bench/results/web.md"
	@echo "make sanitizers         the C++ tests under ASan+UBSan and TSan"
	@echo "make fuzz               hunt with every fuzz target, ten seconds each, another seed each time"

run: build web
	@tools/run.sh "$(TABLINUM)" "$(DATA)" "$(if $(FILE),$(FILE),$(SAMPLE))" "$(PORT)"

build: packages-build build/$(PRESET)/build.ninja
	@echo "==> Building the $(PRESET) preset"
	@cmake --build build/$(PRESET) -j $(JOBS) --target tablinum

build/%/build.ninja: CMakePresets.json
	@echo "==> Configuring the $* preset (the first time builds AWS-LC, about a minute)"
	@mkdir -p build
	@cmake --preset $* -DTABLINUM_TESTS=$(if $(TESTS),$(TESTS),OFF) >build/configure-$*.log 2>&1 || { cat build/configure-$*.log; exit 1; }

web: packages-build
	@tools/build_web.sh

packages-build:
	@tools/install_packages.sh build run

packages-test:
	@tools/install_packages.sh build run test

test: packages-test web
	@tools/test.sh

bench:
	@tools/install_packages.sh build run test bench
	@bench/run.sh

# Every case and peer; `make test` runs a short set. A case that fails stands in the table with its reason.
interop: packages-test
	@mkdir -p build && cmake --preset $(PRESET) -DTABLINUM_TESTS=ON >build/configure-$(PRESET).log 2>&1 || { cat build/configure-$(PRESET).log; exit 1; }
	@cmake --build build/$(PRESET) -j $(JOBS) --target tablinum_interop_peer
	@tests/interop/quic/run.sh build/$(PRESET)/tests/interop/quic/tablinum_interop_peer --report docs/interop.md

# Not a part of `make test`: its times depend on what else the machine does.
lighthouse: packages-test build web
	@cd web/lighthouse && npm ci --no-audit --no-fund --loglevel=error
	@web/node_modules/.bin/node web/lighthouse/run.mjs bench/results/web.md

sanitizers: packages-test
	@tools/sanitizers.sh

fuzz: packages-test
	@tools/fuzz.sh

format:
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

clean:
	rm -rf build web/dist
