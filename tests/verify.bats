#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# verify.bats: mote-measure verify snp, with recorded reports of real machines.
# Versions 4 and 5 and Turin, and certificates that AMD did not sign: unit
# tests test_measure_report*.

# Each test is a process of its own, and "run" sets stderr.
# shellcheck disable=SC2030,SC2031,SC2154

load measure.bash

# June 2025: every recorded certificate is valid.
TIME=1750000000
ZERO=$(printf '%096d' 0)

setup()
{
	T=$BATS_TEST_TMPDIR
	S=$VECTORS/trustee/snp
	A=$VECTORS/trustee/az-snp-vtpm
}

report()
{
	/usr/bin/python3 tests/report.py "$@"
}

# Sets R, MEASUREMENT and OPTIONS to one of the recorded reports.
use() # milan|genoa|vlek
{
	need_vectors trustee/snp
	case $1 in
	milan) R=$S/test-report.bin
		OPTIONS=(--cert "$S/test-vcek.der"
			--chain "$S/milan_ask_ark_asvk.pem") ;;
	genoa) R=$S/genoa-v3-report.reconstructed.bin
		OPTIONS=(--cert "$S/genoa-v3-vcek.der"
			--chain "$S/genoa_ask_ark_asvk.pem") ;;
	vlek) R=$S/test-vlek-report.bin
		OPTIONS=(--cert "$S/test-vlek.der" --vmpl 1
			--chain "$S/milan_ask_ark_asvk.pem") ;;
	esac
	MEASUREMENT=$(report get "$R" 0x90 48)
	OPTIONS+=(--time "$TIME" --measurement "$MEASUREMENT")
}

# verifies ARG...: all is well, and every line but those not compared is "ok"
verifies()
{
	mm verify snp "$@"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ ${lines[0]} == "report        version "[23]", processor "* ]]
	[[ $output == *$'\nok            signature          valid\n'* ]]
	[[ $output != *FAILED* && $output != *expected* ]]
}

# fails STATUS MESSAGE ARG...: nothing but this line, exactly. The message is
# about the report, which is the last argument, or about what FILE says.
fails()
{
	local want=$1 message="${FILE:-${!#}}: $2"
	shift 2
	mm verify snp --quiet "$@"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	[ "$stderr" = "mote-measure: $message" ] || {
		echo "not: mote-measure: $message"
		return 1
	}
}

@test "help lists every option" {
	mm verify snp --help
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "usage: mote-measure verify snp --cert FILE"* ]]
	[ "${lines[-1]}" = "  --json, --quiet, --output FILE, --help" ]
	local option n=0
	while read -r option; do
		[[ $output == *"  --$option "* ]]
		n=$((n + 1))
	done < <(sed -n 's/^\t\t{"\([a-z-]*\)", OPT_.*/\1/p' \
		measure/cmd/cmd_verify_snp.c)
	[ "$n" -eq 19 ]
	run awk 'length > 80' <<< "$output"
	[ -z "$output" ]
}

@test "what proves nothing is a usage error" {
	local m=(--measurement "$ZERO")
	refused 2 "no report is given" verify snp
	refused 2 "give the certificate of the key that signed the report (--cert), or --no-signature" \
		verify snp "${m[@]}" r
	refused 2 "give the certificate of the key" \
		verify snp "${m[@]}" --chain c r
	local o
	for o in --cert --chain --time; do
		refused 2 "--no-signature excludes --cert, --chain and --time" \
			verify snp "${m[@]}" --no-signature "$o" 1 r
	done
	# Zeros are the digests of a guest without an ID block.
	refused 2 'and not of zeros alone' verify snp --no-signature \
		--id-key-digest "$ZERO" --author-key-digest "$ZERO" x
	refused 2 "nothing says which guest is expected: give --measurement, --id-key-digest or --author-key-digest" \
		verify snp --cert c --family-id "${ZERO:0:32}" r
}

