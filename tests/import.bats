#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# import.bats - APP becomes a root tree with the owners and modes of the image
#
# Needs the Debian packages erofs-utils, fakeroot, python3, skopeo, umoci,
# util-linux, xz-utils, zstd, and for some tests attr and libcap2-bin.

# Each test is a process of its own, and "run" sets stderr.
# The single quotes hold programs for other shells.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154,SC2164

bats_require_minimum_version 1.5.0

setup() {
	export BUILD=${BUILD:-build}
	[ -x "$BUILD/tools/mote-import" ] || skip "mote-import is not built"
	# Not below BATS_TMPDIR, which another user may not enter.
	W=$(mktemp -d "${TMPDIR:-/tmp}/mote-import.XXXXXX")
	chmod 0755 "$W"
	mkdir -m 1777 "$W/out"
	layers=tests/layers.py
	tool=$BUILD/tools/mote-import
}

teardown() {
	[ -n "${W-}" ] || return 0
	chmod -R u+rwX "$W"
	rm -rf "$W"
}

# What find shows of a tree: mode, owner, type, links, name, target.
cat_tree='cd "$2/t" && LC_ALL=C find . -printf "%m %U:%G %y %n %p %l\n" |
	LC_ALL=C sort -k 5 | sed "s/ $//"'

# import APP [NAME]: imports in a fakeroot session, then lists the tree.
import() {
	fakeroot -- sh -c 'image/import "$1" "$2/t" "$2/s" || exit
		'"$cat_tree" sh "$1" "$W/out/${2-a}"
}

# The same as an ordinary user, in an environment that differs.
import_as_user() {
	[ "$(id -u)" -eq 0 ] || {
		import "$@"
		return
	}
	as_user fakeroot -- sh -c 'umask 077; image/import "$1" "$2/t" "$2/s" ||
		exit; '"$cat_tree" sh "$1" "$W/out/${2-a}"
}

as_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups env \
		HOME=/nonexistent TZ=Asia/Tokyo LANG=de_DE.UTF-8 LC_ALL=POSIX \
		TMPDIR="$W/out" TAR_OPTIONS=--exclude=chg BUILD="$BUILD" "$@"
}

need_user() {
	[ "$(id -u)" -ne 0 ] || as_user test -x image/import ||
		skip "another user cannot enter this folder"
}

# Every kind of owner, mode and link, in two layers.
rich_spec() {
	cat <<-'EOF'
		dir d 2775 1000 1000
		file d/suid 4755 70000 4000000000 x
		file d/sgid 2711 0 5 x
		file d/ro 0444 33 34 "cannot be written"
		file zero 0000 5 6 secret
		link hard zero
		dir noread 0111 7 8
		file noread/in 0600 9 9 y
		dir ro 0555 10 11
		symlink lk zero 1001 1002
		fifo ff 0640 11 12
		dir sticky 1777 0 0
		dir chg 0700 33 33
		file chg/a 0644 33 33 a
		dir usr 0755 0 0
		dir usr/lib 0755 0 0
		symlink lib usr/lib 0 0
		file implied/a/b 0644 1 1
		file "caf\xc3\xa9" 0644 2 3
		file gone 0644 1 1
		dir opaque 0700 21 22
		file opaque/old 0644 1 1
		dir away/below 0700 1 1
		file turns 0644 1 1
		layer
		dir chg 0755 0 0
		symlink lib/sl x 55 56
		file lib/new 0640 57 58
		file .wh.gone 0644 0 0
		dir opaque 0701 23 24
		file opaque/.wh..wh..opq 0644 0 0
		file opaque/new 0600 25 26
		file .wh.away 0644 0 0
		file away/again 0644 27 28
		dir turns 0750 29 30
	EOF
}

