#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# readme.bats: the commands of the README, run as they stand there, print what
# it says. Uses the build folder; runs alone.

bats_require_minimum_version 1.5.0

setup()
{
	T=$BATS_TEST_TMPDIR
	# The README speaks of the default folders.
	unset BUILD IMAGE APP APP_CONFIG FLAVOR MAKEFLAGS MFLAGS MAKELEVEL
}

# The Nth block of the kind (sh or text).
block()
{
	awk -v kind="$1" -v want="$2" '
		/^```/ { if (inside) { inside = 0; next }
			if ($0 == "```" kind && ++n == want) inside = 1
			else if ($0 != "```") skip = !skip
			next }
		inside' README.md
}

# Numbers, digests and versions differ from machine to machine.
mask()
{
	sed -E 's/[0-9a-f]{16,64}/HEX/g; s/[0-9]+/N/g; s/ +/ /g
		s/\((built here|from the cache)\)/(WHERE)/'
}

# Each line of the Nth text block, numbers aside, is among those printed.
printed() # N LINES-OF-THE-BLOCK
{
	block text "$1" | grep -v '^\.\.\.$' | mask > "$T/want"
	[ "$(wc -l < "$T/want")" -eq "$2" ]
	while IFS= read -r line; do
		grep -qxF -- "$line" "$T/got" || {
			echo "not printed: $line"
			cat "$T/out"
			return 1
		}
	done < "$T/want"
}

@test "the first two commands print what the README shows" {
	[ "$(block sh 1)" = "$(printf 'make image\nmake boot')" ]
	sh -e -c "$(block sh 1)" > "$T/out" 2>&1
	mask < "$T/out" > "$T/got"
	printed 1 10
	printed 2 6
}

@test "the Redis example works as it stands" {
	rm -rf build/redis
	sh -e -c "$(block sh 2)" > "$T/out" 2>&1 3>&- || {
		cat "$T/out"
		return 1
	}
	grep -qx OK "$T/out"
	[ "$(redis-cli -p 6379 get greeting)" = hello ]
	redis-cli -p 6379 shutdown nosave || :
	for _ in $(seq 100); do
		grep -q 'poweroff code 0' "$T/out" && break
		sleep 0.2
	done
	grep -q 'poweroff code 0' "$T/out"
}

@test "the APP_CONFIG example works as it stands" {
	sh -e -c "$(block sh 3)" > "$T/out" 2>&1 || {
		cat "$T/out"
		return 1
	}
	jq -e '.workload.tmpfs[] | select(.path == "/var/lib/redis" and
		.bytes == 536870912 and .uid == 101)' build/image/manifest.json
	# The example of the next reader starts from the default image again.
	make -s image
}
