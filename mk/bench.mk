# SPDX-License-Identifier: Apache-2.0
# bench.mk: guest time, bytes and memory against two peers.

BENCH_MEMORY ?= 256

##@ Measure
.PHONY: bench bench-release bench-measure
bench: | deps-image deps-boot deps-bench ## boot time and size beside two peers
	@$(MAKE) FLAVOR=release bench-release
	@$(MAKE) bench-measure

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

bench-measure: $(MEASURE) | oracle-peer ## mote-measure beside a peer and openssl
bench-measure: $(BUILD)/bench/bench_run $(BUILD)/bench/bench_snp
	@scripts/bench-measure --build $(BUILD) --vectors '$(VECTORS)'

$(BUILD)/bench/bench_run: tests/bench/bench_run.c mk/bench.mk | deps-image
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(CFLAGS) $(HOST_LDFLAGS) $(LDFLAGS) -o $@ $<

# The library as it is in the program.
$(BUILD)/bench/bench_snp: tests/bench/bench_snp.c \
		$(BUILD)/measure/libmeasure.a $(BUILD)/measure/common/file.o \
		mk/bench.mk | deps-image
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(CFLAGS) $(MEASURE_INC) $(HOST_LDFLAGS) \
		$(LDFLAGS) -o $@ $(filter-out mk/%,$^) $(MEASURE_LIBS)

#= BENCH_MEMORY=256  MiB of the guests of make bench
