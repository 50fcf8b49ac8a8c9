#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# igvm.bats: mote-measure igvm against the measurements of igvm.py, and every
# refusal of the parser.
load measure.bash

setup()
{
	cd "$BATS_TEST_DIRNAME/.." || return 1
	export PYTHONDONTWRITEBYTECODE=1
	F=$BATS_TEST_TMPDIR/guest.igvm
}

ig()
{
	/usr/bin/python3 tests/igvm.py "$@"
}

# json EXPRESSION: a Python expression with what was printed as j
json()
{
	/usr/bin/python3 -c "import json, sys
j = json.loads(sys.argv[1])
print(($1))" "$output"
}

@test "SEV-SNP: the digests of random files are those of igvm.py" {
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
		ig make snp "$F" "$seed" $((seed % 4 + 1))
		for order in file qemu; do
			want=$(ig digest "$F" snp "$order")
			mm igvm --quiet --order "$order" "$F"
			[ "$status" -eq 0 ]
			[ "$output" = "$want" ]
		done
	done
}

@test "TDX: the MRTDs of random files are those of igvm.py" {
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
		ig make tdx "$F" "$seed"
		want=$(ig digest "$F" tdx)
		mm igvm --quiet "$F"
		[ "$status" -eq 0 ]
		[ "$output" = "$want" ]
	done
}

@test "a file for both: --platform chooses" {
	ig make both "$F" 7 2
	mm igvm --quiet --platform snp --order file "$F"
	[ "$status" -eq 0 ]
	[ "$output" = "$(ig digest "$F" snp)" ]
	mm igvm --quiet --platform tdx "$F"
	[ "$status" -eq 0 ]
	[ "$output" = "$(ig digest "$F" tdx)" ]
}

@test "--trace: each page is that of igvm.py" {
	ig make both "$F" 1 3
	for arguments in "snp file" "snp qemu" "tdx"; do
		read -r platform order <<< "$arguments"
		# shellcheck disable=SC2086 # two words, or one
		ig pages "$F" $arguments > "$BATS_TEST_TMPDIR/want"
		mm igvm --platform "$platform" ${order:+--order "$order"} \
			--trace "$F"
		[ "$status" -eq 0 ]
		grep -E '^[a-z]+ +0x[0-9a-f]{12} [0-9a-f]{96}$' <<< "$output" \
			> "$BATS_TEST_TMPDIR/is"
		[ "$(wc -l < "$BATS_TEST_TMPDIR/is")" -gt 10 ]
		cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/is"
		mm igvm --platform "$platform" ${order:+--order "$order"} \
			--trace --json "$F"
		[ "$(json '"\n".join("%-10s 0x%012x %s" % (t["type"], int(t["gpa"], 16), t["digest"]) for t in j["trace"])')" = \
			"$(cat "$BATS_TEST_TMPDIR/want")" ]
	done
}

@test "vCPUs without a VP_CONTEXT are in QEMU's reset state, unconfirmed" {
	ig make snp "$F" 3 2
	mm igvm --quiet --order file --vcpus 2-6 --cpu EPYC-Genoa "$F"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	for n in 2 3 4 5 6; do
		[ "${lines[n - 2]}" = \
			"$(ig digest "$F" snp file "$n" 0x00a10f10)" ]
	done
	mm igvm --order file --vcpus 2,3 --vcpu-sig 0x00a10f10 "$F"
	grep -qE '^2     2        [0-9a-f]{96}$' <<< "$output"
	grep -qE '^3     2        [0-9a-f]{96} unconfirmed$' <<< "$output"
	mm igvm --json --order file --vcpus 2,3 --vcpu-sig 0x00a10f10 "$F"
	[ "$(json '[(v["vcpus"], v["vp_contexts"], v["unconfirmed"]) for v in j["values"]]')" = \
		"[(2, 2, False), (3, 2, True)]" ]
}

@test "--order matters where an area is inserted behind a page" {
	# Seed 2 inserts before the pages, seed 1 between them.
	ig make snp "$F" 2
	mm igvm "$F"
	[ "$status" -eq 0 ]
	grep -qx 'order     file, that of QEMU too' <<< "$output"
	mm igvm --json --order qemu "$F"
	[ "$(json 'j["order"], j["order_matters"], j["values"][0]["unconfirmed"]')" = \
		"('qemu', False, False)" ]
	mm igvm --order qemu "$F"
	grep -qx 'order     qemu, the same as that of the file' <<< "$output"
	ig make snp "$F" 1
	refused 2 "$F: QEMU adds a PARAMETER_INSERT before the pages in front of it: choose --order file or qemu" \
		igvm "$F"
	mm igvm --order file "$F"
	[ "$status" -eq 0 ]
	grep -qx 'order     file, not that of QEMU' <<< "$output"
	[ -z "$stderr" ]
	mm igvm --json --order qemu "$F"
	[ "$(json 'j["order"], j["order_matters"], j["values"][0]["unconfirmed"]')" = \
		"('qemu', True, True)" ]
	[ "$(ig digest "$F" snp file)" != "$(ig digest "$F" snp qemu)" ]
}