@test "malformed options" {
	local o=(--no-signature --measurement "$ZERO")
	refused 2 "--measurement: '00' is not 48 bytes in hex" \
		verify snp --no-signature --measurement 00 r
	refused 2 "--host-data: '${ZERO}' is not 32 bytes in hex" \
		verify snp "${o[@]}" --host-data "$ZERO" r
	refused 2 "--report-data: 'x' is not 64 bytes in hex" \
		verify snp "${o[@]}" --report-data x r
	refused 2 "--vmpl: '4' is no number from 0 to 3" \
		verify snp "${o[@]}" --vmpl 4 r
	refused 2 "--min-guest-svn: '4294967296' is no number" \
		verify snp "${o[@]}" --min-guest-svn 4294967296 r
	refused 2 "--min-tcb: 'x=1' is none of fmc=N, bootloader=N, tee=N, snp=N and microcode=N" \
		verify snp "${o[@]}" --min-tcb snp=1,x=1 r
	refused 2 "--min-tcb: '' is none of" verify snp "${o[@]}" --min-tcb '' r
	refused 2 "--min-tcb: '' is none of" \
		verify snp "${o[@]}" --min-tcb tee=1, r
	refused 2 "--min-tcb: 'tee=256' is not tee=N with N from 0 to 255" \
		verify snp "${o[@]}" --min-tcb tee=256 r
	refused 2 "--min-tcb: 'tee' is not tee=N" \
		verify snp "${o[@]}" --min-tcb tee r
	refused 2 "--min-tcb: tee is given twice" \
		verify snp "${o[@]}" --min-tcb tee=1,tee=1 r
	refused 2 "--min-tcb: longer than 127 bytes" \
		verify snp "${o[@]}" --min-tcb "$ZERO$ZERO" r
	refused 2 "'s' is not expected" verify snp "${o[@]}" r s
	refused 1 "$T/none: cannot open: No such file or directory" \
		verify snp "${o[@]}" "$T/none"
}

@test "recorded reports, versions 2 and 3, VCEK and VLEK, of Milan and Genoa" {
	use milan
	verifies "${OPTIONS[@]}" "$R"
	use genoa
	verifies "${OPTIONS[@]}" "$R"
	use vlek
	verifies "${OPTIONS[@]}" "$R"
	[[ $output == *$'\nnot compared  chip_id '* ]]
	compared 3
}

@test "recorded reports of Azure" {
	need_vectors trustee/az-snp-vtpm
	local f chain n=0
	for f in evidence-v0 evidence-v1 evidence-v2 evidence-genoa; do
		report azure "$A/$f.json" "$T/r" "$T/c"
		chain=milan
		[ "$f" != evidence-genoa ] || chain=genoa
		verifies --cert "$T/c" --chain "$S/${chain}_ask_ark_asvk.pem" \
			--time "$TIME" "$T/r" \
			--measurement "$(report get "$T/r" 0x90 48)" \
			--id-key-digest "$(report get "$T/r" 0xe0 48)"
		n=$((n + 1))
	done
	# VCEK, ASK and ARK in one file
	report hcl "$A/hcl-report.bin" "$T/r"
	verifies --cert "$A/vcek.pem" --time "$TIME" "$T/r" \
		--measurement "$(report get "$T/r" 0x90 48)"
	compared $((n + 1))
}

@test "every field that Trustee's evidence spells out" {
	use genoa
	local e=$S/genoa-v3-evidence.json options=() name value n=0
	mapfile -t options < <(report options "$e")
	[ "${#options[@]}" -eq 10 ]
	mm verify snp --json "${OPTIONS[@]:0:6}" "${options[@]}" "$R"
	[ "$status" -eq 0 ]
	while read -r name value; do
		[ "$(jq -r --arg n "$name" \
			'.checks[] | select(.name == $n) | .actual' \
			<<< "$output")" = "$value" ] || {
			echo "$name is not $value"
			return 1
		}
		# A guest SVN of at least 0 says nothing.
		[ "$(jq -r --arg n "$name" \
			'.checks[] | select(.name == $n) | .result' \
			<<< "$output")" = ok ] || [ "$name" = guest_svn ]
		n=$((n + 1))
	done < <(report actual "$e")
	[ "$n" -eq 15 ]
	[ "$(jq -c '[.ok, .signature_verified, .version, .product,
		.platform_info]' <<< "$output")" = \
		'[true,true,3,"Genoa","0x25"]' ]
	compared "$n"
}

