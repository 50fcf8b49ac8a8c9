#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make.bats: the targets, in copies of the sources. The kernel comes from a
# cache that is made of the outer build's, so that nothing takes long.

load sandbox

setup_file()
{
	clear_environment
	S=$(make_sandbox make)
	export S
	copy_sources "$S/src"
	seed_cache "$S/cache" -l
	mk image > "$S/log" 2>&1 || {
		cat "$S/log"
		return 1
	}
}

teardown_file()
{
	[ -z "${S-}" ] || rm -rf "$S"
}

setup()
{
	clear_environment
	T=$BATS_TEST_TMPDIR
}

mk()
{
	make -C "$S/src" CACHE="$S/cache" "$@"
}

# The files that a build makes, with all that changes when one is written.
state()
{
	(cd "$S/src/build" && find image kernel/release init tools example \
		inputs tools.txt -type f ! -name .lock \
		-printf '%p %i %T@ %s\n' | sort)
}

# Seconds of a command, which has to succeed, in $seconds.
timed()
{
	local start=$EPOCHREALTIME
	"$@" > "$T/log" 2>&1 || {
		cat "$T/log"
		return 1
	}
	seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
}

# The goal is printed; only ten times as long is a failure.
below() # SECONDS
{
	echo "# took $seconds s, goal $1 s" >&3
	[ "${seconds%.*}" -lt $(($1 * 10 * TIMEOUT_SCALE)) ]
}

@test "make image: five files, whose sums are right, and a summary" {
	cd "$S/src/build/image"
	[ "$(echo * .[!.]*)" = "SHA256SUMS cmdline manifest.json root.img vmlinuz .[!.]*" ]
	sha256sum -c SHA256SUMS
	[ "$(wc -l < SHA256SUMS)" -eq 4 ]
	grep -qE '^  root hash +[0-9a-f]{64}$' "$S/log"
	grep -qx 'Next: make boot' "$S/log"
}

@test "make image again changes nothing" {
	state > "$T/before"
	timed mk image
	state > "$T/after"
	diff "$T/before" "$T/after"
	[ "$(wc -l < "$T/before")" -gt 30 ]
	below 2
}

@test "a changed APP makes another root and nothing else" {
	mkdir -p "$S/app/bin"
	cp "$OUTER/tests/probe" "$S/app/bin/app"
	echo 'arg /bin/app' > "$S/app.conf"
	args="APP=$S/app APP_CONFIG=$S/app.conf"
	# shellcheck disable=SC2086 # two words
	timed mk $args image
	cp -r "$S/src/build/image" "$T/first"
	state > "$T/before"
	echo more > "$S/app/file"
	# shellcheck disable=SC2086 # two words
	timed mk $args image
	state > "$T/after"
	[ "$(diff "$T/before" "$T/after" | sed -nE 's/^> ([^ ]+) .*/\1/p' |
		tr '\n' ' ')" = "image/SHA256SUMS image/cmdline image/manifest.json image/root.img " ]
	not cmp "$T/first/root.img" "$S/src/build/image/root.img"
	not cmp "$T/first/cmdline" "$S/src/build/image/cmdline"
	cmp "$T/first/vmlinuz" "$S/src/build/image/vmlinuz"
	below 5
}

@test "a changed APP_CONFIG makes another root, a touched file the same one" {
	mkdir -p "$S/app/bin"
	cp "$OUTER/tests/probe" "$S/app/bin/app"
	echo 'arg /bin/app' > "$S/app.conf"
	timed mk APP="$S/app" APP_CONFIG="$S/app.conf" image
	first=$(sha256sum < "$S/src/build/image/root.img")
	touch "$S/app/bin/app"
	timed mk APP="$S/app" APP_CONFIG="$S/app.conf" image
	[ "$(sha256sum < "$S/src/build/image/root.img")" = "$first" ]
	echo 'env A=B' >> "$S/app.conf"
	timed mk APP="$S/app" APP_CONFIG="$S/app.conf" image
	[ "$(sha256sum < "$S/src/build/image/root.img")" != "$first" ]
}

@test "a damaged image is made again" {
	timed mk image
	cp "$S/src/build/image/root.img" "$T/root.img"
	echo x >> "$S/src/build/image/root.img"
	timed mk image
	cmp "$T/root.img" "$S/src/build/image/root.img"
	rm "$S/src/build/image/manifest.json"
	timed mk image
	(cd "$S/src/build/image" && sha256sum -c SHA256SUMS)
}

