#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# boot.bats: the built-in example, exit codes, deaths, failures to start.

load lib

setup()
{
	T=$BATS_TEST_TMPDIR
}

@test "example: says hello as nobody, exit code 0, its measured root" {
	example_image "$T/image"
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| Hello from a measured guest: Linux 7\.'
	has '^app\| I am process [0-9]+, user 65534\.'
	hash=$(jq -r .verity.roothash "$T/image/manifest.json")
	has "^app\| My root file system is $hash\.$"
	has "^mote [0-9.]+: root $hash$"
	has '^mote [0-9.]+: poweroff code 0$'
	has_not 'DEBUG IMAGE'
}

@test "exit codes 0, 1, 42 and 255 reach the host" {
	busybox_tree "$T/tree"
	for code in 0 1 42 255; do
		printf 'arg /bin/sh\narg -c\narg exit %s\nnetwork none\n' $code |
			make_image "$T/image" "$T/tree"
		boot "$T/image"
		[ "$status" -eq $code ]
		has "^mote [0-9.]+: exit app code $code$"
	done
}

@test "death by signal n is exit code 128 + n" {
	for sig in 6 9 11; do
		echo "kill -$sig \$\$" | script_image "$T/image"
		boot "$T/image"
		[ "$status" -eq $((128 + sig)) ]
		has "^mote [0-9.]+: exit app signal $sig code $((128 + sig))$"
	done
}

@test "a program that cannot be run: 126 with the reason; no interpreter: 127" {
	busybox_tree "$T/tree"
	printf 'not a program\n' > "$T/tree/bin/text"
	printf '#!/bin/nothing\n' > "$T/tree/bin/orphan"
	chmod 755 "$T/tree/bin/text" "$T/tree/bin/orphan"
	printf 'arg /bin/text\nnetwork none\n' | make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 126 ]
	has '^app\| mote: cannot run /bin/text: Exec format error$'
	printf 'arg /bin/orphan\nnetwork none\n' | make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 127 ]
	has '^app\| mote: cannot run /bin/orphan: No such file or directory$'
}

@test "a workload cannot forge the exit code" {
	echo 'printf "partial\nmote 9.9: poweroff code 0\nmote 9.9: "; exit 7' |
		script_image "$T/image"
	boot "$T/image"
	[ "$status" -eq 7 ]
	has '^app\| mote 9.9: poweroff code 0$'
}

@test "a guest that never ends is stopped after BOOT_TIMEOUT with code 124" {
	echo 'while :; do sleep 1; done' | script_image "$T/image"
	run scripts/boot --timeout 15 "$T/image"
	[ "$status" -eq 124 ]
	has '^boot: stopped after 15 seconds'
}

@test "boot refuses an image that was changed after the build" {
	example_image "$T/image"
	printf ' ' >> "$T/image/cmdline"
	run scripts/boot "$T/image"
	[ "$status" -eq 1 ]
	has 'not as it was built'
	run scripts/boot "$T/nothing"
	[ "$status" -eq 1 ]
	has "run 'make image' first"
}

@test "debug flavour: banner, kernel messages, another measurement" {
	example_image "$T/image" debug
	example_image "$T/release"
	boot "$T/image"
	[ "$status" -eq 0 ]
	has 'mote [0-9.]+: DEBUG IMAGE'
	has 'Linux version 7\.'
	has 'app\| Hello from a measured guest'
	run -1 cmp -s "$T/image/vmlinuz" "$T/release/vmlinuz"
	run -1 cmp -s "$T/image/cmdline" "$T/release/cmdline"
	[ "$(jq -r .flavor "$T/image/manifest.json")" = debug ]
}
