# SPDX-License-Identifier: Apache-2.0
# kernel.mk: pinned source, guest kernel, headers for init.

INPUTS := $(BUILD)/inputs
KERNEL := $(BUILD)/kernel/$(FLAVOR)
KERNEL_SRC := $(sort $(wildcard kernel-config/*.config kernel-config/*.profile \
	kernel-config/patches/*.patch)) kernel-config/exceptions \
	kernel-config/check-config image/build-kernel
KERNEL_PACKAGE = $(shell awk '$$1 == "package" { print "$(INPUTS)/" $$2 "_" \
	$$3 ".deb"; exit }' $(INPUTS)/inputs.txt)

.PHONY: fetch relock
fetch: | deps-image ## get the pinned inputs, so that OFFLINE=1 works later
	@image/fetch --cache '$(CACHE)' $(INPUTS)

relock: | deps-image ## pin the newest inputs and the installed tools
	@image/relock --cache '$(CACHE)'

$(INPUTS)/inputs.txt: FORCE | deps-image
	@image/fetch --cache '$(CACHE)' $(INPUTS)

# The script itself knows whether the kernel has to be built again.
$(KERNEL)/kernel.txt: $(BUILD)/profile $(INPUTS)/inputs.txt $(KERNEL_SRC) \
		$(BUILD)/tools.txt
	@image/build-kernel --source $(KERNEL_PACKAGE) --flavor $(FLAVOR) \
		--profile $(PROFILE) --work $(BUILD)/kernel/work --out $(@D) \
		--cache '$(CACHE)' --jobs $(JOBS)

# Another profile is another kernel.
$(BUILD)/profile: FORCE
	@mkdir -p $(@D)
	@echo '$(PROFILE)' > $@.new
	@$(keep_unchanged)

$(KERNEL)/uapi/linux/dm-ioctl.h: $(KERNEL)/kernel.txt
	@rm -rf $(KERNEL)/uapi
	@mkdir -p $(KERNEL)/uapi
	@tar -xf $(KERNEL)/uapi.tar -C $(KERNEL)/uapi
	@touch $@

# Versions of everything installed that changes bytes.
$(BUILD)/tools.txt: FORCE | deps-image
	@mkdir -p $(@D)
	@image/check-tools > $@.new
	@$(keep_unchanged)
