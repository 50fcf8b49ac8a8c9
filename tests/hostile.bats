#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hostile.bats: disks and command lines of a lying host. Each case runs on the
# release kernel, where nothing may start, and on the debug flavour, whose
# serial log names the reason.

load hostile

setup_file()
{
	hostile_images "$BATS_FILE_TMPDIR"
}

setup()
{
	T=$BATS_TEST_TMPDIR
	I=$BATS_FILE_TMPDIR
}

cmdline()
{
	cat "$I/$1/cmdline"
}

field() # FLAVOR JQ-PATH
{
	jq -r ".verity.$2" "$I/$1/manifest.json"
}

# refused_line FLAVOR LINE REASON: with this command line nothing starts, and
# init says why on the log port.
refused_line()
{
	guest "$I/$1" "$2" "$(disk_of "$I/$1/root.img")"
	assert_refused
	if [ -z "$log" ]; then
		# The emulator itself panics a guest once in many hundred boots.
		echo "# no log, once more: $2" >&3
		tail -n 3 <<< "$serial" >&3
		guest "$I/$1" "$2" "$(disk_of "$I/$1/root.img")"
		assert_refused
	fi
	in_text "$log" "^mote [0-9.]+: fatal: $3\$"
	# With console=hvc0 the serial port is no console any more.
	[ "$1" = release ] || [[ $2 == *console=hvc* ]] ||
		in_text "$serial" "fatal: $3\$"
}

@test "the same setup with nothing changed runs to its end" {
	for f in release debug; do
		guest "$I/$f" "$(cmdline $f)" "$(disk_of "$I/$f/root.img")"
		[ "$ended" = itself ]
		in_text "$log" "^app\| $(cat "$I/digest") "
		in_text "$log" '^mote [0-9.]+: poweroff code 0$'
	done
}

# Offsets: the superblock, blocks of the file's data, the last data block, and
# a hash block of each level of the tree.
flip_case() # NAME OFFSET-EXPRESSION REASON
{
	for f in release debug; do
		data=$(field $f data_blocks)
		hash=$(field $f hash_blocks)
		leaves=$(((data + 127) / 128))
		[ "$hash" -gt "$leaves" ]
		cp "$I/$f/root.img" "$T/root.img"
		flip_bit "$T/root.img" $(($1))
		guest "$I/$f" "$(cmdline $f)" "$(disk_of "$T/root.img")"
		assert_stopped
		[ $f = release ] || in_text "$serial" "$2"
	done
}

@test "bit flip in the first data block" {
	flip_case '1024 + 100' 'data block 0 is corrupted'
	assert_refused
}

@test "bit flip in a data block in the middle" {
	flip_case '(data / 2) * 4096 + 17' 'data block [0-9]+ is corrupted'
	in_text "$serial" 'Kernel panic - not syncing: dm-verity device corrupted'
}