@test "what cannot be built says why and leaves the image as it was" {
	timed mk image
	cp -r "$S/src/build/image" "$T/before"
	for args in "APP=/nonexistent" "APP_CONFIG=/nonexistent" \
		"PROFILE=nonexistent" "FLAVOR=nonexistent"; do
		run mk "$args" image
		echo "$args: $output"
		[ "$status" -eq 2 ]
		[[ $output == *nonexistent* ]]
		diff -r "$T/before" "$S/src/build/image"
	done
	mkdir -p "$T/app/.mote"
	run mk APP="$T/app" image
	[ "$status" -eq 2 ]
	[[ $output == *"/.mote: belongs to mote itself"* ]]
	diff -r "$T/before" "$S/src/build/image"
	timed mk image
}

@test "make help lists every target and every variable" {
	mk -s help > "$T/help"
	sed -nE 's/^([a-z][a-z-]*):.*## .*/\1/p' Makefile mk/*.mk | sort > "$T/want"
	[ "$(wc -l < "$T/want")" -ge 12 ]
	sed -nE 's/^  make ([a-z-]+) .*/\1/p' "$T/help" | sort > "$T/got"
	diff "$T/want" "$T/got"
	for t in image boot check lint fetch relock deps clean distclean \
		install uninstall help; do
		grep -qx "$t" "$T/got"
	done
	# Whatever can be set on the command line.
	for v in $(sed -nE 's/^([A-Z_]+) \?=.*/\1/p' Makefile) OFFLINE LOCKED \
		SNAPSHOT V; do
		case $v in
		VECTORS | BINDIR | MANDIR) continue ;;
		esac
		sed -n '/^Variables/,$p' "$T/help" | grep -qw "$v" || {
			echo "help does not name $v"
			return 1
		}
	done
	[ "$(awk 'length > 100' "$T/help" | wc -l)" -eq 0 ]
}

@test "without a target, make makes the image" {
	run mk -n
	[[ $output == *image/build-image* ]]
}

@test "config.mk is read, the command line wins" {
	echo 'MEMORY = 777' > "$S/src/config.mk"
	run mk -n boot
	[[ $output == *"--memory 777 "* ]]
	run mk -n boot MEMORY=888
	[[ $output == *"--memory 888 "* ]]
	rm "$S/src/config.mk"
	# The example has only variables that exist.
	sed -nE 's/^#([A-Z_]+) = .*/\1/p' config.mk.example > "$T/names"
	[ -s "$T/names" ]
	while read -r v; do
		grep -qE "^$v \?=|export.* $v( |\$)" Makefile
	done < "$T/names"
}

@test "V=1 shows the commands, without it only what they do" {
	touch "$S/src/image/strv.c"
	run mk build/tools/mote-config
	[[ $output == *"CC      image/strv.c"* ]]
	[[ $output != *"-Wall"* ]]
	touch "$S/src/image/strv.c"
	run mk V=1 build/tools/mote-config
	[[ $output == *"gcc -std=c11"*"-c -o build/tools/strv.o image/strv.c"* ]]
}

@test "scripts/deps: one line to run and exit code 1 for an ordinary user" {
	cp scripts/deps "$S/deps"
	run --separate-stderr as_nobody "$S" "$S/deps" bash no-such-package-1 \
		no-such-package-2
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "${stderr_lines[1]}" = "  sudo apt-get install --no-install-recommends no-such-package-1 no-such-package-2" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	run as_nobody "$S" "$S/deps" bash coreutils
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run -2 scripts/deps
}

@test "every target names the package that it lacks" {
	copy_sources "$S/deps-src"
	chmod -R a+rX "$S/deps-src"
	for t in $(make -s help | sed -nE 's/^  make ([a-z-]+) .*/\1/p'); do
		case $t in
		help | clean | distclean | install | uninstall) continue ;;
		esac
		run as_nobody "$T" make -C "$S/deps-src" BUILD="$T/b" \
			DEPS_image=no-such-package DEPS_boot=no-such-package \
			DEPS_check=no-such-package DEPS_bench=no-such-package \
			DEPS_oracles=no-such-package "$t"
		echo "$t: $output"
		[ "$status" -ne 0 ]
		[ "$(grep -cF 'sudo apt-get install --no-install-recommends no-such-package' \
			<<< "$output")" -eq 1 ]
	done
}

