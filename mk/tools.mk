# SPDX-License-Identifier: Apache-2.0
# tools.mk: the programs of the build machine, and flags of all C code.

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Wvla -Wimplicit-fallthrough -Wformat=2 \
	-Wwrite-strings -Wcast-qual -Wpointer-arith -Walloca
ifeq ($(WERROR),1)
WARN += -Werror
endif
HOSTCC ?= gcc
CFLAGS ?= -O2 -g
HOST_CFLAGS := -std=c11 -D_GNU_SOURCE -DMOTE_VERSION='"$(VERSION)"' $(WARN) \
	-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -fPIE
HOST_LDFLAGS := -pie -Wl,-z,relro,-z,now

TOOLS := $(BUILD)/tools/mote-import $(BUILD)/tools/mote-config
TOOL_LIB := $(patsubst image/%.c,$(BUILD)/tools/%.o,$(filter-out \
	image/mote-%.c,$(sort $(wildcard image/*.c)))) \
	$(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard measure/common/*.c)))

# Rewritten only when the flags change; every object depends on it.
$(BUILD)/tools/.flags: FORCE | deps-image
	@mkdir -p $(@D)
	@echo '$(HOSTCC) $(HOST_CFLAGS) $(CFLAGS) $(HOST_LDFLAGS)' > $@.new
	@$(keep_unchanged)

$(BUILD)/tools/%.o: image/%.c $(BUILD)/tools/.flags | deps-image
	$(say) CC $<
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $(CFLAGS) -Imeasure/common -MMD -MP \
		-c -o $@ $<

$(BUILD)/tools/libimage.a: $(TOOL_LIB)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)ar rcD $@ $^

$(TOOLS): $(BUILD)/tools/%: $(BUILD)/tools/%.o $(BUILD)/tools/libimage.a
	$(say) LD $@
	$(Q)$(HOSTCC) $(HOST_LDFLAGS) $(LDFLAGS) -o $@ $^ -larchive -ljansson

-include $(wildcard $(BUILD)/tools/*.d)