@test "bit flip in the last data block that the workload reads" {
	offset=$(python3 - "$I/release/root.img" "$I/tree/data/big" <<'EOF'
import sys
img, big = (open(n, 'rb').read() for n in sys.argv[1:])
print(img.index(big[:4096]) + (len(big) // 4096 - 1) * 4096)
EOF
)
	flip_case "$offset + 4095" 'data block [0-9]+ is corrupted'
	in_text "$serial" 'workload started'
}

@test "bit flip in the root block of the hash tree" {
	flip_case 'data * 4096 + 5' 'metadata block [0-9]+ is corrupted'
	assert_refused
}

@test "bit flip in the first, a middle and the last leaf of the hash tree" {
	flip_case '(data + 1) * 4096' 'metadata block [0-9]+ is corrupted'
	assert_refused
	flip_case '(data + 1 + leaves / 2) * 4096 + 64' \
		'metadata block [0-9]+ is corrupted'
	flip_case '(data + hash - 1) * 4096' 'metadata block [0-9]+ is corrupted' ||
		skip "the last leaf covers blocks that nothing reads"
}

@test "truncated disk" {
	for f in release debug; do
		size=$(stat -c %s "$I/$f/root.img")
		for keep in 0 4096 $((size / 2 / 512 * 512)) $((size - 4096)); do
			head -c "$keep" "$I/$f/root.img" > "$T/root.img"
			guest "$I/$f" "$(cmdline $f)" "$(disk_of "$T/root.img")"
			assert_refused
		done
	done
	in_text "$serial" 'Kernel panic'
}

@test "missing disk" {
	for f in release debug; do
		guest "$I/$f" "$(cmdline $f)" 'driver=null-co,size=0' \
			-device virtio-blk-pci,drive=none,id=x 2> /dev/null || :
		code=0
		: > "$T/serial"
		timeout "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -cpu max \
			-M q35 -m 256 -nodefaults -no-reboot -display none \
			-kernel "$I/$f/vmlinuz" -append "$(cmdline $f)" \
			-serial "file:$T/serial" < /dev/null || code=$?
		[ "$code" -eq 0 ]
	done
	in_text "$(cat "$T/serial")" 'Unable to mount root fs|Cannot open root device'
}

@test "disk of another build" {
	cp -r "$I/tree" "$T/tree"
	echo 'other' > "$T/tree/data/other"
	for f in release debug; do
		printf 'arg /bin/sh\narg /script\nnetwork none\n' |
			make_image "$T/$f" "$T/tree" $f
		guest "$I/$f" "$(cmdline $f)" "$(disk_of "$T/$f/root.img")"
		assert_refused
	done
	in_text "$serial" 'metadata block [0-9]+ is corrupted|Kernel panic'
}

@test "wrong root hash, wrong salt" {
	for f in release debug; do
		for name in roothash salt; do
			value=$(field $f $name)
			wrong=$(tr '0123456789abcdef' '123456789abcdef0' <<< "$value")
			line=$(cmdline $f)
			guest "$I/$f" "${line//$value/$wrong}" \
				"$(disk_of "$I/$f/root.img")"
			assert_refused
		done
	done
	in_text "$serial" 'metadata block [0-9]+ is corrupted'
}

@test "command line: unknown words" {
	for f in release debug; do
		for word in foo foo=bar quiet -- splash=1 'a"b c"d'; do
			refused_line $f "$(cmdline $f) $word" \
				"command line: unknown word ${word//\?/.}"
		done
	done
}

@test "command line: duplicate words" {
	for f in release debug; do
		for word in ro root=/dev/dm-0 rootfstype=erofs; do
			refused_line $f "$(cmdline $f) $word" \
				"command line: duplicate word $word"
		done
		create=$(grep -oE 'dm-mod.create="[^"]*"' <<< "$(cmdline $f)")
		refused_line $f "$(cmdline $f) $create" \
			"command line: duplicate word dm-mod\.create=.*"
	done
}

@test "command line: missing words" {
	for f in release debug; do
		line=$(cmdline $f)
		refused_line $f "${line/ page_alloc.shuffle=1/}" \
			'command line: missing word page_alloc.shuffle=1'
	done
}

@test "command line: denied words" {
	for f in release debug; do
		for word in init=/bin/busybox 'init=/bin/busybox init=/bin/probe' \
			rdinit=/bin/busybox single systemd.debug_shell \
			earlycon console=ttyS0 console=hvc0 mitigations=off \
			lsm=yama nokaslr mem=200M 'memmap=1M$100M' panic=10 \
			dm-mod.waitfor=/dev/vda earlyprintk=serial \
			sysctl.kernel.kptr_restrict=0; do
			refused_line $f "$(cmdline $f) $word" \
				"command line: denied word $(sed 's/ .*//; s/\$/./' <<< "$word")"
		done
	done
}

# The processor sits in HLT, as the monitor shows; $3 is waited for in the log.
assert_halted() # FLAVOR CMDLINE LOG-EXPRESSION
{
	: > "$T/log"
	{
		for _ in $(seq 20); do
			sleep 1
			[ -z "$3" ] || ! grep -qE "$3" "$T/log" || break
		done
		sleep 2
		printf 'info registers\nquit\n'
	} | timeout "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -cpu max \
		-M q35 -m 256 -nodefaults -no-reboot -display none \
		-kernel "$I/$1/vmlinuz" -append "$2" -monitor stdio \
		-drive "if=none,id=root,readonly=on,$(disk_of "$I/$1/root.img")" \
		-device virtio-blk-pci,drive=root \
		-device virtio-serial-pci -chardev "file,id=log,path=$T/log" \
		-device virtserialport,chardev=log,name=mote.log > "$T/monitor"
	not_in_text "$(cat "$T/log")" 'workload started'
	in_text "$(cat "$T/monitor")" 'HLT=1'
	[ -z "$3" ] || in_text "$(cat "$T/log")" "$3"
}

@test "command line: acpi=off, which takes power-off away, halts the processor" {
	for f in release debug; do
		assert_halted $f "$(cmdline $f) acpi=off" \
			'command line: denied word acpi=off$'
	done
}

@test "command line: 2048 bytes or more halt the processor" {
	for f in release debug; do
		long=$(cmdline $f)$(printf '%2048s' '')
		assert_halted $f "$long" ''
		[ ! -s "$T/log" ]
		# One byte less is a line like any other; blanks do not matter.
		guest "$I/$f" "${long:0:2047}" "$(disk_of "$I/$f/root.img")"
		[ "$ended" = itself ]
		in_text "$log" 'poweroff code 0$'
	done
}

@test "command line: a word behind a newline or a tab" {
	for f in release debug; do
		refused_line $f "$(cmdline $f)"$'\n'"init=/bin/busybox" \
			'command line: denied word init=/bin/busybox'
		refused_line $f "$(cmdline $f)"$'\t'foo \
			'command line: unknown word foo'
	done
}

@test "command line: init= before everything else starts nothing of APP" {
	for f in release debug; do
		refused_line $f "init=/bin/busybox $(cmdline $f)" \
			'command line: denied word init=/bin/busybox'
	done
}

@test "rdinit= together with an initrd that holds that program" {
	mkdir -p "$T/initrd"
	printf '#include <unistd.h>\n#include <sys/reboot.h>\nint main(void) { write(2, "pwned\\n", 6); for (;;) pause(); }\n' |
		REALGCC=gcc-12 musl-gcc -x c -Os -static -o "$T/initrd/pwn" -
	cp "$T/initrd/pwn" "$T/initrd/init"
	(cd "$T/initrd" && printf 'pwn\ninit\n' | cpio -o -H newc --quiet) > "$T/cpio"
	for f in release debug; do
		guest "$I/$f" "$(cmdline $f) rdinit=/pwn" \
			"$(disk_of "$I/$f/root.img")" -initrd "$T/cpio"
		assert_refused
		in_text "$log" 'fatal: command line: denied word rdinit=/pwn'
		# The initrd alone is inert.
		guest "$I/$f" "$(cmdline $f)" "$(disk_of "$I/$f/root.img")" \
			-initrd "$T/cpio"
		[ "$ended" = itself ]
		in_text "$log" 'poweroff code 0$'
		not_in_text "$serial" pwned
	done
}

@test "command line: a second root=" {
	for f in release debug; do
		# The kernel takes the last one; the disk belongs to dm-verity.
		guest "$I/$f" "$(cmdline $f) root=/dev/vda" \
			"$(disk_of "$I/$f/root.img")"
		assert_refused
		[ $f = release ] || in_text "$serial" \
			'Kernel panic - not syncing: VFS: Unable to mount root fs'
		line=$(cmdline $f)
		refused_line $f "root=/dev/vda $line" \
			'command line: denied word root=/dev/vda'
	done
}

@test "guard: an erofs root without verity" {
	for f in release debug; do
		refused_line $f 'root=/dev/vda rootfstype=erofs ro' \
			'root: not a device-mapper device'
	done
}

@test "guard: a device-mapper root that is not verity" {
	for f in release debug; do
		sectors=$(($(field $f data_blocks) * 8))
		refused_line $f "dm-mod.create=\"root,,,ro,0 $sectors linear /dev/vda 0\" root=/dev/dm-0 rootfstype=erofs ro" \
			'root: not a dm-verity target'
	done
}

@test "guard: a writable device" {
	for f in release debug; do
		line=$(cmdline $f)
		cp "$I/$f/root.img" "$T/root.img"
		guest "$I/$f" "${line/root,,,ro,/root,,,rw,}" \
			"format=raw,readonly=off,file=$T/root.img"
		assert_refused
	done
}

@test "guard: verity without one of the two panic options" {
	for f in release debug; do
		line=$(cmdline $f)
		refused_line $f "${line/2 panic_on_corruption panic_on_error/1 panic_on_corruption}" \
			'root: dm-verity without panic_on_error'
		refused_line $f "${line/2 panic_on_corruption panic_on_error/1 panic_on_error}" \
			'root: dm-verity without panic_on_corruption'
		refused_line $f "${line/2 panic_on_corruption panic_on_error/3 panic_on_corruption panic_on_error check_at_most_once}" \
			'root: dm-verity with other options'
	done
}

@test "guard: a root whose hash is not the one on the command line" {
	for f in release debug; do
		line=$(cmdline $f)
		create=$(grep -oE 'dm-mod.create="[^"]*"' <<< "$line")
		hash=$(field $f roothash)
		# The kernel takes the last one, init's guard the first.
		other=${create/$hash/$(tr '0-9a-f' '1-9a-f0' <<< "$hash")}
		refused_line $f "$other $line" \
			'root: root hash is not the one on the command line'
	done
}
