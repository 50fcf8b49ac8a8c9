# SPDX-License-Identifier: Apache-2.0
# measure.mk: mote-measure and its library.

MEASURE := $(BUILD)/mote-measure
MEASURE_INC := -Imeasure/include -Imeasure/lib -Imeasure/common -Imeasure/cmd
MEASURE_LIBS := -lcrypto -ljansson
MEASURE_LIB_SRC := $(sort $(wildcard measure/lib/*.c)) measure/common/err.c
MEASURE_CMD_SRC := $(sort $(wildcard measure/cmd/*.c)) \
	$(filter-out measure/common/err.c,$(sort $(wildcard measure/common/*.c)))
MEASURE_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(1))

$(BUILD)/measure/%.o: measure/%.c $(BUILD)/tools/.flags | deps-image
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(CFLAGS) $(MEASURE_INC) -MMD -MP -c -o $@ $<

# Pure functions: no input or output, nothing printed, no exit.
$(BUILD)/measure/libmeasure.a: $(call MEASURE_OBJ,$(MEASURE_LIB_SRC))
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)ar rcD $@ $^

$(MEASURE): $(call MEASURE_OBJ,$(MEASURE_CMD_SRC)) $(BUILD)/measure/libmeasure.a
	$(say) LD $@
	$(Q)$(HOSTCC) $(HOST_LDFLAGS) $(LDFLAGS) -o $@ $^ $(MEASURE_LIBS)

-include $(wildcard $(BUILD)/measure/*/*.d)
