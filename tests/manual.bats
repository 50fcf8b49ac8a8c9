#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# manual.bats: mote-measure(1), --help and the options of the program are one.

load measure.bash

PAGE=docs/mote-measure.1
COMMANDS=('snp' 'snp extend' 'snp id-block' 'igvm' 'verify snp' 'identify'
	'inspect' 'image')

setup()
{
	T=$BATS_TEST_TMPDIR
}

# The part of the page that describes a command.
section()
{
	awk -v name=".Ss $1" '/^\.S[hs] / { inside = $0 == name } inside' $PAGE
}

# Options in the tables of a file.
rows()
{
	grep -oE '"[a-z-]+", OPT_' "$1" | sed -E 's/"([a-z-]+)".*/\1/'
}

# Options of a command that its source takes, without those of all commands.
of_source()
{
	local file
	file=measure/cmd/cmd_$(tr ' -' __ <<< "$1").c
	{
		rows "$file"
		! grep -q MATRIX_ROWS "$file" || rows measure/cmd/matrix.h
	} | sort -u
}

@test "mote-measure --help lists the commands of the page, in its order" {
	run -0 "$MEASURE" --help
	sed -nE '/^Commands/,/^$/s/^  ([a-z]+( [a-z-]+)?)  .*/\1/p' \
		<<< "$output" > "$T/help"
	awk '/^\.Sh COMMANDS/ { inside = 1 } /^\.Sh ACCURACY/ { inside = 0 }
		inside && /^\.Ss / { sub(/^\.Ss /, ""); print }' $PAGE > "$T/page"
	diff -u "$T/page" "$T/help"
	printf '%s\n' "${COMMANDS[@]}" | diff -u - "$T/help"
}

@test "--help of each command lists exactly the options that it takes" {
	for c in "${COMMANDS[@]}"; do
		# shellcheck disable=SC2086 # one or two words
		run -0 "$MEASURE" $c --help
		[[ $output == "usage: mote-measure $c "* ]]
		# Lines of options begin with two blanks; the last one is common.
		[ "${lines[-1]}" = '  --json, --quiet, --output FILE, --help' ]
		grep -E '^  +-' <<< "$output" | sed '$d' |
			grep -oE -- '--[a-z][a-z-]*' | sort -u > "$T/help"
		of_source "$c" | sed 's/^/--/' > "$T/source"
		echo "$c"
		diff -u "$T/source" "$T/help"
		# Fits a terminal.
		run -1 grep -E '.{81}' <<< "$output"
	done
}

@test "the page describes exactly the options that each command takes" {
	for c in "${COMMANDS[@]}"; do
		section "$c" | grep -oE -- 'Fl -[a-z][a-z-]*' |
			sed 's/Fl -//' | sort -u |
			grep -vxE 'json|quiet|output|help' > "$T/page" || :
		of_source "$c" > "$T/source"
		# Those for processors stand with "snp".
		case $c in
		'snp extend' | image)
			rows measure/cmd/matrix.h | sort > "$T/matrix"
			comm -23 "$T/source" "$T/matrix" > "$T/own"
			comm -23 "$T/page" "$T/matrix" | diff -u "$T/own" - ;;
		*)
			echo "$c"
			# The page may speak of options of other commands.
			comm -23 "$T/source" "$T/page" > "$T/missing"
			cat "$T/missing"
			[ ! -s "$T/missing" ] ;;
		esac
	done
	# No command takes an option that the page names.
	for c in "${COMMANDS[@]}"; do of_source "$c"; done | sort -u > "$T/all"
	grep -oE -- 'Fl -[a-z][a-z-]*' $PAGE | sed 's/Fl -//' | sort -u |
		grep -vxFf "$T/all" |
		grep -vxE 'json|quiet|output|help|version' > "$T/wrong" || :
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
}

# Every key of the JSON on standard input, but those of free names.
keys()
{
	jq -r '[paths | map(select(type == "string"))[]] | unique[]'
}

