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

@test "the reference values print what the README shows" {
	[ "$(block sh 4)" = 'make measure' ]
	sh -e -c "$(block sh 4)" > "$T/out" 2>&1
	mask < "$T/out" > "$T/got"
	printed 3 5
	sh -e -c "$(block sh 5)" > "$T/out" 2>&1 || {
		cat "$T/out"
		return 1
	}
	# The same values as those of the file, and a firmware that is known.
	grep -qF "$(jq -r '.values[] | select(.cpu == "EPYC-Genoa" and
		.vcpus == 4).digest' build/image/reference-values.json)" "$T/out"
	grep -q 'snp_kernel_hashes' "$T/out"
}

@test "the matrix of what can be measured is true" {
	tests/firmware.py "$T/fw" --preset amdsev
	echo k > "$T/k"
	try() # CODE ARG...
	{
		run "-$1" build/mote-measure snp --quiet --firmware "$T/fw" \
			"${@:2}"
	}
	# shellcheck disable=SC2043 # one mode after the other
	for mode in snp sev-es; do
		try 0 --mode $mode --vcpus 2 --cpu EPYC --kernel "$T/k"
		try 0 --mode $mode --vcpus 2 --cpu EPYC
		try 0 --mode $mode --vcpus 2 --vmm ec2,gce
	done
	try 0 --mode sev --kernel "$T/k"
	try 0 --mode sev
	try 2 --mode sev-es --svsm "$T/k" --vars-size 0 --vcpus 1 --cpu EPYC
	try 2 --mode sev --svsm "$T/k" --vars-size 0
}

@test "mote-measure(1): every command of its EXAMPLES works as it stands" {
	make -s measure > "$T/out"
	awk '/^\.Sh EXAMPLES/ { section = 1 } /^\.Sh SEE/ { section = 0 }
		section && /^\.Bd -literal/ { inside = 1; next }
		/^\.Ed/ { inside = 0 } inside' docs/mote-measure.1 |
		sed 's/\\e$/\\/' > "$T/examples"
	[ "$(grep -c '^build/mote-measure' "$T/examples")" -ge 8 ]
	sh -e "$T/examples" > "$T/out" 2>&1 || {
		cat "$T/out"
		return 1
	}
	# identify found what the sed before it took.
	grep -q 'this is the digest of 4 vCPUs instead of 1' "$T/out"
}
