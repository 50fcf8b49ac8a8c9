# SPDX-License-Identifier: Apache-2.0
# init.mk: process 1, a static musl program.

INIT := $(BUILD)/init/$(FLAVOR)/init
INIT_SRC := $(sort $(wildcard init/*.c))
INIT_CFLAGS := -std=gnu11 -Os -g0 -fno-pie -ffile-prefix-map=$(CURDIR)=. \
	-idirafter $(KERNEL)/uapi -DMOTE_VERSION='"$(VERSION)"' \
	-DMOTE_FLAVOR='"$(FLAVOR)"' $(WARN) \
	-fstack-protector-strong -ftrivial-auto-var-init=zero \
	-fcf-protection=branch -ffunction-sections -fdata-sections
INIT_LDFLAGS := -static -no-pie -s -Wl,--gc-sections,--build-id=none \
	-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code

$(INIT): $(INIT_SRC) $(wildcard init/*.h) $(KERNEL)/uapi/linux/dm-ioctl.h \
		mk/init.mk Makefile $(BUILD)/tools.txt
	$(say) INIT $@
	@mkdir -p $(@D)
	$(Q)unset CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX; \
	REALGCC=gcc-12 musl-gcc $(INIT_CFLAGS) $(INIT_LDFLAGS) -o $@ $(INIT_SRC)
