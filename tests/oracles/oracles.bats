#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# oracles.bats: digests of mote-measure compared with those of other programs.
# "make check-oracles" installs them before; what is not there is skipped.

load ../measure.bash

setup()
{
	# A copy: a build meanwhile would replace the program.
	cp "$MEASURE" "$BATS_TEST_TMPDIR/mote-measure"
	MEASURE=$BATS_TEST_TMPDIR/mote-measure
	# A place of its own for the inputs, beside the programs.
	FOLDER=$BATS_TEST_TMPDIR/oracles
	mkdir "$FOLDER"
	for name in sev-snp-measure snpguest; do
		ln -s "$(realpath "$BUILD")/oracles/$name" "$FOLDER/"
	done
}

need_oracle() # NAME
{
	local at=$BUILD/oracles/$1
	[ -f "$at.version" ] ||
		skip "$1: $(cat "$at.reason" 2> /dev/null || echo not installed)"
}

# The last line has the counts; they are shown whether it passes or not.
compared_with() # PROGRAM NAME INPUTS [SEED]
{
	run --separate-stderr tests/oracles/compare "$2" "$1" "$FOLDER" \
		"$VECTORS" "$3" "${4:-1}"
	echo "$output"
	echo "$stderr"
	[ "${#lines[@]}" -gt 0 ]
	last=${lines[-1]}
}

agrees() # NAME
{
	need_oracle "$1"
	compared_with "$MEASURE" "$1" 560
	echo "# $last" >&3
	[ "$status" -eq 0 ]
	[[ $last == "oracle $1: 560 inputs compared, 0 differ "* ]]
}

@test "sev-snp-measure computes the same digests" {
	agrees sev-snp-measure
}

@test "snpguest computes the same digests" {
	agrees snpguest
}

@test "a wrong digest and a missing refusal are seen" {
	need_oracle sev-snp-measure
	local wrong=$BATS_TEST_TMPDIR/wrong
	cat > "$wrong" <<-END
		#!/bin/sh
		"$MEASURE" "\$@" | tr 0-9a-f 1-9a-f0
	END
	chmod +x "$wrong"
	compared_with "$wrong" sev-snp-measure 20
	[ "$status" -eq 4 ]
	[[ $last =~ ^"oracle sev-snp-measure: 20 inputs compared, "([0-9]+)" differ "(.*)" "([0-9]+)" more that both must refuse)"$ ]]
	# Every digest, and every refusal, because the status of a pipe is that
	# of its end.
	[ "${BASH_REMATCH[1]}" -eq $((20 + BASH_REMATCH[3])) ]
	[ "${BASH_REMATCH[3]}" -gt 0 ]
}

@test "a single digest of a list that is wrong is seen" {
	need_oracle sev-snp-measure
	local rare=$BATS_TEST_TMPDIR/rare
	cat > "$rare" <<-END
		#!/bin/sh
		"$MEASURE" "\$@" > "$BATS_TEST_TMPDIR/said" || exit
		sed '7s/.$/x/' "$BATS_TEST_TMPDIR/said"
	END
	chmod +x "$rare"
	compared_with "$rare" sev-snp-measure 100
	[ "$status" -eq 4 ]
	[[ $last =~ ", "([0-9]+)" differ " ]]
	[ "${BASH_REMATCH[1]}" -gt 0 ]
	[ "${BASH_REMATCH[1]}" -lt 20 ]
}

@test "the same seed makes the same inputs, another seed others" {
	digests() # FOLDER SEED
	{
		/usr/bin/python3 -B -c '
import sys
sys.path.insert(0, "tests/oracles")
import inputs, snpguest
made = inputs.Inputs(sys.argv[1], int(sys.argv[2]), "/nonexistent")
print([made.case(snpguest) for i in range(50)])' "$1" "$2" > "$1.cases"
		sed "s|$1|FOLDER|g" "$1.cases" | sha256sum
		(cd "$1" && sha256sum ./*) | sha256sum
	}
	a=$(digests "$BATS_TEST_TMPDIR/a" 1)
	b=$(digests "$BATS_TEST_TMPDIR/b" 1)
	c=$(digests "$BATS_TEST_TMPDIR/c" 2)
	[ "$a" = "$b" ]
	[ "$a" != "$c" ]
}

@test "no input is no success" {
	run tests/oracles/compare snpguest "$MEASURE" "$FOLDER" "$VECTORS" 0
	[ "$status" -eq 2 ]
	run tests/oracles/compare nobody "$MEASURE" "$FOLDER" "$VECTORS"
	[ "$status" -eq 2 ]
}

@test "IGVM files have the same digests" {
	local folder
	folder=$(realpath "$BUILD")/oracles
	run --separate-stderr env CARGO_HOME="$folder/igvm/cargo" \
		tests/oracles/igvm-compare "$MEASURE" "$folder"
	echo "$output"
	echo "$stderr"
	[ "$status" -ne 2 ] || [ ! -f "$folder/igvm.reason" ] ||
		skip "igvm: $(cat "$folder/igvm.reason")"
	[ "${#lines[@]}" -gt 0 ]
	echo "# ${lines[-1]}" >&3
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} =~ ^"igvm: "[1-9][0-9]*" files compared, 0 differ"$ ]]
}