rich_tree() {
	cat <<-'EOF'
		755 0:0 d 12 .
		755 0:0 d 2 ./away
		644 27:28 f 1 ./away/again
		644 2:3 f 1 ./café
		755 0:0 d 2 ./chg
		644 33:33 f 1 ./chg/a
		2775 1000:1000 d 2 ./d
		444 33:34 f 1 ./d/ro
		2711 0:5 f 1 ./d/sgid
		4755 70000:4000000000 f 1 ./d/suid
		640 11:12 p 1 ./ff
		0 5:6 f 2 ./hard
		755 0:0 d 3 ./implied
		755 0:0 d 2 ./implied/a
		644 1:1 f 1 ./implied/a/b
		777 0:0 l 1 ./lib usr/lib
		777 1001:1002 l 1 ./lk zero
		111 7:8 d 2 ./noread
		600 9:9 f 1 ./noread/in
		701 23:24 d 2 ./opaque
		600 25:26 f 1 ./opaque/new
		555 10:11 d 2 ./ro
		1777 0:0 d 2 ./sticky
		750 29:30 d 2 ./turns
		755 0:0 d 3 ./usr
		755 0:0 d 2 ./usr/lib
		640 57:58 f 1 ./usr/lib/new
		777 55:56 l 1 ./usr/lib/sl x
		0 5:6 f 2 ./zero
	EOF
}

# The first layer alone, without what is a whiteout only in an image.
rich_layer1() {
	rich_spec | sed '/^layer/,$d'
}

# The accented name is made of bytes, which a here document cannot hold.
spec() {
	"$1" | sed "s/caf.xc3.xa9/$(printf 'caf\303\251')/"
}

expect_tree() {
	diff -u <(rich_tree) <(printf '%s\n' "$output")
}

@test "an OCI layout keeps owners, modes, setuid, links and whiteouts" {
	spec rich_spec | $layers layout "$W/app" --compress gz
	run -0 --separate-stderr import "$W/app"
	expect_tree
	[ "$(cat "$W/out/a/s/kind")" = oci-layout ]
	[ "$stderr" = "" ]
}

@test "an ordinary user with another umask, zone and locale gets the same" {
	need_user
	spec rich_spec | $layers layout "$W/app" --compress gz
	run -0 --separate-stderr import_as_user "$W/app"
	expect_tree
}

# mode_in_image IMAGE PATH: octal i_mode, which dump.erofs shows only in part.
mode_in_image() {
	python3 - "$1" "$(dump.erofs --path="$2" "$1" |
		sed -n 's/^NID: \([0-9]*\).*/\1/p')" <<-'EOF'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		meta, = struct.unpack_from("<I", data, 1024 + 40)
		at = meta * 4096 + int(sys.argv[2]) * 32
		print("%o" % struct.unpack_from("<H", data, at + 4))
	EOF
}

@test "the compiled image is the same for root and an ordinary user" {
	need_user
	spec rich_spec | $layers layout "$W/app" --compress gz
	local mk='image/import "$1" "$2/t" "$2/s" && mkfs.erofs -T0 -x-1 \
		-U 00000000-0000-0000-0000-000000000001 "$2/i" "$2/t" >"$2/log"'
	fakeroot -- sh -c "$mk" sh "$W/app" "$W/out/a"
	if [ "$(id -u)" -eq 0 ]; then
		as_user fakeroot -- sh -c "umask 077; $mk" sh "$W/app" "$W/out/b"
	else
		fakeroot -- sh -c "umask 077; $mk" sh "$W/app" "$W/out/b"
	fi
	cmp "$W/out/a/i" "$W/out/b/i"
	[ "$(id -u)" -eq 0 ] || return 0
	[ "$(mode_in_image "$W/out/b/i" /d/suid)" = 104755 ]
	[ "$(mode_in_image "$W/out/b/i" /d/sgid)" = 102711 ]
	# And it says what the layers declare, also to a foreign reader; that
	# one sets owners last, and so loses setuid and setgid of files.
	fsck.erofs --extract="$W/x" --preserve "$W/out/b/i"
	run -0 bash -c 'cd "$1" && LC_ALL=C find . -printf "%m %U:%G %y %p %l\n" |
		LC_ALL=C sort -k 4 | sed "s/ $//"' bash "$W/x"
	diff -u <(rich_tree | awk '{ $4 = ""; print }' | tr -s ' ' |
		sed 's/^2711/711/; s/^4755/755/') \
		<(printf '%s\n' "$output")
	run -0 dump.erofs --path=/zero "$W/out/b/i"
	[[ $output == *"Links: 2"* ]]
	run -0 cat "$W/x/zero"
	[ "$output" = secret ]
}