@test "every key of every --json is in the page" {
	tests/firmware.py "$T/fw" --preset amdsev
	echo k > "$T/k"
	tests/igvm.py make snp "$T/igvm" 2 4
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 \
		-out "$T/id.pem" 2> "$T/log"
	printf 0123456789abcdef > "$T/tik"
	digest=$("$MEASURE" snp --quiet --firmware "$T/fw" --vcpus 1 --cpu EPYC)
	check() # COMMAND ARG...
	{
		local code=0
		"$MEASURE" "${@:2}" --json > "$T/json" 2> "$T/log" || code=$?
		[ "$code" -eq 0 ] || [ "$code" -eq 4 ]
		section "$1" > "$T/section"
		keys < "$T/json" > "$T/keys"
		[ "$(wc -l < "$T/keys")" -ge 3 ]
		while read -r key; do
			grep -qwF -- "$key" "$T/section" ||
				section snp | grep -qwF -- "$key" ||
				echo "$1: $key"
		done < "$T/keys" > "$T/missing"
		cat "$T/missing"
		[ ! -s "$T/missing" ]
	}
	check snp snp --firmware "$T/fw" --kernel "$T/k" --append a \
		--vcpus 1 --cpu EPYC --trace
	check snp snp --mode sev --firmware "$T/fw" --tik "$T/tik" --build 1 \
		--mnonce 000102030405060708090a0b0c0d0e0f --policy 1 \
		--api-version 1.1
	check 'snp extend' snp extend --digest "$digest" --ap-eip 1 --vcpus 2 \
		--cpu EPYC
	check 'snp id-block' snp id-block --digest "$digest" --id-key "$T/id.pem"
	check igvm igvm "$T/igvm"
	check identify identify --digest "$digest" --firmware "$T/fw" --vcpus 2
	check inspect inspect "$T/fw"
	check inspect inspect "$BUILD/image/vmlinuz"
	check inspect inspect "$BUILD/image"
	check image image --firmware "$T/fw" --vcpus 1 --cpu EPYC "$BUILD/image"
}

@test "exit codes of the page are those of the program" {
	grep -A 1 '^\.It [0-4]$' $PAGE | grep -c '^\.It' | grep -qx 5
	run -0 "$MEASURE" --version
	[ "$output" = "mote-measure $(cat "$BUILD/version")" ]
	run -2 "$MEASURE"
	run -2 "$MEASURE" nonsense
	[[ $output == *"'nonsense' is no command"* ]]
	run -2 "$MEASURE" snp --nonsense
	run -2 "$MEASURE" verify
	[[ $output == *"verify what? verify snp"* ]]
	for h in --help -h help; do
		run -0 "$MEASURE" $h
		[[ $output == 'usage: mote-measure COMMAND'* ]]
	done
	run -0 "$MEASURE" snp -h
	[[ $output == 'usage: mote-measure snp '* ]]
	run -1 "$MEASURE" inspect "$T/none"
	: > "$T/empty"
	run -3 "$MEASURE" igvm "$T/empty"
	tests/firmware.py "$T/fw" --preset amdsev
	run -4 "$MEASURE" identify --firmware "$T/fw" --digest \
		"$(printf '5a%.0s' $(seq 48))"
}

@test "the example of a recorded report works as it stands" {
	need_vectors trustee/snp/genoa-v3-vcek.der
	section 'verify snp' | awk '/^\.Bd -literal/ { inside = 1; next }
		/^\.Ed/ { inside = 0 } inside' | sed 's/\\e$/\\/' > "$T/example"
	grep -q '^mote-measure verify snp' "$T/example"
	cp "$MEASURE" "$T/mote-measure"
	(cd "$VECTORS/trustee/snp" && PATH=$T:$PATH sh -e "$T/example")
}

@test "the examples of ID blocks work as they stand" {
	cp "$MEASURE" "$T/mote-measure"
	section 'snp id-block' | awk '/^\.Bd -literal/ { inside = 1; next }
		/^\.Ed/ { inside = 0 } inside' | sed 's/\\e$/\\/' > "$T/example"
	[ "$(grep -c '^mote-measure' "$T/example")" -ge 2 ]
	mkdir "$T/here"
	(cd "$T/here" && PATH=$T:$PATH sh -e "$T/example")
}

