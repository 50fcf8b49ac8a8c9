# SPDX-License-Identifier: Apache-2.0
# tests.mk: make check and what it needs; the kernel built twice.

UNIT_INIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort \
	$(wildcard tests/unit/test_init_*.c)))
UNIT_MEASURE := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort \
	$(wildcard tests/unit/test_measure_*.c)))
UNIT_IMAGE := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort \
	$(filter-out tests/unit/test_init_% tests/unit/test_measure_%, \
	$(wildcard tests/unit/*.c))))
# Two run at a time, in this order: the longest first, so that none is left
# over at the end. scripts/check runs make.bats and repro.bats alone and last.
LONG := $(patsubst %,tests/%.bats,hostile eio workload boot redis static import)
BATS := $(sort $(wildcard tests/*.bats))
TESTS ?= $(filter $(BATS),$(LONG)) $(filter-out $(LONG),$(BATS)) \
	$(UNIT_INIT) $(UNIT_IMAGE) $(UNIT_MEASURE)

##@ Test
.PHONY: check check-build check-programs repro-kernel
check: check-build | deps-check deps-boot ## all tests; ends with a count
	@BUILD=$(BUILD) CACHE='$(CACHE)' VECTORS='$(VECTORS)' scripts/check -j 2 $(TESTS)

# Both flavours of everything that the tests boot; programs of the release.
check-build: | deps-check
	@$(MAKE) FLAVOR=debug APP= APP_CONFIG= IMAGE=$(BUILD)/debug image
	@$(MAKE) FLAVOR=release APP= APP_CONFIG= IMAGE=$(BUILD)/image image \
		check-programs

check-programs: $(UNIT_INIT) $(UNIT_IMAGE) $(UNIT_MEASURE) $(MEASURE) \
		fuzz-programs $(BUILD)/tests/mote-measure $(BUILD)/tests/probe \
		$(BUILD)/tests/init-symbols $(BUILD)/tests/init-faults \
		$(BUILD)/tests/init-mounts $(BUILD)/version

$(BUILD)/version: Makefile
	@mkdir -p $(@D)
	@echo $(VERSION) > $@

$(BUILD)/tests/probe: tests/guest/probe.c | deps-check
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)REALGCC=gcc-12 musl-gcc -std=c11 -D_GNU_SOURCE -Os -static -s $(WARN) \
		-o $@ $<

# Parts of init and of the tools, with glibc, as test programs.
SANITIZE := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
comma := ,
wrap = $(patsubst %,-Wl$(comma)--wrap=%,$(1))
OF_INIT := init/log.c init/io.c
WRAPPED := reboot kill _exit write
$(BUILD)/tests/test_init_mounts: OF_INIT += init/mounts.c
$(BUILD)/tests/test_init_mounts: WRAPPED += mount mkdir symlink chdir
$(BUILD)/tests/test_init_conf: WRAPPED += read_file
$(BUILD)/tests/test_init_cmdline: OF_INIT += init/cmdline.c
$(BUILD)/tests/test_init_cmdline: WRAPPED += read_file
$(BUILD)/tests/test_init_ready: OF_INIT += init/ready.c
$(BUILD)/tests/test_init_ready: WRAPPED += inotify_init1 inotify_add_watch
INIT_TEST_CFLAGS = -std=gnu11 $(SANITIZE) $(WARN) -Iinit

$(UNIT_INIT): $(BUILD)/tests/%: tests/unit/%.c tests/unit/test_init.h \
		$(wildcard init/*.[ch]) mk/tests.mk mk/tools.mk | deps-check
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(HOSTCC) $(INIT_TEST_CFLAGS) $(call wrap,$(WRAPPED)) -o $@ $< \
		$(OF_INIT) -lcmocka

$(UNIT_IMAGE): $(BUILD)/tests/%: tests/unit/%.c $(wildcard image/*.[ch] \
		measure/common/*.[ch]) \
		mk/tests.mk mk/tools.mk | deps-check deps-image
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(HOSTCC) -std=c11 -D_GNU_SOURCE -DMOTE_VERSION='"$(VERSION)"' \
		$(SANITIZE) $(WARN) -Iimage -Imeasure/common -o $@ $< \
		$(filter-out image/mote-%.c,$(sort $(wildcard image/*.c))) \
		$(sort $(wildcard measure/common/*.c)) \
		-lcmocka -larchive -ljansson

# mote-measure with ASan and UBSan, and tests of its library.
MEASURE_ALL := $(wildcard measure/*/*.[ch])
MEASURE_SANITIZED = $(HOSTCC) -std=c11 -D_GNU_SOURCE \
	-DMOTE_VERSION='"$(VERSION)"' $(SANITIZE) $(WARN) $(MEASURE_INC)
$(BUILD)/tests/mote-measure: $(MEASURE_ALL) mk/tests.mk mk/measure.mk | deps-image
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(MEASURE_SANITIZED) -o $@ $(MEASURE_LIB_SRC) $(MEASURE_CMD_SRC) \
		$(MEASURE_LIBS)

$(BUILD)/tests/libmeasure.a: $(MEASURE_ALL) mk/tests.mk mk/measure.mk | deps-image
	@mkdir -p $(@D)/libmeasure
	$(say) CC $@
	$(Q)rm -f $@ $(@D)/libmeasure/*.o
	$(Q)for f in $(abspath $(MEASURE_LIB_SRC)); do echo "$$f"; done | \
		(cd $(@D)/libmeasure && xargs -n 1 -P $(JOBS) \
		$(subst -I,-I$(CURDIR)/,$(MEASURE_SANITIZED)) -c)
	$(Q)ar rcD $@ $(@D)/libmeasure/*.o

$(UNIT_MEASURE): $(BUILD)/tests/%: tests/unit/%.c $(BUILD)/tests/libmeasure.a \
		$(wildcard tests/unit/test_measure_*.h) | deps-check deps-image
	$(say) CC $<
	$(Q)$(MEASURE_SANITIZED) -o $@ $(filter %.c %.a,$^) -lcmocka $(MEASURE_LIBS)

# The same init with its symbols, to see what is linked in.
$(BUILD)/tests/init-symbols: $(INIT)
	@mkdir -p $(@D)
	$(Q)REALGCC=gcc-12 musl-gcc $(INIT_CFLAGS) $(filter-out -s,$(INIT_LDFLAGS)) \
		-o $@ $(INIT_SRC)

# The same init, in which any call can be made to fail, and one that differs
# from it only in what a PID namespace does not have (tests/pidns.bats).
FAULTS := mount mkdir symlink open close read write stat getrandom \
	sigprocmask sethostname socket ioctl signalfd inotify_init1 \
	inotify_add_watch pipe2 fcntl fchown fork poll waitpid kill \
	clock_gettime guard_root
$(BUILD)/tests/init-faults: WRAPPED := reboot sync $(FAULTS)
$(BUILD)/tests/init-mounts: WRAPPED := reboot sync
$(BUILD)/tests/init-faults $(BUILD)/tests/init-mounts: tests/pidns/faults.c \
		$(INIT) mk/tests.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)REALGCC=gcc-12 musl-gcc $(INIT_CFLAGS) $(INIT_LDFLAGS) -Iinit \
		$(if $(findstring init-mounts,$@),-DONLY_REBOOT) \
		$(call wrap,$(WRAPPED)) -o $@ $< $(INIT_SRC)

# Another folder, another number of jobs, and once with a compiler cache (an
# empty one), once without. It takes two whole kernel builds and is therefore
# not part of "make check".
repro-kernel: $(INPUTS)/inputs.txt | deps-image ## build the kernel twice, compare
	@rm -rf $(BUILD)/repro
	@for n in 1 2; do \
		cache=''; \
		[ $$n -eq 1 ] || cache=$(BUILD)/repro/2/cache; \
		image/build-kernel --source $(KERNEL_PACKAGE) \
			--flavor $(FLAVOR) --profile $(PROFILE) --cache "$$cache" \
			--work $(BUILD)/repro/$$n/work-$$n \
			--out $(BUILD)/repro/$$n/out \
			--jobs $$(($(JOBS) + $$n - 1)) || exit 1; \
	done
	@for f in vmlinuz config uapi.tar version; do \
		cmp $(BUILD)/repro/1/out/$$f $(BUILD)/repro/2/out/$$f || exit 4; \
	done
	@echo "kernel: twice the same bytes (vmlinuz, config, uapi.tar)"
