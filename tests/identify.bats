#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# identify.bats: mote-measure identify, by digests that mote-measure snp and
# others made.

load measure.bash

setup()
{
	T=$BATS_TEST_TMPDIR
	FW=$T/fw.fd
	tests/firmware.py "$FW" --preset amdsev --seed identify
	printf 'not really a kernel' >"$T/kernel"
	printf 'not really an initrd' >"$T/initrd"
	boot=(--kernel "$T/kernel" --initrd "$T/initrd")
	line='console=ttyS0 dm-mod.create="root,,,ro,0 8 verity" ro'
	files=(--firmware "$FW" "${boot[@]}" --append "$line")
	launch=("${files[@]}" --vcpus 2 --cpu EPYC-Milan)
}

# digest ARG...: of a launch, into $digest.
digest()
{
	digest=$("$MEASURE" snp --quiet "$@" 2>"$T/warnings")
	[[ $digest =~ ^([0-9a-f]{64}|[0-9a-f]{96})$ ]]
}

# says WORDS ARG...: what identify says of $digest.
says()
{
	local words=$1
	shift
	mm identify --quiet --digest "$digest" "$@"
	[ "$status" -eq 0 ]
	[ "$output" = "$words" ]
	[ -z "$stderr" ]
}

# found WORDS OPTION VALUE: the expected launch, with one option changed.
found()
{
	local args=("${launch[@]}") i
	for ((i = 0; i < ${#args[@]}; i++)); do
		[ "${args[i]}" != "$2" ] || args[i + 1]=$3
	done
	[ "${args[*]}" != "${launch[*]}" ] || args+=("$2" "$3")
	digest "${args[@]}"
	says "$1" "${launch[@]}"
}

@test "the expected digest is named as such" {
	digest "${launch[@]}"
	says "the digest is exactly the expected one" "${launch[@]}"
	says "the digest is exactly the expected one" --mode snp "${launch[@]}"
	digest=${digest^^}
	mm identify --digest "$digest" "${launch[@]}"
	[ "$status" -eq 0 ]
	[ "$output" = "the digest is exactly the expected one
tried 1 digest" ]
}

@test "without options: one EPYC of QEMU" {
	digest --firmware "$FW" --vcpus 1 --cpu EPYC
	says "the digest is exactly the expected one" --firmware "$FW"
}

@test "number of vCPUs" {
	found "this is the digest of 1 vCPU instead of 2" --vcpus 1
	found "this is the digest of 4 vCPUs instead of 2" --vcpus 4
	found "this is the digest of 512 vCPUs instead of 2" --vcpus 512
}

@test "CPU model and signature" {
	found "this is the digest with CPU EPYC-Genoa (0x00a10f10) instead of \
EPYC-Milan (0x00a00f11)" --cpu EPYC-Genoa-v2
	found "this is the digest with CPU EPYC-Turin (0x00b00f00) instead of \
EPYC-Milan (0x00a00f11)" --cpu EPYC-Turin
	found "this is the digest with CPU EPYC-Rome (0x00830f10) instead of \
EPYC-Milan (0x00a00f11)" --cpu EPYC-Rome
	found "this is the digest with CPU EPYC (0x00800f12) instead of \
EPYC-Milan (0x00a00f11)" --cpu EPYC
	digest --firmware "$FW" --vcpus 1 --cpu EPYC
	says "this is the digest with CPU EPYC (0x00800f12) instead of \
0x00a00f12" --firmware "$FW" --vcpu-sig 0x00a00f12
}

@test "guest features" {
	local f="this is the digest with guest features"
	found "$f 0x21 instead of 0x1 (DebugSwap on)" --guest-features 0x21
	found "$f 0x5 instead of 0x1 (ReflectVC on)" --guest-features 5
	found "$f 0x201 instead of 0x1 (SecureTSC on)" --guest-features 0x201
	found "$f 0x221 instead of 0x1 (DebugSwap on, SecureTSC on)" \
		--guest-features 0x221
	found "$f 0x8000000000000001 instead of 0x1 (AllowedSevFeatures on)" \
		--guest-features 0x8000000000000001
	digest "${launch[@]}"
	says "$f 0x1 instead of 0x21 (DebugSwap off)" "${launch[@]}" \
		--guest-features 0x21
}

@test "VMM and FPU state" {
	found "this is the digest with QEMU's legacy FPU state (host kernel \
before 6.10)" --vmm legacy
	for vmm in ec2 ec2-old gce; do
		found "this is the digest with the processor state of $vmm \
instead of qemu" --vmm "$vmm"
	done
	digest "${launch[@]}"
	says "this is the digest with QEMU's initialised FPU state (host \
kernel 6.10 or later)" "${launch[@]}" --vmm legacy
}

@test "command line" {
	local l="the command line"
	found "$l had a trailing space" --append "$line "
	found "$l had a trailing newline" --append "$line"$'\n'
	found "$l had a leading space" --append " $line"
	found "$l was left out" --append ""
	found "$l lacked its quotation marks" --append "${line//\"/}"
	found "$l had backslashes before its quotation marks" \
		--append "${line//\"/\\\"}"
	# What is expected is a file with a newline.
	printf '%s\n' "$line" >"$T/line"
	digest "${launch[@]}"
	says "$l lacked its trailing newline" --firmware "$FW" "${boot[@]}" \
		--append-file "$T/line" --vcpus 2 --cpu EPYC-Milan
}

@test "initrd and kernel hashes" {
	printf '' >"$T/empty"
	found "the initrd was left out" --initrd "$T/empty"
	digest --firmware "$FW" --kernel "$T/initrd" --initrd "$T/kernel" \
		--append "$line" --vcpus 2 --cpu EPYC-Milan
	says "kernel and initrd were exchanged" "${launch[@]}"
	digest --firmware "$FW" --vcpus 2 --cpu EPYC-Milan
	says "kernel hashes were off (kernel-hashes=off)" "${launch[@]}"
}

@test "firmware of a folder, in the order of names" {
	mkdir "$T/dir" "$T/dir/folder"
	for i in 1 2 3; do
		tests/firmware.py "$T/dir/$i.fd" --preset amdsev --seed "$i"
	done
	cp "$T/dir/2.fd" "$T/dir/0.fd"
	cp "$FW" "$T/dir/same.fd"
	echo text >"$T/dir/text"
	tests/firmware.py "$T/dir/x64.fd" --preset ovmfx64
	mkfifo "$T/dir/fifo"
	ln -s nowhere "$T/dir/dangling"
	digest "${launch[@]/"$FW"/"$T/dir/2.fd"}"
	says "the firmware was $T/dir/0.fd" "${launch[@]}" \
		--firmware-dir "$T/dir"
	digest "${launch[@]/"$FW"/"$T/dir/3.fd"}" --guest-features 0x21
	says "this is the digest with guest features 0x21 instead of 0x1 \
(DebugSwap on); the firmware was $T/dir/3.fd" "${launch[@]}" \
		--firmware-dir "$T/dir/"
	# Cannot verify a kernel, but starts without its hashes.
	digest --firmware "$T/dir/x64.fd" --vcpus 2 --cpu EPYC-Milan
	says "kernel hashes were off (kernel-hashes=off); the firmware was \
$T/dir/x64.fd" "${launch[@]}" --firmware-dir "$T/dir"
	mm identify --json --digest "$digest" "${launch[@]}" \
		--firmware-dir "$T/dir"
	[ "$(jq -c '.searched | .firmware, .skipped' <<<"$output")" = "\
[\"$FW\",\"$T/dir/0.fd\",\"$T/dir/1.fd\",\"$T/dir/3.fd\",\"$T/dir/x64.fd\"]
[\"$T/dir/text: 5 bytes are no whole number of pages of 4096\"]" ]
}

@test "firmware without its variable store" {
	tests/firmware.py "$FW" --preset amdsev --variables \
		--poke 0x20=0040000000000000
	tail -c +$((0x4001)) "$FW" >"$T/code.fd"
	digest --firmware "$T/code.fd" --vcpus 1 --cpu EPYC
	says "the firmware was measured without its variable store (the first \
0x4000 bytes)" --firmware "$FW"
}

@test "several differences at once" {
	digest --firmware "$FW" --kernel "$T/kernel" --append "$line " \
		--vcpus 8 --cpu EPYC-Genoa --guest-features 0x21 --vmm legacy
	says "this is the digest of 8 vCPUs instead of 2, with QEMU's legacy \
FPU state (host kernel before 6.10), with CPU EPYC-Genoa (0x00a10f10) instead \
of EPYC-Milan (0x00a00f11), with guest features 0x21 instead of 0x1 (DebugSwap \
on); the command line had a trailing space; the initrd was left out" \
		"${launch[@]}"
}

@test "SEV-ES and SEV" {
	local es=(--firmware "$FW" "${boot[@]}" --append "$line")
	digest --mode sev-es "${es[@]}" --vcpus 2 --cpu EPYC-Milan
	says "the digest is exactly the expected one" "${launch[@]}"
	says "this is the digest of 2 vCPUs instead of 4, with QEMU's legacy \
VM type (FPU state left zero)" \
		"${es[@]}" --vcpus 4 --cpu EPYC-Milan --vmm qemu
	says "this is the digest of SEV-ES with 2 vCPUs instead of SEV; the \
command line lacked its trailing space" --mode sev \
		--firmware "$FW" "${boot[@]}" --append "$line " --cpu EPYC-Milan
	digest --mode sev-es "${es[@]}" --vcpus 3 --cpu EPYC-Genoa --vmm qemu
	says "this is the digest of 3 vCPUs instead of 2, without QEMU's \
legacy VM type (FPU state initialised), with CPU EPYC-Genoa (0x00a10f10) \
instead of EPYC-Milan (0x00a00f11)" "${launch[@]}"
	digest --mode sev "${es[@]}"
	says "this is the digest of SEV instead of SEV-ES" "${launch[@]}"
	says "the digest is exactly the expected one" --mode sev "${es[@]}"
	digest --mode sev --firmware "$FW" "${boot[@]}" --append "$line "
	says "the command line had a trailing space" --mode sev "${es[@]}"
}

@test "other digests: firmware pages, files, zeros, reversed bytes" {
	local n="this is no launch digest, but"
	digest --mode snp:ovmf-hash --firmware "$FW"
	says "$n the digest of the pages alone of firmware $FW" "${launch[@]}"
	digest=$(sha384sum <"$FW" | cut -d ' ' -f 1)
	says "$n the SHA-384 of the firmware file $FW" "${launch[@]}"
	digest=$(sha384sum <"$T/kernel" | cut -d ' ' -f 1)
	says "$n the SHA-384 of the kernel file" "${launch[@]}"
	digest=$(sha256sum <"$T/initrd" | cut -d ' ' -f 1)
	says "$n the SHA-256 of the initrd file" "${launch[@]}"
	digest=$(printf '%096d' 0)
	says "$n zero in all its bytes" "${launch[@]}"
	digest "${launch[@]}"
	digest=$(fold -w 2 <<<"$digest" | tac | tr -d '\n')
	says "the digest is given with its bytes in reverse order" \
		"${launch[@]}"
}

@test "not found: exit 4, the reason, and what was tried" {
	digest=$(sha384sum </dev/null | cut -d ' ' -f 1)
	mm identify --digest "$digest" --firmware "$FW"
	[ "$status" -eq 4 ]
	[ "$stderr" = "mote-measure: the digest is none of the 140052 that \
were tried; another kernel, initrd, command line or firmware cannot be found: \
compare their sha256" ]
	[ "$output" = "\
tried 140052 digests: all combinations of these
firmware 1: $FW
kernel_hashes 1: off
command_line 1: none
initrd 1: none
vmm 5: qemu, legacy, ec2, ec2-old, gce
cpu 5: EPYC (0x00800f12), EPYC-Rome (0x00830f10), EPYC-Milan (0x00a00f11), \
EPYC-Genoa (0x00a10f10), EPYC-Turin (0x00b00f00)
guest_features 21: 0x1, 0x8000000000000001, 0x21, 0x8000000000000021, 0x5, \
0x8000000000000005, 0x201, 0x8000000000000201, 0x221, 0x8000000000000221, 0x0, \
0x3, 0x9, 0x11, 0x41, 0x81, 0x101, 0x401, 0x1001, 0x4001, 0x8001
vcpus 513: 0 to 512
byte_order 2: as given, reversed
not tried: more than 512 vCPUs, launches with an SVSM" ]
	mm identify --digest "${digest:0:64}" --firmware "$FW" --mode sev
	[ "$status" -eq 4 ]
	[ "${lines[-1]}" = "not tried: more than 512 vCPUs" ]
	mm identify --digest "$digest" --firmware "$FW" --vcpus 600
	[ "$status" -eq 4 ]
	[ "${lines[-1]}" = "not tried: more than 600 vCPUs, launches with an \
SVSM" ]
	mm identify --digest "$digest" --firmware "$FW" --json
	[ "$status" -eq 4 ]
	[ "$(jq -r '.result, .tried, .complete, .differences[]' \
		<<<"$output")" = "not-found
140052
true" ]
	mm identify --digest "$digest" --firmware "$FW" --quiet \
		--output "$T/nothing"
	[ "$status" -eq 4 ]
	[ -z "$output" ]
	[ ! -e "$T/nothing" ]
}

@test "not found: never more than five million digests" {
	mkdir "$T/dir"
	for i in {1..9}; do
		tests/firmware.py "$T/dir/$i.fd" --preset amdsev --seed "$i"
	done
	digest=$(sha384sum </dev/null | cut -d ' ' -f 1)
	mm identify --digest "$digest" "${launch[@]}" --firmware-dir "$T/dir" \
		--json
	[ "$status" -eq 4 ]
	[ "$(jq '.tried < 5000000 and .combined >= 2 and
		(.complete | not)' <<<"$output")" = true ]
}

@test "--json: the differences one by one" {
	digest "${files[@]}" --vcpus 4 --cpu EPYC-Milan --guest-features 0x21
	mm identify --digest "$digest" "${launch[@]}" --json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.mode, .digest, .result, .combined], .differences[]' \
		<<<"$output")" = "[\"snp\",\"$digest\",\"variant\",1]
{\"dimension\":\"guest_features\",\"expected\":\"0x1\",\"found\":\"0x21\",\
\"words\":\"with guest features 0x21 instead of 0x1 (DebugSwap on)\"}
{\"dimension\":\"vcpus\",\"expected\":\"2\",\"found\":\"4\",\
\"words\":\"of 4 vCPUs instead of 2\"}" ]
	[ "$(jq -r .words <<<"$output")" = "this is the digest of 4 vCPUs \
instead of 2, with guest features 0x21 instead of 0x1 (DebugSwap on)" ]
	mm identify --digest "$digest" "${launch[@]}" --output "$T/out"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(wc -l <"$T/out")" -eq 2 ]
}

# file_is FILTER PATH: what the JSON says of a file
file_is()
{
	[ "$(jq -c "$1" <<<"$output")" = "{\"path\":\"$2\",\"size\":$(stat \
		-c %s "$2"),\"sha256\":\"$(sha256sum "$2" | cut -c 1-64)\"}" ]
}

@test "--json: schema, and the files of the expected launch" {
	digest "${launch[@]}"
	mm identify --digest "$digest" "${launch[@]}" --json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.schema], keys_unsorted' <<<"$output")" = \
		'["mote-identify-1"]
["schema","mode","digest","firmware","kernel","initrd","result","words",'\
'"differences","tried","combined","complete","searched"]' ]
	file_is .firmware "$FW"
	file_is .kernel "$T/kernel"
	file_is .initrd "$T/initrd"
	digest --firmware "$FW" --vcpus 1 --cpu EPYC
	mm identify --digest "$digest" --firmware "$FW" --json
	file_is .firmware "$FW"
	[ "$(jq -c '[.kernel, .initrd]' <<<"$output")" = '[null,null]' ]
}

@test "names that are no text" {
	mkdir "$T/dir"
	tests/firmware.py "$T/dir/a"$'\n\xff' --preset amdsev --seed a
	digest --firmware "$T/dir/a"$'\n\xff' --vcpus 1 --cpu EPYC
	mm identify --digest "$digest" --firmware "$FW" \
		--firmware-dir "$T/dir" --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .words <<<"$output")" = "the firmware was $T/dir/a??" ]
}

@test "usage" {
	local f=(--firmware "$FW") d
	d=$(printf '%096d' 1)
	refused 2 "--digest is missing" identify "${f[@]}"
	refused 2 "--firmware is missing" identify --digest "$d"
	refused 2 "is not 48 or 32 bytes in hex" identify "${f[@]}" --digest 12
	refused 2 "is not 48 or 32 bytes in hex" identify "${f[@]}" \
		--digest "${d}0"
	refused 2 "looks like base64, hex is needed" identify "${f[@]}" \
		--digest "$(head -c 48 "$FW" | base64 -w 0)"
	refused 2 "looks like base64, hex is needed" identify "${f[@]}" \
		--digest "$(head -c 32 "$FW" | base64 -w 0)"
	refused 2 "--digest has 48 bytes, --mode sev has digests of 32" \
		identify "${f[@]}" --digest "$d" --mode sev
	refused 2 "--digest has 32 bytes, --mode snp has digests of 48" \
		identify "${f[@]}" --digest "${d:32}" --mode snp
	refused 2 "--mode: 'tdx' is none of snp, sev-es, sev" \
		identify "${f[@]}" --digest "$d" --mode tdx
	refused 2 "--vcpus: SEV measures none" identify "${f[@]}" \
		--digest "${d:32}" --mode sev --vcpus 1
	refused 2 "--vcpus: there is at least one" identify "${f[@]}" \
		--digest "$d" --vcpus 0
	refused 2 "--vcpus: '4097' is no number from 0 to 4096" identify \
		"${f[@]}" --digest "$d" --vcpus 4097
	refused 2 "give --cpu or --vcpu-sig, not both" identify "${f[@]}" \
		--digest "$d" --cpu EPYC --vcpu-sig 1
	refused 2 "--cpu: 'Opteron' is no known model" identify "${f[@]}" \
		--digest "$d" --cpu Opteron
	refused 2 "--vmm: 'xen' is none of" identify "${f[@]}" --digest "$d" \
		--vmm xen
	refused 2 "--initrd and --append need --kernel" identify "${f[@]}" \
		--digest "$d" --append x
	refused 2 "give --append or --append-file, not both" identify \
		"${f[@]}" --digest "$d" --kernel "$FW" --append x \
		--append-file "$FW"
}

@test "files that cannot be used" {
	local d
	d=$(printf '%096d' 1)
	refused 1 "cannot open" identify --digest "$d" --firmware "$T/none"
	refused 1 "none: cannot open" identify --digest "$d" \
		--firmware "$FW" --firmware-dir "$T/none"
	refused 3 "bytes are no whole number of pages" identify --digest "$d" \
		--firmware "$T/kernel"
	head -c 65536 /dev/zero >"$T/zero"
	refused 3 "zero: no SEV-ES reset block" identify --digest "$d" \
		--firmware "$T/zero"
	tests/firmware.py "$T/old.fd" --reset 0x80b004
	refused 3 "old.fd: no SEV metadata: it does not start as an SNP guest" \
		identify --digest "$d" --firmware "$T/old.fd"
	tests/firmware.py "$T/big.fd" --preset amdsev \
		--sev 0x1000000,0x4000000,1
	refused 3 "big.fd: SEV metadata: more than 16384 pages to measure" \
		identify --digest "$d" --firmware "$T/big.fd"
	printf 'a\0b' >"$T/nul"
	refused 3 "nul: a command line has no NUL bytes" identify \
		--digest "$d" --firmware "$FW" --kernel "$T/kernel" \
		--append-file "$T/nul"
	mkdir "$T/dir"
	touch "$T/dir"/{1..257}
	refused 3 "dir: more than 256 files" identify --digest "$d" \
		--firmware "$FW" --firmware-dir "$T/dir"
	rm -r "$T/dir"
	mkdir "$T/dir"
	# Sparse: 17 times 64 MiB.
	for i in {1..17}; do
		truncate -s 64M "$T/dir/$i"
	done
	refused 3 "dir: more than 1073741824 bytes in its files" identify \
		--digest "$d" --firmware "$FW" --firmware-dir "$T/dir"
}

# Each fourth line: up to four of its values are expected to be others.
@test "recorded digests of sev-snp-measure are recognised" {
	need_vectors snp/matrix.jsonl
	run /usr/bin/python3 - "$MEASURE" "$VECTORS/snp" "$T" <<'PYTHON'
import json
import subprocess
import sys

program, folder, tmp = sys.argv[1:]
MODES = {"snp": "snp", "seves": "sev-es", "sev": "sev"}
VMMS = {"QEMU": "qemu"}


def other(values, than):
    return next(v for v in values if v != than)


def check(case, index):
    mode = MODES[case["mode"]]
    snp = mode == "snp"
    vmm = VMMS.get(case["vmm"], case["vmm"])
    real = {"vmm": vmm, "guest-features": "0x1" if snp else "0x0"}
    if snp:
        real["guest-features"] = case["guest_features"]
    if case["vcpu_sig"]:
        real["vcpu-sig"] = case["vcpu_sig"]
    if mode != "sev":
        real["vcpus"] = case["vcpus"]
    said = dict(real)
    if mode != "sev":
        if index & 1:
            said["vcpus"] = other((2, 3), case["vcpus"])
        if index & 2 and real.get("vcpu-sig") in (
            "0x00a00f11", "0x00800f12", "0x00830f10", "0x00b00f00"
        ):
            said["vcpu-sig"] = "0x00a10f10"
        if index & 4 and snp:
            said["guest-features"] = other(("0x221", "0x1"),
                                           real["guest-features"])
        if index & 8:
            said["vmm"] = other(("qemu", "gce"), real["vmm"])
    args = ["identify", "--json", "--mode", mode, "--digest",
            case["expected"], "--firmware", f"{folder}/{case['firmware']}"]
    for name, value in said.items():
        args += ["--" + name, str(value)]
    for name in "kernel", "initrd":
        if case[name]:
            args += ["--" + name, f"{folder}/{case[name]}"]
    if case["cmdline"] is not None:
        args += ["--append", case["cmdline"]]
    out = subprocess.run([program, *args], capture_output=True, text=True,
                         check=False)
    assert out.returncode == 0, (case, args, out)
    found = {d["dimension"].replace("_", "-"): d["found"].split("(")[-1]
             .rstrip(")") for d in json.loads(out.stdout)["differences"]}
    # The signature counts with these VMMs only.
    if vmm in ("qemu", "legacy") and "vcpu-sig" in said:
        if said["vcpu-sig"] != real["vcpu-sig"]:
            assert found.pop("cpu", None) == real["vcpu-sig"], (case, out)
    for name, value in real.items():
        if name != "vcpu-sig" and said[name] != value:
            assert found.pop(name, None) == str(value), (case, name, out)
    assert not found, (case, found, out)


compared = 0
for name in "matrix", "legacy":
    with open(f"{folder}/{name}.jsonl", encoding="utf-8") as f:
        for number, line in enumerate(f):
            case = json.loads(line)
            # Without the image itself there is nothing to search with.
            if "snp_ovmf_hash" in case or case["mode"] not in MODES:
                continue
            if number % 4 == 0:
                check(case, number // 4)
                compared += 1
print(compared)
PYTHON
	echo "$output"
	[ "$status" -eq 0 ]
	compared "$output"
}
