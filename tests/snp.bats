#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# snp.bats: mote-measure snp and snp extend, against recorded values of others
# and against themselves.

load measure.bash

SNP=$VECTORS/snp
FD=$SNP/fixtures/OVMF.amdsev.fd

setup()
{
	T=$BATS_TEST_TMPDIR
}

# A firmware of 64 KiB with every table, made here.
firmware() # FILE
{
	tests/firmware.py "$1" --preset amdsev --seed snp
}

# recorded FILE.jsonl: each line, also with the sanitized program.
recorded()
{
	need_vectors "snp/$1"
	run tests/snp-vectors "$MEASURE" "$SNP" "$1"
	echo "$output"
	[ "$status" -eq 0 ]
	compared "$output"
	tests/snp-vectors "$MEASURE_SANITIZED" "$SNP" "$1"
}

@test "recorded values: the matrix of sev-snp-measure 0.0.13" {
	recorded matrix.jsonl
}

@test "recorded values: FPU state zero, sev-snp-measure 0.0.9" {
	recorded legacy.jsonl
}

@test "recorded values: the unit tests of sev-snp-measure" {
	recorded peer-unit/sev-snp-measure.unit.jsonl
}

@test "recorded refusals of sev-snp-measure are refused" {
	recorded peer-unit/sev-snp-measure.errors.jsonl
}

@test "recorded steps: --trace passes through each, and the hash table" {
	need_vectors snp/intermediate.jsonl
	run /usr/bin/python3 - "$MEASURE" "$SNP" "$T" <<'EOF2'
import json, subprocess, sys
sys.path.insert(0, 'tests')
program, folder, tmp = sys.argv[1:]
matrix = {}
with open(f'{folder}/matrix.jsonl', encoding='utf-8') as f:
    for line in f:
        case = json.loads(line)
        matrix[case['id']] = case
import importlib.machinery, importlib.util
loader = importlib.machinery.SourceFileLoader('v', 'tests/snp-vectors')
v = importlib.util.module_from_spec(importlib.util.spec_from_loader('v', loader))
sys.argv = ['']
try:
    loader.exec_module(v)
except ValueError:
    pass  # no arguments for its main()
compared = 0
with open(f'{folder}/intermediate.jsonl', encoding='utf-8') as f:
    for line in f:
        want = json.loads(line)
        # The line of this launch was left out of the matrix.
        case = matrix.get(want['matrix_id']) or {
            **matrix['01941'], 'vmm': {'02064': 'gce'}[want['matrix_id']]}
        args = [a for a in v.arguments(case, folder) if a != '--quiet']
        if want['hashes_table_hex']:
            args += ['--emit-hash-table', f'{tmp}/page']
        out = subprocess.run([program, *args, '--trace', '--json'],
                             capture_output=True, check=True, text=True)
        pages = [p for p in json.loads(out.stdout)['trace']]
        at = -1
        for name, gpa, digest in want['steps']:
            before = at
            at = max(at, 0)
            # The page with this digest is that of the step before (if the
            # firmware has one page) or comes after it.
            while pages[at]['digest'] != digest:
                at += 1
            # A step is named by the address of its first page.
            first = 0 if name.endswith('firmware pages') else before + 1
            assert int(pages[first]['gpa'], 16) == int(gpa, 16), name
            kind = {'vmsa': 'vmsa', 'firs': 'normal', 'all ': 'normal'}.get(
                name[:4])
            assert not kind or pages[at]['type'] == kind, name
        assert at == len(pages) - 1, 'pages after the last step'
        if want['hashes_table_hex']:
            with open(f'{tmp}/page', 'rb') as page:
                page = page.read()
            table = bytes.fromhex(want['hashes_table_hex'])
            gpa = int(want['hash_table_gpa'], 16) % 4096
            assert len(page) == 4096
            assert page == table.rjust(gpa + len(table), b'\0').ljust(
                4096, b'\0')
        compared += 1
print(compared)
EOF2
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" -gt 0 ]
	compared "$output"
}

