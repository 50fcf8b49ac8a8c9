# SPDX-License-Identifier: Apache-2.0
# tests.mk: make check, make lint.

# Files in one group run side by side; "make.bats" has the build to itself.
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort \
	$(wildcard tests/unit/*.c)))
BATS := $(filter-out tests/make.bats,$(sort $(wildcard tests/*.bats)))
TESTS ?= $(UNIT) $(BATS) tests/make.bats

##@ Test
.PHONY: check check-build lint
check: check-build | deps-check deps-boot ## all tests; ends with a count
	@BUILD=$(BUILD) scripts/check -j 2 $(TESTS)

# Both flavours of everything that the tests boot.
check-build: $(UNIT) $(BUILD)/tests/probe $(BUILD)/version | deps-check
	@$(MAKE) FLAVOR=debug APP= APP_CONFIG= IMAGE=$(BUILD)/debug image
	@$(MAKE) FLAVOR=release APP= APP_CONFIG= IMAGE=$(BUILD)/image image

$(BUILD)/version: Makefile
	@mkdir -p $(@D)
	@echo $(VERSION) > $@

$(BUILD)/tests/probe: tests/guest/probe.c | deps-check
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)REALGCC=gcc-12 musl-gcc -std=c11 -D_GNU_SOURCE -Os -static -s $(WARN) \
		-o $@ $<
