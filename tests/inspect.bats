#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect.bats: mote-measure inspect says what a file is and what it can be
# measured for, refuses malformed ones, and makes firmware descriptors.

load measure.bash

setup()
{
	T=$BATS_TEST_TMPDIR
}

firmware() # OPTION...: makes $T/f
{
	/usr/bin/python3 tests/firmware.py "$T/f" "$@"
}

kernel() # OPTION...: makes $T/k
{
	/usr/bin/python3 tests/kernel.py "$T/k" "$@"
}

# said FILTER WANT: jq's compact result of the last output.
said()
{
	local got
	got=$(jq -c "$1" <<< "$output")
	[ "$got" = "$2" ] || {
		echo "$1 is $got, not $2"
		return 1
	}
}

# Lines "OPTIONS => MESSAGE" on standard input: what the maker $1 makes of the
# options is refused with status 3 and exactly "mote-measure: FILE: MESSAGE".
all_refused() # firmware|kernel
{
	local line n=0 file=$T/${1:0:1}
	while IFS= read -r line; do
		echo "$line"
		# shellcheck disable=SC2086 # options without blanks
		"$1" ${line%% => *}
		mm inspect "$file"
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[ "$stderr" = "mote-measure: $file: ${line#* => }" ]
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

@test "help and usage" {
	mm inspect --help
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "usage: mote-measure inspect [--for GUEST] FILE" ]]
	[[ $output == *--descriptor* ]]
	refused 2 "FILE is missing" inspect
	refused 2 "'b' is not expected" inspect a b
	refused 2 "--nonsense: no such option" inspect --nonsense
	refused 2 "--descriptor and --quiet exclude" inspect --descriptor \
		--quiet a
	refused 2 "--json and --quiet exclude" inspect --json --quiet a
}

@test "no such file, and files that are nothing" {
	refused 1 "$T/none: cannot stat: No such file" inspect "$T/none"
	: > "$T/empty"
	refused 3 "$T/empty: the file is empty" inspect "$T/empty"
	mkfifo "$T/fifo"
	refused 3 "$T/fifo: not a regular file" inspect "$T/fifo"
	mkdir "$T/folder"
	refused 3 "$T/folder: no image folder: it has no manifest.json" \
		inspect "$T/folder"
	echo text > "$T/text"
	refused 3 "$T/text: neither firmware with a GUIDed table, kernel, \
IGVM file, firmware descriptor nor image folder" inspect "$T/text"
	firmware --variables --footer 00000000-0000-0000-0000-000000000000
	refused 3 "$T/f: UEFI variables alone" inspect "$T/f"
}

@test "text, --quiet, --json and --output" {
	firmware --preset amdsev
	mm inspect --quiet "$T/f"
	[ "$status" -eq 0 ]
	[ "$output" = firmware ]
	mm inspect "$T/f"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "kind                      firmware" ]
	[[ $output == *$'\nsnp                       yes\n'* ]]
	[[ $output == *$'\nhashes_area               base=0x810c00 size=1024\n'* ]]
	[[ $output == *$'\nsev_sections              7\n  kind=1 name=SNP_SEC_MEM '* ]]
	[[ $output == *$'\nguarantees                none was tested for this firmware\n'* ]]
	local text=$output
	mm inspect "$T/f" --output "$T/out"
	[ -z "$output" ]
	[ "$(cat "$T/out")" = "$text" ]
	mm inspect --json "$T/f"
	[ "$status" -eq 0 ]
	# The text has the keys of the JSON, in its order, but for the schema.
	local keys
	keys=$(grep -o '^[a-z][a-z0-9_]*' <<< "$text" | tr '\n' ' ')
	[ "schema ${keys/guarantees/tested_guarantees}" = \
		"$(jq -r 'keys_unsorted | join(" ")' <<< "$output") " ]
}

@test "sums of the file" {
	firmware --preset amdsev --seed x
	mm inspect --json "$T/f"
	said .size 65536
	said .sha256 "\"$(sha256sum "$T/f" | cut -d' ' -f1)\""
	said .sha384 "\"$(sha384sum "$T/f" | cut -d' ' -f1)\""
}

@test "firmware: everything there" {
	firmware --variables --preset amdsev --tdx 0x1000,0xf000,0xffff1000,0xf000,0,1 \
		--tdx 0,0x1000,0xffff0000,0x1000,1,0 \
		--tdx 0,0,0x809000,0x2000,2,0 --tdx 0,0,0x800000,0x6000,3,0 \
		--igvm 0x812000,0x1000,0x100 --igvm 0,192,0x101 \
		--igvm 0xc0,16,0x102 --igvm 0x813000,0x1000,0x200 \
		--igvm 1,2,3 --entry 01020304-0506-0708-090a-0b0c0d0e0f10=aabb
	mm inspect --json "$T/f"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	said .kind '"firmware"'
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes, .tdx, .igvm]' \
		'[true,true,true,true,true]'
	said '[.snp_reason, .snp_kernel_hashes_reason,
		.sev_kernel_hashes_reason, .tdx_reason]' \
		'[null,null,null,null]'
	said .reset_eip '"0x80b004"'
	said .secret_area '{"base":"0x810000","size":3072}'
	said .hashes_area '{"base":"0x810c00","size":1024}'
	said .sev_version 1
	said '.sev_sections | length' 7
	said '.sev_sections[6]' \
		'{"kind":16,"name":"SNP_KERNEL_HASHES","gpa":"0x810000","size":4096}'
	said '[.tdx_sections[].name]' '["BFV","CFV","TD_HOB","TEMP_MEM"]'
	said '.tdx_sections[0]' '{"type":0,"name":"BFV","offset":"0x1000",'\
