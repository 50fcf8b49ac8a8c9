#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hashes.bats: real SNP firmware boots what the page of --emit-hash-table says,
# and nothing else. Outside of an SNP guest it reads the page all the same: a
# loader device puts it where the VMM would.

load lib.bash
load measure.bash

FD=$VECTORS/snp/fixtures/OVMF.amdsev.fd

setup_file()
{
	export I=$BATS_FILE_TMPDIR
	[ -e "$FD" ] || return 0
	example_image "$I/image"
	# Firmware sees the kernel with what QEMU writes into its header.
	tests/fw-cfg "$I/image/vmlinuz" "$I/vmlinuz"
	"$MEASURE" snp --quiet --firmware "$FD" --kernel "$I/vmlinuz" \
		--append-file "$I/image/cmdline" --vcpus 1 --cpu EPYC \
		--emit-hash-table "$I/page" > "$I/digest"
}

setup()
{
	T=$BATS_TEST_TMPDIR
	need_vectors snp/fixtures/OVMF.amdsev.fd
}

with_page() # PAGE
{
	echo -bios "$FD" -device \
		"loader,file=$1,addr=0x810000,force-raw=on"
}

# The processor goes round in a few instructions of the firmware (CpuDeadLoop),
# now and then interrupted by its timer, and init never ran.
assert_refused() # PAGE [QEMU-OPTION...]
{
	local page=$1
	shift
	{
		# From the start to a loop takes some seconds.
		sleep $((10 * TIMEOUT_SCALE))
		for _ in 1 2 3 4 5 6 7 8 9; do
			echo 'info registers'
			sleep 1
		done
		echo quit
	} | {
		# shellcheck disable=SC2046 # options
		timeout "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -cpu max \
			-M q35 -m 512 -nodefaults -display none -no-reboot \
			$(with_page "$page") \
			-kernel "$I/image/vmlinuz" \
			-append "$(cat "$I/image/cmdline")" -monitor stdio \
			-drive "if=none,id=d,format=raw,readonly=on,file=$I/image/root.img" \
			-device virtio-blk-pci,drive=d,disable-legacy=on \
			-chardev "file,id=log,path=$T/log" \
			-device virtio-serial-pci,disable-legacy=on \
			-device virtserialport,chardev=log,name=mote.log "$@" \
			> "$T/monitor"
	}
	sed -nE 's/.*RIP=([0-9a-f]+).*/\1/p' "$T/monitor" > "$T/rip"
	cat "$T/rip"
	[ "$(wc -l < "$T/rip")" -eq 9 ]
	local rip n=0 middle
	middle=$(sort "$T/rip" | sed -n 5p)
	while read -r rip; do
		[ $((0x$rip - 0x$middle + 32)) -lt 0 ] ||
			[ $((0x$rip - 0x$middle - 32)) -gt 0 ] || n=$((n + 1))
	done < "$T/rip"
	[ "$n" -ge 6 ]
	# Not in the kernel: firmware is mapped one to one.
	[[ $(head -n 1 "$T/rip") == 00000000* ]]
	[ ! -s "$T/log" ]
}

@test "the page of --emit-hash-table: firmware boots kernel and command line" {
	# shellcheck disable=SC2046 # options
	MEMORY=512 boot "$I/image" $(with_page "$I/page")
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'Hello from a measured guest'* ]]
}

@test "another kernel in the page: firmware refuses" {
	# As the file is, without what QEMU wrote into it.
	"$MEASURE" snp --quiet --firmware "$FD" --kernel "$I/image/vmlinuz" \
		--append-file "$I/image/cmdline" --vcpus 1 --cpu EPYC \
		--emit-hash-table "$T/page"
	assert_refused "$T/page"
}

@test "another command line: firmware refuses" {
	assert_refused "$I/page" -append "$(cat "$I/image/cmdline") quiet"
}

@test "another initrd: firmware refuses" {
	echo initrd > "$T/initrd"
	assert_refused "$I/page" -initrd "$T/initrd"
}