@test "docker-archive, oci-archive and compressed layers give the same tree" {
	spec rich_spec | $layers docker "$W/d.tar" --tag x:1
	spec rich_spec | $layers layout "$W/z" --compress zst
	spec rich_spec | $layers layout "$W/plain"
	$layers oci-archive "$W/o.tar" "$W/plain"
	gzip -k "$W/d.tar"
	for app in d.tar d.tar.gz z plain o.tar; do
		run -0 --separate-stderr import "$W/$app" "$app"
		expect_tree
	done
	[ "$(cat "$W/out/d.tar/s/kind")" = docker-archive ]
	[ "$(cat "$W/out/o.tar/s/kind")" = oci-archive ]
}

@test "the configuration of the image is left in STATE/oci.json" {
	echo 'file a 0644 0 0' | $layers layout "$W/app" --config '{"User":"u7"}'
	run -0 import "$W/app"
	[ "$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["config"]["User"])' "$W/out/a/s/oci.json")" \
		= u7 ]
}

@test "a tar of a root tree keeps owners; .wh. names are ordinary there" {
	need_user
	{
		spec rich_layer1
		echo 'file chg/.wh.a 0644 40 41'
	} >"$W/spec"
	for c in gz xz zst; do
		$layers tar "$W/app.$c" --compress "$c" <"$W/spec"
		run -0 --separate-stderr import_as_user "$W/app.$c" "$c"
		[[ $output == *"4755 70000:4000000000 f 1 ./d/suid"* ]]
		[[ $output == *"0 5:6 f 2 ./hard"* ]]
		[[ $output == *"777 1001:1002 l 1 ./lk zero"* ]]
		[[ $output == *"640 11:12 p 1 ./ff"* ]]
		[[ $output == *"111 7:8 d 2 ./noread"* ]]
		[[ $output == *"600 9:9 f 1 ./noread/in"* ]]
		[[ $output == *"644 2:3 f 1 ./café"* ]]
		[[ $output == *"644 40:41 f 1 ./chg/.wh.a"* ]]
		[[ $output == *"644 33:33 f 1 ./chg/a"* ]]
		[ "$(cat "$W/out/$c/s/kind")" = root ]
		[ ! -e "$W/out/$c/s/oci.json" ]
	done
}

@test "a directory belongs to root and keeps modes and links" {
	need_user
	mkdir -p "$W/app/bin" "$W/app/s"
	echo a >"$W/app/bin/a"
	ln "$W/app/bin/a" "$W/app/bin/b"
	ln -s nowhere "$W/app/l"
	mkfifo -m 600 "$W/app/f"
	[ "$(id -u)" -ne 0 ] || chown -hR 65534:65534 "$W/app"
	chmod 4755 "$W/app/bin/a"
	chmod 1777 "$W/app/s"
	chmod 755 "$W/app/bin"
	chmod 700 "$W/app"
	for as in import import_as_user; do
		run -0 --separate-stderr "$as" "$W/app" "$as"
		diff -u - <(printf '%s\n' "$output") <<-'EOF'
			755 0:0 d 4 .
			755 0:0 d 2 ./bin
			4755 0:0 f 2 ./bin/a
			4755 0:0 f 2 ./bin/b
			600 0:0 p 1 ./f
			777 0:0 l 1 ./l nowhere
			1777 0:0 d 2 ./s
		EOF
	done
	[ "$(cat "$W/out/import/s/kind")" = directory ]
}

@test "device nodes are refused by name, also ones that a layer removes" {
	printf '%s\n' 'char dev/null 0666 0 0 1 3' layer \
		'file dev/.wh.null 0644 0 0' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"entry dev/null: device nodes are not supported" ]]
	echo 'block x/sda 0660 0 6 8 0' | $layers tar "$W/app.tar"
	run -3 import "$W/app.tar" b
	[[ $output == *"entry x/sda: device nodes are not supported" ]]
	[ ! -e "$W/out/b/s/kind" ]
}