# Digests of sev-snp-measure 0.0.13 for inputs that anyone can make again.
@test "values for a synthetic firmware equal those of sev-snp-measure" {
	firmware "$T/fw"
	yes kernel | head -c 100000 > "$T/kernel"
	yes initrd | head -c 50000 > "$T/initrd"
	n=0
	while IFS='|' read -r want args; do
		[[ $want != '#'* ]] || continue
		args=${args//@/$T/}
		# shellcheck disable=SC2086 # options without blanks
		mm snp --quiet --firmware "$T/fw" $args
		[ "$status" -eq 0 ]
		[ "$output" = "$want" ]
		n=$((n + 1))
	done < tests/snp-synthetic.txt
	[ "$n" -ge 20 ]
}

@test "lists give the same values as single runs, in a stated order" {
	firmware "$T/fw"
	echo k > "$T/kernel"
	mm snp --quiet --firmware "$T/fw" --kernel "$T/kernel" \
		--append one --append two --guest-features 1,0x21 \
		--vmm qemu,gce --cpu EPYC-Milan,EPYC-v4 --vcpus 1-3,7
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 64 ]
	list=("${lines[@]}")
	n=0
	for a in one two; do
	for f in 0x1 0x21; do
	for v in qemu gce; do
	for c in EPYC-Milan EPYC-v4; do
	for i in 1 2 3 7; do
		one=$("$MEASURE" snp --quiet --firmware "$T/fw" --append $a \
			--kernel "$T/kernel" --guest-features $f --vmm $v \
			--cpu $c --vcpus $i 2> /dev/null)
		[ "$one" = "${list[n]}" ]
		n=$((n + 1))
	done; done; done; done; done
	# The CPU model is not part of what gce measures, all else is.
	[ "$(printf '%s\n' "${list[@]}" | sort -u | wc -l)" -eq 48 ]
}

@test "the parts of a signature, a signature and a model are one" {
	firmware "$T/fw"
	for cpu in '--cpu EPYC-Genoa-v7' '--vcpu-sig 0xa10f10' \
		'--vcpu-sig 10555152' \
		'--vcpu-family 25 --vcpu-model 17 --vcpu-stepping 0'; do
		# shellcheck disable=SC2086 # options
		mm snp --quiet --firmware "$T/fw" --vcpus 3 $cpu
		[ "$status" -eq 0 ]
		[ "${first:=$output}" = "$output" ]
	done
}