@test "make fetch, then OFFLINE=1 make image without a network" {
	copy_sources "$S/offline"
	cd "$S/offline"
	make CACHE="$S/cache" fetch
	ns=(unshare --net)
	[ "$(id -u)" -eq 0 ] || ns=(unshare --user --map-root-user --net)
	# No route, and not even the loopback interface is up.
	[ -z "$("${ns[@]}" ip -4 route)" ]
	"${ns[@]}" ip -o link | grep -q 'lo: <LOOPBACK> .* state DOWN'
	OFFLINE=1 "${ns[@]}" make CACHE="$S/cache" image > "$T/log" 2>&1 || {
		cat "$T/log"
		return 1
	}
	(cd build/image && sha256sum -c SHA256SUMS)
	# The same image as with a network.
	timed mk image
	diff -r build/image "$S/src/build/image"
}

@test "OFFLINE=1 with an empty cache says what to do" {
	copy_sources "$T/src"
	OFFLINE=1 run make -C "$T/src" CACHE="$T/cache" image
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *OFFLINE* ]]
	[ ! -e "$T/src/build/image" ]
	[ ! -e "$T/src/build/inputs/inputs.txt" ]
}

@test "an ordinary user builds the same image, without root and loop devices" {
	[ "$(id -u)" -eq 0 ] || skip "every test here is run by an ordinary user"
	mkdir "$S/home"
	copy_sources "$S/home/src"
	seed_cache "$S/home/.cache/mote"
	chown -R "$NOBODY:$NOBODY" "$S/home"
	as_nobody "$S/home" make -C "$S/home/src" image > "$T/log" 2>&1 || {
		cat "$T/log"
		return 1
	}
	timed mk image
	diff -r "$S/home/src/build/image" "$S/src/build/image"
	[ -z "$(find "$S/home" ! -uid "$NOBODY")" ]
	# No work tree with files of other owners or modes is left.
	[ -z "$(find "$S/home/src/build" -perm /6000)" ]
	rm -rf "${S:?}/home"
}

@test "install and uninstall: DESTDIR, PREFIX, modes, umask" {
	(
		umask 077
		mk install DESTDIR="$T/dest" PREFIX=/opt/mote
	)
	cd "$T/dest"
	find . -type f -printf '%m %P\n' | sort > "$T/got"
	diff - "$T/got" <<'EOF2'
644 opt/mote/share/man/man1/mote-measure.1
644 opt/mote/share/man/man5/mote-image.5
644 opt/mote/share/man/man8/mote-init.8
755 opt/mote/bin/mote-boot
755 opt/mote/bin/mote-measure
EOF2
	[ -z "$(find opt -type d ! -perm 755)" ]
	run opt/mote/bin/mote-boot
	[ "$status" -eq 2 ]
	opt/mote/bin/mote-measure --version
	mk uninstall DESTDIR="$T/dest" PREFIX=/opt/mote
	[ -z "$(find . -type f)" ]
	mk install DESTDIR="$T/dest"
	[ -x usr/local/bin/mote-boot ]
	# Twice is as good as once, and uninstall does not mind nothing.
	mk install DESTDIR="$T/dest"
	mk uninstall DESTDIR="$T/dest"
	mk uninstall DESTDIR="$T/dest"
}

@test "an install that fails leaves nothing half-written" {
	mkdir -p "$T/dest/usr/local"
	: > "$T/dest/usr/local/bin"
	run mk install DESTDIR="$T/dest"
	[ "$status" -eq 2 ]
	mkdir -p "$T/to/dir/file"
	run scripts/install-file "$T/absent" "$T/to/dir/file/x" 644
	[ "$status" -ne 0 ]
	[ -z "$(ls "$T/to/dir/file")" ]
	run -2 scripts/install-file a b
}

@test "clean removes the build, distclean config.mk and the cache too" {
	copy_sources "$T/src"
	cd "$T/src"
	mkdir -p build/x "$T/cache/x"
	echo '# mine' > config.mk
	find . -type f ! -path './build/*' | sort > "$T/before"
	make CACHE="$T/cache" clean
	[ ! -e build ]
	[ -e config.mk ] && [ -e "$T/cache/x" ]
	mkdir -p build/x
	make CACHE="$T/cache" distclean
	[ ! -e build ] && [ ! -e config.mk ] && [ ! -e "$T/cache" ]
	find . -type f | sort > "$T/after"
	[ "$(diff "$T/before" "$T/after" | grep '^[<>]')" = '< ./config.mk' ]
}

@test "a build writes nothing beside its folder" {
	cd "$S/src"
	find . -path ./build -prune -o -type f -print | sort > "$T/now"
	copy_sources "$T/src"
	(cd "$T/src" && find . -type f | sort) > "$T/then"
	diff "$T/then" "$T/now"
}
