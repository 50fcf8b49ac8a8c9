#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# repro.bats: whoever builds, wherever, whenever: the same bytes. The kernel is
# the one that is built already ("make repro-kernel" builds it twice).

load sandbox

# Two builds that differ in all that must not matter.
setup_file()
{
	clear_environment
	R=$(make_sandbox repro)
	export R
	tar --exclude=./build --exclude=./.git --exclude=./config.mk \
		-cf "$R/src.tar" .
	export A=$R/a B=$R/another/folder/deeper/b
	first > "$R/first.log" 2>&1 || { cat "$R/first.log"; return 1; }
	second > "$R/second.log" 2>&1 || { cat "$R/second.log"; return 1; }
}

teardown_file()
{
	[ -z "${R-}" ] || rm -rf "$R"
}

setup()
{
	clear_environment
	T=$BATS_TEST_TMPDIR
}

# An application whose files are made in the order of the arguments.
app_tree() # FOLDER NAME...
{
	local folder=$1 name
	shift
	mkdir -p "$folder/bin" "$folder/data"
	cp "$OUTER/tests/probe" "$folder/bin/app"
	chmod 755 "$folder/bin/app" "$folder/bin" "$folder/data" "$folder"
	for name; do
		printf 'content of %s\n' "$name" > "$folder/data/$name"
		chmod 640 "$folder/data/$name"
		ln -s "$name" "$folder/data/link-$name"
	done
}

conf='arg /bin/app\nuser 1:2\nwritable /data/tmp 1M\nenv A=B\n'

first()
{
	umask 022
	mkdir -p "$A"
	tar -C "$A" -xf "$R/src.tar"
	seed_cache "$R/cache-a" -l
	app_tree "$R/app-a" a B c D ä
	# shellcheck disable=SC2059 # its escapes
	printf "$conf" > "$R/app-a.conf"
	# Nothing of the kernel's own build has to be there.
	env TZ=UTC LANG=C LC_ALL=C make -C "$A" -j1 CACHE="$R/cache-a" \
		APP="$R/app-a" APP_CONFIG="$R/app-a.conf" JOBS=1 image
}

second()
{
	mkdir -p "$B" "$R/home-b"
	chown "$NOBODY:$NOBODY" "$B" "$R/home-b" 2> /dev/null || :
	seed_cache "$R/home-b/cache"
	mkdir -p "$R/home-b/elsewhere"
	app_tree "$R/home-b/elsewhere/app-b" ä D c B a
	# shellcheck disable=SC2059 # its escapes
	printf "$conf" > "$R/home-b/elsewhere/b.conf"
	find "$R/home-b/elsewhere" -exec touch -hd 2001-02-03 {} +
	chown -hR "$NOBODY:$NOBODY" "$R/home-b" 2> /dev/null || :
	as_nobody "$R/home-b" env TZ=Pacific/Kiritimati LANG=tr_TR.UTF-8 LC_ALL=C.UTF-8 \
		SOURCE_DATE_EPOCH=1234567890 CFLAGS=-O1 sh -c '
		umask 077
		tar -C "$1" -xf "$2/src.tar"
		make -C "$1" -j3 CACHE="$2/home-b/cache" JOBS=7 image \
			APP="$2/home-b/elsewhere/app-b" \
			APP_CONFIG="$2/home-b/elsewhere/b.conf"' sh "$B" "$R"
}

@test "the two builds differ as they should" {
	[ "$A" != "$B" ]
	[ "$(stat -c %a "$A/Makefile")" != "$(stat -c %a "$B/Makefile")" ]
	if [ "$(id -u)" -eq 0 ]; then
		[ "$(stat -c %u "$A/build/image/root.img")" -eq 0 ]
		[ "$(stat -c %u "$B/build/image/root.img")" -eq "$NOBODY" ]
	fi
}

@test "init: another folder, umask, user, time zone, locale" {
	cmp "$A/build/init/release/init" "$B/build/init/release/init"
	not grep -aF "$R" "$A/build/init/release/init"
}

@test "the root, its hash and the command line" {
	cmp "$A/build/image/root.img" "$B/build/image/root.img"
	cmp "$A/build/image/cmdline" "$B/build/image/cmdline"
}

@test "the manifest and the sums" {
	diff "$A/build/image/manifest.json" "$B/build/image/manifest.json"
	diff "$A/build/image/SHA256SUMS" "$B/build/image/SHA256SUMS"
	# No path, no user and no machine is in it.
	not grep -wF -e "$R" -e "$(hostname)" -e nobody \
		"$A/build/image/manifest.json"
}