'"raw_size":61440,"gpa":"0xffff1000","size":61440,"attributes":"0x1"}'
	said '[.igvm_sections[].name]' '["parameters","memory map",'\
'"vCPU count","HOBs","unknown"]'
	said '.igvm_sections[0]' \
		'{"id":"0x100","name":"parameters","start":"0x812000","size":4096}'
	said '[.entries[].name]' '["SEV-ES reset block","SEV secret block",'\
'"hash table area","SEV metadata","TDX metadata","IGVM metadata","unknown"]'
	said '.entries[6].guid' '"01020304-0506-0708-090a-0b0c0d0e0f10"'
	said '[.svsm, .variables, .bios]' '[false,true,true]'
	said '[.schema, .tested_guarantees, has("guarantee")]' \
		'["mote-inspect-1",null,false]'
	said .warnings '[]'
}

@test "firmware: what SNP lacks" {
	local line n=0
	while IFS= read -r line; do
		echo "$line"
		# shellcheck disable=SC2086 # options without blanks
		firmware ${line%% => *}
		mm inspect --json "$T/f"
		[ "$status" -eq 0 ]
		said .snp false
		said .snp_kernel_hashes false
		said .snp_reason "\"${line#* => }\""
		said .snp_kernel_hashes_reason "\"${line#* => }\""
		n=$((n + 1))
	done <<'EOF'
--reset 1 => it has no SEV metadata
--sev 0x1000,0x1000,1 => it has no SEV-ES reset address
--reset 0 --sev 0x1000,0x1000,1 => it has no SEV-ES reset address
--preset amdsev --size 65537 => its size is no multiple of 4096
--preset amdsev --sev 0x1000,0,4 => SEV metadata: section SVSM_CAA at 0x1000 has 0x0 bytes: no VM launches with a section that is no whole number of pages
--preset amdsev --sev 0x1000,0x2000,3 => SEV metadata: section CPUID has 0x2000 bytes instead of one page
EOF
	[ "$n" -eq 6 ]
}

@test "firmware: whether a kernel can be verified" {
	firmware --preset ovmfx64
	mm inspect --json "$T/f"
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes]' '[true,false,false]'
	said .snp_kernel_hashes_reason '"it has no SNP_KERNEL_HASHES section"'
	said .sev_kernel_hashes_reason '"it has no area for a hash table"'
	# SEV and SEV-ES need the area alone.
	firmware --reset 1 --hashes 0x810c00,0x400 --sev 0x1000,0x1000,2
	mm inspect --json "$T/f"
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes]' '[true,false,true]'
	# The section without the area, with one elsewhere, with a small one.
	firmware --reset 1 --sev 0x810000,0x1000,0x10
	mm inspect --json "$T/f"
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes]' '[true,false,false]'
	said .snp_kernel_hashes_reason '"it has no area for a hash table"'
	firmware --reset 1 --hashes 0x811c00,0x400 --sev 0x810000,0x1000,0x10
	mm inspect --json "$T/f"
	said .snp_kernel_hashes_reason '"hash table area at 0x811c00 is not in the SNP_KERNEL_HASHES section at 0x810000"'
	firmware --reset 1 --hashes 0x810c00,175 --sev 0x810000,0x1000,0x10
	mm inspect --json "$T/f"
	said '.snp_kernel_hashes_reason | test("0xaf bytes .*no room for 176")' \
		true
	said .sev_kernel_hashes false
	firmware --reset 1 --hashes 0x810c00,176 --sev 0x810000,0x1000,0x10
	mm inspect --json "$T/f"
	said '[.snp_kernel_hashes, .sev_kernel_hashes]' '[true,true]'
}

@test "--for: firmware that cannot be measured for a guest is refused" {
	firmware --preset amdsev
	for g in snp snp-kernel sev-kernel; do
		mm inspect --for $g --quiet "$T/f"
		[ "$status" -eq 0 ]
		[ "$output" = firmware ]
	done
	refused 3 "$T/f: cannot be measured for tdx: it has no TDX metadata" \
		inspect --for tdx "$T/f"
	# A CODE file: the variables that the metadata speaks of are not there.
	firmware --tdx 0x10000,0xf000,0xffff1000,0xf000,0,1 \
		--tdx 0,0x10000,0xfffe0000,0x10000,1,0
	refused 3 "$T/f: cannot be measured for tdx: " inspect --for tdx "$T/f"
	firmware --preset ovmfx64
	refused 3 "$T/f: cannot be measured for snp-kernel: " \
		inspect --for snp-kernel "$T/f"
	refused 3 "$T/f: cannot be measured for sev-kernel: " \
		inspect --for sev-kernel "$T/f"
	refused 3 'vmlinuz: is no firmware' inspect --for snp \
		"$BUILD/image/vmlinuz"
	refused 2 "'sgx' is none of snp, snp-kernel" inspect --for sgx "$T/f"
	refused 2 '--descriptor and --for exclude each other' \
		inspect --for snp --descriptor "$T/f"
}

