#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# fuzz.bats: what fuzzing once found stays right, and the first inputs of every
# harness give the same with and without calls that fail. "make fuzz" goes on
# from there.

BUILD=${BUILD:-build}
FUZZ=$BUILD/fuzz

# harness NAME ARG...
harness()
{
	local name=$1
	shift
	[ -x "$FUZZ/bin/$name" ] || skip "make fuzz-programs builds $name"
	run "$FUZZ/bin/$name" -rss_limit_mb=2048 \
		-artifact_prefix="$BATS_TEST_TMPDIR/" "$@"
	[ "$status" -eq 0 ] || {
		echo "$name: exit $status"
		echo "$output"
		return 1
	}
}

@test "findings" {
	local file n=0
	for file in tests/fuzz/findings/*.hex; do
		# The first line is "# HARNESS: what it was".
		read -r _ name _ < "$file"
		echo "$file"
		sed 1d "$file" | /usr/bin/python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' \
			> "$BATS_TEST_TMPDIR/input"
		[ -s "$BATS_TEST_TMPDIR/input" ]
		harness "${name%:}" "$BATS_TEST_TMPDIR/input"
		[[ $output == *"Executed $BATS_TEST_TMPDIR/input in "* ]]
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

@test "each harness takes its first inputs" {
	local folder n=0
	for folder in "$FUZZ"/seeds/*/; do
		[ -d "$folder" ] || skip "make fuzz-programs makes them"
		harness "$(basename "$folder")" -runs=0 "$folder"
		n=$((n + 1))
	done
	# One for each source.
	[ "$n" -eq "$(find tests/fuzz -name 'fuzz_*.c' | wc -l)" ]
}

@test "a call that fails is an error, and nothing is lost" {
	local name
	for name in descriptor idblock matrix; do
		FUZZ_EACH=0xb harness fuzz_measure_$name -runs=0 -timeout=200 \
			"$FUZZ/seeds/fuzz_measure_$name"
	done
}