@test "the built-in example" {
	for d in "$A" "$B"; do
		as=(as_nobody "$R/home-b")
		cache=$R/home-b/cache
		[ "$d" = "$B" ] || {
			as=(env)
			cache=$R/cache-a
		}
		"${as[@]}" make -C "$d" CACHE="$cache" IMAGE=build/example-image \
			image > "$T/log" 2>&1 || { cat "$T/log"; return 1; }
	done
	diff -r "$A/build/example-image" "$B/build/example-image"
	cmp "$A/build/example/tree/bin/hello" "$B/build/example/tree/bin/hello"
}

# build-image as make calls it; the results in $T/NAME.
build() # NAME APP [KERNEL]
{
	"$A/image/build-image" --app "$2" --app-config "$R/app-a.conf" \
		--init "$A/build/init/release/init" \
		--kernel "${3:-$A/build/kernel/release}" \
		--tools-dir "$A/build/tools" --tools "$A/build/tools.txt" \
		--inputs "$A/build/inputs/inputs.txt" --work "$T/work-$1" \
		--out "$T/$1" --flavor release --profile standalone \
		--version 0 > "$T/log" 2>&1 || { cat "$T/log"; return 1; }
}

@test "a tar: the order of its members and its compression do not matter" {
	cd "$R/app-a"
	find . -mindepth 1 | sort > "$T/names"
	tac "$T/names" > "$T/reversed"
	for order in names reversed; do
		tar --no-recursion --owner=7 --group=8 --mtime=@"$RANDOM" \
			-cf "$T/$order.tar" -T "$T/$order"
		build "of-$order" "$T/$order.tar"
	done
	gzip -k "$T/names.tar"
	build of-gzip "$T/names.tar.gz"
	not cmp -s "$T/names.tar" "$T/reversed.tar"
	cmp "$T/of-names/root.img" "$T/of-reversed/root.img"
	cmp "$T/of-names/root.img" "$T/of-gzip/root.img"
	# Its owners are not those of a folder.
	not cmp -s "$T/of-names/root.img" "$A/build/image/root.img"
}

@test "nothing of the environment matters" {
	build plain "$R/app-a"
	for v in SOURCE_DATE_EPOCH=0 SOURCE_DATE_EPOCH=2000000000 CDPATH=/ \
		TAR_OPTIONS=--mtime=@5 TMPDIR="$T" \
		LC_ALL=C.UTF-8 LANGUAGE=de TZ=Asia/Tokyo BLOCK_SIZE=1 \
		JQ_COLORS=1 GREP_COLORS=x; do
		name=${v%%[!A-Z_]*}
		(
			# shellcheck disable=SC2163 # NAME=VALUE
			export "$v"
			build "with-$name" "$R/app-a"
		)
		for f in root.img cmdline manifest.json SHA256SUMS; do
			cmp "$T/plain/$f" "$T/with-$name/$f" || {
				echo "$v changes $f"
				return 1
			}
		done
		rm -rf "$T/with-$name" "$T/work-with-$name"
	done
}

@test "the manifest says where the kernel came from, nothing else differs" {
	build cached "$R/app-a"
	cp -r "$A/build/kernel/release" "$T/kernel"
	sed -i 's/^from .*/from build/' "$T/kernel/kernel.txt"
	build built "$R/app-a" "$T/kernel"
	grep -qx 'from cache' "$A/build/kernel/release/kernel.txt"
	[ "$(jq -r .kernel.from "$T/cached/manifest.json")" = cache ]
	[ "$(jq -r .kernel.from "$T/built/manifest.json")" = build ]
	diff <(jq 'del(.kernel.from)' "$T/cached/manifest.json") \
		<(jq 'del(.kernel.from)' "$T/built/manifest.json")
}

@test "one changed byte of APP changes root, command line and manifest" {
	cp -a "$R/app-a" "$T/app"
	build same "$T/app"
	cmp "$T/same/root.img" "$A/build/image/root.img"
	printf X >> "$T/app/data/a"
	build other "$T/app"
	not cmp -s "$T/other/root.img" "$A/build/image/root.img"
	not cmp -s "$T/other/cmdline" "$A/build/image/cmdline"
	not cmp -s "$T/other/manifest.json" "$A/build/image/manifest.json"
}
