#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# reject.bats: refusals of mote-measure that the tests of its parts leave out:
# exit status and the whole message.

load measure.bash

setup()
{
	T=$BATS_TEST_TMPDIR
	export PYTHONDONTWRITEBYTECODE=1
}

firmware() # OPTION...
{
	/usr/bin/python3 tests/firmware.py "$T/f" "$@"
}

# A report with something in every field, and bytes replaced.
report() # VERSION FAMILY MODEL OFFSET=HEX...
{
	/usr/bin/python3 - "$T/r" "$@" <<'PYTHON'
import runpy
import sys

out, version, family, model, *changes = sys.argv[1:]
make = runpy.run_path("tests/fuzz/seeds")["report"]
data = make(int(version), int(family, 0), int(model, 0))
for change in changes:
    at, value = change.split("=")
    value = bytes.fromhex(value)
    data[int(at, 0) : int(at, 0) + len(value)] = value
with open(out, "wb") as f:
    f.write(data)
PYTHON
}

# says STATUS MESSAGE ARG...: nothing but this line, exactly
says()
{
	local want=$1 message=$2
	shift 2
	mm "$@"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	[ "${stderr%%$'\n'Try: *}" = "$message" ] || {
		echo "not: $message"
		return 1
	}
}

# usage COMMAND: lines "ARG... => MESSAGE" on standard input, status 2
usage()
{
	local line n=0
	while IFS= read -r line; do
		# shellcheck disable=SC2086 # words without blanks
		says 2 "mote-measure $1: ${line#* => }" $1 ${line%% => *}
		n=$((n + 1))
	done
	[ "$n" -gt 0 ]
}

@test "snp: options that do not go together" {
	firmware --preset amdsev
	echo x > "$T/k"
	local f="--firmware $T/f --vcpus 1 --cpu EPYC"
	local seed many
	seed=$(printf '00%.0s' {1..48})
	many=$(printf -- '--append a %.0s' {1..257})
	usage snp <<EOF2
$f --firmware-hash $seed --mode sev => --firmware-hash goes with --firmware and --mode snp only
--firmware-descriptor $T/f --mode sev --vcpus 1 --cpu EPYC => --firmware-descriptor is for --mode snp without --svsm
$f --svsm $T/f --vars-size 4K --mode sev => --svsm is for --mode snp, without --vmm
$f --kernel $T/k --append a --append b --emit-hash-table $T/e => --emit-hash-table needs a single command line
$f --kernel $T/k $many => --append: more than 256 times
$f --firmware-hash $seed --firmware-hash $seed => --firmware-hash is given twice
--firmware $T/f --vcpus 1 --cpu $(printf 'EPYC,%.0s' {1..64})EPYC => more than 64 CPUs
$f --guest-features $(printf '1,%.0s' {1..64})1 => more than 64 feature values
$f --vmm qemu,qemu,qemu,qemu,qemu,qemu => --vmm: more than 5
$f --guest-features x => --guest-features: 'x' is no number of 64 bits
$f --vcpu-family 25 => --vcpu-family, --vcpu-model and --vcpu-stepping belong together
$f --kernel $T/k --svsm $T/f --vars-size 4K => --kernel is not for --svsm and not for --mode snp:ovmf-hash
$f --trace --vmm qemu,gce => --trace is for --mode snp and one value of each list but --vcpus
--firmware $T/f --mode sev --tik $T/k => --tik needs --mnonce, --api-version, --build and --policy
--firmware $T/f --mode sev --tik $T/k --mnonce $(printf '00%.0s' {1..16}) --build 1 --policy 1 --api-version 1.x => --api-version: '1.x' is not like 1.55
EOF2
}

@test "snp extend: options that do not go together" {
	local d
	d=$(printf '00%.0s' {1..48})
	usage "snp extend" <<EOF2
--ap-eip 0x80b004 --vcpus 2 --cpu EPYC => --digest is missing
--digest $d --vcpus 2 --cpu EPYC => give one of --ap-eip and --firmware
--digest $d --ap-eip 0x80b004 --firmware f --vcpus 2 --cpu EPYC => give one of --ap-eip and --firmware
--digest $d --ap-eip 0x80b004 --vcpus 2 --cpu EPYC,EPYC-Milan => the digest has one CPU model, feature value and VMM
EOF2
}

@test "snp extend: firmware without a reset block" {
	firmware --hashes 0,0
	says 3 "mote-measure: $T/f: no SEV-ES reset block" snp extend \
		--digest "$(printf '00%.0s' {1..48})" --firmware "$T/f" \
		--vcpus 2 --cpu EPYC
}

@test "image: what is missing" {
	usage image <<EOF2
--firmware f --vcpus 1 --cpu EPYC => the folder is missing
folder --vcpus 1 --cpu EPYC => --firmware is missing
EOF2
}

@test "snp: sections that end above 4 GiB" {
	firmware --reset 0x80b004 --sev 0xfffff000,0x2000,1
	says 3 "mote-measure: $T/f: SEV metadata: section at 0xfffff000 ends above 4 GiB" \
		snp --firmware "$T/f" --vcpus 1 --cpu EPYC
}

