# SPDX-License-Identifier: Apache-2.0
# measure.mk: mote-measure and its library.

MEASURE := $(BUILD)/mote-measure
# The firmware of make measure: a file, or what firmware/inputs.lock pins.
FIRMWARE ?=
FIRMWARE_PINNED := $(BUILD)/firmware/OVMF.amdsev.fd
FIRMWARE_PATH := $(or $(FIRMWARE),$(FIRMWARE_PINNED))
VCPUS ?= 1-64
CPU_MODELS ?= EPYC,EPYC-Milan,EPYC-Genoa,EPYC-Turin
GUEST_FEATURES ?= 0x1
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

##@ Measure
.PHONY: measure
measure: $(MEASURE) $(if $(FIRMWARE),,$(FIRMWARE_PINNED)) ## reference values of build/image, before it boots
	@scripts/measure $(MEASURE) '$(IMAGE)' '$(FIRMWARE_PATH)' '$(VCPUS)' \
		'$(CPU_MODELS)' '$(GUEST_FEATURES)'

$(FIRMWARE_PINNED): firmware/inputs.lock | deps-image
	@rm -rf $(@D)/inputs
	@image/fetch --lock firmware/inputs.lock --cache '$(CACHE)' \
		$(@D)/inputs
	@dpkg-deb --fsys-tarfile $(@D)/inputs/ovmf-amdsev_*.deb | \
		tar -xO ./usr/share/ovmf/OVMF.amdsev.fd > $@.new
	@mv $@.new $@

#= FIRMWARE=FILE    of make measure (the pinned package of firmware/)
#= VCPUS=1-64 CPU_MODELS=EPYC,... GUEST_FEATURES=0x1  of make measure

-include $(wildcard $(BUILD)/measure/*/*.d)