@test "file capabilities are refused by name" {
	printf '%s\n' 'dir bin 0755 0 0' \
		'xattr security.capability 0100000200200000000000000000000000000000' \
		'file bin/ping 0755 0 0' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"entry bin/ping: file capabilities are not supported" ]]
}

@test "ACLs are refused by name, in both spellings" {
	printf '%s\n' 'xattr system.posix_acl_access 02000000' \
		'file a 0644 0 0' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"entry a: POSIX ACLs are not supported" ]]
	printf '%s\n' 'pax SCHILY.acl.default "user::rwx,user:5:rwx,group::r-x,mask::rwx,other::r-x"' \
		'dir b 0755 0 0' | $layers layout "$W/app2"
	run -3 import "$W/app2" b
	[[ $output == *"entry b: POSIX ACLs are not supported" ]]
}

@test "other attributes are dropped with one notice" {
	printf '%s\n' 'xattr user.one 01' 'file a 0644 3 4' \
		'xattr trusted.two 02' 'file b 0644 0 0' | $layers layout "$W/app"
	run -0 --separate-stderr import "$W/app"
	[ "$stderr" = "mote-import: notice: 2 extended attributes are not kept (the first: user.one of /a)" ]
	[[ $output == *"644 3:4 f 1 ./a"* ]]
}

@test "an image cannot forge umoci's record of owners" {
	printf '%s\n' 'xattr user.rootlesscontainers 08011001' \
		'file a 0644 0 0' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"entry a: attribute user.rootlesscontainers is reserved" ]]
}

@test "/.mote is refused in every kind of APP" {
	printf '%s\n' 'dir ./.mote 0755 0 0' 'file .mote/init 0755 0 0' |
		$layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"entry ./.mote/: /.mote belongs to mote itself" ]]
	echo 'symlink /.mote /etc 0 0' | $layers tar "$W/app.tar"
	run -3 import "$W/app.tar" b
	[[ $output == *"entry /.mote: /.mote belongs to mote itself" ]]
	mkdir -p "$W/dir/.mote"
	run -3 import "$W/dir" c
	[[ $output == *"/.mote: belongs to mote itself" ]]
	# By way of a symlink that leads back to the root.
	printf '%s\n' 'symlink x . 0 0' 'file x/.mote/init 0755 0 0' |
		$layers layout "$W/way"
	run -3 import "$W/way" d
	[[ $output == *"/.mote: belongs to mote itself" ]]
}

@test "a directory with a socket, device, capability or ACL is refused" {
	mkdir "$W/app"
	python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$W/app/sock"
	run -3 import "$W/app"
	[[ $output == *"/sock: sockets are not supported" ]]
	[ "$(id -u)" -eq 0 ] || skip "the rest needs root"
	rm "$W/app/sock"
	mknod "$W/app/null" c 1 3
	run -3 import "$W/app" b
	[[ $output == *"/null: device nodes are not supported" ]]
	rm "$W/app/null"
	echo >"$W/app/ping"
	setcap cap_net_raw+ep "$W/app/ping" || skip "no file capabilities here"
	run -3 import "$W/app" c
	[[ $output == *"/ping: file capabilities are not supported" ]]
	setcap -r "$W/app/ping"
	setfattr -n system.posix_acl_access -v \
		0x0200000001000600ffffffff02000600050000000400040ffffffffff10000600ffffffff20000400ffffffff \
		"$W/app/ping" 2>/dev/null ||
		python3 -c 'import os, struct, sys
e = [(1, 6, -1), (2, 6, 5), (4, 4, -1), (16, 6, -1), (32, 4, -1)]
os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2) +
    b"".join(struct.pack("<HHi", *x) for x in e))' "$W/app/ping" ||
		skip "no ACLs here"
	run -3 import "$W/app" d
	[[ $output == *"/ping: POSIX ACLs are not supported" ]]
}

