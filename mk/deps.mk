# SPDX-License-Identifier: Apache-2.0
# deps.mk: Debian packages, by name, for each group of targets.

DEPS_image := gcc-12 gcc-12-plugin-dev gcc binutils make flex bison bc \
	libelf-dev xz-utils zstd patch musl-tools erofs-utils cryptsetup-bin \
	fakeroot skopeo umoci jq libarchive-dev libjansson-dev libssl-dev \
	debian-archive-keyring ccache libc6-dev
DEPS_boot := qemu-system-x86 jq
DEPS_check := bats libcmocka-dev shellcheck cppcheck clang clang-format \
	libclang-rt-14-dev mandoc redis-tools gpg gpgv apt-utils dpkg-dev attr \
	gpg-agent gpgconf iproute2 libcap2-bin util-linux procps openssl cpio \
	python3 qemu-utils busybox-static xxd jq
DEPS_bench := dracut dracut-core busybox-static cpio kmod systemd dmsetup

##@ Prepare
.PHONY: deps
deps: ## install what is missing of all Debian packages (as root)
	@scripts/deps $(DEPS_image) $(DEPS_boot) $(DEPS_check) $(DEPS_bench)

.PHONY: deps-image deps-boot deps-check deps-bench
deps-image deps-boot deps-check deps-bench: deps-%:
	@scripts/deps $(DEPS_$*)
