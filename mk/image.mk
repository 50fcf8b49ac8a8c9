# SPDX-License-Identifier: Apache-2.0
# image.mk: root, command line, manifest; local boot.

EXAMPLE := $(BUILD)/example
APP_PATH := $(or $(APP),$(EXAMPLE)/tree)
APP_CONFIG_PATH := $(or $(APP_CONFIG),$(if $(APP),,examples/hello/app.conf))

##@ Build and run
IMAGE_INPUTS := $(if $(APP),,$(EXAMPLE)/tree/bin/hello) $(INIT) \
	$(KERNEL)/kernel.txt $(TOOLS) $(BUILD)/tools.txt

.PHONY: image
image: $(IMAGE_INPUTS) ## kernel, root, command line and manifest
	@image/build-image --app '$(APP_PATH)' --app-config '$(APP_CONFIG_PATH)' \
		--init $(INIT) --kernel $(KERNEL) --tools-dir $(BUILD)/tools \
		--tools $(BUILD)/tools.txt --inputs $(INPUTS)/inputs.txt \
		--work $(BUILD)/root/$(subst /,_,$(IMAGE)) --out $(IMAGE) --flavor $(FLAVOR) \
		--profile $(PROFILE) --version $(VERSION)

$(EXAMPLE)/tree/bin/hello: examples/hello/hello.c mk/image.mk | deps-image
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)REALGCC=gcc-12 musl-gcc -std=c11 -D_GNU_SOURCE -Os -static -s $(WARN) \
		-ffile-prefix-map=$(CURDIR)=. -Wl,--build-id=none -o $@ $<

.PHONY: boot
boot: | deps-boot ## run build/image in QEMU until its workload ends
	@scripts/boot --ports '$(PORTS)' --memory $(MEMORY) --cpus $(CPUS) \
		--timeout $(BOOT_TIMEOUT) $(IMAGE) $(QEMU_ARGS)

.PHONY: clean distclean
clean: ## remove build/
	rm -rf '$(BUILD)'

distclean: clean ## remove build/, config.mk and the cache
	rm -rf config.mk '$(CACHE)'
