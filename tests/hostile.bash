# SPDX-License-Identifier: Apache-2.0
# hostile.bash: run a guest whose host lies, and see how it ends.

load lib

# One image for a whole file: a workload that reads every byte of a file of
# more than one hash block's reach and prints its digest.
hostile_images() # FOLDER
{
	local tree=$1/tree
	busybox_tree "$tree"
	mkdir -p "$tree/data"
	openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2> /dev/null |
		head -c 3000000 > "$tree/data/big" || :
	sha256sum < "$tree/data/big" | cut -c 1-64 > "$1/digest"
	printf 'echo workload started\nsha256sum /data/big || echo read error $?\necho workload done\n' \
		> "$tree/script"
	for flavor in release debug; do
		printf 'arg /bin/sh\narg /script\nnetwork none\n' |
			make_image "$1/$flavor" "$tree" $flavor
	done
}

# Runs QEMU with the kernel of image $1, the command line in $2 and the disk
# options in $3, further options after them. Sets: ended (itself or timeout),
# log (the port), serial (debug flavour).
guest() # IMAGE CMDLINE DISK [QEMU-OPTION...]
{
	local image=$1 cmdline=$2 disk=$3 code=0
	shift 3
	rm -f "$T/log" "$T/serial"
	: > "$T/log"
	: > "$T/serial"
	timeout -k 5 "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -cpu max \
		-M q35 -m 256 -nodefaults -no-user-config -no-reboot \
		-display none -kernel "$image/vmlinuz" -append "$cmdline" \
		-chardev "file,id=log,path=$T/log" -device virtio-serial-pci \
		-device virtserialport,chardev=log,name=mote.log \
		-chardev "file,id=serial,path=$T/serial" -serial chardev:serial \
		-drive "if=none,id=root,readonly=on,$disk" \
		-device virtio-blk-pci,drive=root "$@" < /dev/null || code=$?
	ended=itself
	[ "$code" -eq 0 ] || ended="code $code"
	log=$(tr -d '\0' < "$T/log")
	serial=$(tr -d '\0\r' < "$T/serial")
	[ "$ended" = itself ] || {
		echo "QEMU ended with $ended; log: $log"
		tail -n 20 <<< "$serial"
	}
	# For the output of a failed test.
	echo "$log" | tail -n 5
}

disk_of()
{
	echo "format=raw,file=$1"
}

in_text() # TEXT REGULAR-EXPRESSION
{
	grep -qE -- "$2" <<< "$1" || {
		echo "no line matches: $2"
		tail -n 15 <<< "$1"
		return 1
	}
}

# "! grep" would not fail a test: only its last command may be negated.
not_in_text() # TEXT REGULAR-EXPRESSION
{
	if grep -E -- "$2" <<< "$1"; then
		echo "a line matches: $2"
		return 1
	fi
}

# The workload was never started and the guest stopped by itself.
assert_refused()
{
	[ "$ended" = itself ]
	not_in_text "$log$serial" 'workload started'
	not_in_text "$log$serial" 'poweroff code'
}

# The guest stopped by itself before a wrong byte or an error got out.
assert_stopped()
{
	[ "$ended" = itself ]
	not_in_text "$log$serial" 'workload done|read error'
	not_in_text "$log$serial" 'poweroff code'
}

flip_bit() # FILE OFFSET
{
	python3 - "$1" "$2" <<'EOF'
import sys
with open(sys.argv[1], 'r+b') as f:
    f.seek(int(sys.argv[2]))
    b = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([b ^ 0x10]))
EOF
}
