# SPDX-License-Identifier: Apache-2.0
# fuzz.mk: parsers under libFuzzer; those of mote-measure with calls that fail.

FUZZ_TIME ?= 20
FUZZERS ?= $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BIN := $(BUILD)/fuzz/bin
FUZZ_OF_INIT := $(addprefix $(FUZZ_BIN)/,fuzz_conf fuzz_cmdline)
FUZZ_OF_MEASURE := $(patsubst tests/fuzz/%.c,$(FUZZ_BIN)/%,$(sort \
	$(wildcard tests/fuzz/fuzz_measure_*.c)))
FUZZ_CC := clang -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all $(WARN)

# The parsers of init.
FUZZ_INIT_SRC := init/log.c init/io.c
FUZZ_INIT_WRAP := reboot kill _exit write read_file
$(FUZZ_BIN)/fuzz_cmdline: FUZZ_INIT_SRC += init/cmdline.c
$(FUZZ_OF_INIT): $(FUZZ_BIN)/%: tests/fuzz/%.c tests/fuzz/fuzz.h \
		tests/unit/test_init.h $(wildcard init/*.[ch]) mk/fuzz.mk \
		| deps-check
	@mkdir -p $(@D)
	$(say) CLANG $<
	$(Q)$(FUZZ_CC) -std=gnu11 -fsanitize=fuzzer -Iinit \
		$(call wrap,$(FUZZ_INIT_WRAP)) -o $@ $< $(FUZZ_INIT_SRC)

# The library, and of the program what a harness asks for. To see what inputs
# reach: FUZZ_CFLAGS='-fprofile-instr-generate -fcoverage-mapping'.
FUZZ_CFLAGS ?=
FUZZ_MEASURE_CC = $(FUZZ_CC) $(FUZZ_CFLAGS) -std=c11 -D_GNU_SOURCE \
	-DMOTE_VERSION='"$(VERSION)"' $(MEASURE_INC)
FUZZ_MEASURE_SRC := $(MEASURE_LIB_SRC) \
	$(filter-out measure/cmd/main.c,$(MEASURE_CMD_SRC))
FUZZ_MEASURE_OBJ := $(patsubst %.c,$(BUILD)/fuzz/%.o,$(FUZZ_MEASURE_SRC))
FUZZ_INJECT_OBJ := $(patsubst %,$(BUILD)/fuzz/tests/fuzz/%.o,inject inject_wrap)
# Functions that fail on demand: the names behind its macros.
FUZZ_WRAP := json_loadb json_dumps $(shell sed -n \
	's/^[A-Z][A-Z][A-Z].\([A-Za-z0-9_]*\),.*/\1/p' tests/fuzz/inject_wrap.c)
$(FUZZ_BIN)/fuzz_measure_matrix: FUZZ_WRAP += cmd_usage

# What decides which call fails is not to be explored.
FUZZ_NO_LINK := -fsanitize=fuzzer-no-link
$(FUZZ_INJECT_OBJ): FUZZ_NO_LINK :=
$(FUZZ_MEASURE_OBJ) $(FUZZ_INJECT_OBJ): $(BUILD)/fuzz/%.o: %.c mk/fuzz.mk \
		| deps-check deps-image
	@mkdir -p $(@D)
	$(say) CLANG $<
	$(Q)$(FUZZ_MEASURE_CC) $(FUZZ_NO_LINK) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/libmeasure.a: $(FUZZ_MEASURE_OBJ)
	$(Q)rm -f $@
	$(Q)ar rcD $@ $^

$(FUZZ_OF_MEASURE): $(FUZZ_BIN)/%: tests/fuzz/%.c $(FUZZ_INJECT_OBJ) \
		$(BUILD)/fuzz/libmeasure.a $(wildcard tests/fuzz/*.h)
	@mkdir -p $(@D)
	$(say) CLANG $<
	$(Q)$(FUZZ_MEASURE_CC) -fsanitize=fuzzer $(call wrap,$(FUZZ_WRAP)) \
		-o $@ $< $(FUZZ_INJECT_OBJ) $(BUILD)/fuzz/libmeasure.a \
		$(MEASURE_LIBS)

$(BUILD)/fuzz/seeds/made: tests/fuzz/seeds $(wildcard tests/*.py) \
		tests/inspect.bats
	$(say) SEEDS $(@D)
	$(Q)rm -rf $(@D)
	$(Q)VECTORS='$(VECTORS)' tests/fuzz/seeds $(@D)
	$(Q)touch $@

.PHONY: fuzz fuzz-programs
fuzz-programs: $(FUZZ_OF_INIT) $(FUZZ_OF_MEASURE) $(BUILD)/fuzz/seeds/made

fuzz: fuzz-programs ## libFuzzer for each parser, FUZZ_TIME=20 seconds each
	@printf '%s\n' $(FUZZERS) | xargs -n 1 -P 2 \
		tests/fuzz/run $(BUILD)/fuzz $(FUZZ_TIME)

#= FUZZ_TIME=20     seconds for each parser of make fuzz; FUZZERS=fuzz_conf ...

-include $(wildcard $(BUILD)/fuzz/*/*/*.d)
