#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# idblock.bats: mote-measure snp id-block, with openssl(1) on the other side.

load measure.bash

digest=$(printf '5a%.0s' {1..48})
family=$(printf 'f1%.0s' {1..16})
image=$(printf 'a7%.0s' {1..16})

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	openssl ecparam -name secp384r1 -genkey -out id.pem
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 \
		-out author.pem
	openssl pkey -in id.pem -pubout -out id.pub
	openssl pkey -in author.pem -pubout -out author.pub
	cd - || return 1
}

setup()
{
	K=$BATS_FILE_TMPDIR
	T=$BATS_TEST_TMPDIR
	made=(snp id-block --digest "$digest" --family-id "$family"
		--image-id "$image" --guest-svn 7 --policy 0xb0001)
}

# make ARG...: writes $T/block and $T/auth
make_pair()
{
	"$MEASURE" "${made[@]}" --id-block-out "$T/block" \
		--id-auth-out "$T/auth" "$@" > "$T/out" 2> "$T/err"
}

hex_of() # FILE OFFSET LENGTH
{
	tail -c +$(($2 + 1)) "$1" | head -c "$3" | od -An -v -tx1 | tr -d ' \n'
}

# The digest of a key, as openssl(1) sees it.
key_digest() # FILE OFFSET
{
	tail -c +$(($2 + 1)) "$1" | head -c $((0x404)) |
		openssl dgst -sha384 -r | cut -d ' ' -f 1
}

# Flips a bit of one byte.
flip() # FILE OFFSET
{
	printf '%b' "\\x$(printf %02x $((0x$(hex_of "$1" "$2" 1) ^ 1)))" |
		dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}

@test "the ID block has every field at its place" {
	make_pair --id-key "$K/id.pem"
	[ "$(stat -c %s "$T/block")" -eq 96 ]
	[ "$(stat -c %s "$T/auth")" -eq 4096 ]
	[ "$(hex_of "$T/block" 0 96)" = "$digest$family$image$(
		)01000000""07000000""01000b0000000000" ]
}

@test "fields have defaults" {
	"$MEASURE" snp id-block --digest "$digest" --id-key "$K/id.pem" \
		--id-block-out "$T/block" > "$T/out"
	zeros=$(printf '00%.0s' {1..32})
	[ "$(hex_of "$T/block" 0 96)" = "$digest$zeros$(
		)01000000""00000000""0000030000000000" ]
	[ ! -e "$T/auth" ]
}

@test "openssl verifies both signatures" {
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	tests/idblock-openssl "$T/auth" "$T/x"
	openssl pkey -pubin -inform DER -in "$T/x.id.pub" -out "$T/id.pub"
	openssl pkey -pubin -inform DER -in "$T/x.author.pub" \
		-out "$T/author.pub"
	cmp "$T/id.pub" "$K/id.pub"
	cmp "$T/author.pub" "$K/author.pub"
	openssl dgst -sha384 -verify "$T/id.pub" -signature "$T/x.id.sig" \
		"$T/block"
	openssl dgst -sha384 -verify "$T/author.pub" \
		-signature "$T/x.author.sig" "$T/x.key"
}

@test "without an author its part is zero" {
	make_pair --id-key "$K/id.pem"
	[ "$(hex_of "$T/auth" 0 8)" = 0100000000000000 ]
	cmp -n $((0x1000 - 0x644)) -i $((0x644)):0 "$T/auth" /dev/zero
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	[ "$(hex_of "$T/auth" 0 8)" = 0100000001000000 ]
	[ "$(hex_of "$T/auth" $((0x880)) 4)" = 02000000 ]
}

@test "the same keys and fields give the same bytes, others do not" {
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	cp "$T/auth" "$T/first"
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	cmp "$T/auth" "$T/first"
	made+=(--guest-svn 8)
	run make_pair --id-key "$K/id.pem"
	[ "$status" -eq 2 ]
	made=(snp id-block --digest "$digest" --guest-svn 8)
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	run cmp -s "$T/auth" "$T/first"
	[ "$status" -eq 1 ]
	# The signature of the ID key does not know the block.
	[ "$(hex_of "$T/auth" $((0x680)) 512)" = \
		"$(hex_of "$T/first" $((0x680)) 512)" ]
}