@test "--order qemu: what ends a run of pages that is kept back" {
	/usr/bin/python3 - "$F" <<- 'END'
		import sys
		sys.path.insert(0, "tests")
		from igvm import *
		DATA = bytes([1]) * PAGE
		pairs = [
		    [page(0x11000), page(0x12000)],  # one run
		    [page(0x21000, DATA), page(0x22000, DATA)],  # one run
		    [page(0x31000), page(0x33000)],  # a gap
		    [page(0x41000), page(0x42000, flags=UNMEASURED)],
		    [page(0x51000, kind=1), page(0x52000, kind=2)],
		    [page(0x61000), page(0x62000, DATA)],
		    [page(0x71000), page(0x72000, mask=3)],
		    [page(0x81000), required(0, PAGE), page(0x82000)],
		    [page(0x91000), page(0x92000, mask=2), page(0x92000)],
		]
		headers = [platform(1, SNP), platform(2, 0), policy()]
		for n, pair in enumerate(pairs):
		    headers += [*pair, area(PAGE, n), insert(0x1000000 + n * PAGE, n)]
		headers.append(vp_context(0, vmsa()))
		write(sys.argv[1], File(headers).build())
	END
	mm igvm --order qemu --trace "$F"
	[ "$status" -eq 0 ]
	gpas=$(grep -oE ' 0x[0-9a-f]{12} ' <<< "$output" | sed 's/ 0x0*//' |
		tr -d '\n')
	[ "$gpas" = "1000000 11000 12000 1001000 21000 22000 31000 1002000 \
33000 41000 1003000 42000 51000 1004000 52000 61000 1005000 62000 71000 \
1006000 72000 81000 1007000 82000 91000 1008000 92000 fffffffff000 " ]
	mm igvm --order qemu --quiet "$F"
	[ "$output" = "$(ig digest "$F" snp qemu)" ]
}

# A file with an ID block, whose digest is still zero.
with_id_block()
{
	/usr/bin/python3 - "$F" <<- 'END'
		import sys
		sys.path.insert(0, "tests")
		import igvm, igvm_reject
		f = igvm_reject.base()
		f.h.append(igvm.id_block())
		igvm.write(sys.argv[1], f.build())
	END
}

@test "an SNP_ID_BLOCK has the digest of the guest, or the exit status is 4" {
	with_id_block
	digest=$(ig digest "$F")
	zeros=$(printf '%096d' 0)
	at=$(printf '0x%x' "$(($(grep -abo "$(printf '\x0b\x03')" "$F" |
		head -n 1 | cut -d : -f 1)))")
	refused 4 "mote-measure: $F: offset $at: SNP_ID_BLOCK has launch digest \
$zeros, that of 2 vCPUs is $digest" igvm "$F"
	ig sign "$F"
	mm igvm "$F"
	[ "$status" -eq 0 ]
	grep -qx 'id block  of this digest, guest SVN 7, no author key; signatures are not checked' \
		<<< "$output"
	grep -qx "2     2        $digest" <<< "$output"
	mm igvm --json "$F"
	[ "$(json 'j["id_block"]')" = "{'family_id': '000102030405060708090a0b0c0d0e0f', 'image_id': '101112131415161718191a1b1c1d1e1f', 'guest_svn': 7, 'author_key': False}" ]
	# With one more vCPU it is another guest.
	more=$(ig digest "$F" snp file 3 0xa00f11)
	refused 4 "$F: offset $at: SNP_ID_BLOCK has launch digest $digest, that of 3 vCPUs is $more" \
		igvm --vcpus 2,3 --vcpu-sig 0xa00f11 "$F"
}

@test "what is printed" {
	with_id_block
	ig sign "$F"
	mm igvm "$F"
	[ "${lines[0]}" = "file      $F, $(stat -c %s "$F") bytes" ]
	[ "${lines[1]}" = "platform  SEV-SNP, compatibility mask 0x1" ]
	[ "${lines[2]}" = "policy    0x30000" ]
	[ "${lines[3]}" = "pages     2 normal, 2 vmsa, 2 unmeasured, 1 secrets, 1 cpuid" ]
	mm igvm --json "$F"
	[ "$(json 'list(j)')" = "['schema', 'file', 'platform', 'compatibility_mask', 'policy', 'pages', 'ignored_headers', 'order', 'order_matters', 'id_block', 'values']" ]
	[ "$(json 'j["schema"], j["platform"], j["policy"]')" = \
		"('mote-igvm-1', 'snp', '0x30000')" ]
	[ "$(json 'j["file"]')" = "{'path': '$F', 'size': $(stat -c %s "$F"), \
'sha256': '$(sha256sum < "$F" | cut -c 1-64)'}" ]
	[ "$(json 'j["pages"]')" = "{'normal': 2, 'vmsa': 2, 'unmeasured': 2, 'secrets': 1, 'cpuid': 1}" ]
	[ "$(json 'j["values"][0]["digest"]')" = "$(ig digest "$F")" ]
	mm igvm --output "$BATS_TEST_TMPDIR/out" --quiet "$F"
	[ -z "$output" ]
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "$(ig digest "$F")" ]
}

