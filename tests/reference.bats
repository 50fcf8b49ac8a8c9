#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# reference.bats: make measure, and mote-measure image behind it.

load lib.bash
load measure.bash

setup()
{
	T=$BATS_TEST_TMPDIR
	tests/firmware.py "$T/fw" --preset amdsev
	example_image "$T/image"
}

# The digest of direct boot, from its parts.
direct()
{
	"$MEASURE" snp --quiet --firmware "$T/fw" --kernel "$T/image/vmlinuz" \
		--append-file "$T/image/cmdline" "$@"
}

@test "make measure writes the values of an image folder" {
	run make -s measure BUILD="$BUILD" IMAGE="$T/image" FIRMWARE="$T/fw" \
		VCPUS=1-3,8 CPU_MODELS=EPYC-Milan,EPYC-Turin-v2 GUEST_FEATURES=0x1,0x21
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"16 SNP launch digests: vCPUs 1-3,8 of EPYC-Milan, EPYC-Turin-v2"* ]]
	values=$T/image/reference-values.json
	[ "$(jq -r .schema "$values")" = mote-reference-values-1 ]
	# Each value has its shape, and is that of the parts.
	n=0
	while read -r digest vcpus cpu sig features; do
		[ "$(direct --vcpus "$vcpus" --cpu "$cpu" \
			--guest-features "$features")" = "$digest" ]
		[ "$(direct --vcpus "$vcpus" --vcpu-sig "$sig" \
			--guest-features "$features")" = "$digest" ]
		n=$((n + 1))
	done < <(jq -r '.values[] | "\(.digest) \(.vcpus) \(.cpu) \(.vcpu_sig) \(.guest_features)"' "$values")
	[ "$n" -eq 16 ]
	# And names its formula and inputs, which are there with their hashes.
	[ "$(jq '. as $all | all(.values[]; .formula as $f | .inputs as $i |
		($all.formulas | has($f)) and
		all($i[]; . as $n | $all.inputs | has($n)))' "$values")" = true ]
	for f in vmlinuz cmdline root.img; do
		[ "$(jq -r --arg f $f '.inputs[$f].sha256' "$values")" = \
			"$(sha256sum < "$T/image/$f" | cut -c 1-64)" ]
	done
	[ "$(jq -r .inputs.firmware.sha256 "$values")" = \
		"$(sha256sum < "$T/fw" | cut -c 1-64)" ]
	[ "$(jq -r .image.root_hash "$values")" = \
		"$(jq -r .verity.roothash "$T/image/manifest.json")" ]
}

@test "the same image has the same reference values, byte by byte" {
	cp -r "$T/image" "$T/copy"
	cp "$T/fw" "$T/copy/../other"
	mkdir "$T/d"
	cp "$T/fw" "$T/d/fw"
	mm image --json --firmware "$T/fw" --vcpus 1-4 --cpu EPYC "$T/image"
	first=$output
	mm image --json --firmware "$T/d/fw" --vcpus 1-4 --cpu EPYC "$T/copy"
	[ "$output" = "$first" ]
}

@test "another image takes the old values away" {
	echo '{}' > "$T/image/reference-values.json"
	example_image "$T/image"
	[ -e "$T/image/reference-values.json" ]
	printf 'sysctl net.core.somaxconn=512\n' >> "$T/image.conf"
	make_image "$T/image" "$BUILD/example/tree" < "$T/image.conf"
	[ ! -e "$T/image/reference-values.json" ]
}

@test "a folder that is not what its manifest says is not measured" {
	printf x >> "$T/image/cmdline"
	refused 4 'cmdline: ' image --firmware "$T/fw" --vcpus 1 --cpu EPYC \
		"$T/image"
	run make -s measure BUILD="$BUILD" IMAGE="$T/image" FIRMWARE="$T/fw"
	[ "$status" -ne 0 ]
	[ ! -e "$T/image/reference-values.json" ]
	refused 3 'no image folder' image --firmware "$T/fw" --vcpus 1 \
		--cpu EPYC "$T"
	run make -s measure BUILD="$BUILD" IMAGE="$T" FIRMWARE="$T/fw"
	[ "$status" -ne 0 ]
	[[ $output == *'holds no image; run: make image'* ]]
}

@test "files of the image are not overwritten by the result" {
	for f in manifest.json vmlinuz cmdline root.img SHA256SUMS; do
		refused 3 'is a file of this run, not overwritten' image \
			--firmware "$T/fw" --vcpus 1 --cpu EPYC "$T/image" \
			--output "$T/image/$f"
	done
	(cd "$T/image" && sha256sum --quiet -c SHA256SUMS)
}

@test "image: usage" {
	while IFS='|' read -r message args; do
		# shellcheck disable=SC2086 # options without blanks
		refused 2 "$message" image $args
	done <<'EOF2'
the folder is missing|--firmware x --vcpus 1 --cpu EPYC
--firmware is missing|--vcpus 1 --cpu EPYC x
--vcpus is missing|--firmware x --cpu EPYC y
'y' is not expected|--firmware x --vcpus 1 --cpu EPYC x y
no such option|--kernel x
EOF2
}

@test "text lists the values for people, --quiet the digests" {
	mm image --firmware "$T/fw" --vcpus 1-2 --cpu EPYC "$T/image"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == 'firmware  '*', 65536 bytes' ]]
	digest=${lines[-1]##* }
	mm image --quiet --firmware "$T/fw" --vcpus 1-2 --cpu EPYC "$T/image"
	[ "${lines[1]}" = "$digest" ]
	[ "${#lines[@]}" -eq 2 ]
}