@test "a directory that umoci unpacked is refused, its owners would be lost" {
	mkdir "$W/app"
	echo >"$W/app/a"
	setfattr -n user.rootlesscontainers -v 0x08011001 "$W/app/a" ||
		skip "no user attributes here"
	run -3 import "$W/app"
	[[ $output == *"/a: was unpacked by umoci"* ]]
}

@test "ACLs of the surroundings do not reach the tree" {
	python3 -c 'import os, struct, sys
e = [(1, 7, -1), (2, 7, 5), (4, 5, -1), (16, 7, -1), (32, 0, -1)]
os.setxattr(sys.argv[1], "system.posix_acl_default", struct.pack("<I", 2) +
    b"".join(struct.pack("<HHi", *x) for x in e))' "$W/out" ||
		skip "no ACLs here"
	spec rich_spec | $layers layout "$W/app"
	run -0 import "$W/app"
	expect_tree
}

@test "a symlink as parent stays inside the tree" {
	printf '%s\n' 'symlink a /outside 0 0' 'file a/passwd 0640 3 4 x' \
		'symlink up ../../.. 0 0' 'file up/here 0600 5 6' |
		$layers layout "$W/app"
	run -0 import "$W/app"
	diff -u - <(printf '%s\n' "$output") <<-'EOF'
		755 0:0 d 3 .
		777 0:0 l 1 ./a /outside
		600 5:6 f 1 ./here
		755 0:0 d 2 ./outside
		640 3:4 f 1 ./outside/passwd
		777 0:0 l 1 ./up ../../..
	EOF
	[ ! -e /outside ]
	printf '%s\n' "symlink a $W/out 0 0" 'file a/passwd 0640 3 4 x' |
		$layers tar "$W/app.tar"
	run -3 import "$W/app.tar" b
	[ ! -e "$W/out/passwd" ]
}

@test "absolute names are names below the root" {
	printf '%s\n' 'dir /etc 0755 0 0' 'file //etc/./x 0600 3 4' |
		$layers layout "$W/app"
	run -0 import "$W/app"
	[[ $output == *"600 3:4 f 1 ./etc/x" ]]
}

@test "names with .. are refused, in entries and hard links" {
	echo 'file a/../../b 0644 0 0' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *'entry a/../../b: path contains ".."' ]]
	printf '%s\n' 'link h ../../etc/passwd' | $layers layout "$W/app2"
	run -3 import "$W/app2" b
	[[ $output == *'entry h: path contains ".."' ]]
}

@test "a hard link to nothing is refused" {
	printf '%s\n' 'link h etc/passwd' | $layers layout "$W/app"
	run -3 import "$W/app"
	[[ $output == *"$W/app: umoci: "* ]]
}

@test "a loop of symlinks in a path is refused" {
	printf '%s\n' 'symlink a b 0 0' 'symlink b a 0 0' 'file a/x 0644 0 0' |
		$layers layout "$W/app"
	run -3 import "$W/app"
}

@test "a name of 256 bytes and a deep path are refused" {
	printf 'file %0256d 0644 0 0\n' 0 | $layers tar "$W/app.tar"
	run -3 "$tool" check "$W/app.tar"
	[[ $output == *"name longer than 255 bytes" ]]
	printf 'file %s 0644 0 0\n' "$(printf 'a/%.0s' $(seq 256))b" |
		$layers tar "$W/app.tar"
	run -3 "$tool" check "$W/app.tar"
	[[ $output == *"path deeper than 256 directories" ]]
	printf 'file %s 0644 0 0\n' "$(printf 'a/%.0s' $(seq 255))b" |
		$layers tar "$W/app.tar"
	run -0 "$tool" check "$W/app.tar"
}

@test "a huge pax header is refused" {
	printf '%s\n' 'bigpax comment 3000000' 'file a 0644 0 0' |
		$layers tar "$W/app.tar"
	run -3 "$tool" check "$W/app.tar"
	[[ $output == "mote-import: $W/app.tar: damaged tar: "* ]]
}