@test "snp: variables that are no file, and that leave no room" {
	firmware --preset amdsev
	/usr/bin/python3 tests/firmware.py "$T/s" --size 8192 --svsm 0x1000 \
		--preset amdsev
	says 3 "mote-measure: $T: not a regular file" snp --firmware "$T/f" \
		--vcpus 1 --cpu EPYC --svsm "$T/s" --vars-file "$T"
	mm snp --firmware "$T/f" --vcpus 1 --cpu EPYC --svsm "$T/s" \
		--vars-size 4294967295
	[ "$status" -eq 3 ]
	[[ $stderr == *": SVSM, variables and firmware together are larger than 4 GiB" ]]
}

@test "a descriptor that is no object" {
	echo '[]' > "$T/d"
	says 3 "mote-measure: $T/d: no firmware descriptor: no JSON object" \
		snp --firmware-descriptor "$T/d" --vcpus 1 --cpu EPYC
}

@test "verify snp: fields of a report" {
	local line n=0 args
	while IFS= read -r line; do
		echo "$line"
		# shellcheck disable=SC2086 # words without blanks
		report ${line%% => *}
		says 3 "mote-measure: $T/r: report: ${line#* => }" verify snp \
			--no-signature --report-data "$(printf '00%.0s' {1..64})" \
			--measurement "$(printf '00%.0s' {1..48})" "$T/r"
		n=$((n + 1))
	done <<'EOF2'
3 0x19 1 0x8=0000000000000000 => policy 0x0 has bit 17 clear, which is always one
3 0x19 1 0x34=02 => signature algorithm 2 is not 1 (ECDSA P-384 with SHA-384)
3 0x19 1 0x48=0c => signing key 3 is reserved
3 0x18 1 => processor family 0x18 model 0x1 is none of Milan, Genoa and Turin
5 0x1a 2 0x208=01 => bytes 0x208 to 0x29f are reserved, but not zero
3 0x1a 2 0x200=01 => bytes 0x1f8 to 0x29f are reserved, but not zero
EOF2
	[ "$n" -eq 6 ]
}

@test "verify snp: files of certificates" {
	report 3 0x19 1
	local cert line n=0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
		-keyout "$T/key" -subj /CN=x -out "$T/c"
	cert=$(cat "$T/c")
	openssl x509 -in "$T/c" -outform DER -out "$T/der"
	for _ in {1..17}; do
		echo "$cert"
	done > "$T/many"
	printf 'x' | cat "$T/der" - > "$T/behind"
	sed 's/CERTIFICATE/X509 CRL/' "$T/c" > "$T/crl"
	sed 's/BEGIN.*/&\nA: b\n/' "$T/c" > "$T/header"
	head -c 300 "$T/c" > "$T/cut"
	while IFS= read -r line; do
		says 3 "mote-measure: $T/${line/ => /: }" verify snp \
			--cert "$T/${line%% => *}" \
			--measurement "$(printf '00%.0s' {1..48})" "$T/r"
		n=$((n + 1))
	done <<'EOF2'
many => more than 16 certificates
behind => certificate: 1 bytes behind its end
crl => certificates: a PEM block is "X509 CRL"
header => certificates: a PEM block has a header
cut => certificates: a PEM block is damaged
EOF2
	[ "$n" -eq 5 ]
}

# The ID auth is correct up to the byte that is replaced.
@test "snp id-block --check: fields of block and auth" {
	local line n=0 file
	openssl ecparam -name secp384r1 -genkey -out "$T/a"
	mm snp id-block --digest "$(printf '5a%.0s' {1..48})" --id-key "$T/a" \
		--author-key "$T/a" --id-block-out "$T/block" --id-auth-out "$T/auth"
	[ "$status" -eq 0 ]
	while IFS= read -r line; do
		echo "$line"
		read -r file at value <<< "${line%% => *}"
		cp "$T/block" "$T/b"
		cp "$T/auth" "$T/h"
		printf '%b' "\\x$value" | dd of="$T/$file" bs=1 seek=$((at)) \
			conv=notrunc status=none
		says 3 "mote-measure: $T/$file: ${line#* => }" snp id-block \
			--check --id-auth "$T/h" --id-block "$T/b"
		n=$((n + 1))
	done <<'EOF2'
b 0x50 02 => ID block has version 2; only 1 is known
h 0x000 02 => ID auth: ID key algorithm 2; only 1, ECDSA P-384 with SHA-384, is known
h 0x004 03 => ID auth: author key algorithm 3; only 0, none, and 1, ECDSA P-384 with SHA-384, are known
h 0x008 01 => ID auth: after the algorithms: a byte is not zero that must be
h 0x240 03 => ID auth: ID key: curve 3; only 2, P-384, is known
h 0x644 01 => ID auth: behind the ID key: a byte is not zero that must be
h 0xc84 01 => ID auth: behind the author key: a byte is not zero that must be
h 0x004 00 => ID auth: author key algorithm is 0, but behind the ID key: a byte is not zero that must be
EOF2
	[ "$n" -eq 8 ]
}

@test "a key whose numbers do not fit together" {
	# The public point belongs to another private key.
	openssl ecparam -name secp384r1 -genkey |
		openssl ec -outform DER -out "$T/one" 2> "$T/log"
	openssl ecparam -name secp384r1 -genkey |
		openssl ec -outform DER -out "$T/two" 2> "$T/log"
	{ head -c 60 "$T/one"; tail -c +61 "$T/two"; } > "$T/key"
	says 3 "mote-measure: $T/key: key is damaged: its numbers do not fit together" \
		snp id-block --digest "$(printf '5a%.0s' {1..48})" --id-key "$T/key"
}
