# The entry points; continuous integration calls the same ones.
SHELL := /bin/bash
DOTNET ?= dotnet
CONFIGURATION ?= Release

.PHONY: help build demo test control-plane lab lab-smoke lab-programs lab-guest fmt lint chart chart-refresh chart-sync bench bench-compare footprint footprint-programs scale pack images archive e2e clean sdk

help: ## Show what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

sdk:
	@command -v $(DOTNET) >/dev/null || { echo "The .NET 10 SDK is missing: no '$(DOTNET)' on PATH."; \
	  echo "Install it (Ubuntu: apt-get install dotnet-sdk-10.0; Debian: the packages of https://learn.microsoft.com/dotnet/core/install/linux-debian), then run make again."; exit 1; }
	@$(DOTNET) --list-sdks | grep -q '^10\.' || { echo "The .NET 10 SDK is missing: '$(DOTNET)' has only:"; $(DOTNET) --list-sdks; exit 1; }

build: sdk ## Build everything
	$(DOTNET) build Damon.slnx -c $(CONFIGURATION) -v minimal

demo: sdk ## See cold memory found and given back, on this machine, in under two minutes
	$(DOTNET) build tools/demo/Damon.Demo.csproj -c $(CONFIGURATION) -v quiet
	artifacts/bin/Damon.Demo/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/damon-demo

# With DAMON_LAB=smoke or full the kernel lab is among them; it needs its programs compiled before. One project at a time: the lab's emulated machines, and real servers and processes,
# have deadlines of their own, which other projects' load on few cores would be measured against.
test: build $(if $(DAMON_LAB),lab-guest) ## Run every test that this machine can run
	$(DOTNET) test --solution Damon.slnx -c $(CONFIGURATION) --no-build --max-parallel-test-modules 1

# What publishes the programs for the inside has to know the set.
lab: export DAMON_LAB := full
lab-smoke: export DAMON_LAB := smoke

lab: lab-programs lab-guest ## Run every test of the kernel lab: boots Linux kernels in QEMU (minutes; fetches kernels once)
	$(DOTNET) run -c $(CONFIGURATION) --project tests/lab/Damon.Lab.Tests -- -reporter verbose

lab-smoke: lab-programs lab-guest ## Run the kernel lab's short set, as continuous integration does
	$(DOTNET) run -c $(CONFIGURATION) --project tests/lab/Damon.Lab.Tests -- -reporter verbose

control-plane: export DAMON_CONTROL_PLANE := full
control-plane: build ## Run every test of the operator on a real API server (minutes; needs KUBEBUILDER_ASSETS)
	$(DOTNET) run -c $(CONFIGURATION) --no-build --project tests/Damon.Operator.Tests -- -namespace Damon.Operator.Tests.ControlPlane -reporter verbose

lab-programs:
	@command -v qemu-system-x86_64 >/dev/null && command -v busybox >/dev/null && command -v cpio >/dev/null && command -v curl >/dev/null && command -v xz >/dev/null \
	  && PATH="$$PATH:/usr/sbin:/sbin" command -v depmod >/dev/null || { \
	  echo "The kernel lab needs programs that are not all here. Debian, Ubuntu:"; \
	  echo "  apt-get install --no-install-recommends qemu-system-x86 busybox-static cpio xz-utils kmod curl gcc libc6-dev"; exit 1; }

# Without what publishing needs (exit code 69) there is nothing to run inside, and the tests say so.
lab-guest: sdk
	@DOTNET=$(DOTNET) tests/lab/publish || [ $$? = 69 ]

fmt: sdk ## Format the code
	$(DOTNET) format Damon.slnx

lint: sdk ## Check the format; analyzers run with every build
	$(DOTNET) format Damon.slnx --verify-no-changes

chart: sdk ## Test the Helm chart: with helm where it is on PATH, else with tools/chart-render (needs Go; the tests say how to get it)
	$(DOTNET) run -c $(CONFIGURATION) --project tests/Damon.Chart.Tests