@test "firmware: what TDX lacks" {
	local args line n=0
	local bfv="--tdx 0x1000,0xf000,0xffff1000,0xf000,0,1"
	local cfv="--tdx 0,0x1000,0xffff0000,0x1000,1,0"
	while IFS= read -r line; do
		echo "$line"
		args=${line%% => *}
		args=${args//BFV/$bfv}
		# shellcheck disable=SC2086 # options without blanks
		firmware ${args//CFV/$cfv}
		mm inspect --json "$T/f"
		[ "$status" -eq 0 ]
		said .tdx false
		said .tdx_reason "\"${line#* => }\""
		n=$((n + 1))
	done <<'EOF'
--reset 1 => it has no TDX metadata
--empty tdx => TDX metadata: no BFV
CFV => TDX metadata: no BFV
BFV => TDX metadata: no CFV
BFV CFV --tdx 0,0,0,0x1000,4,0 => TDX metadata: type 4 is unknown
BFV --tdx 0,0,0xffff0000,0x1000,1,0 => TDX metadata: CFV: 0x0 bytes of the file for 0x1000 at 0xffff0000
BFV CFV --tdx 0,1,0x1000,0x1000,2,0 => TDX metadata: TD_HOB: 0x1 bytes of the file for 0x1000 at 0x1000
BFV CFV --tdx 0,0,0x1001,0x1000,3,0 => TDX metadata: TEMP_MEM: 0x0 bytes of the file for 0x1000 at 0x1001
BFV CFV --tdx 0,0,0x1000,0x1001,3,0 => TDX metadata: TEMP_MEM: 0x0 bytes of the file for 0x1001 at 0x1000
BFV --tdx 0,0x1001,0xffff0000,0x1000,1,0 => TDX metadata: CFV: 0x1001 bytes of the file for 0x1000 at 0xffff0000
CFV --tdx 0x1000,0xf001,0xffff0000,0x10000,0,1 => BFV ends at 0x10001 behind the file of 0x10000 bytes: TDX needs variables and code in one file
CFV --tdx 0xffffffff,0xffffffff,0xffff0000,0x100000000,0,1 => BFV ends at 0x1fffffffe behind the file of 0x10000 bytes: TDX needs variables and code in one file
--size 0x18000 BFV CFV => its size is no multiple of 64 KiB, and TDX takes firmware by -bios only
EOF
	[ "$n" -eq 13 ]
}

@test "firmware: warnings" {
	# An odd size without variables is that of a code file.
	firmware --preset amdsev --size 0x30000
	mm inspect --json "$T/f"
	said '.warnings | length' 1
	[[ $output == *"seems to be a CODE file without its variables"* ]]
	firmware --preset amdsev --size 0x30000 --variables
	mm inspect --json "$T/f"
	said .warnings '[]'
	firmware --preset amdsev --size 0x8000
	mm inspect --json "$T/f"
	said .bios false
	said .warnings '["-bios of QEMU takes multiples of 64 KiB only"]'
	firmware --preset amdsev --svsm 0x100 --size 0x3000
	mm inspect --json "$T/f"
	said .svsm true
	said .warnings '["this is an SVSM, not the firmware behind it"]'
}

@test "firmware from before the table" {
	firmware --old --reset 0x80b004
	mm inspect --json "$T/f"
	[ "$status" -eq 0 ]
	said '[.snp, .tdx, .igvm, .sev_kernel_hashes]' '[false,false,false,false]'
	said .reset_eip '"0x80b004"'
	said .hashes_area null
	said .sev_version null
}

@test "firmware: malformed tables" {
	all_refused firmware <<'EOF'
--footer-length 17 => footer length 17 is not in 18..65504
--footer-length 65505 => footer length 65505 is not in 18..65504
--reset 1 --entry-length 0=17 => offset 0xffbc: table entry length 17 is not in 18..22
--reset 1 --entry-length 0=23 => offset 0xffbc: table entry length 23 is not in 18..22
--old --reset 1 --entry-length 0=17 => SEV-ES reset block length 17 is not in 18..65504
--entry 00f771de-1a7e-4fcb-890e-68c77e2fb44e=010203 => SEV-ES reset block: 3 bytes instead of 4
--secret 1 => SEV secret block: 4 bytes instead of 8
--hashes 1 => hash table area: 4 bytes instead of 8
--entry dc886566-984a-4798-a75e-5585a7bf67cc=010203 => SEV metadata: 3 bytes instead of 4
--entry e47a6535-984a-4798-865e-4685a7bf8ec2=010203 => TDX metadata: 3 bytes instead of 4
--entry 784fa70e-3176-4677-8a20-04b68699e374=010203 => IGVM metadata: 3 bytes instead of 4
--header sev.offset=65537 => SEV metadata: 0x10001 bytes before the end is outside of the image
--header tdx.offset=65537 => TDX metadata: 0x10001 bytes before the end is outside of the image
--header igvm.offset=65537 => IGVM metadata: 0x10001 bytes before the end is outside of the image
--header sev.offset=15 => SEV metadata: header is cut off
--header tdx.offset=15 => TDX metadata: header is cut off
--header igvm.offset=15 => IGVM metadata: header is cut off
--header sev.signature=SEVA => SEV metadata: signature is not ASEV
--header tdx.signature=TDX0 => TDX metadata: signature is not TDVF
--header igvm.signature=IGVN => IGVM metadata: signature is not IGVM
--header sev.length=15 => SEV metadata: length 15 is not in 16..88
--header sev.length=89 => SEV metadata: length 89 is not in 16..88
--header tdx.length=15 => TDX metadata: length 15 is not in 16..88
--header igvm.length=0xffffffff => IGVM metadata: length 4294967295 is not in 16..88
--header sev.count=1 => SEV metadata: 1 sections do not fit into 16 bytes
--header tdx.count=0xffffffff => TDX metadata: 4294967295 sections do not fit into 16 bytes
--header igvm.count=1 => IGVM metadata: 1 sections do not fit into 16 bytes
--header tdx.version=2 => TDX metadata: version 2
--header igvm.version=0 => IGVM metadata: version 0
EOF
}

@test "firmware: limits" {
	local e="--entry 01020304-0506-0708-090a-0b0c0d0e0f10="
	local s="--sev 0x1000,0x1000,1"
	# shellcheck disable=SC2046 # an option each
	firmware $(yes -- "$e" | head -n 64)
	mm inspect --json "$T/f"
	said '.entries | length' 64
	# shellcheck disable=SC2046 # an option each
	firmware $(yes -- "$e" | head -n 65)
	refused 3 "$T/f: more than 64 entries in the table" inspect "$T/f"
	# shellcheck disable=SC2046 # an option each
	firmware $(yes -- "$s" | head -n 65)
	refused 3 "$T/f: SEV metadata: more than 64 sections" inspect "$T/f"
	firmware --preset amdsev --size $((64 << 20))
	mm inspect --quiet "$T/f"
	[ "$output" = firmware ]
	firmware --preset amdsev --size $(((64 << 20) + 1))
	refused 3 "$T/f: larger than 67108864 bytes" inspect "$T/f"
	refused 3 "$T/f: larger than 67108864 bytes" inspect --descriptor "$T/f"
}

@test "firmware of others" {
	need_vectors snp/fixtures/OVMF.amdsev.fd
	local f=$VECTORS/snp/fixtures
	mm inspect --json "$f/OVMF.amdsev.fd"
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes, .tdx, .igvm,
		.variables, .bios, .svsm]' \
		'[true,true,true,true,true,true,true,false]'
	said '[.sev_sections[] | [.gpa, .size, .kind]]' \
		'[["0x800000",36864,1],["0x80a000",12288,1],'\
'["0x80d000",4096,2],["0x80e000",4096,3],["0x80f000",4096,4],'\
'["0x811000",126976,1],["0x810000",4096,16]]'
	said '[.igvm_sections[] | [.id, .start, .size]]' \
		'[["0x100","0x812000",4096],["0x101","0x0",192],'\
'["0x102","0xc0",16],["0x200","0x813000",4096]]'
	said '[.schema, .tested_guarantees, has("guarantee")]' \
		'["mote-inspect-1",null,false]'
	# Its volumes are not in the last 8 KiB.
	mm inspect --json "$f/OVMF.amdsev.tail8k.bin"
	said '[.snp, .tdx, .bios]' '[true,false,false]'
	mm inspect --json "$f/ovmf_OvmfX64_suffix.bin"
	said '[.snp, .snp_kernel_hashes, .sev_kernel_hashes]' '[true,false,false]'
	mm inspect --json "$f/svsm_ovmf.fd"
	said '[.snp, .tdx, .variables]' '[true,false,false]'
	[[ $output == *"seems to be a CODE file"* ]]
	mm inspect --json "$f/svsm.bin"
	said '[.svsm, (.sev_sections | length)]' '[true,3]'
}

@test "descriptors: the hash is that of others" {
	need_vectors snp/matrix.jsonl
	local firmware expected n=0
	while read -r firmware expected; do
		mm inspect --descriptor "$VECTORS/snp/$firmware"
		[ "$status" -eq 0 ]
		said .firmware_hash "\"$expected\""
		n=$((n + 1))
	done < <(jq -r 'select(.mode == "snp:ovmf-hash") |
		.firmware + " " + .expected' "$VECTORS/snp/matrix.jsonl")
	[ "$n" -gt 0 ]
	compared "$n"
}

@test "descriptors: sections and addresses are those of others" {
	need_vectors snp/intermediate.jsonl
	local id firmware line order n=0
	while IFS= read -r line; do
		id=$(jq .matrix_id <<< "$line")
		firmware=$(jq -r "select(.id == $id) | .firmware" \
			"$VECTORS/snp/matrix.jsonl")
		[ -n "$firmware" ] || continue # not in the matrix
		# EC2 adds the CPUID page last, wherever it stands.
		order=$(jq -r "select(.id == $id) |
			if .vmm == \"ec2\" then \"sort\" else \".\" end" \
			"$VECTORS/snp/matrix.jsonl")
		mm inspect --descriptor "$VECTORS/snp/$firmware"
		said .reset_eip "$(jq .reset_eip <<< "$line")"
		said .hashes_area.base "$(jq .hash_table_gpa <<< "$line")"
		said .firmware_hash "$(jq '.steps[1][2]' <<< "$line")"
		said "[.sev_sections[].gpa] | $order" "$(jq -c "[.steps[] |
			select(.[0] | startswith(\"section\")) | .[1]] | $order" \
			<<< "$line")"
		n=$((n + 1))
	done < "$VECTORS/snp/intermediate.jsonl"
	[ "$n" -gt 0 ]
	compared "$n"
}

@test "descriptors: file, sum, and back" {
	firmware --preset amdsev --seed x
	mm inspect --descriptor "$T/f"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'keys_unsorted | join(" ")' <<< "$output")" = "schema size \
sha256 firmware_hash reset_eip hashes_area sev_sections" ]
	said .schema '"mote-firmware-1"'
	said .size 65536
	said .sha256 "\"$(sha256sum "$T/f" | cut -d' ' -f1)\""
	said '.sev_sections[6]' '{"kind":16,"gpa":"0x810000","size":4096}'
	local made=$output
	echo "$made" > "$T/d"
	mm inspect --json "$T/d"
	[ "$status" -eq 0 ]
	said .kind '"descriptor"'
	[ "$(jq -S 'del(.kind, .warnings)' <<< "$output")" = \
		"$(jq -S . <<< "$made")" ]
	# Without the entries.
	firmware
	mm inspect --descriptor "$T/f"
	said '[.reset_eip, .hashes_area, .sev_sections]' '[null,null,null]'
	echo "$output" > "$T/d"
	mm inspect --json "$T/d"
	said '[.reset_eip, .hashes_area, .sev_sections]' '[null,null,null]'
	# Metadata without sections is not the same as none.
	firmware --empty sev
	mm inspect --descriptor "$T/f"
	said .sev_sections '[]'
	echo "$output" > "$T/d"
	mm inspect --json "$T/d"
	said .sev_sections '[]'
}

@test "descriptors: what there is none of" {
	: > "$T/empty"
	refused 3 "$T/empty: the firmware is empty" inspect --descriptor \
		"$T/empty"
	firmware --preset amdsev --size 65537
	refused 3 "$T/f: size 65537 is not a multiple of 4096" inspect \
		--descriptor "$T/f"
	firmware --header sev.count=1
	refused 3 "$T/f: SEV metadata: 1 sections do not fit into 16 bytes" \
		inspect --descriptor "$T/f"
	refused 1 "$T/none: cannot open" inspect --descriptor "$T/none"
	refused 3 "$T: not a regular file" inspect --descriptor "$T"
}

@test "descriptors: malformed" {
	local line n=0 size
	firmware --preset amdsev
	mm inspect --descriptor "$T/f"
	echo "$output" > "$T/good"
	while IFS= read -r line; do
		echo "$line"
		jq "${line%% => *}" "$T/good" > "$T/d"
		mm inspect "$T/d"
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[ "$stderr" = "mote-measure: $T/d: ${line#* => }" ]
		n=$((n + 1))
	done <<'EOF'
del(.schema) => no firmware descriptor: it has no schema
.schema = 1 => no firmware descriptor: it has no schema
.schema = "mote-firmware-2" => schema 'mote-firmware-2' is not mote-firmware-1
.schema = "a\u0007\u001b[2J" => schema 'a??[2J' is not mote-firmware-1
.more = 1 => more: unknown key
del(.size) => size is missing
del(.sha256) => sha256 is missing
del(.firmware_hash) => firmware_hash is missing
del(.reset_eip) => reset_eip is missing
del(.hashes_area) => hashes_area is missing
del(.sev_sections) => sev_sections is missing
.size = "65536" => size is no whole number from 0 to 67108864
.size = 65536.5 => size is no whole number from 0 to 67108864
.size = -4096 => size is no whole number from 0 to 67108864
.size = 67108865 => size is no whole number from 0 to 67108864
.size = 0 => size 0 is no multiple of 4096 above 0
.size = 65537 => size 65537 is no multiple of 4096 above 0
.sha256 = 1 => sha256 is no string of 64 hex digits
.sha256 = .sha256[1:] => sha256 is no string of 64 hex digits
.sha256 = .sha256 + "0" => sha256 is no string of 64 hex digits
.sha256 = "g" + .sha256[1:] => sha256 is no string of 64 hex digits
.firmware_hash = null => firmware_hash is no string of 96 hex digits
.firmware_hash = .sha256 => firmware_hash is no string of 96 hex digits
.reset_eip = 8433668 => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "8433668" => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "" => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "0x" => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "0x-1" => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "0x 1" => reset_eip is no string from "0x0" to "0xffffffff"
.reset_eip = "0x100000000" => reset_eip is no string from "0x0" to "0xffffffff"
.hashes_area = 1 => hashes_area is no object
.hashes_area = [] => hashes_area is no object
.hashes_area.more = 1 => hashes_area.more: unknown key
del(.hashes_area.base) => hashes_area.base is missing
del(.hashes_area.size) => hashes_area.size is missing
.hashes_area.base = 1 => hashes_area.base is no string from "0x0" to "0xffffffff"
.hashes_area.size = "1" => hashes_area.size is no whole number from 0 to 4294967295
.hashes_area.size = 4294967296 => hashes_area.size is no whole number from 0 to 4294967295
.sev_sections = {} => sev_sections is no array
.sev_sections = "x" => sev_sections is no array
.sev_sections = [range(65)] => sev_sections: more than 64 sections
.sev_sections[1] = 1 => sev_sections[1] is no object
.sev_sections[1] = null => sev_sections[1] is no object
.sev_sections[2].more = 1 => sev_sections[2].more: unknown key
.sev_sections[2].name = "CPUID" => sev_sections[2].name: unknown key
del(.sev_sections[2].kind) => sev_sections[2].kind is missing
del(.sev_sections[2].gpa) => sev_sections[2].gpa is missing
del(.sev_sections[2].size) => sev_sections[2].size is missing
.sev_sections[6].kind = -1 => sev_sections[6].kind is no whole number from 0 to 4294967295
.sev_sections[6].kind = 4294967296 => sev_sections[6].kind is no whole number from 0 to 4294967295
.sev_sections[6].gpa = "0x1_0" => sev_sections[6].gpa is no string from "0x0" to "0xffffffff"
.sev_sections[6].size = 1.5 => sev_sections[6].size is no whole number from 0 to 4294967295
EOF
	[ "$n" -eq 52 ]
	# Limits that are none yet.
	jq '.size = 67108864 | .reset_eip = "0xffffffff" |
		.hashes_area.size = 4294967295 |
		.sev_sections = [.sev_sections[0]] + [range(63) |
		{kind: 4294967295, gpa: "0xFFFFF000", size: 0}]' \
		"$T/good" > "$T/d"
	mm inspect --json "$T/d"
	[ "$status" -eq 0 ]
	said '.sev_sections | length' 64
	said '.sev_sections[63].gpa' '"0xfffff000"'
	# What jq does not write.
	echo '{"schema": "mote-firmware-1", "size": 1, "size": 1}' > "$T/d"
	refused 3 "$T/d: line 1: not valid JSON: duplicate object key" \
		inspect "$T/d"
	echo '{"schema": 99999999999999999999}' > "$T/d"
	refused 3 "$T/d: line 1: not valid JSON: too big integer" inspect "$T/d"
	head -c 100 "$T/good" > "$T/d"
	refused 3 "$T/d: line 4: not valid JSON: " inspect "$T/d"
	{ cat "$T/good"; echo x; } > "$T/d"
	refused 3 "not valid JSON: end of file expected" inspect "$T/d"
	printf '\n\t{"a":%s' "$(printf '[%.0s' {1..40})" > "$T/d"
	refused 3 "$T/d: nested deeper than 32 levels" inspect "$T/d"
}

@test "kernels" {
	kernel
	mm inspect --json "$T/k"
	[ "$status" -eq 0 ]
	said '[.kind, .format, .size, .version, .protocol, .pe, .uki]' \
		'["kernel","bzImage",12288,"7.0.1 (a@b) #1","2.15",true,false]'
	said '[.setup_size, .code_size, .cmdline_size, .payload_offset,
		.payload_length, .init_size, .certificates_size]' \
		'[4096,8192,2047,512,1024,2097152,0]'
	said '[.loadflags, .xloadflags, .initrd_addr_max, .pref_address]' \
		'["0x1","0x63","0x7fffffff","0x1000000"]'
	said '[.machine, .subsystem, .entry, .size_of_headers, .directories]' \
		'["0x8664",10,"0x1000",4096,6]'
	said .sections '[{"name":".text","address":"0x1000","size":8192,'\
'"offset":"0x1000","raw_size":8192,"characteristics":"0x60000020"}]'
	said .warnings '[]'
	mm inspect --quiet "$T/k"
	[ "$output" = kernel ]
	kernel --certificate 24
	mm inspect --json "$T/k"
	said '[.certificates_size, .warnings]' '[24,[]]'
	kernel --kind pe --section .linux,0x1000,10,512,16
	mm inspect --json "$T/k"
	said '[.format, .pe, .uki, .version, .warnings]' \
		'["PE",true,true,null,[]]'
}

@test "kernels: warnings" {
	local line n=0
	while IFS= read -r line; do
		echo "$line"
		# shellcheck disable=SC2086 # options without blanks
		kernel ${line%% => *}
		mm inspect --json "$T/k"
		[ "$status" -eq 0 ]
		said .warnings "[\"${line#* => }\"]"
		n=$((n + 1))
	done <<'EOF'
--no-stub => the kernel has no EFI stub: firmware cannot start it
--kind elf => the kernel is an ELF file: QEMU adds no hash table for it
--kind multiboot => the kernel is a multiboot file: QEMU adds no hash table for it
--pe machine=0xaa64 => the kernel is for another machine than x86-64
--kind pe --poke 0x1f1=20 => the kernel is shorter than its setup: QEMU does not start with it
--set loadflags=0 => a zImage, which is loaded low
--set xloadflags=0 => no 64-bit kernel
EOF
	[ "$n" -eq 7 ]
}

@test "kernels: a version that would drive a terminal" {
	kernel --version '\x1b[2Jx\x9b'
	mm inspect "$T/k"
	[[ $output == *$'\nversion                   ?[2Jx?\n'* ]]
	mm inspect --json "$T/k"
	said .version '"?[2Jx?"'
	kernel --set kernel_version=0
	mm inspect --json "$T/k"
	said .version null
}

@test "kernels: malformed" {
	all_refused kernel <<'EOF'
--set version=0x1ff => boot protocol 1.255 is not 2.x
--set version=0x300 => boot protocol 3.00 is not 2.x
--set jump_to=0x69 => setup header ends at 0x26b, protocol 2.15 needs 0x26c
--size 4095 => setup of 4096 bytes is longer than the file of 4095
--size 4096 => cut off: 8192 bytes of code, but 0 behind the setup
--size 12287 => cut off: 8192 bytes of code, but 8191 behind the setup
--set syssize=0xffffffff => cut off: 68719476720 bytes of code, but 8192 behind the setup
--set payload_offset=7169 => payload of 1024 bytes at 0x1c01 ends behind the code of 8192 bytes
--set kernel_version=3585 => kernel version at 0x1001 is outside of the setup of 0x1000 bytes
--set kernel_version=3583 --poke 0xfff=41 => kernel version at 0xfff does not end within 1 bytes
--pe magic=0x10b => PE32 instead of PE32+
--pe magic=0 => optional header: magic 0x0 is not 0x20b
--pe optional_size=161 => optional header of 161 bytes does not fit 6 data directories
--pe directories=17 => 17 data directories, more than 16
--pe sections=97 => 97 sections, more than 96
--pe size_of_headers=16 => headers of 0x10 bytes are not in 0x120..0x3000
--pe size_of_headers=0x3001 => headers of 0x3001 bytes are not in 0x120..0x3000
--pe size_of_headers=0x1001 => section '.text' at 0x1000 overlaps the headers of 0x1001 bytes
--pe size_of_image=0x2fff => section '.text' ends at 0x3000 behind the image of 0x2fff bytes
--section a,0x1000,1,0x1000,0x2001 => section 'a' ends at 0x3001 behind the file of 0x3000 bytes
--section a,0x1000,1,0x1000,0x11 --section b,0x2000,1,0x1010,1 => section 'b' at 0x1010 overlaps another one
--pe cert_offset=0x2ff8 --pe cert_size=8 => certificates: 0x8 bytes at 0x2ff8 are not in 0x3000..0x3000 from a multiple of 8 on
--certificate 8 --size 0x3007 => certificates: 0x8 bytes at 0x3000 are not in 0x3000..0x3007 from a multiple of 8 on
--kind pe --pe sections=20 => headers of 0x200 bytes are not in 0x418..0x2200
EOF
}

@test "IGVM files" {
	printf 'IGVM\1\0\0\0' > "$T/i"
	mm inspect --json "$T/i"
	[ "$status" -eq 0 ]
	said 'keys_unsorted' '["schema","kind","size","sha256","sha384",'\
'"note","warnings"]'
	said '[.schema, .kind, .size, .note]' \
		'["mote-inspect-1","igvm",8,"mote-measure igvm measures this file"]'
	printf 'IGV' > "$T/i"
	refused 3 "$T/i: neither firmware" inspect "$T/i"
}

# An image folder as make image writes it, of a kernel that kernel.py makes.
image_folder()
{
	local f
	I=$T/image
	root=$(printf '%064d' 7)
	mkdir -p "$I"
	kernel
	mv "$T/k" "$I/vmlinuz"
	head -c 8192 /dev/zero > "$I/root.img"
	printf 'root="%s" ro' "$root" > "$I/cmdline"
	echo '[]' > "$T/list"
	for f in vmlinuz root.img cmdline; do
		jq --arg name $f --argjson size "$(stat -c %s "$I/$f")" \
			--arg a "$(sha256sum "$I/$f" | cut -d' ' -f1)" \
			--arg b "$(sha384sum "$I/$f" | cut -d' ' -f1)" \
			'. + [{name: $name, sha256: $a, sha384: $b, size: $size}]' \
			"$T/list" > "$T/list.new"
		mv "$T/list.new" "$T/list"
	done
	jq --arg root "$root" --rawfile cmdline "$I/cmdline" '{
		artefacts: (. + [.[0] | .name = "init"]), cmdline: $cmdline,
		flavor: "release", kernel: {version: "7.0.1"}, mote: "0.1.0",
		profile: "standalone", verity: {data_block_size: 4096,
		data_blocks: 1, hash_block_size: 4096, hash_blocks: 1,
		roothash: $root}}' "$T/list" > "$I/manifest.json"
	list_sums
}

list_sums()
{
	(cd "$I" && sha256sum vmlinuz root.img cmdline manifest.json > SHA256SUMS)
}

change_manifest() # FILTER
{
	jq "$1" "$I/manifest.json" > "$T/manifest"
	cp "$T/manifest" "$I/manifest.json"
	list_sums
}

@test "image folders" {
	image_folder
	mm inspect --json "$I"
	[ "$status" -eq 0 ]
	said '[.kind, .mote, .flavor, .profile, .kernel_version]' \
		'["image","0.1.0","release","standalone","7.0.1"]'
	said .root_hash "\"$root\""
	said .cmdline "\"root=\\\"$root\\\" ro\""
	said '[.artefacts[] | [.name, .size, .compared]]' \
		'[["vmlinuz",12288,true],["root.img",8192,true],'\
'["cmdline",74,true],["init",12288,false]]'
	said '.artefacts[1].sha256' \
		"\"$(sha256sum "$I/root.img" | cut -d' ' -f1)\""
	said .warnings '[]'
	mm inspect --quiet "$I/"
	[ "$output" = image ]
	change_manifest '.mote = "0\u001b[2J"'
	mm inspect "$I"
	[[ $output == *$'\nmote                      0?[2J\n'* ]]
	change_manifest '.kernel.version = "7.0.2"'
	mm inspect --json "$I"
	said .warnings "[\"vmlinuz says that it is '7.0.1 (a@b) #1', manifest.json '7.0.2'\"]"
}

@test "image folders: the one that was built" {
	[ -e "$BUILD/image/manifest.json" ] || skip "no $BUILD/image"
	mm inspect --json "$BUILD/image"
	[ "$status" -eq 0 ]
	said .root_hash "$(jq .verity.roothash "$BUILD/image/manifest.json")"
	said .cmdline "$(jq -Rs . "$BUILD/image/cmdline")"
	said .warnings '[]'
	mm inspect --json "$BUILD/image/vmlinuz"
	said '[.format, .pe, .warnings]' '["bzImage",true,[]]'
	local version
	version=$(jq -r .kernel.version "$BUILD/image/manifest.json")
	[[ $(jq -r .version <<< "$output") == "$version "* ]]
}

@test "image folders: files that are not those of the manifest" {
	local f
	for f in vmlinuz root.img cmdline; do
		image_folder
		# One bit in the middle
		printf '\1' | dd of="$I/$f" bs=1 seek=40 conv=notrunc status=none
		refused 4 "$I/$f: its SHA-256 is not that of manifest.json" \
			inspect "$I"
		image_folder
		printf x >> "$I/$f"
		refused 4 "$I/$f: " inspect "$I"
		[[ $stderr == *" bytes, manifest.json says "* ||
			$stderr == *"another command line" ||
			$stderr == *"blocks in manifest.json are 8192" ]]
		image_folder
		rm "$I/$f"
		refused 1 "$I/$f: cannot open" inspect "$I"
	done
}

@test "image folders: manifests that contradict themselves" {
	image_folder
	change_manifest '.artefacts[0].sha384 |= "00" + .[2:]'
	refused 4 "$I/vmlinuz: its SHA-384 is not that of manifest.json" \
		inspect "$I"
	image_folder
	change_manifest '.cmdline += " x"'
	refused 4 "$I/cmdline: manifest.json has another command line" \
		inspect "$I"
	image_folder
	change_manifest '.verity.roothash |= "1" + .[1:]'
	refused 4 "$I/cmdline: it does not have the root hash of manifest.json" \
		inspect "$I"
	image_folder
	change_manifest '.verity.data_blocks = 2'
	refused 4 "$I/root.img: 8192 bytes, its blocks in manifest.json are \
12288" inspect "$I"
	# The sums alone have changed, or the manifest after them.
	image_folder
	sed -i '/root/s/^./x/; /root/y/x/0/' "$I/SHA256SUMS"
	sed -i '/root/s/^0./00/' "$I/SHA256SUMS"
	refused 4 "$I/root.img: its SHA-256 is not that of SHA256SUMS" \
		inspect "$I"
	image_folder
	echo >> "$I/manifest.json"
	refused 4 "$I/manifest.json: its SHA-256 is not that of SHA256SUMS" \
		inspect "$I"
}

@test "image folders: malformed" {
	local line n=0
	while IFS= read -r line; do
		echo "$line"
		image_folder
		change_manifest "${line%% => *}"
		refused 3 "$I/manifest.json: ${line#* => }" inspect "$I"
		n=$((n + 1))
	done <<'EOF'
del(.artefacts) => no artefact vmlinuz
.artefacts = {} => no artefact vmlinuz
del(.artefacts[1]) => no artefact root.img
del(.artefacts[2]) => no artefact cmdline
.artefacts[3] = 1 => an artefact without name, size, sha256 and sha384
del(.artefacts[3].name) => an artefact without name, size, sha256 and sha384
.artefacts[0].size = -1 => an artefact without name, size, sha256 and sha384
.artefacts[0].size = "1" => an artefact without name, size, sha256 and sha384
.artefacts[0].sha256 = "00" => an artefact without name, size, sha256 and sha384
.artefacts[0].sha384 = .artefacts[0].sha256 => an artefact without name, size, sha256 and sha384
. = [] => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
del(.mote) => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
del(.kernel) => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
.verity.roothash = "00" => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
.verity.data_blocks = -1 => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
.verity.hash_blocks = 4294967296 => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
.verity.hash_block_size = 65537 => mote, flavor, profile, kernel, cmdline or verity is missing or malformed
EOF
	[ "$n" -eq 17 ]
	image_folder
	echo '{' > "$I/manifest.json"
	refused 3 "$I/manifest.json: line " inspect "$I"
	# SHA256SUMS
	image_folder
	sed -i '/cmdline/d' "$I/SHA256SUMS"
	refused 3 "$I/SHA256SUMS: cmdline is not there" inspect "$I"
	image_folder
	sed -i '1p' "$I/SHA256SUMS"
	refused 3 "$I/SHA256SUMS: 'vmlinuz' is unknown or twice there" \
		inspect "$I"
	image_folder
	sed 's/cmdline/other/' "$I/SHA256SUMS" > "$T/sums"
	cp "$T/sums" "$I/SHA256SUMS"
	refused 3 "$I/SHA256SUMS: 'other' is unknown or twice there" inspect "$I"
	for line in x 's/  / /' 's/^./g/' 's/ .*/  /'; do
		image_folder
		if [ "$line" = x ]; then
			echo x >> "$I/SHA256SUMS"
		else
			sed -i "1$line" "$I/SHA256SUMS"
		fi
		refused 3 "$I/SHA256SUMS: a line is not HEX, two blanks, NAME" \
			inspect "$I"
	done
	image_folder
	rm "$I/SHA256SUMS"
	refused 1 "$I/SHA256SUMS: cannot open" inspect "$I"
	# A kernel that the manifest names, but that is none
	image_folder
	rm "$I/vmlinuz"
	mkfifo "$I/vmlinuz"
	refused 3 "$I/vmlinuz: not a regular file" inspect "$I"
}
