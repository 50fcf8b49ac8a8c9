#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# eio.bats: the disk fails a read, once or from then on, at each point of the
# boot. The guest stops, or (a single failed read-ahead is read again) every
# byte that its workload sees is right.

load hostile

setup_file()
{
	local tree=$BATS_FILE_TMPDIR/tree
	busybox_tree "$tree"
	# Two levels of hash tree, and few reads.
	head -c 300000 /bin/busybox | base64 > "$tree/data/big"
	sha256sum < "$tree/data/big" | cut -c 1-64 > "$BATS_FILE_TMPDIR/digest"
	printf 'echo workload started\nsha256sum /data/big || echo read error $?\necho workload done\n' \
		> "$tree/script"
	for flavor in release debug; do
		printf 'arg /bin/sh\narg /script\nnetwork none\n' |
			make_image "$BATS_FILE_TMPDIR/$flavor" "$tree" $flavor
	done
}

setup()
{
	T=$BATS_TEST_TMPDIR
	I=$BATS_FILE_TMPDIR
}

# Rules for QEMU's blkdebug: state k is "the k-th read comes next".
rules() # N ONCE
{
	local k
	for k in $(seq 1 $(($1 - 1))); do
		printf '[set-state]\nevent = "read_aio"\nstate = "%d"\nnew_state = "%d"\n' \
			"$k" $((k + 1))
	done
	printf '[inject-error]\nevent = "read_aio"\nerrno = "5"\nstate = "%d"\nonce = "%s"\n' \
		"$1" "$2"
}

failing_read() # FLAVOR N ONCE
{
	rules "$2" "$3" > "$T/rules"
	guest "$I/$1" "$(cat "$I/$1/cmdline")" "driver=raw,file.driver=blkdebug,file.config=$T/rules,file.image.driver=file,file.image.filename=$I/$1/root.img"
}

all_right()
{
	[ "$ended" = itself ] && grep -q 'poweroff code 0$' <<< "$log" &&
		grep -qE "^app\| $(cat "$I/digest") " <<< "$log"
}

# How many reads a whole boot takes: the least n for which a failure of every
# read from the n-th on is not noticed, less one.
count_reads() # FLAVOR
{
	local low=0 high=512 mid
	while [ $((high - low)) -gt 1 ]; do
		mid=$(((low + high) / 2))
		failing_read "$1" $mid off > /dev/null
		if all_right; then high=$mid; else low=$mid; fi
	done
	echo "$low"
}

sweep() # FLAVOR ONCE STEP
{
	local n reads stopped=0 right=0
	reads=$(count_reads "$1")
	[ "$reads" -gt 8 ]
	for n in $(seq 1 "$3" "$reads"); do
		failing_read "$1" "$n" "$2"
		if all_right; then
			right=$((right + 1))
			[ "$2" = on ] || [ "$n" -gt $((reads - 3)) ]
			continue
		fi
		assert_stopped
		stopped=$((stopped + 1))
		[ "$1" = release ] || in_text "$serial" 'Kernel panic'
	done
	echo "# $1, once=$2: $reads reads; $stopped stopped, $right all right" >&3
	# The number of reads differs by one or two from boot to boot.
	[ "$2" = on ] || [ "$right" -le 2 ]
	[ "$stopped" -ge 3 ]
}

@test "every read from the n-th on fails, n over the whole boot" {
	sweep release off 1
	sweep debug off 1
}

@test "the n-th read fails once, n over the whole boot" {
	sweep release on 1
	sweep debug on 1
}