@test "snp extend continues the digest of one vCPU" {
	firmware "$T/fw"
	mm snp --quiet --firmware "$T/fw" --cpu EPYC-Rome --vcpus 1-64
	[ "$status" -eq 0 ]
	want=$output
	mm snp extend --quiet --digest "${lines[0]}" --firmware "$T/fw" \
		--cpu EPYC-Rome --vcpus 1-64
	[ "$status" -eq 0 ]
	[ "$output" = "$want" ]
	# The firmware only says where further processors start.
	mm snp extend --quiet --digest "${lines[0]}" --ap-eip 0x80b004 \
		--cpu EPYC-Rome --vcpus 1-64
	[ "$output" = "$want" ]
	mm snp extend --json --digest "${lines[0]}" --ap-eip 0x80b004 \
		--cpu EPYC-Rome --vcpus 2
	[ "$(jq -r '.schema, .values[0].digest' <<< "$output")" = \
		"mote-snp-extend-1
$(sed -n 2p <<< "$want")" ]
}

@test "the firmware's hash and descriptor stand for the firmware" {
	firmware "$T/fw"
	echo k > "$T/k"
	mm snp --quiet --firmware "$T/fw" --kernel "$T/k" --cpu EPYC --vcpus 1-4
	want=$output
	mm snp --quiet --mode snp:ovmf-hash --firmware "$T/fw"
	[ "$status" -eq 0 ]
	mm snp --quiet --firmware "$T/fw" --firmware-hash "$output" \
		--kernel "$T/k" --cpu EPYC --vcpus 1-4
	[ "$output" = "$want" ]
	mm inspect --descriptor "$T/fw" --output "$T/fw.json"
	[ "$status" -eq 0 ]
	[ "$(stat -c %s "$T/fw.json")" -lt 2000 ]
	mm snp --quiet --firmware-descriptor "$T/fw.json" \
		--kernel "$T/k" --cpu EPYC --vcpus 1-4
	[ "$output" = "$want" ]
}

@test "every byte of every input counts; what is not measured does not" {
	firmware "$T/fw"
	echo kernel > "$T/kernel"
	echo initrd > "$T/initrd"
	value()
	{
		"$MEASURE" snp --quiet --cpu EPYC --vcpus 1 "$@" \
			2> /dev/null >> "$T/values"
	}
	value --firmware "$T/fw"
	value --firmware "$T/fw" --kernel "$T/kernel"
	value --firmware "$T/fw" --kernel "$T/kernel" --initrd "$T/initrd"
	for c in ' ' x 'x ' ' x' $'x\n' X; do
		value --firmware "$T/fw" --kernel "$T/kernel" --append "$c"
	done
	printf 'X' | dd of="$T/fw" bs=1 seek=100 conv=notrunc status=none
	value --firmware "$T/fw"
	[ "$(wc -l < "$T/values")" -eq 10 ]
	[ "$(sort -u "$T/values" | wc -l)" -eq 10 ]
	# No command line is an empty one; the same bytes from a file.
	value --firmware "$T/fw" --kernel "$T/kernel"
	value --firmware "$T/fw" --kernel "$T/kernel" --append ''
	[ "$(tail -n 2 "$T/values" | uniq | wc -l)" -eq 1 ]
	printf 'a b' > "$T/line"
	value --firmware "$T/fw" --kernel "$T/kernel" --append 'a b'
	value --firmware "$T/fw" --kernel "$T/kernel" --append-file "$T/line"
	[ "$(tail -n 2 "$T/values" | uniq | wc -l)" -eq 1 ]
}

@test "SEV-ES: default is QEMU's old VM type; features do not count" {
	firmware "$T/fw"
	mm snp --quiet --mode sev-es --firmware "$T/fw" --cpu EPYC --vcpus 2
	[ "$status" -eq 0 ]
	want=$output
	mm snp --quiet --mode sev-es --firmware "$T/fw" --cpu EPYC --vcpus 2 \
		--vmm legacy --guest-features 0x21
	[ "$output" = "$want" ]
	mm snp --quiet --mode sev-es --firmware "$T/fw" --cpu EPYC --vcpus 2 \
		--vmm qemu
	[ "$output" != "$want" ]
}

@test "LAUNCH_MEASURE is the HMAC that openssl computes" {
	firmware "$T/fw"
	printf '0123456789abcdef' > "$T/tik"
	nonce=000102030405060708090a0b0c0d0e0f
	for mode in sev 'sev-es --vcpus 2 --cpu EPYC'; do
		# shellcheck disable=SC2086 # options
		mm snp --json --mode $mode --firmware "$T/fw" --tik "$T/tik" \
			--mnonce $nonce --api-version 1.55 --build 8 --policy 5
		[ "$status" -eq 0 ]
		digest=$(jq -r '.values[0].digest' <<< "$output")
		got=$(jq -r '.values[0].launch_measure' <<< "$output")
		want=$(printf '04013708''05000000''%s%s' "$digest" $nonce |
			xxd -r -p | openssl dgst -sha256 -mac HMAC \
			-macopt hexkey:"$(xxd -p "$T/tik")" | sed 's/.*= //')
		[ "$got" = "$want" ]
	done
	printf abc > "$T/short"
	refused 3 'short: 3 bytes instead of 16' snp --mode sev \
		--firmware "$T/fw" --tik "$T/short" --mnonce $nonce \
		--api-version 1.55 --build 8 --policy 5
}

@test "SVSM: --vars-file counts by its size" {
	need_vectors snp/fixtures/svsm.bin
	truncate -s 131072 "$T/vars"
	mm snp --quiet --firmware "$SNP/fixtures/svsm_ovmf.fd" --svsm \
		"$SNP/fixtures/svsm.bin" --vars-size 128K --vcpus 1-4 \
		--cpu EPYC-v4
	[ "$status" -eq 0 ]
	want=$output
	mm snp --quiet --firmware "$SNP/fixtures/svsm_ovmf.fd" --svsm \
		"$SNP/fixtures/svsm.bin" --vars-file "$T/vars" --vcpus 1-4 \
		--cpu EPYC-v4
	[ "$output" = "$want" ]
	mm snp --firmware "$SNP/fixtures/svsm_ovmf.fd" --svsm \
		"$SNP/fixtures/svsm.bin" --vars-size 128K --vcpus 1 \
		--cpu EPYC-v4 --guest-features 0x21
	[[ $output == *'FPU control word 0: unconfirmed'* ]]
	[[ ${lines[-1]} == '1     EPYC-v4  0x1      svsm '* ]]
	[[ $stderr == *"--guest-features does not count"* ]]
	refused 3 'or variables of 100 are no whole number of pages' snp \
		--firmware "$SNP/fixtures/svsm_ovmf.fd" --svsm \
		"$SNP/fixtures/svsm.bin" --vars-size 100 --vcpus 1 --cpu EPYC
}

@test "text names the inputs and the assumptions" {
	firmware "$T/fw"
	echo k > "$T/k"
	mm snp --firmware "$T/fw" --kernel "$T/k" --append 'a b' \
		--vcpus 2 --cpu EPYC-Milan
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "firmware  $T/fw, 65536 bytes" ]
	[ "${lines[1]}" = "kernel    $T/k, 2 bytes" ]
	[ "${lines[2]}" = "append 1  a b" ]
	[ "${lines[3]}" = \
		'qemu      QEMU on KVM that initialises the FPU (Linux 6.10)' ]
	[[ ${lines[5]} == '2     EPYC-Milan 0x1      qemu    '* ]]
	digest=${lines[5]##* }
	[ "${#digest}" -eq 96 ]
	mm snp --quiet --firmware "$T/fw" --kernel "$T/k" --append 'a b' \
		--vcpus 2 --cpu EPYC-Milan
	[ "$output" = "$digest" ]
}

@test "what was not hashed is said to be given" {
	firmware "$T/fw"
	given=$(printf '5a%.0s' $(seq 48))
	mm snp --firmware "$T/fw" --firmware-hash "$given" --vcpus 1 --cpu EPYC
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "pages     not hashed, given as $given" ]
	mm snp --json --firmware "$T/fw" --firmware-hash "$given" --vcpus 1 \
		--cpu EPYC
	[ "$(jq -c '.firmware | [.firmware_hash_given, .firmware_hash]' \
		<<< "$output")" = "[true,\"$given\"]" ]
	mm inspect --descriptor "$T/fw" --output "$T/fw.json"
	mm snp --json --firmware-descriptor "$T/fw.json" --vcpus 1 --cpu EPYC
	[ "$(jq -r .firmware.sha256 <<< "$output")" = \
		"$(sha256sum < "$T/fw" | cut -c 1-64)" ]
	sed 's/"reset_eip": "[^"]*"/"reset_eip": "0x0"/' "$T/fw.json" > "$T/zero.json"
	refused 3 'zero.json: no SEV-ES reset block' snp --vcpus 1 --cpu EPYC \
		--firmware-descriptor "$T/zero.json"
}