@test "owners that are no 32-bit numbers are refused" {
	echo 'file a 0644 4294967295 0' | $layers tar "$W/app.tar"
	run -3 "$tool" check "$W/app.tar"
	[[ $output == *"entry a: owner is not a number below 4294967295" ]]
	echo 'file a 0644 0 99999999999' | $layers tar "$W/app.tar"
	run -3 "$tool" check "$W/app.tar"
	[[ $output == *"entry a: owner is not a number below 4294967295" ]]
}

@test "a truncated tar is refused wherever it ends" {
	printf '%s\n' 'file a 0644 0 0 "12345"' 'file b 0644 0 0 "67890"' |
		$layers tar "$W/app.tar"
	for n in 100 511 512 600 1025 1100 1540; do
		head -c "$n" "$W/app.tar" >"$W/cut.tar"
		run -3 "$tool" check "$W/cut.tar"
	done
	echo nonsense >"$W/cut.tar"
	run -3 import "$W/cut.tar"
	[[ $output == "mote-import: $W/cut.tar: "* ]]
}

@test "a blob that does not match its digest is refused" {
	echo 'file a 0644 0 0' | $layers layout "$W/app"
	for f in "$W"/app/blobs/sha256/*; do
		[ "$(head -c 1 "$f")" = "{" ] || printf x >>"$f"
	done
	run -3 import "$W/app"
	[[ $output == "mote-import: $W/app: skopeo: "* ]]
}

@test "a digest that is a path is refused" {
	echo 'file a 0644 0 0' | $layers layout "$W/app"
	sed -i 's|sha256:[0-9a-f]*|sha256:../../../etc/passwd|' \
		"$W/app/index.json"
	run -3 import "$W/app"
	[[ $output == *"is not sha256: and 64 hex digits" ]]
}

@test "an index that is deep, broken or has duplicate keys is refused" {
	echo 'file a 0644 0 0' | $layers layout "$W/app"
	cp "$W/app/index.json" "$W/good"
	python3 -c 'print("[" * 1000 + "]" * 1000)' >"$W/app/index.json"
	run -3 import "$W/app" b
	[[ $output == *"index.json: nested deeper than 32 levels" ]]
	echo '{"manifests":[],"manifests":[]}' >"$W/app/index.json"
	run -3 import "$W/app" c
	[[ $output == *"not valid JSON: duplicate object key"* ]]
	echo '{"manifests":{}}' >"$W/app/index.json"
	run -3 import "$W/app" d
	[[ $output == *"image index without manifests" ]]
	head -c 5000000 /dev/zero | tr '\0' ' ' >"$W/app/index.json"
	run -3 import "$W/app" e
	[[ $output == *"larger than 4194304 bytes" ]]
}

@test "several images: PATH:TAG chooses, without it the names are listed" {
	for t in one two; do
		echo "file $t 0644 0 0" | $layers layout "$W/app" --tag "$t"
	done
	run -0 import "$W/app:two"
	[[ $output == *"./two"* && $output != *"./one"* ]]
	run -3 import "$W/app" b
	[[ $output == *"2 images for linux/amd64; choose one with APP=PATH:TAG; there is: one, two" ]]
	run -3 import "$W/app:three" c
	[[ $output == *'no image for linux/amd64 with tag "three"; there is: one, two' ]]
	for t in x:1 x:2; do echo "file $t 0644 0 0"; done |
		$layers docker "$W/d.tar" --tag x:1 --tag x:2
	run -0 import "$W/d.tar:2" d
	run -3 import "$W/d.tar" e
	[[ $output == *"2 images; choose one with APP=PATH:TAG; there is: x:1, x:2" ]]
	run -3 import "$W/d.tar:9" f
	[[ $output == *'no image with tag "9"; there is: x:1, x:2' ]]
}

@test "of a nested index the image for linux/amd64 is taken" {
	for p in linux/arm64 linux/amd64 unknown/unknown; do
		echo "file ${p##*/} 0644 0 0" |
			$layers layout "$W/app" --platform "$p"
	done
	$layers nest "$W/app" --tag latest
	run -0 import "$W/app"
	[[ $output == *"./amd64"* && $output != *"./arm64"* ]]
	echo "file a 0644 0 0" | $layers layout "$W/arm" --platform linux/arm64
	run -3 import "$W/arm" b
	[[ $output == *"no image for linux/amd64; there is: linux/arm64" ]]
}

