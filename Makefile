# SPDX-License-Identifier: Apache-2.0
# mote: a minimal measured guest image for confidential VMs. "make help".

VERSION := 0.1.0

-include config.mk

# Variables of the command line or of config.mk ("make help" lists them).
APP ?=
APP_CONFIG ?=
PROFILE ?= standalone
FLAVOR ?= release
PORTS ?= default
MEMORY ?= 256
CPUS ?= 1
BOOT_TIMEOUT ?= 0
QEMU_ARGS ?=
BUILD ?= build
IMAGE ?= $(BUILD)/image
VECTORS ?= ../shared/vectors
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mote
JOBS ?= $(shell nproc)
DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
export OFFLINE LOCKED SNAPSHOT

SHELL := /bin/sh
MAKEFLAGS += -rR --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
# Nothing of the builder's surroundings may reach the bytes.
export TZ := UTC
export LC_ALL := C
export SOURCE_DATE_EPOCH := 0

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

# The end of a recipe that has written $@.new: a file whose content is the same
# keeps its time, so that nothing is made again because of it.
keep_unchanged = if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: default FORCE
default: image
FORCE:

include mk/deps.mk mk/tools.mk mk/kernel.mk mk/init.mk mk/image.mk
include mk/measure.mk mk/tests.mk mk/fuzz.mk mk/oracles.mk mk/lint.mk mk/bench.mk mk/install.mk

##@ Help
.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)
	@printf '\nVariables\n'
	@sed -n 's/^#= /  /p' $(MAKEFILE_LIST)

#= APP=PATH         root tree, tar, OCI image layout or docker-archive (built-in example)
#= APP_CONFIG=FILE  settings beside those of the image, see mote-image(5)
#= FLAVOR=release   or debug: serial console, another measurement
#= PROFILE=standalone  set of kernel fragments
#= PORTS=HOST:GUEST  forwarded by make boot (what the workload declares; none)
#= MEMORY=256 CPUS=1 QEMU_ARGS=  machine of make boot
#= BOOT_TIMEOUT=0   seconds after which make boot gives up (0: never)
#= BUILD=build IMAGE=build/image CACHE=~/.cache/mote  folders
#= OFFLINE=1        no network: everything comes from CACHE
#= LOCKED=1         an input or tool other than the locked one is an error
#= SNAPSHOT=URL     archive of old package versions, asked after the mirror
#= VECTORS=../shared/vectors  recorded values of others, for make check
#= V=1              show the commands
#= JOBS=N           parallel jobs of the kernel build
#= DESTDIR= PREFIX=/usr/local  of make install