@test "a command line cannot forge lines or drive a terminal" {
	firmware "$T/fw"
	echo k > "$T/k"
	printf 'a\n1 EPYC 0x1 qemu 00\033[2J' > "$T/line"
	mm snp --firmware "$T/fw" --kernel "$T/k" --append-file "$T/line" \
		--vcpus 1 --cpu EPYC
	[ "$status" -eq 0 ]
	[ "${lines[2]}" = 'append 1  a?1 EPYC 0x1 qemu 00?[2J' ]
	[ "${#lines[@]}" -eq 6 ]
}

@test "long names keep the columns in line" {
	firmware "$T/fw"
	mm snp --firmware "$T/fw" --vcpus 1 --cpu EPYC,EPYC-Milan-v1234 \
		--guest-features 1,0xffffffffffffffff
	# The digest begins at one column in every line.
	[ "$(printf '%s\n' "${lines[@]:2}" |
		awk '{ print match($0, /(digest|[0-9a-f]{96}|[0-9a-f]+$)/) ? index($0, $NF) : 0 }' |
		sort -u | wc -l)" -eq 1 ]
}

@test "--json has every input with its sum, and every value with its shape" {
	firmware "$T/fw"
	echo k > "$T/k"
	printf 'a\377b' > "$T/line"
	mm snp --json --firmware "$T/fw" --kernel "$T/k" --append 'a b' \
		--append-file "$T/line" --vcpus 1,2 --cpu EPYC-Milan
	[ "$status" -eq 0 ]
	json=$output
	get()
	{
		jq -r "$1" <<< "$json"
	}
	[ "$(get .schema)" = mote-snp-1 ]
	[ "$(get .firmware.sha256)" = "$(sha256sum < "$T/fw" | cut -c 1-64)" ]
	[ "$(get .kernel.sha256)" = "$(sha256sum < "$T/k" | cut -c 1-64)" ]
	[ "$(get .kernel.size)" = 2 ]
	[ "$(get .initrd)" = null ]
	[ "$(get '.append[0]')" = 'a b' ]
	[ "$(get '.append[1].hex')" = 61ff62 ]
	[ "$(get '.values | length')" = 4 ]
	[ "$(get '.values[3] | del(.digest) | tostring')" = \
		'{"vcpus":2,"cpu":"EPYC-Milan","vcpu_sig":"0x00a00f11","guest_features":"0x1","vmm":"qemu","append":1}' ]
}

