# SPDX-License-Identifier: Apache-2.0
# measure.bash: what the tests of mote-measure share. Tests run with the
# repository as their working directory; "make check" sets BUILD and VECTORS.

bats_require_minimum_version 1.5.0

BUILD=${BUILD:-build}
VECTORS=${VECTORS:-../shared/vectors}
MEASURE=$BUILD/mote-measure
MEASURE_SANITIZED=$BUILD/tests/mote-measure

# Runs the program as it is installed, then with ASan and UBSan; both must say
# the same. Sets status, output and stderr as "run --separate-stderr" does.
mm() # ARG...
{
	run --separate-stderr "$MEASURE" "$@"
	local was=$status out=$output err=$stderr
	run --separate-stderr "$MEASURE_SANITIZED" "$@"
	if [ "$status$output$stderr" != "$was$out$err" ]; then
		echo "with sanitizers: $status (not $was)"
		echo "$output"
		echo "$stderr"
		return 1
	fi
	echo "exit $status"
	echo "$output"
	echo "$stderr"
}

# refused STATUS MESSAGE ARG...: ends with this status, nothing on standard
# output, and one line on standard error, after warnings, that has the message.
refused()
{
	local want=$1 message=$2
	shift 2
	mm "$@"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	local reason
	reason=$(grep -v '^mote-measure: warning: ' <<< "$stderr")
	[[ $(head -n 1 <<< "$reason") == *"$message"* ]]
	# Usage adds where to read more.
	[ "$(wc -l <<< "$reason")" -eq $((want == 2 ? 2 : 1)) ]
}

# Skips where the recorded values of others are absent.
need_vectors() # PATH
{
	[ -e "$VECTORS/$1" ] || skip "VECTORS=$VECTORS has no $1"
}

# Tells "make check" how many recorded lines a test compared.
compared() # N
{
	echo "# compared $1 lines" >&3
}