@test "text names the properties of QEMU and the digests of the keys" {
	mm "${made[@]}" --id-key "$K/id.pem"
	[ "$status" -eq 0 ]
	make_pair --id-key "$K/id.pem"
	[ "$output" = "$(cat "$T/out")" ]
	b64=$(base64 -w 0 "$T/block") a64=$(base64 -w 0 "$T/auth")
	[ "${lines[0]}" = "digest              $digest" ]
	[ "${lines[1]}" = "family_id           $family" ]
	[ "${lines[2]}" = "image_id            $image" ]
	[ "${lines[3]}" = "guest_svn           7" ]
	[ "${lines[4]}" = "policy              0xb0001" ]
	id=$(key_digest "$T/auth" 0x240)
	[ "${lines[5]}" = "id_key_digest       $id" ]
	[ "${lines[6]}" = "author_key_digest   none" ]
	[ "${lines[7]}" = "qemu                policy=0xb0001" ]
	[ "${lines[8]}" = "qemu                id-block=$b64" ]
	[ "${lines[9]}" = "qemu                id-auth=$a64" ]
	[ "${#lines[@]}" -eq 10 ]
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	a64=$(base64 -w 0 "$T/auth")
	author=$(key_digest "$T/auth" 0x880)
	grep -qx "author_key_digest   $author" "$T/out"
	grep -qx "qemu                id-auth=$a64" "$T/out"
	grep -qx "qemu                author-key-enabled=on" "$T/out"
	[ "$(wc -l < "$T/out")" -eq 11 ]
}