@test "a layer of an unknown type is refused" {
	echo 'file a 0644 0 0' | $layers layout "$W/app" \
		--layer-type application/x-squashfs
	run -3 import "$W/app"
	[[ $output == *"application/x-squashfs"* ]]
}

@test "a tree and layers that disagree are told apart, exit status 4" {
	printf '%s\n' 'file a 0644 1 2' 'file b 0644 0 0' |
		$layers tar "$W/l.tar"
	mkdir "$W/tree"
	touch "$W/tree/a"
	run -4 fakeroot "$tool" owners "$W/tree" "$W/l.tar"
	[ "$output" = "mote-import: /b: is in a layer but was not unpacked" ]
	touch "$W/tree/b" "$W/tree/c"
	run -4 fakeroot "$tool" owners "$W/tree" "$W/l.tar"
	[ "$output" = "mote-import: /c: was unpacked but is not so in the layers" ]
	rm "$W/tree/c"
	setfattr -n user.rootlesscontainers -v 0x08021002 "$W/tree/a" ||
		skip "no user attributes here"
	run -4 fakeroot "$tool" owners "$W/tree" "$W/l.tar"
	[ "$output" = "mote-import: /a: umoci recorded owner 2:2, the layer has 1:2" ]
	setfattr -n user.rootlesscontainers -v 0x08ff "$W/tree/a"
	run -3 fakeroot "$tool" owners "$W/tree" "$W/l.tar"
	[ "$output" = "mote-import: /a: user.rootlesscontainers is malformed" ]
}

@test "owners and modes come from the layer, whatever is on disk" {
	printf '%s\n' 'dir d 2700 3 4' 'file d/a 4444 1 2' 'dir r 0000 5 6' \
		'file r/b 0000 0 0' | $layers tar "$W/l.tar"
	mkdir -p "$W/out/a/t/d" "$W/out/a/t/r"
	touch "$W/out/a/t/d/a" "$W/out/a/t/r/b"
	chmod 0 "$W/out/a/t/r/b" "$W/out/a/t/r"
	run -0 fakeroot -- sh -c '"$3" owners-tar "$2/t" "$1" || exit
		'"$cat_tree" sh "$W/l.tar" "$W/out/a" "$tool"
	diff -u - <(printf '%s\n' "$output") <<-'EOF'
		755 0:0 d 4 .
		2700 3:4 d 2 ./d
		4444 1:2 f 1 ./d/a
		0 5:6 d 2 ./r
		0 0:0 f 1 ./r/b
	EOF
}

@test "names that are no UTF-8 are kept, in any locale" {
	printf 'file "na\351me" 0644 3 4\nfile /\344/x 0600 5 6\n' |
		$layers layout "$W/app"
	LC_ALL=C run -0 import "$W/app"
	[[ $output == *$'644 3:4 f 1 ./na\351me'* ]]
	[[ $output == *$'600 5:6 f 1 ./\344/x'* ]]
}

@test "scratch files of the import are removed" {
	echo 'file a 0644 0 0' | $layers layout "$W/app"
	run -0 import "$W/app"
	[ "$(ls -A "$W/out/a/s")" = "kind
oci.json" ]
}

@test "usage and environment: exit status 2 and 1" {
	run -2 image/import
	[[ $output == "usage: image/import APP TREE STATE"* ]]
	run -2 "$tool" owners
	run -2 "$tool" nonsense
	run -1 image/import a b c
	[[ $output == *"must run inside a fakeroot session" ]]
	run -1 import "$W/nothing"
	[[ $output == "mote-import: $W/nothing: no such file or directory" ]]
	mkdir -p "$W/dir" "$W/out/a/t"
	touch "$W/out/a/t/x"
	run -1 import "$W/dir"
	[[ $output == *"/out/a/t: is not empty" ]]
	run -3 import "$W/dir:tag" b
	run -3 import /dev/null c
	[[ $output == *"neither a directory nor a regular file" ]]
}
