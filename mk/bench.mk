# SPDX-License-Identifier: Apache-2.0
# bench.mk: guest time, bytes and memory against two peers.

BENCH_MEMORY ?= 256

##@ Measure
.PHONY: bench bench-release
bench: | deps-image deps-boot deps-bench ## boot time and size beside two peers
	@$(MAKE) FLAVOR=release bench-release

bench-release: $(BUILD)/bench/probe $(BUILD)/bench/entry $(INIT) \
		$(KERNEL)/kernel.txt $(TOOLS) $(BUILD)/tools.txt
	@scripts/bench --build $(BUILD) --cache '$(CACHE)' \
		--version $(VERSION) --profile $(PROFILE) \
		--memory $(BENCH_MEMORY)

$(BUILD)/bench/probe: scripts/bench-probe.c mk/bench.mk
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)REALGCC=gcc-12 musl-gcc -std=gnu11 -Os -static -no-pie -s $(WARN) \
		-Wl,-e,bench_entry,--build-id=none -o $@ $<

$(BUILD)/bench/entry: scripts/bench-entry.S mk/bench.mk
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)gcc-12 -c -o $@.o $<
	$(Q)objcopy -O binary -j .text $@.o $@

#= BENCH_MEMORY=256  MiB of the guests of make bench