@test "the policy has a warning only if the host may debug" {
	mm "${made[@]}" --id-key "$K/id.pem"
	[[ $stderr == "mote-measure: warning: policy 0xb0001 has the debug bit"* ]]
	mm snp id-block --digest "$digest" --id-key "$K/id.pem"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "--json and --quiet say the same as the files" {
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	mm "${made[@]}" --id-key "$K/id.pem" --author-key "$K/author.pem" --quiet
	[ "$output" = "$(hex_of "$T/block" 0 96)
$(hex_of "$T/auth" 0 4096)" ]
	mm "${made[@]}" --id-key "$K/id.pem" --author-key "$K/author.pem" --json
	[ "$status" -eq 0 ]
	id=$(sed -n 's/^id_key_digest *//p' "$T/out")
	author=$(sed -n 's/^author_key_digest *//p' "$T/out")
	jq -e --arg d "$digest" --arg f "$family" --arg i "$image" \
		--arg b "$(base64 -w 0 "$T/block")" --arg id "$id" \
		--arg author "$author" --arg a "$(base64 -w 0 "$T/auth")" '
		. == {schema: "mote-snp-id-block-1", digest: $d, family_id: $f,
		image_id: $i, version: 1, guest_svn: 7, policy: "0xb0001",
		id_key_digest: $id, author_key_enabled: true,
		author_key_digest: $author, id_block_base64: $b,
		id_auth_base64: $a}' <<< "$output"
	mm "${made[@]}" --id-key "$K/id.pem" --json
	jq -e '.author_key_enabled == false and .author_key_digest == null' \
		<<< "$output"
}

@test "an external signer: openssl dgst signs what --to-sign writes" {
	"$MEASURE" "${made[@]}" --to-sign id-block > "$T/tbs"
	"$MEASURE" snp id-block --to-sign id-key --id-public-key "$K/id.pub" \
		--output "$T/key"
	"$MEASURE" snp id-block --to-sign id-key --id-key "$K/id.pem" |
		cmp - "$T/key"
	[ "$(stat -c %s "$T/tbs")" -eq 96 ]
	[ "$(stat -c %s "$T/key")" -eq 1028 ]
	openssl dgst -sha384 -sign "$K/id.pem" -out "$T/id.sig" "$T/tbs"
	openssl dgst -sha384 -sign "$K/author.pem" -out "$T/author.sig" "$T/key"
	by_id=(--id-public-key "$K/id.pub" --id-signature "$T/id.sig")
	by_author=(--author-public-key "$K/author.pub"
		--author-signature "$T/author.sig")
	make_pair "${by_id[@]}" "${by_author[@]}"
	cmp "$T/tbs" "$T/block"
	cmp -n $((0x404)) -i $((0x240)):0 "$T/auth" "$T/key"
	mm snp id-block --check --id-block "$T/block" --id-auth "$T/auth"
	[ "$status" -eq 0 ]
	tests/idblock-openssl "$T/auth" "$T/x"
	cmp "$T/x.id.sig" "$T/id.sig"
	cmp "$T/x.author.sig" "$T/author.sig"
	# One of the two may be signed here.
	make_pair "${by_id[@]}" --author-key "$K/author.pem"
	mm snp id-block --check --id-block "$T/block" --id-auth "$T/auth"
	[ "$status" -eq 0 ]
	make_pair --id-key "$K/id.pem" "${by_author[@]}"
	mm snp id-block --check --id-block "$T/block" --id-auth "$T/auth"
	[ "$status" -eq 0 ]
	make_pair "${by_id[@]}"
	mm snp id-block --check --id-block "$T/block" --id-auth "$T/auth"
	[ "$status" -eq 0 ]
}

@test "a signature from outside that does not verify is not used" {
	"$MEASURE" "${made[@]}" --to-sign id-block > "$T/tbs"
	openssl dgst -sha384 -sign "$K/id.pem" -out "$T/sig" "$T/tbs"
	refused 4 "$T/sig: ID block, by the ID key: signature does not verify" \
		"${made[@]}" --id-public-key "$K/author.pub" \
		--id-signature "$T/sig" --id-auth-out "$T/auth"
	cp "$T/sig" "$T/sig2"
	refused 4 "$T/sig2: ID key, by the author key: signature does not verify" \
		"${made[@]}" --id-public-key "$K/id.pub" \
		--id-signature "$T/sig" --author-public-key "$K/id.pub" \
		--author-signature "$T/sig2" --id-auth-out "$T/auth"
	made=(snp id-block --digest "$digest")
	refused 4 "signature does not verify" "${made[@]}" \
		--id-public-key "$K/id.pub" --id-signature "$T/sig" \
		--id-auth-out "$T/auth"
	[ ! -e "$T/auth" ]
	openssl dgst -sha256 -sign "$K/id.pem" -out "$T/sig" "$T/tbs"
	refused 4 "signature does not verify" "${made[@]}" \
		--id-public-key "$K/id.pub" --id-signature "$T/sig"
	head -c 96 /dev/zero > "$T/sig"
	refused 3 "$T/sig: ID block, by the ID key: no ECDSA signature in DER" \
		"${made[@]}" --id-public-key "$K/id.pub" --id-signature "$T/sig"
	: > "$T/sig"
	refused 3 "no ECDSA signature in DER" \
		"${made[@]}" --id-public-key "$K/id.pub" --id-signature "$T/sig"
	head -c 105 /dev/zero > "$T/sig"
	refused 3 "105 bytes are too many for a signature of P-384" \
		"${made[@]}" --id-public-key "$K/id.pub" --id-signature "$T/sig"
}

@test "keys other than P-384, damaged or locked ones are refused" {
	openssl ecparam -name prime256v1 -genkey -out "$T/p256.pem"
	refused 3 "$T/p256.pem: curve of the key is not P-384" \
		"${made[@]}" --id-key "$T/p256.pem"
	openssl genpkey -algorithm ED25519 -out "$T/ed.pem"
	refused 3 "$T/ed.pem: key is ED25519; only EC keys of P-384" \
		"${made[@]}" --id-key "$K/id.pem" --author-key "$T/ed.pem"
	openssl genpkey -algorithm RSA -out "$T/rsa.pem" 2> "$T/log"
	openssl pkey -in "$T/rsa.pem" -pubout -out "$T/rsa.pub"
	refused 3 "$T/rsa.pub: key is RSA" snp id-block --to-sign id-key \
		--id-public-key "$T/rsa.pub"
	openssl pkey -in "$K/id.pem" -aes256 -passout pass:x -out "$T/locked"
	refused 3 "$T/locked: no private key, PEM or DER, without a passphrase" \
		"${made[@]}" --id-key "$T/locked"
	refused 3 "$K/id.pub: no private key" "${made[@]}" --id-key "$K/id.pub"
	refused 3 "$K/id.pem: no public key" snp id-block --to-sign id-key \
		--id-public-key "$K/id.pem"
	openssl ecparam -name secp384r1 -genkey -param_enc explicit \
		-out "$T/explicit"
	refused 3 "$T/explicit: key has written-out parameters" \
		"${made[@]}" --id-key "$T/explicit"
	refused 1 "$T/none: cannot open" "${made[@]}" --id-key "$T/none"
	: > "$T/empty"
	refused 3 "$T/empty: no private key" "${made[@]}" --id-key "$T/empty"
	head -c 65537 /dev/zero > "$T/big"
	refused 3 "$T/big: larger than 65536 bytes" \
		"${made[@]}" --id-key "$T/big"
}

@test "DER keys and keys behind other PEM blocks are read" {
	make_pair --id-key "$K/id.pem"
	cp "$T/auth" "$T/want"
	grep -q 'BEGIN EC PARAMETERS' "$K/id.pem"
	openssl pkey -in "$K/id.pem" -outform DER -out "$T/pkcs8"
	make_pair --id-key "$T/pkcs8"
	cmp "$T/auth" "$T/want"
	openssl ec -in "$K/id.pem" -outform DER -out "$T/sec1" 2> "$T/log"
	make_pair --id-key "$T/sec1"
	cmp "$T/auth" "$T/want"
	# The public half is worked out where it is not there.
	openssl ec -in "$K/id.pem" -no_public -out "$T/private" 2> "$T/log"
	make_pair --id-key "$T/private"
	cmp "$T/auth" "$T/want"
	openssl pkey -in "$K/id.pem" -pubout -outform DER -out "$T/spki"
	"$MEASURE" snp id-block --to-sign id-key --id-public-key "$T/spki" |
		cmp -n $((0x404)) -i $((0x240)):0 "$T/want" -
}

@test "a policy that no firmware takes is refused" {
	key=(snp id-block --digest "$digest" --id-key "$K/id.pem")
	refused 3 "policy 0x0: bit 17 must be 1" "${key[@]}" --policy 0
	refused 3 "policy 0x4030000: bits 63 to 26 are reserved" \
		"${key[@]}" --policy 0x4030000
	refused 3 "policy 0x10000: bit 17 must be 1" snp id-block \
		--digest "$digest" --policy 65536 --to-sign id-block
	mm "${key[@]}" --policy 0x3ffffff
	[ "$status" -eq 0 ]
}

@test "options that do not go together, and missing ones" {
	key=(--id-key "$K/id.pem")
	refused 2 "--digest is missing" snp id-block "${key[@]}"
	refused 2 "--id-key is missing" "${made[@]}"
	refused 2 "--id-key is missing" "${made[@]}" --author-key "$K/author.pem"
	refused 2 "--digest: '00' is not 48 bytes in hex" snp id-block --digest 00
	refused 2 "--family-id: '00' is not 16 bytes in hex" snp id-block \
		--family-id 00
	refused 2 "--guest-svn: '4294967296' is no number from 0 to 4294967295" \
		snp id-block --guest-svn 4294967296
	refused 2 "--id-key excludes --id-public-key and --id-signature" \
		"${made[@]}" "${key[@]}" --id-public-key "$K/id.pub"
	refused 2 "--id-public-key and --id-signature go together" \
		"${made[@]}" --id-public-key "$K/id.pub"
	refused 2 "--author-public-key and --author-signature go together" \
		"${made[@]}" "${key[@]}" --author-signature x
	refused 2 "--author-key excludes" "${made[@]}" "${key[@]}" \
		--author-key "$K/author.pem" --author-signature x
	refused 2 "--to-sign: 'x' is neither id-block nor id-key" \
		"${made[@]}" --to-sign x
	refused 2 "--id-key does not go with --to-sign id-block" \
		"${made[@]}" "${key[@]}" --to-sign id-block
	refused 2 "--digest does not go with --to-sign id-key" \
		"${made[@]}" --to-sign id-key
	refused 2 "give one of --id-public-key and --id-key" \
		snp id-block --to-sign id-key
	refused 2 "give one of --id-public-key and --id-key" \
		snp id-block --to-sign id-key "${key[@]}" --id-public-key x
	refused 2 "--to-sign writes bytes" "${made[@]}" --to-sign id-block --json
	refused 2 "--id-auth does not go with signing" "${made[@]}" "${key[@]}" \
		--id-auth x
	refused 2 "--id-auth is missing" snp id-block --check
	refused 2 "--to-sign does not go with --check" \
		snp id-block --check --to-sign id-key
	refused 2 "'x' is not expected" "${made[@]}" "${key[@]}" x
}

@test "--check verifies a pair, and every kind of damage shows" {
	make_pair --id-key "$K/id.pem" --author-key "$K/author.pem"
	pair=(snp id-block --check --id-block "$T/block" --id-auth "$T/auth")
	mm "${pair[@]}"
	[ "$status" -eq 0 ]
	[ "$(head -n 7 <<< "$output")" = "$(head -n 7 "$T/out")" ]
	[ "${lines[7]}" = "id_block_signature  verified" ]
	[ "${lines[8]}" = "id_key_signature    verified" ]
	mm "${pair[@]}" --quiet
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	mm "${pair[@]}" --json
	jq -e '.guest_svn == 7 and .id_block_signature == "verified" and
		.id_key_signature == "verified" and
		(has("id_auth_base64") | not)' <<< "$output"
	mm snp id-block --check --id-auth "$T/auth" --json
	jq -e '(has("digest") | not) and
		.id_block_signature == "not checked"' <<< "$output"
	flip "$T/block" 0
	refused 4 "$T/auth: ID block, by the ID key: signature does not" \
		"${pair[@]}"
	flip "$T/block" 0
	cp "$T/auth" "$T/was"
	flip "$T/auth" 0x40
	refused 4 "ID block, by the ID key: signature does not" "${pair[@]}"
	flip "$T/auth" 0x40
	flip "$T/auth" $((0x680 + 72))
	refused 4 "ID key, by the author key: signature does not" "${pair[@]}"
	cp "$T/was" "$T/auth"
	dd if=/dev/zero of="$T/auth" bs=1 seek=$((0x244)) count=48 \
		conv=notrunc status=none
	refused 3 "ID block, by the ID key: key is no point of P-384" "${pair[@]}"
	cp "$T/was" "$T/auth"
	flip "$T/auth" 0x70
	refused 3 "$T/auth: ID auth: ID block signature: a byte is not zero" \
		"${pair[@]}"
	refused 3 "$T/block: ID auth has 96 bytes instead of 4096" \
		snp id-block --check --id-auth "$T/block"
	refused 3 "$T/was: ID block has 4096 bytes instead of 96" \
		snp id-block --check --id-auth "$T/was" --id-block "$T/was"
}

@test "a key is not overwritten" {
	cp "$K/id.pem" "$T/id.pem"
	refused 3 "$T/id.pem: is a file of this run, not overwritten" \
		"${made[@]:0:4}" --id-key "$T/id.pem" --id-auth-out "$T/id.pem"
	cmp "$K/id.pem" "$T/id.pem"
}

@test "public headers need only the folders of public headers" {
	n=0
	for h in measure/include/*.h; do
		echo "$h"
		gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
			-Imeasure/include -Imeasure/common -x c "$h"
		n=$((n + 1))
	done
	[ "$n" -ge 9 ]
}

@test "files are written whole or not at all" {
	refused 1 "$T/none/auth: cannot create" \
		"${made[@]:0:4}" --id-key "$K/id.pem" --id-auth-out "$T/none/auth"
	make_pair --id-key "$K/id.pem"
	ls -A "$T" > "$K/names"
	run grep -c '\.tmp' "$K/names"
	[ "$output" = 0 ]
}

@test "a recorded ID auth has our layout and a signature that verifies" {
	need_vectors snp/idblock/virtee_test_auth_block.bin
	golden=$VECTORS/snp/idblock/virtee_test_auth_block.bin
	# The ID block that was signed is not recorded.
	mm snp id-block --check --id-auth "$golden"
	[ "$status" -eq 0 ]
	id=$(key_digest "$golden" 0x240)
	author=$(key_digest "$golden" 0x880)
	[ "$output" = "id_key_digest       $id
author_key_digest   $author
id_block_signature  not checked
id_key_signature    verified" ]
	# Its own signature blobs stand where ours do.
	cmp -n 512 -i $((0x40)):0 "$golden" \
		"${golden%auth_block.bin}id_sig.bin"
	cmp -n 512 -i $((0x680)):0 "$golden" \
		"${golden%auth_block.bin}auth_sig.bin"
	# Its keys and its author's signature make the same bytes again, but
	# for the signature of another block.
	tests/idblock-openssl "$golden" "$T/x"
	make_pair --id-key "$K/id.pem"
	refused 4 "ID block, by the ID key: signature does not verify" \
		"${made[@]}" --id-public-key "$T/x.id.pub" \
		--id-signature "$T/x.id.sig"
	"$MEASURE" snp id-block --to-sign id-key --id-public-key "$T/x.id.pub" \
		> "$T/key"
	cmp "$T/key" "$T/x.key"
	openssl pkey -pubin -inform DER -in "$T/x.author.pub" -out "$T/pem"
	openssl dgst -sha384 -verify "$T/pem" -signature "$T/x.author.sig" \
		"$T/key"
	cp "$golden" "$T/bad"
	flip "$T/bad" $((0x680))
	refused 4 "ID key, by the author key: signature does not verify" \
		snp id-block --check --id-auth "$T/bad"
	flip "$T/bad" $((0x680))
	cmp "$golden" "$T/bad"
	flip "$T/bad" $((0x884))
	refused 3 "ID key, by the author key: key is no point of P-384" \
		snp id-block --check --id-auth "$T/bad"
	compared 3
}

@test "libcrypto 3.2 and later signs the same by itself" {
	code=0
	for test in ecdsa idblock; do
		tests/with-trixie-openssl \
			--cache "${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mote}/trixie-openssl" \
			--work "$T/work" "tests/unit/test_measure_$test.c" \
			measure/lib/{ecdsa,ecdsa_sign,idblock,idblock_sign}.c \
			measure/lib/{hash,hex,rd,wr}.c measure/common/err.c \
			> "$T/log" 2>&1 || code=$?
		cat "$T/log"
		[ "$code" -ne 77 ] || skip "$(grep -v '^ ' "$T/log" | tail -n 1)"
		[ "$code" -eq 0 ]
		# It is the other of the two ways.
		nm -D "$T/work/program" > "$T/symbols"
		grep -q ' EVP_DigestSign@' "$T/symbols"
		run grep ECDSA_do_sign_ex "$T/symbols"
		[ "$status" -eq 1 ]
	done
	# With an older libcrypto, which would take a random number, it fails.
	run "$T/work/program"
	[ "$status" -ne 0 ]
	[[ $output == *"cannot sign: libcrypto failed"* ]]
}

@test "--check: without an author and a block there is nothing to verify" {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 \
		-out "$T/only.pem" 2> "$T/log"
	"$MEASURE" snp id-block --id-key "$T/only.pem" --id-auth-out "$T/auth" \
		--id-block-out "$T/block" --quiet --output "$T/text" \
		--digest "$(printf '5a%.0s' $(seq 48))"
	refused 3 "$T/auth: no author key: without --id-block no signature can be verified" \
		snp id-block --check --id-auth "$T/auth"
	mm snp id-block --check --id-auth "$T/auth" --id-block "$T/block"
	[ "$status" -eq 0 ]
}