@test "docs/measurements.md: the VMSA tables are those of the source" {
	tr '\n' ' ' < docs/measurements.md | tr -s ' ' > "$T/doc"
	for v in '0x0007040600070406' '0x00070106' '0xffff0ff0' '0x1f80, 0x37f'; do
		grep -qF -- "$v" "$T/doc"
	done
	# Each page of the table, made here from what the document says.
	/usr/bin/python3 - "$MEASURE" "$T" <<'EOF2'
import hashlib, re, struct, subprocess, sys
program, tmp = sys.argv[1:]
with open('docs/measurements.md', encoding='utf-8') as f:
    doc = f.read()
table = doc[doc.index('| VMM |'):].split('\n\n')[0]
rows = re.findall(r'^\| `(\S+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$',
                  table, re.M)
assert [r[0] for r in rows] == ['qemu', 'legacy', 'ec2', 'ec2-old', 'gce'], rows
subprocess.run(['tests/firmware.py', f'{tmp}/fw', '--preset', 'amdsev'],
               check=True)
SIG, EIP = 0xa00f11, 0x80b004
seen = {}
for vmm, attributes, rdx, pat, fpu in rows:
    if attributes.startswith('as `'):
        attributes = seen[attributes[4:-1]]
    seen[vmm] = attributes
    cs, ss, tr = re.match(r'(\w\w).*?, (\w\w), (\w\w)$', attributes).groups()
    ap_cs = re.search(r'or (\w\w)', attributes)
    seen['pat'] = pat = seen['pat'] if pat == 'the same' else pat
    chain = None
    pages = []
    for first in True, False:
        page = bytearray(4096)
        def segment(at, selector, attribute, limit, base):
            struct.pack_into('<HHIQ', page, at, selector, attribute, limit,
                             base)
        eip = 0xfffffff0 if first else EIP
        for at in 0x00, 0x30, 0x40, 0x50:
            segment(at, 0, 0x93, 0xffff, 0)
        code = int(cs if first or not ap_cs else ap_cs[1], 16)
        segment(0x10, 0xf000, code, 0xffff, eip & 0xffff0000)
        segment(0x20, 0, int(ss, 16), 0xffff, 0)
        segment(0x60, 0, 0, 0xffff, 0)
        segment(0x70, 0, 0x82, 0xffff, 0)
        segment(0x80, 0, 0, 0xffff, 0)
        segment(0x90, 0, int(tr, 16), 0xffff, 0)
        mxcsr, fcw = (int(x, 0) for x in fpu.split(', '))
        for at, value in ((0xd0, 0x1000), (0x148, 0x40), (0x158, 0x10),
                          (0x160, 0x400), (0x168, 0xffff0ff0), (0x170, 2),
                          (0x178, eip & 0xffff), (0x268, int(pat.strip('`'), 0)),
                          (0x310, SIG if 'CPUID' in rdx else int(rdx, 0)),
                          (0x3b0, 0x21), (0x3e8, 1), (0x408, mxcsr),
                          (0x410, fcw)):
            struct.pack_into('<Q', page, at, value)
        pages.append(hashlib.sha384(page).digest())
    out = subprocess.run(
        [program, 'snp', '--trace', '--firmware', f'{tmp}/fw', '--vmm', vmm,
         '--vcpu-sig', hex(SIG), '--guest-features', '0x21', '--vcpus', '2'],
        check=True, capture_output=True, text=True).stdout
    trace = [line.split() for line in out.splitlines()
             if re.match(r'\w+ +0x[0-9a-f]{12} ', line)]
    digest = bytes.fromhex(trace[-3][2])
    for contents, line in zip(pages, trace[-2:]):
        info = digest + contents + struct.pack('<HBBIQ', 0x70, 2, 0, 0,
                                               0xfffffffff000)
        digest = hashlib.sha384(info).digest()
        assert digest.hex() == line[2], vmm
EOF2
}

@test "the library is pure: no input, no output, no exit" {
	nm -A -u "$BUILD/measure/libmeasure.a" | awk '{ print $NF }' |
		sort -u > "$T/used"
	grep -qx EVP_DigestFinal_ex "$T/used"
	grep -xE '(v?f?d?printf|puts|fputs|fputc|putchar|f?write|f?read|f?open(at)?(64)?|close|stat|exit|_exit|abort|getenv|time|system|popen|std(in|out|err))(_chk)?' \
		"$T/used" > "$T/impure" || :
	cat "$T/impure"
	[ ! -s "$T/impure" ]
	# And it has no variables of its own.
	size -A "$BUILD/measure/libmeasure.a" |
		awk '($1 == ".data" || $1 == ".bss") && $2 > 0' > "$T/data"
	cat "$T/data"
	[ ! -s "$T/data" ]
}