chart-refresh: chart-sync sdk ## Write the chart's golden files and the README's table of values anew; look at the difference afterwards
	DAMON_REFRESH_GOLDEN=1 $(DOTNET) run -c $(CONFIGURATION) --project tests/Damon.Chart.Tests

# Helm reads nothing outside of a chart.
chart-sync: ## Copy the definitions of deploy/crds into the chart
	rm -f charts/damon/files/crds/*.yaml
	cp deploy/crds/*.yaml charts/damon/files/crds/

bench: sdk ## Run the benchmarks (minutes)
	$(DOTNET) run -c $(CONFIGURATION) --project benchmarks/Damon.Benchmarks -- --filter '*'

bench-compare: sdk ## Compare the engine with C programs that do the same, and large with small (a minute; needs gcc)
	$(DOTNET) run -c $(CONFIGURATION) --project benchmarks/Damon.Benchmarks -- compare --commit "$$(git describe --always --dirty)"

footprint: footprint-programs ## Measure the agent as it is compiled: size, memory, start, CPU (15 minutes; FOOTPRINT='-o json' and others reach the program)
	$(DOTNET) run -c $(CONFIGURATION) --project benchmarks/Damon.Footprint -- --agent artifacts/footprint/agent/damon-agent --paced-agent artifacts/footprint/paced/damon-footprint-agent \
	  --commit "$$(git describe --always --dirty)" $(FOOTPRINT)

# Restored by itself, without a runtime identifier for what it references: that would change their lock files. gcc links where there is no clang.
footprint-programs: sdk
	@command -v clang >/dev/null || command -v gcc >/dev/null || { echo "Compiling ahead of time needs a linker: apt-get install gcc libc6-dev zlib1g-dev"; exit 1; }
	for program in src/Damon.Agent:agent benchmarks/Damon.Footprint.Agent:paced; do \
	  $(DOTNET) restore "$${program%%:*}" --verbosity quiet --nologo && \
	  $(DOTNET) publish "$${program%%:*}" --no-restore -c $(CONFIGURATION) -r linux-x64 -o "artifacts/footprint/$${program##*:}" -v quiet --nologo || exit 1; done

scale: sdk ## Run the operator with 5,000 simulated nodes on a real API server (a quarter of an hour; needs KUBEBUILDER_ASSETS; SCALE="--nodes 500" is shorter)
	$(DOTNET) build src/Operator -c $(CONFIGURATION) -v quiet
	$(DOTNET) build benchmarks/Damon.Scale -c $(CONFIGURATION) -v quiet
	@artifacts/bin/Damon.Scale/$(shell echo $(CONFIGURATION) | tr A-Z a-z)/damon-scale --commit "$$(git describe --always --dirty)" $(SCALE)

pack: sdk ## Make the NuGet package of the engine
	$(DOTNET) pack src/Damon.Engine -c $(CONFIGURATION) -v quiet
	@ls artifacts/package/*/*.nupkg

# IMAGES_FROM=containerfile builds them with Docker on the bases that a release has. Without any container engine the root file systems are made and tried all the same (IMAGE_ARCHIVES=0).
images: sdk ## Make the images of operator and agent without a registry, and start both from them (minutes; needs gcc and buildah)
	@DOTNET=$(DOTNET) deploy/images/$(if $(filter containerfile,$(IMAGES_FROM)),build,assemble)
	@for name in damon-operator damon-agent; do deploy/images/check $$name artifacts/images/$$name || [ $$? = 69 ] || exit 1; done

archive: sdk ## Make the archive of damonctl, which is kubectl's plugin too (needs gcc)
	@DOTNET=$(DOTNET) deploy/cli/archive

e2e: ## Try the chart on a cluster: that of KUBECONFIG, or one that kind makes (needs helm and kubectl; without any it ends with 69)
	tests/e2e/run

clean: ## Remove what was built
	rm -rf artifacts BenchmarkDotNet.Artifacts TestResults