@test "--trace shows each page and the digest after it" {
	firmware "$T/fw"
	mm snp --trace --firmware "$T/fw" --vcpus 1-2 --cpu EPYC
	[ "$status" -eq 0 ]
	[ "$(grep -c '^normal ' <<< "$output")" -ge 16 ]
	[ "$(grep -c '^vmsa       0xfffffffff000 ' <<< "$output")" -eq 2 ]
	last=${lines[-1]##* }
	mm snp --quiet --firmware "$T/fw" --vcpus 2 --cpu EPYC
	[ "$output" = "$last" ]
}

@test "what QEMU would hash all the same gets a warning and a value" {
	firmware "$T/fw"
	: > "$T/empty"
	echo 'no kernel' > "$T/text"
	printf 'line\n' > "$T/line"
	warned()
	{
		mm snp --quiet --vcpus 1 --cpu EPYC "$@"
		[ "$status" -eq 0 ]
		[ "${#output}" -eq 96 ]
		echo "$stderr" > "$T/warning"
	}
	warned --firmware "$T/fw" --kernel "$T/text"
	grep -q 'warning: .*/text: ' "$T/warning"
	warned --firmware "$T/fw" --kernel "$T/empty"
	grep -q 'warning: .*/empty: ' "$T/warning"
	warned --firmware "$T/fw" --kernel "$T/text" --initrd "$T/empty"
	grep -q 'empty, which is the same as no initrd' "$T/warning"
	warned --firmware "$T/fw" --kernel "$T/text" --append-file "$T/line"
	grep -q 'the newline at its end is measured too' "$T/warning"
	tests/firmware.py "$T/odd" --preset amdsev --size 61440
	warned --firmware "$T/odd"
	grep -q 'takes multiples of 64 KiB only, this has 61440' "$T/warning"
	warned --firmware "$T/fw" --guest-features 0x20
	grep -q 'bit 0, SNPActive, is off' "$T/warning"
	# And nothing is said where nothing is odd.
	mm snp --quiet --vcpus 1 --cpu EPYC --firmware "$T/fw"
	[ -z "$stderr" ]
}

@test "what cannot be measured honestly is refused with exit code 3" {
	firmware "$T/fw"
	echo k > "$T/k"
	tests/firmware.py "$T/bare"
	head -c 65535 "$T/fw" > "$T/odd"
	: > "$T/empty"
	printf 'a\0b' > "$T/nul"
	one='--vcpus 1 --cpu EPYC'
	# shellcheck disable=SC2086 # options
	{
	refused 3 'bare: no SEV metadata' snp --firmware "$T/bare" $one
	refused 3 'bare: no SEV-ES reset block' snp --mode sev-es $one \
		--firmware "$T/bare"
	refused 3 'bare: a kernel is given, but the firmware has no area' \
		snp --mode sev --firmware "$T/bare" --kernel "$T/k"
	refused 3 'odd: 65535 bytes are no whole number of pages' snp \
		--firmware "$T/odd" $one
	refused 3 'empty: 0 bytes are no whole number' snp \
		--firmware "$T/empty" $one
	refused 3 'nul: a command line has no NUL bytes' snp $one \
		--firmware "$T/fw" --kernel "$T/k" --append-file "$T/nul"
	refused 3 'vmlinuz: this is a kernel, not firmware' snp \
		--firmware "$BUILD/image/vmlinuz" $one
	refused 3 'k: SVSM of 2 bytes or variables of 0 are no whole number' \
		snp --firmware "$T/fw" $one --svsm "$T/k" --vars-size 0
	refused 3 'bare: no SEV metadata' snp --firmware "$T/fw" $one \
		--svsm "$T/bare" --vars-size 0
	refused 3 'fw: no SVSM info' snp --firmware "$T/fw" $one \
		--svsm "$T/fw" --vars-size 0
	tests/firmware.py "$T/svsm" --preset amdsev --svsm 0x10000
	tests/firmware.py "$T/low" --reset 1 --svsm 0 --sev 0xfffe0000,0x1000,1
	refused 3 'section at 0xfffe0000 overlaps the firmware' snp $one \
		--firmware "$T/fw" --svsm "$T/low" --vars-size 0
	refused 3 'SVSM info: entry at 0x10000 is outside of the image' snp \
		--firmware "$T/fw" $one --svsm "$T/svsm" --vars-size 0
	refused 3 'not a regular file' snp --firmware "$T" $one
	tests/firmware.py "$T/bomb" --reset 0x80b004 \
		--sev 0,0xff000000,1 --sev 0x1000,0xff000000,1
	refused 3 'sections at 0x0 and 0x1000 overlap' snp $one \
		--firmware "$T/bomb"
	tests/firmware.py "$T/large" --reset 0x80b004 --sev 0,0xfff00000,1
	refused 3 'more than 131072 pages to trace' snp $one --trace \
		--firmware "$T/large"
	tests/firmware.py "$T/zero" --reset 0 --sev 0x1000,0x1000,1
	refused 3 'zero: no SEV-ES reset block' snp $one --firmware "$T/zero"
	}
	# Each kind of file has its limit.
	limit() # SIZE BYTES OPTION
	{
		truncate -s "$1" "$T/large"
		refused 3 "large: larger than $2 bytes" snp --firmware "$T/fw" \
			--vcpus 1 --cpu EPYC "${@:3}" "$T/large"
	}
	limit 257M 268435456 --kernel
	limit 1025M 1073741824 --kernel "$T/k" --initrd
	limit 1048577 1048576 --kernel "$T/k" --append-file
	truncate -s 65537 "$T/large"
	refused 3 'large: larger than 65536 bytes' snp --mode sev \
		--firmware "$T/fw" --tik "$T/large" --api-version 1.1 --build 1 \
		--policy 0 --mnonce 000102030405060708090a0b0c0d0e0f
	truncate -s 1025M "$T/large"
	refused 3 'large: larger than 1073741824 bytes' igvm "$T/large"
	truncate -s 65M "$T/large"
	refused 3 'large: larger than 67108864 bytes' snp \
		--firmware "$T/large" --vcpus 1 --cpu EPYC
}

@test "a kernel is refused where the firmware cannot verify one" {
	tests/firmware.py "$T/fw" --preset ovmfx64
	echo k > "$T/k"
	refused 3 "$T/fw: a kernel is given, but the firmware has no SNP_KERNEL_HASHES section" snp \
		--firmware "$T/fw" --kernel "$T/k" --vcpus 1 --cpu EPYC
	mm snp --firmware "$T/fw" --vcpus 1 --cpu EPYC
	[ "$status" -eq 0 ]
}

@test "usage is checked before any file is read" {
	while IFS='|' read -r message args; do
		# shellcheck disable=SC2086 # options without blanks
		refused 2 "$message" snp $args
	done <<'EOF2'
give either --firmware or --firmware-descriptor|--vcpus 1 --cpu EPYC
give either|--firmware x --firmware-descriptor y
--vcpus is missing|--firmware x --cpu EPYC
--cpu or --vcpu-sig is missing|--firmware x --vcpus 1
--vcpus: '0' is no number or range|--firmware x --cpu EPYC --vcpus 0
--vcpus: '4097' is no|--firmware x --cpu EPYC --vcpus 4097
--vcpus: '3-2' is no|--firmware x --cpu EPYC --vcpus 1,3-2
--vcpus: '' is no|--firmware x --cpu EPYC --vcpus 1,
--vcpus: '1-2-3' is no|--firmware x --cpu EPYC --vcpus 1-2-3
--vcpus: '0x0x2' is no|--firmware x --cpu EPYC --vcpus 0x0x2
--vcpus: '+1' is no|--firmware x --cpu EPYC --vcpus +1
'host' is none of EPYC, EPYC-Rome|--firmware x --vcpus 1 --cpu host
no number of 32 bits|--firmware x --vcpus 1 --vcpu-sig 0x100000000
belong together|--firmware x --vcpus 1 --vcpu-family 23
--guest-features: '-1'|--firmware x --vcpus 1 --cpu EPYC --guest-features -1
is none of qemu|--firmware x --vcpus 1 --cpu EPYC --vmm xen
need --kernel|--firmware x --vcpus 1 --cpu EPYC --initrd y
need --kernel|--firmware x --vcpus 1 --cpu EPYC --append y
--mode: 'tdx'|--mode tdx --firmware x
--firmware is given twice|--firmware x --firmware y
--nonsense: no such option|--nonsense
--firm: no such option|--firm x
--ovmf is --firmware here|--ovmf x
--vcpu-type is --cpu here|--vcpu-type x
--vmm-type is --vmm here|--vmm-type=x
--json takes no value|--json=1
sev-es (not seves)|--mode seves --firmware x
without --vmm|--firmware x --svsm y --vars-size 0 --vmm gce
no processor counts for --mode sev|--mode sev --firmware x --vcpus 1
no processor counts for|--mode snp:ovmf-hash --firmware x --guest-features 1
needs a value|--firmware
is not expected|--firmware x y
exclude each other|--firmware x --vcpus 1 --cpu EPYC --json --quiet
--tik is for SEV and SEV-ES|--firmware x --vcpus 1 --cpu EPYC --tik y
no processor counts|--mode sev --firmware x --cpu EPYC
--no-such: no such option|--no-such
--vcpu: no such option|--firmware x --vcpu 1
need --tik|--mode sev --firmware x --build 3
--tik needs|--mode sev --firmware x --tik y
--mnonce: 'ff' is not 16 bytes|--mode sev --firmware x --mnonce ff
--svsm and one of|--firmware x --svsm y --vcpus 1 --cpu EPYC
--trace is not for --mode sev|--mode sev --firmware x --trace
'y' is not expected|--firmware x -- y
'--json' is not expected|--firmware x --vcpus 1 -- --json
--vcpus: '1111111111111111111111111111111' is no|--firmware x --cpu EPYC --vcpus 11111111111111111111111111111111111
--trace is for|--firmware x --vcpus 1 --cpu EPYC,EPYC-Milan --trace
--kernel is not for|--mode snp:ovmf-hash --firmware x --kernel y
EOF2
}

@test "a result is written whole or not at all" {
	firmware "$T/fw"
	mm snp --quiet --firmware "$T/fw" --vcpus 1 --cpu EPYC \
		--output "$T/value"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(wc -c < "$T/value")" -eq 97 ]
	# Nothing else is touched, and a symlink stays.
	echo mine > "$T/value.tmp"
	ln -s value "$T/link"
	mm snp --quiet --firmware "$T/fw" --vcpus 2 --cpu EPYC \
		--output "$T/link"
	[ "$status" -eq 0 ]
	[ "$(cat "$T/value.tmp")" = mine ]
	[ -L "$T/link" ]
	[ "$(find "$T" -name 'value*' | wc -l)" -eq 2 ]
	# A pipe is written to, not replaced.
	mkfifo "$T/pipe"
	cat "$T/pipe" > "$T/piped" &
	"$MEASURE" snp --quiet --firmware "$T/fw" --vcpus 2 --cpu EPYC \
		--output "$T/pipe"
	wait
	[ -p "$T/pipe" ]
	cmp "$T/value" "$T/piped"
	# A new file gets what the umask leaves, an old one keeps its mode.
	[ "$(stat -c %a "$T/value")" = "$(printf '%o' $((0666 & ~0$(umask))))" ]
	chmod 600 "$T/value"
	mm snp --quiet --firmware "$T/fw" --vcpus 2 --cpu EPYC \
		--output "$T/value"
	[ "$(stat -c %a "$T/value")" = 600 ]
	# Files of the run itself are kept.
	cp "$T/fw" "$T/copy"
	refused 3 'is a file of this run, not overwritten' snp \
		--firmware "$T/copy" --vcpus 2 --cpu EPYC --output "$T/copy"
	cmp "$T/fw" "$T/copy"
	truncate -s 4096 "$T/vars"
	tests/firmware.py "$T/svsm" --preset amdsev --svsm 0
	refused 3 'vars: is a file of this run' snp --firmware "$T/fw" \
		--svsm "$T/svsm" --vars-file "$T/vars" --vcpus 1 --cpu EPYC \
		--output "$T/vars"
	echo k > "$T/k"
	refused 3 'is a file of this run' snp --firmware "$T/fw" --vcpus 2 \
		--cpu EPYC --kernel "$T/k" --emit-hash-table "$T/page" \
		--output "$T/page"
	refused 1 'cannot create' snp --firmware "$T/fw" --vcpus 1 --cpu EPYC \
		--output "$T/none/value"
	tests/firmware.py "$T/bare"
	refused 3 'no SEV metadata' snp --firmware "$T/bare" \
		--vcpus 1 --cpu EPYC --output "$T/never"
	[ ! -e "$T/never" ]
	[ ! -e "$T/never.tmp" ]
	run -1 bash -c '"$1" snp --quiet --firmware "$2" --vcpus 1 \
		--cpu EPYC > /dev/full' - "$MEASURE" "$T/fw"
	[[ $output == *'standard output: cannot write: No space left'* ]]
	refused 1 'cannot open: No such file' snp --firmware "$T/none" \
		--vcpus 1 --cpu EPYC
}