@test "unknown headers that may be ignored are counted" {
	/usr/bin/python3 - "$F" <<- 'END'
		import sys
		sys.path.insert(0, "tests")
		import igvm, igvm_reject
		f = igvm_reject.base()
		f.h.insert(0, igvm.Header(0x80000000, b"abc"))
		f.h.insert(4, igvm.Header(0x80000399, b""))
		f.h.append(igvm.Header(0xFFFFFFFF, bytes(9)))
		igvm.write(sys.argv[1], f.build())
	END
	mm igvm "$F"
	[ "$status" -eq 0 ]
	grep -qx 'ignored   3 headers of unknown type' <<< "$output"
	mm igvm --json "$F"
	[ "$(json 'j["ignored_headers"], j["values"][0]["digest"]')" = \
		"(3, '$(ig digest "$F")')" ]
}

@test "what QEMU hands over to KVM may have any value" {
	/usr/bin/python3 - "$F" <<- 'END'
		import struct, sys
		sys.path.insert(0, "tests")
		import igvm, igvm_reject
		f = igvm_reject.base()
		page = f.find(igvm.VP_CONTEXT).data
		# base of es cs ss ds fs gs gdtr ldtr idtr tr
		for at in range(0x00, 0xA0, 0x10):
		    struct.pack_into("<Q", page, at + 8, 0x1122334455667788)
		# limits and selectors but of gdtr and idtr
		for at in (0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x70, 0x90):
		    struct.pack_into("<HHI", page, at, 0xFFFF, 0x0F9F, 0xFFFFFFFF)
		for at in (
		    0x150, 0x168, 0x178, 0x1D8, 0x1F8, 0x268, 0x308, 0x310,
		    0x318, 0x328, 0x330, 0x338, *range(0x340, 0x380, 8),
		):
		    struct.pack_into("<Q", page, at, 0xF1F2F3F4F5F6F7F8)
		for at, other in (
		    (0xD0, ~0), (0x148, ~0), (0x158, ~0x60000000),
		    (0x170, ~0), (0x3E8, ~0),
		):
		    struct.pack_into("<Q", page, at, other & 0xFFFFFFFFFFFFFFFF)
		igvm.write(sys.argv[1], f.build())
	END
	mm igvm --quiet "$F"
	[ "$status" -eq 0 ]
	[ "$output" = "$(ig digest "$F")" ]
}

@test "every refusal: its file, its exit status, its message" {
	ig reject "$BATS_TEST_TMPDIR/reject"
	n=0
	while IFS=$'\t' read -r file code message arguments; do
		# shellcheck disable=SC2086 # words
		refused "$code" "$message" igvm $arguments \
			"$BATS_TEST_TMPDIR/reject/$file" || {
			echo "$file"
			return 1
		}
		[ "${stderr_lines[0]}" = "$message" ]
		n=$((n + 1))
	done < "$BATS_TEST_TMPDIR/reject/list"
	[ "$n" -eq "$(wc -l < "$BATS_TEST_TMPDIR/reject/list")" ]
	[ "$n" -gt 150 ]
}

@test "the file of the refusals is a guest where nothing is changed" {
	/usr/bin/python3 - "$F" <<- 'END'
		import sys
		sys.path.insert(0, "tests")
		import igvm, igvm_reject
		igvm.write(sys.argv[1], igvm_reject.base().build())
		igvm.write(sys.argv[1] + ".tdx", igvm_reject.tdx().build())
	END
	for file in "$F" "$F.tdx"; do
		mm igvm --quiet "$file"
		[ "$status" -eq 0 ]
		[ "$output" = "$(ig digest "$file")" ]
	done
}

@test "usage, and a file that is not there" {
	refused 2 "mote-measure igvm: no file is given" igvm
	refused 2 "mote-measure igvm: 'b' is not expected" igvm a b
	refused 1 "$BATS_TEST_TMPDIR/none" igvm "$BATS_TEST_TMPDIR/none"
	mm igvm --help
	[ "$status" -eq 0 ]
	for option in platform vcpus cpu vcpu-sig order trace json quiet \
		output help; do
		[[ $output == *"--$option"* ]]
	done
	[ "$(wc -L <<< "$output")" -le 80 ]
}

@test "--trace: too many pages to show are refused, not cut off" {
	/usr/bin/python3 - "$F" <<- 'END'
		import sys
		sys.path.insert(0, "tests")
		from igvm import *
		size = ((1 << 17) + 5) * PAGE
		write(sys.argv[1], File([
		    platform(1, SNP, 0), policy(0x30000, 1), area(size, 0),
		    parameter(VP_COUNT, 0), insert(0x100000, 0),
		    page(0x80000000, b"a" * PAGE), page(0x80001000, kind=1),
		    page(0x80002000, kind=2), vp_context(0, vmsa())]).build())
	END
	mm igvm --quiet "$F"
	[ "$status" -eq 0 ]
	refused 3 'more than 131072 pages to trace' igvm --trace "$F"
	refused 3 'more than 131072 pages to trace' igvm --trace --json "$F"
}