@test "one bit of each expected value" {
	use milan
	local option offset size value
	while read -r option offset size; do
		value=$(report get "$R" "$offset" "$size")
		verifies "${OPTIONS[@]}" --"$option" "$value" "$R"
		report flip "$R" "$T/r" "$offset"
		local name=${option//-/_} is=$value
		value=$(report get "$T/r" "$offset" "$size")
		fails 4 "$name: expected $value, is $is" "${OPTIONS[@]}" \
			--"$option" "$value" "$R"
	done <<- END
		host-data 0xc0 32
		report-data 0x50 64
		id-key-digest 0xe0 48
		family-id 0x10 16
		image-id 0x20 16
	END
	report flip "$R" "$T/r" 0x90
	local other
	other=$(report get "$T/r" 0x90 48)
	fails 4 "measurement: expected $other, is $MEASUREMENT" \
		"${OPTIONS[@]:0:6}" --measurement "$other" "$R"
	# Any one of a list, in either case of its digits.
	verifies "${OPTIONS[@]:0:6}" --measurement "$other" \
		--measurement "${MEASUREMENT^^}" "$R"
	fails 4 "measurement: expected one of 2 values, is $MEASUREMENT" \
		"${OPTIONS[@]:0:6}" --measurement "$other" \
		--measurement "$ZERO" "$R"
	# This guest has no author key.
	fails 4 "author_key_digest: expected $ZERO, is none" \
		"${OPTIONS[@]}" --author-key-digest "$ZERO" "$R"
}

@test "policy, VMPL and versions" {
	use milan # policy 0x3001f, guest SVN 4, microcode 206 running
	verifies "${OPTIONS[@]}" --policy 0x3001f --policy-require 0x10000 \
		--policy-forbid 0x180000 --min-guest-svn 4 \
		--min-tcb bootloader=3,tee=0,snp=8,microcode=115 "$R"
	fails 4 "policy: expected 0x30000, is 0x3001f" \
		"${OPTIONS[@]}" --policy 0x30000 "$R"
	fails 4 "policy_require: expected 0x110000, is 0x10000" \
		"${OPTIONS[@]}" --policy-require 0x110000 "$R"
	fails 4 "policy_forbid: expected 0x0, is 0x10000" \
		"${OPTIONS[@]}" --policy-forbid 0x50000 "$R"
	fails 4 "guest_svn: expected at least 5, is 4" \
		"${OPTIONS[@]}" --min-guest-svn 5 "$R"
	fails 4 "vmpl: expected 2, is 0" "${OPTIONS[@]}" --vmpl 2 "$R"
	fails 4 "reported_tcb: expected at least microcode=116, is bootloader=3,tee=0,snp=8,microcode=115" \
		"${OPTIONS[@]}" --min-tcb microcode=116 "$R"
	fails 4 "reported_tcb: expected at least fmc=0, is bootloader=3,tee=0,snp=8,microcode=115" \
		"${OPTIONS[@]}" --min-tcb fmc=0 "$R"
	use vlek
	fails 4 "vmpl: expected 0, is 1" "${OPTIONS[@]:0:2}" \
		"${OPTIONS[@]:4}" "$R"
}

@test "debugging and migration must be allowed" {
	use milan
	report set "$R" "$T/r" 0x0a=0b
	local o=(--no-signature --measurement "$MEASUREMENT")
	fails 4 "policy_debug: expected off, is on" "${o[@]}" "$T/r"
	fails 4 "policy_debug: expected off, is on" "${o[@]}" \
		--policy 0xb001f "$T/r"
	mm verify snp "${o[@]}" --allow-debug "$T/r"
	[ "$status" -eq 0 ]
	report set "$R" "$T/r" 0x0a=07
	fails 4 "policy_migrate_ma: expected off, is on" "${o[@]}" "$T/r"
	mm verify snp "${o[@]}" --allow-migration "$T/r"
	[ "$status" -eq 0 ]
}

@test "a changed report is not signed any more" {
	use genoa
	local offset
	for offset in 4 0x50 0x97 0xc0 0x140 0x2a0 0x2cf 0x2e8 0x317; do
		report flip "$R" "$T/r" "$offset"
		fails 4 "signature: expected valid, is invalid" \
			"${OPTIONS[@]}" --measurement \
			"$(report get "$T/r" 0x90 48)" "$T/r"
	done
	# Firmware with MASK_CHIP_KEY writes zeros.
	report set "$R" "$T/r" 0x48=02 "0x2a0=$(printf '%0288d' 0)"
	fails 4 "signature: expected valid, is invalid" "${OPTIONS[@]}" "$T/r"
}

@test "a report and a certificate that do not belong together" {
	use milan
	report flip "$R" "$T/r" 0x187
	fails 4 "certificate_tcb: expected bootloader=3,tee=0,snp=8,microcode=115, is bootloader=3,tee=0,snp=8,microcode=114" \
		"${OPTIONS[@]}" "$T/r"
	report set "$R" "$T/r" 0x186=09
	fails 4 "certificate_tcb: expected bootloader=3,tee=0,snp=8,microcode=115, is bootloader=3,tee=0,snp=9,microcode=115" \
		"${OPTIONS[@]}" "$T/r"
	report flip "$R" "$T/r" 0x1a0
	fails 4 "chip_id: expected $(report get "$R" 0x1a0 64), is $(report get "$T/r" 0x1a0 64)" \
		"${OPTIONS[@]}" "$T/r"
	fails 4 "signing_key: expected VCEK, is VLEK" "${OPTIONS[@]}" \
		--vmpl 1 "$S/test-vlek-report.bin"
	report set "$R" "$T/r" 0x48=1c
	fails 4 "signing_key: expected VCEK, is none" "${OPTIONS[@]}" "$T/r"
	use vlek
	fails 4 "signing_key: expected VLEK, is VCEK" "${OPTIONS[@]}" \
		"$S/test-report.bin"
	use genoa
	local other=(--cert "$S/test-vcek.der"
		--chain "$S/milan_ask_ark_asvk.pem" "${OPTIONS[@]:4}")
	fails 4 "product: expected Milan, is Genoa" "${other[@]}" "$R"
	# All the others are listed too.
	mm verify snp "${other[@]}" "$R"
	[ "$status" -eq 4 ]
	[ "$stderr" = "mote-measure: $R: product: expected Milan, is Genoa" ]
	[ "${lines[1]}" = "report        version 3, processor Genoa" ]
	[ "${lines[2]}" = "FAILED        product            Genoa" ]
	[ "${lines[3]}" = "                expected         Milan" ]
	[ "$(grep -c '^FAILED        signature ' <<< "$output")" -eq 1 ]
	[ "$(grep -c '^ok            measurement ' <<< "$output")" -eq 1 ]
	mm verify snp --json "${other[@]}" "$R"
	[ "$status" -eq 4 ]
	[ "$(jq -c '[.ok, .signature_verified, .product, .checks[0]]' \
		<<< "$output")" = '[false,false,"Genoa",{"name":"product",'\
'"result":"FAILED","expected":"Milan","actual":"Genoa"}]' ]
}

@test "a report as JSON is told from a damaged one" {
	printf ' {"version": 2, "more": "%0100d"}' 0 > "$T/r"
	fails 3 "report: $(stat -c %s "$T/r") bytes instead of 1184: a raw report is needed, and this looks like JSON" \
		--no-signature --measurement "$ZERO" "$T/r"
	printf '[{}]' > "$T/r"
	fails 3 "report: 4 bytes instead of 1184" \
		--no-signature --measurement "$ZERO" "$T/r"
}

@test "malformed reports" {
	use genoa
	head -c 1183 "$R" > "$T/r"
	fails 3 "report: 1183 bytes instead of 1184" "${OPTIONS[@]}" "$T/r"
	: > "$T/r"
	fails 3 "report: 0 bytes instead of 1184" "${OPTIONS[@]}" "$T/r"
	{ cat "$R" && echo; } > "$T/r"
	fails 3 "report: 1185 bytes instead of 1184" "${OPTIONS[@]}" "$T/r"
	local version
	for version in 0 1 6; do
		report set "$R" "$T/r" "0=0$version"
		fails 3 "report: version $version is none of 2 to 5" \
			"${OPTIONS[@]}" "$T/r"
	done
	report set "$R" "$T/r" 0x4c=01
	fails 3 "report: bytes 0x4c to 0x4f are reserved, but not zero" \
		"${OPTIONS[@]}" "$T/r"
	report set "$R" "$T/r" 0x200=01
	fails 3 "report: bytes 0x1f8 to 0x29f are reserved, but not zero" \
		"${OPTIONS[@]}" "$T/r"
	report set "$R" "$T/r" 0x0f=01
	fails 3 "report: policy 0x100000000030000 has reserved bits that are not zero" \
		"${OPTIONS[@]}" "$T/r"
}

@test "certificates that are refused" {
	use milan
	local chain=$S/milan_ask_ark_asvk.pem rest=("${OPTIONS[@]:4}")
	FILE="$S/test-vcek-invalid-legacy.der" \
		fails 3 "certificate SEV-VCEK: certificate signature failure" \
		--cert "$S/test-vcek-invalid-legacy.der" --chain "$chain" \
		"${rest[@]}" "$R"
	FILE="$S/test-vcek-invalid-new.der" \
		fails 3 "certificate SEV-VCEK: certificate signature failure" \
		--cert "$S/test-vcek-invalid-new.der" --chain "$chain" \
		"${rest[@]}" "$R"
	FILE="$R" \
		fails 3 "certificate: no certificate in it" \
		--cert "$R" --chain "$chain" "${rest[@]}" "$R"
	head -c 1000 "$S/test-vcek.der" > "$T/c"
	FILE="$T/c" \
		fails 3 "certificate: not an X.509 certificate" \
		--cert "$T/c" --chain "$chain" "${rest[@]}" "$R"
	FILE="$S/test-vcek.der" \
		fails 3 "certificate SEV-VCEK: the certificate of its issuer SEV-Milan is not given: give ASK and ARK with --chain" \
		--cert "$S/test-vcek.der" \
		--chain "$S/genoa_ask_ark_asvk.pem" "${rest[@]}" "$R"
	FILE="$S/test-vcek.der" \
		fails 3 "certificates: none of the 1 has the key of an AMD root (ARK): give ASK and ARK with --chain" \
		--cert "$S/test-vcek.der" "${rest[@]}" "$R"
	report pick "$chain" "$T/c" 1
	FILE="$S/test-vcek.der" \
		fails 3 "certificates: none of the 2 has the key of an AMD root (ARK): give ASK and ARK with --chain" \
		--cert "$S/test-vcek.der" --chain "$T/c" "${rest[@]}" "$R"
	report pick "$chain" "$T/c" 2 3
	FILE="$S/test-vcek.der" \
		fails 3 "certificate SEV-VCEK: the certificate of its issuer SEV-Milan is not given: give ASK and ARK with --chain" \
		--cert "$S/test-vcek.der" --chain "$T/c" "${rest[@]}" "$R"
	report pick "$chain" "$T/c" 3 2 1
	verifies --cert "$S/test-vcek.der" --chain "$T/c" "${rest[@]}" "$R"
	# What cannot be read is named, here the chain.
	echo > "$T/c"
	FILE=$T/c \
		fails 3 "chain: no certificate in it" \
		--cert "$S/test-vcek.der" --chain "$T/c" "${rest[@]}" "$R"
	FILE=$R \
		fails 3 "certificate: no certificate in it" \
		--cert "$R" --chain "$T/c" "${rest[@]}" "$R"
	# The certificate of an ASK is none of a chip.
	report pick "$chain" "$T/c" 1 2
	FILE="$T/c" \
		fails 3 "certificates: a chain of 2 instead of 3" \
		--cert "$T/c" "${rest[@]}" "$R"
}

@test "a root and an ASK of our own with AMD's names" {
	use milan
	local names='/OU=Engineering/C=US/L=Santa Clara/ST=CA'
	names+='/O=Advanced Micro Devices/CN='
	make() # FILE NAME OPTION...
	{
		local file=$1 name=$2
		shift 2
		openssl req -x509 -newkey rsa:2048 -nodes -sha384 -days 9999 \
			-sigopt rsa_padding_mode:pss -subj "$names$name" \
			-keyout "$T/$file.key" -out "$T/$file" "$@" \
			2> "$T/log" || { cat "$T/log"; return 1; }
	}
	make ark ARK-Milan
	report pick "$S/milan_ask_ark_asvk.pem" "$T/ask" 1
	cat "$T/ask" "$T/ark" > "$T/chain"
	FILE="$S/test-vcek.der" \
		fails 3 "certificates: none of the 3 has the key of an AMD root (ARK): give ASK and ARK with --chain" \
		--cert "$S/test-vcek.der" --chain "$T/chain" \
		"${OPTIONS[@]:6}" "$R"
	# Next to the real ones it changes nothing.
	cat "$T/ark" "$S/milan_ask_ark_asvk.pem" > "$T/chain"
	verifies --cert "$S/test-vcek.der" --chain "$T/chain" \
		"${OPTIONS[@]:4}" "$R"
	make ask SEV-Milan
	report pick "$S/milan_ask_ark_asvk.pem" "$T/real" 2
	cat "$T/ask" "$T/real" > "$T/chain"
	FILE="$S/test-vcek.der" \
		fails 3 "certificate SEV-Milan: self-signed certificate in certificate chain" \
		--cert "$S/test-vcek.der" --chain "$T/chain" \
		"${OPTIONS[@]:4}" "$R"
}

@test "certificates have to be valid at the time" {
	# 2024-12-10 22:14:21 to 2025-12-10 22:14:21
	use vlek
	local rest=("${OPTIONS[@]:0:6}" --measurement "$MEASUREMENT")
	verifies "${rest[@]}" --time 1765404860 "$R"
	FILE="$S/test-vlek.der" \
		fails 3 "certificate SEV-VLEK: certificate has expired (notAfter 2025-12-10 22:14:21 UTC): --time says when it has to be valid" \
		"${rest[@]}" --time 1765404861 "$R"
	FILE="$S/test-vlek.der" \
		fails 3 "certificate SEV-VLEK: certificate is not yet valid (notBefore 2024-12-10 22:14:21 UTC): --time says when it has to be valid" \
		"${rest[@]}" --time 1733868860 "$R"
	verifies "${rest[@]}" --time 1733868861 "$R"
	# Without --time it is now.
	FILE="$S/test-vlek.der" \
		fails 3 "certificate SEV-VLEK: certificate has expired (notAfter 2025-12-10 22:14:21 UTC): --time says when it has to be valid" \
		"${rest[@]}" "$R"
}

# file_is FILTER PATH: what the JSON says of a file
file_is()
{
	[ "$(jq -c "$1" <<< "$output")" = "{\"path\":\"$2\",\"size\":$(stat \
		-c %s "$2"),\"sha256\":\"$(sha256sum "$2" | cut -c 1-64)\"}" ]
}

@test "where to look if the measurement is another" {
	use milan
	local hint="mote-measure identify says what launch a digest belongs to"
	mm verify snp "${OPTIONS[@]:0:6}" --measurement "$ZERO" "$R"
	[ "$status" -eq 4 ]
	[ "${lines[-1]}" = "$hint" ]
	mm verify snp "${OPTIONS[@]}" --vmpl 1 "$R"
	[ "$status" -eq 4 ]
	[[ $output != *"$hint"* ]]
}

@test "a report that fails is listed check by check" {
	use milan
	mm verify snp "${OPTIONS[@]}" --vmpl 1 --host-data "${ZERO:0:62}01" "$R"
	[ "$status" -eq 4 ]
	[ "$stderr" = "mote-measure: $R: host_data: expected ${ZERO:0:62}01, is ${ZERO:0:64}" ]
	[ "${#lines[@]}" -eq 24 ]
	[ "${lines[0]}" = "report        version 2, processor Milan" ]
	[ "${lines[1]}" = "not compared  product            Milan" ]
	[ "${lines[2]}" = "ok            signing_key        VCEK" ]
	[ "${lines[6]}" = "ok            measurement        $MEASUREMENT" ]
	[ "${lines[7]}" = "not compared  policy             0x3001f" ]
	[ "${lines[10]}" = "FAILED        host_data          ${ZERO:0:64}" ]
	[ "${lines[11]}" = "                expected         ${ZERO:0:62}01" ]
	[ "${lines[17]}" = "FAILED        vmpl               0" ]
	[ "${lines[18]}" = "                expected         1" ]
	mm verify snp --json "${OPTIONS[@]}" --vmpl 1 "$R"
	[ "$status" -eq 4 ]
	[ "$stderr" = "mote-measure: $R: vmpl: expected 1, is 0" ]
	[ "$(jq -c 'keys_unsorted' <<< "$output")" = \
		'["schema","ok","signature_verified","report","certificate","chain","version","product","platform_info","checks"]' ]
	[ "$(jq -c '[.ok, .signature_verified]' <<< "$output")" = \
		'[false,true]' ]
	[ "$(jq -r .schema <<< "$output")" = mote-verify-snp-1 ]
	file_is .report "$R"
	file_is .certificate "$S/test-vcek.der"
	file_is .chain "$S/milan_ask_ark_asvk.pem"
	[ "$(jq -c '.checks[] | select(.result == "FAILED")' <<< "$output")" = \
		'{"name":"vmpl","result":"FAILED","expected":"1","actual":"0"}' ]
	[ "$(jq -c '.checks[] | select(.name == "policy")' <<< "$output")" = \
		'{"name":"policy","result":"not compared","expected":null,"actual":"0x3001f"}' ]
}

@test "an invalid signature is not called verified" {
	use milan
	report flip "$R" "$T/r" 0x2a0
	mm verify snp --json "${OPTIONS[@]}" "$T/r"
	[ "$status" -eq 4 ]
	[ "$(jq -c '[.ok, .signature_verified]' <<< "$output")" = \
		'[false,false]' ]
}

@test "without a certificate every form of output says so" {
	use genoa
	local o=(--no-signature --measurement "$MEASUREMENT")
	mm verify snp "${o[@]}" "$R"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "THE SIGNATURE IS NOT VERIFIED: anybody can have written this report" ]
	[ "$stderr" = "mote-measure: warning: $R: the signature of the report is not verified" ]
	mm verify snp --quiet "${o[@]}" "$R"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "mote-measure: warning: $R: the signature of the report is not verified" ]
	mm verify snp --json "${o[@]}" "$R"
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.ok, .signature_verified, .certificate, .chain]' \
		<<< "$output")" = '[true,false,null,null]' ]
	fails 4 "measurement: expected $ZERO, is $MEASUREMENT" \
		--no-signature --measurement "$ZERO" "$R"
	# Version 2 does not name the processor; a masked chip id neither.
	use milan
	report set "$R" "$T/r" "0x1a0=$(printf '%0128d' 0)"
	fails 3 "report: version 2 with a masked chip id: without certificates its TCB cannot be read" \
		"${o[@]}" "$T/r"
}

@test "the result goes to a file, also of a report that fails" {
	use genoa
	mm verify snp --json --output "$T/out" "${OPTIONS[@]}" "$R"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(jq .ok "$T/out")" = true ]
	fails 4 "vmpl: expected 1, is 0" --output "$T/none" \
		"${OPTIONS[@]}" --vmpl 1 "$R"
	[ ! -e "$T/none" ]
	mm verify snp --output "$T/out" "${OPTIONS[@]}" --vmpl 1 "$R"
	[ "$status" -eq 4 ]
	[ "$stderr" = "mote-measure: $R: vmpl: expected 1, is 0" ]
	grep -q '^FAILED        vmpl ' "$T/out"
	mm verify snp --output "$T/no/out" "${OPTIONS[@]}" "$R"
	[ "$status" -eq 1 ]
}
