#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inputs.bats - fetch, relock and check-tools against a stand-in mirror
#
# Needs the Debian packages apt, dpkg, gpg, gpg-agent, gpgconf, gpgv, python3
# and util-linux.  Nothing here leaves the machine.

# Each test is a process of its own, "run" sets stderr, and what is not quoted
# is meant to fall apart.
# shellcheck disable=SC2030,SC2031,SC2086,SC2154,SC1091

bats_require_minimum_version 1.5.0

old=linux-source-7.3=7.3.4-1~bpo13+1
pinned="linux-source-7.3 7.3.4-1~bpo13+1"

# The archives that most tests share: one that has the pinned version, one
# that has lost it.  Signed by "key"; "evil" is a key nobody trusts.
setup_file() {
	export keys M image
	image=$(cd "$BATS_TEST_DIRNAME/../image" && pwd)
	keys=$(mktemp -d /tmp/mote-keys.XXXXXX)
	M=$BATS_FILE_TMPDIR
	"$BATS_TEST_DIRNAME/standin-mirror" --new-key "$keys/good"
	"$BATS_TEST_DIRNAME/standin-mirror" --new-key "$keys/evil"
	"$BATS_TEST_DIRNAME/standin-mirror" --key "$keys/good" "$M/has" \
		linux-source-7.2=7.2.9-1 "$old" linux-source-7.3=7.3.1-1
	"$BATS_TEST_DIRNAME/standin-mirror" --key "$keys/good" "$M/lost" \
		linux-source-7.3=7.3.9-1 linux-source-7.4=7.4.2-1 \
		linux-source-7.10=7.10.1-1~bpo13+1 \
		linux-source-7.10=7.10.1-1 linux-source-7.10=7.10.1-1~rc2 \
		linux-source-rt-8.0=8.0-1 linux-source=9.0-1
}

teardown_file() {
	"$BATS_TEST_DIRNAME/standin-mirror" --drop-key "$keys/good"
	"$BATS_TEST_DIRNAME/standin-mirror" --drop-key "$keys/evil"
	rmdir "$keys"
}

setup() {
	unset OFFLINE LOCKED SNAPSHOT CACHE XDG_CACHE_HOME APT_CONFIG
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home
	keyring=$keys/good/keyring.gpg
	sha=$(sha "$M/has" 7.3_7.3.4-1~bpo13+1)
	write_lock "$sha"
}

# sha MIRROR VERSION-PART: of linux-source-VERSION-PART_all.deb
sha() {
	sha256sum <"$1/pool/linux-source-$2_all.deb" | cut -d ' ' -f 1
}

write_lock() {
	printf '# my comment\npackage %s trixie-backports %s\n' "$pinned" \
		"$1" >"$T/lock"
}

mirror() {
	"$BATS_TEST_DIRNAME/standin-mirror" --key "$keys/good" "$@"
}

# fetch MIRROR [OPTION...]
fetch() {
	where=$1
	shift
	"$image/fetch" --lock "$T/lock" --cache "$T/ca che" \
		--keyring "$keyring" --mirror "file://$where" "$@" "$T/out"
}

relock() {
	where=$1
	shift
	"$image/relock" --lock "$T/lock" --cache "$T/ca che" \
		--keyring "$keyring" --mirror "file://$where" "$@"
}

# result LINE: what inputs.txt has to hold, and that the file is there
result() {
	diff <(echo "package $1") "$T/out/inputs.txt"
	set -- $1
	[ "$(sha256sum <"$T/out/$1_$2.deb")" = "$4  -" ]
	nothing_left
}

no_result() {
	[ ! -e "$T/out/inputs.txt" ]
	nothing_left
}

# No half-written file anywhere.
nothing_left() {
	[ -z "$(find "$T" -name '*.new*' -o -name 'tmp.*' -o \
		-name 'relock.*')" ]
}

says() {
	grep -qF -- "$1" <<<"$stderr" || {
		printf 'not said: %s\nbut:\n%s\n' "$1" "$stderr"
		return 1
	}
}

silent_about() {
	! grep -F -- "$1" <<<"$stderr"
}

newest() {
	echo "linux-source-7.10 7.10.1-1 trixie-backports" \
		"$(sha "$M/lost" 7.10_7.10.1-1)"
}

@test "the pinned version comes from the mirror, then from the cache" {
	run -0 --separate-stderr fetch "$M/has"
	[ "$output" = "" ]
	[ "$stderr" = "mote-fetch: fetching $pinned (1 MB) from file://$M/has" ]
	result "$pinned trixie-backports $sha mirror true"
	[ -f "$T/ca che/inputs/$sha/linux-source-7.3_7.3.4-1~bpo13+1.deb" ]

	rm -r "$T/out"
	run -0 --separate-stderr fetch /nonexistent
	[ "$stderr" = "" ]
	result "$pinned trixie-backports $sha cache true"
}

@test "a finished directory needs neither cache nor mirror, and stays" {
	fetch "$M/has"
	rm -r "$T/ca che"
	touch -d 2020-01-01 "$T/out/inputs.txt"
	run -0 --separate-stderr fetch /nonexistent
	[ "$stderr" = "" ]
	[ "$(stat -c %y "$T/out/inputs.txt" | cut -c 1-4)" = 2020 ]
	result "$pinned trixie-backports $sha mirror true"
}

@test "a finished file that was written to is replaced" {
	fetch "$M/has"
	echo x >>"$T/out/linux-source-7.3_7.3.4-1~bpo13+1.deb"
	run -0 --separate-stderr fetch "$M/has"
	result "$pinned trixie-backports $sha mirror true"
}

@test "pinned version gone: the newest of the highest line, with a notice" {
	run -0 --separate-stderr fetch "$M/lost"
	says "NOTICE: $pinned, which the lock pins, is to be had nowhere"
	says "NOTICE: taking linux-source-7.10 7.10.1-1 instead"
	says '"locked": false'
	silent_about expired
	result "$(newest) newest false"
}

@test "an unlocked result does not become locked at the next run" {
	fetch "$M/lost"
	run -0 --separate-stderr fetch "$M/lost"
	says "NOTICE: $pinned, which the lock pins, is to be had nowhere"
	silent_about "fetching"
	result "$(newest) newest false"

	OFFLINE=1 run -0 --separate-stderr fetch "$M/lost"
	says "NOTICE: $pinned, which the lock pins, is not in the cache"
	result "$(newest) cache false"

	OFFLINE=1 LOCKED=1 run -4 --separate-stderr fetch "$M/lost"
	says "LOCKED=1 allows no other"

	# And the pinned one takes its place as soon as it is back.
	run -0 --separate-stderr fetch "$M/has"
	silent_about NOTICE
	result "$pinned trixie-backports $sha mirror true"
}

@test "LOCKED=1: the pinned version or nothing" {
	LOCKED=1 run -4 --separate-stderr fetch "$M/lost"
	[ "$stderr" = "mote-fetch: linux-source-7.3: the pinned version\
 7.3.4-1~bpo13+1 is not to be had, and LOCKED=1 allows no other" ]
	no_result
	LOCKED=1 run -0 --separate-stderr fetch "$M/has"
	result "$pinned trixie-backports $sha mirror true"
}

@test "wrong hash: the archive has the version with other bytes" {
	other=$(printf '%064d' 7)
	write_lock "$other"
	run -3 --separate-stderr fetch "$M/has"
	[ "$stderr" = "mote-fetch: file://$M/has: $pinned: wrong hash: the\
 archive has sha256 $sha, the lock $other" ]
	no_result
}

@test "wrong hash: the file is not what the signed index says" {
	mirror "$T/m" "$old"
	deb=$T/m/pool/linux-source-7.3_7.3.4-1~bpo13+1_all.deb
	# One other byte, same size.
	printf X | dd of="$deb" bs=1 seek=200 conv=notrunc status=none
	run -3 --separate-stderr fetch "$T/m"
	says "wrong hash"
	no_result
}

@test "wrong hash: the index is not what the signed Release file says" {
	mirror "$T/m" "$old"
	printf ' ' >>"$(find "$T/m" -name Packages)"
	run -3 --separate-stderr fetch "$T/m"
	says "suite trixie-backports"
	no_result
}

@test "wrong signature: a key that is not trusted" {
	mirror --key "$keys/evil" "$T/m" "$old"
	run -3 --separate-stderr fetch "$T/m"
	says "file://$T/m: suite trixie-backports: bad signature"
	says NO_PUBKEY
	no_result
}

@test "wrong signature: text changed after signing" {
	mirror "$T/m" "$old"
	sed -i 's/^Origin: .*/Origin: Other/' "$(find "$T/m" -name InRelease)"
	run -3 --separate-stderr fetch "$T/m"
	says "bad signature"
	says BADSIG
	no_result
}

@test "wrong signature: none, and the system's apt would allow that" {
	mirror "$T/m" "$old"
	rm "$(find "$T/m" -name InRelease)"
	cat >"$T/apt.conf" <<-'EOF'
	Acquire::AllowInsecureRepositories "true";
	Acquire::AllowWeakRepositories "true";
	APT::Get::AllowUnauthenticated "true";
	Binary::apt-get::Acquire::AllowInsecureRepositories "true";
	EOF
	APT_CONFIG=$T/apt.conf run -3 --separate-stderr fetch "$T/m"
	says "bad signature"
	says "is not signed"
	no_result
}

@test "Debian's own keyring does not know the key: which package is wanted" {
	run -3 --separate-stderr "$image/fetch" --lock "$T/lock" \
		--cache "$T/cache" --mirror "file://$M/has" "$T/out"
	says "bad signature"
	says "debian-archive-keyring 2023.3+deb12u2 or later"
	no_result
}

@test "an old keyring package is named" {
	mkdir "$T/bin"
	printf '#!/bin/sh\necho 2023.3+deb12u1\n' >"$T/bin/dpkg-query"
	chmod +x "$T/bin/dpkg-query"
	PATH=$T/bin:$PATH run -3 --separate-stderr "$image/fetch" \
		--lock "$T/lock" --cache "$T/cache" \
		--mirror "file://$M/has" "$T/out"
	says "notice: debian-archive-keyring 2023.3+deb12u1 is installed"
}

@test "no keyring: which package is wanted" {
	keyring=$T/none.gpg
	run -1 --separate-stderr fetch "$M/has"
	[ "$stderr" = "mote-fetch: $T/none.gpg: cannot be read; install\
 debian-archive-keyring 2023.3+deb12u2 or later" ]
	no_result
}

@test "expired Release file: accepted silently for the pinned sha256" {
	mirror --date 2024-02-01 --valid-until 2024-02-08 "$T/m" "$old"
	run -0 --separate-stderr fetch "$T/m"
	[ "${#stderr_lines[@]}" -eq 1 ]
	result "$pinned trixie-backports $sha mirror true"
}

@test "expired Release file, unlocked: a notice names its date" {
	mirror --date 2024-02-01 --valid-until 2024-02-08 "$T/m" \
		linux-source-7.4=7.4.1-1
	# Whatever the system thinks of dates.
	cat >"$T/apt.conf" <<-'EOF'
	Acquire::Check-Valid-Until "false";
	Acquire::Check-Date "false";
	EOF
	APT_CONFIG=$T/apt.conf run -0 --separate-stderr fetch "$T/m"
	says "has expired: it is dated Thu, 01 Feb 2024 00:00:00 UTC"
	says "NOTICE: taking linux-source-7.4 7.4.1-1 instead"
	result "linux-source-7.4 7.4.1-1 trixie-backports \
$(sha "$T/m" 7.4_7.4.1-1) newest false"
}

@test "expired Release file with a wrong signature is not accepted" {
	mirror --key "$keys/evil" --date 2024-02-01 --valid-until 2024-02-08 \
		"$T/m" "$old"
	run -3 --separate-stderr fetch "$T/m"
	says "bad signature"
	no_result
}

@test "a Release file from the future is an error of the clock" {
	mirror --date '+3 days' "$T/m" "$old"
	run -1 --separate-stderr fetch "$T/m"
	says "is not valid yet"
	no_result
}

@test "SNAPSHOT has what the mirror has lost, expired or not" {
	mirror --date 2024-02-01 --valid-until 2024-02-08 "$T/m" "$old"
	LOCKED=1 SNAPSHOT=file://$T/m run -0 --separate-stderr fetch "$M/lost"
	[ "$stderr" = "mote-fetch: fetching $pinned (1 MB) from file://$T/m" ]
	result "$pinned trixie-backports $sha snapshot true"
}

@test "SNAPSHOT serves when the mirror cannot be reached" {
	SNAPSHOT=file://$M/has run -0 --separate-stderr fetch /nonexistent
	says "file:///nonexistent: suite trixie-backports cannot be read"
	result "$pinned trixie-backports $sha snapshot true"
}

@test "SNAPSHOT is not asked while the mirror has the version" {
	SNAPSHOT=file:///nonexistent run -0 --separate-stderr fetch "$M/has"
	silent_about nonexistent
	result "$pinned trixie-backports $sha mirror true"
}

@test "SNAPSHOT without the version: the mirror's newest, not its own" {
	mirror "$T/m" linux-source-7.99=7.99-1
	SNAPSHOT=file://$T/m run -0 --separate-stderr fetch "$M/lost"
	says "NOTICE: taking linux-source-7.10 7.10.1-1 instead"
	result "$(newest) newest false"
}

@test "SNAPSHOT never gives another version than the pinned one" {
	SNAPSHOT=file://$M/lost run -1 --separate-stderr fetch /nonexistent
	silent_about NOTICE
	no_result
}

@test "SNAPSHOT with a wrong signature or a wrong hash ends it" {
	mirror --key "$keys/evil" "$T/m" "$old"
	SNAPSHOT=file://$T/m run -3 --separate-stderr fetch "$M/lost"
	says "file://$T/m: suite trixie-backports: bad signature"
	mirror --add other "$T/m2" "$old"
	SNAPSHOT=file://$T/m2 run -3 --separate-stderr fetch "$M/lost"
	says "file://$T/m2: $pinned: wrong hash"
	no_result
}

@test "mirror out of reach: exit 1, nothing unlocked is taken" {
	run -1 --separate-stderr fetch /nonexistent
	says "file:///nonexistent: suite trixie-backports cannot be read: "
	no_result
	# Not even what an earlier run has left.
	fetch "$M/lost"
	run -1 --separate-stderr fetch /nonexistent
	says "cannot be read"
}

@test "a mirror that refuses (403) is out of reach, not badly signed" {
	own_apt
	echo 'Acquire::Retries "0";' >"$T/conf/retries"
	cat >"$T/refuse.py" <<-'EOF'
	import http.server
	class Refuse(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        self.send_error(403)
	    def log_message(self, *unused):
	        pass
	server = http.server.HTTPServer(("127.0.0.1", 0), Refuse)
	print(server.server_port, flush=True)
	server.serve_forever()
	EOF
	python3 "$T/refuse.py" >"$T/port" 3>&- &
	server=$!
	for _ in $(seq 50); do
		[ ! -s "$T/port" ] || break
		sleep 0.1
	done
	url=http://127.0.0.1:$(cat "$T/port")
	no_proxy=127.0.0.1 run --separate-stderr "$image/fetch" \
		--lock "$T/lock" --cache "$T/cache" --keyring "$keyring" \
		--mirror "$url" "$T/out"
	kill "$server"
	[ "$status" -eq 1 ]
	says "$url: suite trixie-backports cannot be read: "
	says 403
	no_result
}

@test "listed, but the file is gone: SNAPSHOT, else exit 1" {
	mirror "$T/m" "$old"
	rm "$T/m/pool/linux-source-7.3_7.3.4-1~bpo13+1_all.deb"
	run -1 --separate-stderr fetch "$T/m"
	says "linux-source-7.3: 7.3.4-1~bpo13+1 is listed but not to be had"
	no_result
	SNAPSHOT=file://$M/has run -0 --separate-stderr fetch "$T/m"
	result "$pinned trixie-backports $sha snapshot true"
}

@test "suite has nothing of the package line: exit 1" {
	mirror "$T/m" hello=1.0-1
	run -1 --separate-stderr fetch "$T/m"
	says "suite trixie-backports has no linux-source-7.3 nor its like"
	no_result
}

@test "OFFLINE=1 with an empty cache: exit 1 and what to do" {
	OFFLINE=1 run -1 --separate-stderr fetch "$M/has"
	[ "$stderr" = "mote-fetch: linux-source-7.3: 7.3.4-1~bpo13+1 is not in\
 the cache $T/ca che, and OFFLINE=1 allows no network; run 'make fetch' with\
 network first" ]
	no_result
}

@test "OFFLINE=1 from the cache where there is no network at all" {
	net="unshare -n"
	[ "$(id -u)" -eq 0 ] || net="unshare -rn"
	$net true || skip "no network namespaces here"
	fetch "$M/has"
	rm -r "$T/out"
	OFFLINE=1 LOCKED=1 run -0 --separate-stderr $net "$image/fetch" \
		--lock "$T/lock" --cache "$T/ca che" "$T/out"
	[ "$stderr" = "" ]
	result "$pinned trixie-backports $sha cache true"
}

@test "a corrupt file in the cache is thrown away, and fetched again" {
	fetch "$M/has"
	rm -r "$T/out"
	file="$T/ca che/inputs/$sha/linux-source-7.3_7.3.4-1~bpo13+1.deb"
	printf X | dd of="$file" bs=1 seek=200 conv=notrunc status=none
	run -0 --separate-stderr fetch "$M/has"
	says "$file: wrong hash: sha256 is "
	result "$pinned trixie-backports $sha mirror true"

	rm -r "$T/out"
	printf X | dd of="$file" bs=1 seek=200 conv=notrunc status=none
	OFFLINE=1 run -3 --separate-stderr fetch "$M/has"
	says "$file: wrong hash: sha256 is "
	no_result
}

@test "cache: --cache, then CACHE, then XDG_CACHE_HOME, then HOME" {
	set -- "$image/fetch" --lock "$T/lock" --keyring "$keyring" \
		--mirror "file://$M/has"
	export CACHE=$T/1 XDG_CACHE_HOME=$T/2
	"$@" --cache "$T/0" "$T/out0"
	"$@" "$T/out1"
	unset CACHE
	"$@" "$T/out2"
	unset XDG_CACHE_HOME
	"$@" "$T/out3"
	for dir in 0 1 2/mote home/.cache/mote; do
		[ -d "$T/$dir/inputs/$sha" ]
	done
	unset HOME
	run -1 --separate-stderr "$@" "$T/out4"
	says "HOME is not set; name a directory with --cache"
}

# An apt configuration whose sources are $T/etc; its other directories are
# decoys that nothing may be written to.
own_apt() {
	mkdir -p "$T/etc/parts" "$T/conf" "$T/decoy/state" "$T/decoy/cache"
	export APT_CONFIG=$T/apt.conf
	cat >"$APT_CONFIG" <<-EOF
	Dir::Etc::sourcelist "$T/etc/sources.list";
	Dir::Etc::sourceparts "$T/etc/parts";
	Dir::Etc::parts "$T/conf";
	Dir::State "$T/decoy/state";
	Dir::State::lists "$T/decoy/state/lists";
	Dir::Cache "$T/decoy/cache";
	Dir::Cache::archives "$T/decoy/cache";
	Dir::Cache::pkgcache "$T/decoy/cache/p";
	Dir::Cache::srcpkgcache "$T/decoy/cache/s";
	APT::Default-Release "bookworm";
	APT::Update::Pre-Invoke { "touch $T/decoy/pre"; };
	APT::Update::Post-Invoke { "touch $T/decoy/post"; };
	APT::Update::Post-Invoke-Success { "touch $T/decoy/success"; };
	EOF
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
}

fetch_from_sources() {
	"$image/fetch" --lock "$T/lock" --cache "$T/cache" \
		--keyring "$keyring" "$T/out"
}

@test "the mirror is found in one-line sources" {
	own_apt
	cat >"$T/etc/sources.list" <<-EOF
	# deb file:///comment $codename main
	deb-src file:///source $codename main
	deb file:///security $codename-security main
	deb [arch=amd64 signed-by=/k/other.gpg] file:///other $codename main
	deb file:///contrib $codename contrib
	deb http://[::1]/unmarked $codename main
	  deb	[ signed-by=/k/debian-archive-x.gpg ]  file://$M/has \
	$codename  contrib main # end
	deb file:///later $codename main
	EOF
	run -0 --separate-stderr fetch_from_sources
	says "from file://$M/has"
	result "$pinned trixie-backports $sha mirror true"
}

@test "the mirror is found among sources that name no key" {
	own_apt
	echo 'Acquire::Retries "0";' >"$T/conf/retries"
	cat >"$T/etc/sources.list" <<-EOF
	deb cdrom:[Debian]/ $codename main
	deb [ arch=amd64 ] http://[::1]:9/debian $codename main
	deb file:///later $codename main
	EOF
	no_proxy=::1 run -1 --separate-stderr fetch_from_sources
	says "http://[::1]:9/debian: suite trixie-backports cannot be read"
	sed -i 's/\[ arch=amd64 \]//' "$T/etc/sources.list"
	no_proxy=::1 run -1 --separate-stderr fetch_from_sources
	says "http://[::1]:9/debian: suite trixie-backports cannot be read"
}

@test "the mirror is found in deb822 sources" {
	own_apt
	echo "deb file:///unmarked $codename main" >"$T/etc/sources.list"
	cat >"$T/etc/parts/debian.sources" <<-EOF
	Types: deb
	URIs: file:///security
	Suites: $codename-security
	Components: main

	Enabled: no
	Types: deb
	URIs: file:///disabled
	Suites: $codename
	Components: main
	Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

	Types: deb
	URIs: file:///inline
	Suites: $codename
	Components: main
	Signed-By:
	 -----BEGIN PGP PUBLIC KEY BLOCK-----
	 .
	 abc

	types: deb-src deb
	# a comment within
	uris:
	 file://$M/has
	 file:///second
	SUITES: x
	 $codename $codename-updates
	Components: main contrib
	Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	EOF
	echo "deb file:///ignored $codename main" >"$T/etc/parts/x.list.save"
	run -0 --separate-stderr fetch_from_sources
	says "from file://$M/has"
	result "$pinned trixie-backports $sha mirror true"
}

@test "no mirror in the system's sources: --mirror is named" {
	own_apt
	run -1 --separate-stderr fetch_from_sources
	[ "$stderr" = "mote-fetch: no Debian archive with suite $codename and\
 component main in apt's sources; name one with --mirror URL" ]
	no_result
}

@test "the system's proxy and authentication stay in force" {
	own_apt
	echo 'Acquire::http::Proxy "http://127.0.0.1:9";' >"$T/conf/01proxy"
	echo 'Acquire::Retries "0";' >"$T/conf/02retries"
	apt-config dump | grep -F 'Acquire::http::Proxy "http://127.0.0.1:9";'
	run -1 --separate-stderr "$image/fetch" --lock "$T/lock" \
		--cache "$T/cache" --keyring "$keyring" \
		--mirror http://me:secret@mirror.invalid/debian "$T/out"
	says "http://mirror.invalid/debian: suite trixie-backports cannot be"
	says 127.0.0.1
	silent_about secret
	no_result
}

@test "nothing of the system's apt is changed, no hook runs" {
	own_apt
	list() {
		find /etc/apt /var/lib/apt /var/cache/apt \
			-printf '%p %T@ %s\n' 2>/dev/null | sort
		find "$T/decoy"
	}
	list >"$T/before"
	fetch "$M/lost"
	list | diff "$T/before" -
}

@test "an ordinary user can do it" {
	dir=$(mktemp -d /tmp/mote-user.XXXXXX)
	cp -r "$image/fetch" "$T/lock" "$M/has" "$keyring" "$dir"
	mkdir -m 777 "$dir/w"
	chmod -R a+rX "$dir"
	user=
	[ "$(id -u)" -ne 0 ] ||
		user="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cd /
	HOME=$dir/w TMPDIR=/tmp run --separate-stderr $user "$dir/fetch" \
		--lock "$dir/lock" --cache "$dir/w/cache" \
		--keyring "$dir/keyring.gpg" --mirror "file://$dir/has" \
		"$dir/w/out"
	got=$(cat "$dir/w/out/inputs.txt")
	rm -r "$dir"
	[ "$status" -eq 0 ]
	[ "$stderr" = "mote-fetch: fetching $pinned (1 MB)\
 from file://$dir/has" ]
	[ "$got" = "package $pinned trixie-backports $sha mirror true" ]
}

@test "fetch: wrong usage is exit 2" {
	run -2 --separate-stderr "$image/fetch"
	says "one OUTDIR is wanted, not 0"
	run -2 --separate-stderr "$image/fetch" --frob "$T/out"
	says "--frob: unknown option"
	run -2 --separate-stderr "$image/fetch" --cache
	says "--cache: needs a value"
	run -2 --separate-stderr "$image/fetch" --mirror 'a b' "$T/out"
	says "--mirror: 'a b' is not a URL"
	SNAPSHOT=/dir run -2 --separate-stderr "$image/fetch" "$T/out"
	says "SNAPSHOT: '/dir' is not a URL"
	OFFLINE=yes run -2 --separate-stderr "$image/fetch" "$T/out"
	says "OFFLINE: 'yes' is neither 0 nor 1"
	LOCKED=2 run -2 --separate-stderr "$image/fetch" "$T/out"
	says "LOCKED: '2' is neither 0 nor 1"
}

# bad_lock PROGRAM LINE MESSAGE
bad_lock() {
	printf '#\n%s\n' "$2" >"$T/lock"
	run -3 --separate-stderr "$image/$1" --lock "$T/lock" \
		${4:+"$4"}
	[ "$stderr" = "mote-$1: $T/lock:2: $3" ] || { echo "$stderr"; false; }
}

@test "fetch: a malformed lock is exit 3 and names the line" {
	bad_lock fetch "frob x" "unknown entry" "$T/out"
	bad_lock fetch "package a 1 s" \
		"a package entry has five fields, not 4" "$T/out"
	bad_lock fetch "package ../a 1 s $sha" "malformed package name" "$T/out"
	bad_lock fetch "package ab 1/2 s $sha" "malformed version" "$T/out"
	bad_lock fetch "package ab 1 ../s $sha" "malformed suite" "$T/out"
	bad_lock fetch "package ab 1 s ${sha}0" "malformed sha256" "$T/out"
	bad_lock fetch "# nothing" "end of file, and no package entry" "$T/out"
	run -1 --separate-stderr "$image/fetch" --lock "$T/none" "$T/out"
	[ "$stderr" = "mote-fetch: $T/none: cannot be read" ]
	no_result
}

# A dpkg-query that knows these packages only.
fake_dpkg() {
	mkdir -p "$T/bin"
	cat >"$T/bin/dpkg-query" <<-'EOF'
	#!/bin/sh
	echo "gcc-12 installed 12.2.0-14"
	echo "zstd installed 1.6"
	echo "musl-dev config-files 1.2.3-1"
	exit 1
	EOF
	chmod +x "$T/bin/dpkg-query"
	PATH=$T/bin:$PATH
}

@test "check-tools: same versions are ok and silent" {
	fake_dpkg
	echo "tool gcc-12 12.2.0-14 kernel,root" >>"$T/lock"
	LOCKED=1 run -0 --separate-stderr "$image/check-tools" --lock "$T/lock"
	[ "$output" = "gcc-12 12.2.0-14 12.2.0-14 ok kernel,root" ]
	[ "$stderr" = "" ]
}

@test "check-tools: a difference names the reference values" {
	fake_dpkg
	cat >>"$T/lock" <<-'EOF'
	tool gcc-12 12.2.0-14 kernel,root
	tool zstd 1.60 kernel
	EOF
	run -0 --separate-stderr "$image/check-tools" --lock "$T/lock"
	[ "${lines[1]}" = "zstd 1.60 1.6 differs kernel" ]
	says "notice: zstd: the lock says 1.60, installed is 1.6"
	says "kernel: SNP launch digest, TDX RTMR1, TPM PCR 4"
	silent_about "root hash"

	echo "tool musl-dev 1.2.3-1 root" >>"$T/lock"
	LOCKED=1 run -4 --separate-stderr "$image/check-tools" --lock "$T/lock"
	[ "${lines[2]}" = "musl-dev 1.2.3-1 absent differs root" ]
	says "root: root hash, hence command line: SNP launch digest"
	says "LOCKED=1 allows no other tools"
}

@test "check-tools: no dpkg at all" {
	mkdir "$T/bin"
	for tool in sh awk cut cat dirname paste sort tr; do
		ln -s "$(command -v $tool)" "$T/bin/$tool"
	done
	echo "tool zstd 1.60 kernel" >>"$T/lock"
	run -0 --separate-stderr env PATH="$T/bin" "$image/check-tools" \
		--lock "$T/lock"
	[ "$output" = "zstd 1.60 absent differs kernel" ]
}

@test "check-tools: usage and malformed locks" {
	run -2 --separate-stderr "$image/check-tools" x
	says "x: unknown argument"
	run -2 --separate-stderr "$image/check-tools" --explain frob
	says "--explain: 'frob' is not kernel or root"
	run -1 --separate-stderr "$image/check-tools" --lock "$T/none"
	[ "$stderr" = "mote-check-tools: $T/none: cannot be read" ]
	bad_lock check-tools "frob x" "unknown entry"
	bad_lock check-tools "tool a 1" "a tool entry has four fields, not 3"
	bad_lock check-tools "tool a;b 1 root" "malformed package name"
	bad_lock check-tools "tool ab (1 root" "malformed version"
	bad_lock check-tools "tool ab 1 init" \
		"MOVES is kernel, root or kernel,root, not init"
}

@test "the project's own lock is well formed" {
	run -0 --separate-stderr "$image/check-tools"
	[ "$(grep -c '^package linux-source-' "$image/inputs.lock")" -eq 1 ]
	OFFLINE=1 run -1 --separate-stderr "$image/fetch" --cache "$T/c" \
		"$T/out"
	says "is not in the cache"
}

@test "relock: new package, new and absent tools" {
	fake_dpkg
	cat >>"$T/lock" <<-'EOF'
	# tools
	tool gcc-12 12.2.0-13 kernel,root
	tool musl-dev 1.2.3-1 root
	tool zstd 1.6 kernel
	EOF
	LOCKED=1 SNAPSHOT=file:///no run -0 --separate-stderr relock "$M/lost"
	says "notice: musl-dev is not installed; its entry stays as it is"
	silent_about NOTICE
	diff - "$T/lock" <<-EOF
	# my comment
	package $(newest)
	# tools
	tool gcc-12 12.2.0-14 kernel,root
	tool musl-dev 1.2.3-1 root
	tool zstd 1.6 kernel
	EOF
	diff -b - <(echo "$output") <<-'EOF'
	input old new moves
	linux-source-7.3 7.3.4-1~bpo13+1 linux-source-7.10 7.10.1-1 kernel
	gcc-12 12.2.0-13 12.2.0-14 kernel,root

	Reference values that move:
	  kernel: SNP launch digest, TDX RTMR1, TPM PCR 4 and PCR 9
	  root: root hash, hence command line: SNP launch digest, TDX RTMR2, TPM PCR 9
	EOF
	# Now it is the pinned one, and in the cache.
	OFFLINE=1 LOCKED=1 run -0 --separate-stderr fetch /nonexistent
	result "$(newest) cache true"
}

@test "relock: nothing changed is said, and the lock not touched" {
	relock "$M/lost"
	touch -d 2020-01-01 "$T/lock"
	run -0 --separate-stderr relock "$M/lost"
	[ "$output" = "nothing changed: $T/lock names the newest versions\
 already" ]
	[ "$(stat -c %y "$T/lock" | cut -c 1-4)" = 2020 ]
	nothing_left
}

@test "relock: same version with other bytes is shown" {
	write_lock "$(printf '%064d' 7)"
	run -0 --separate-stderr relock "$M/has"
	grep -F "7.3.4-1~bpo13+1 (other bytes: sha256 $sha)" <<<"$output"
	grep -qF "package $pinned trixie-backports $sha" "$T/lock"
}

@test "relock: expired is said, a wrong signature and OFFLINE=1 refused" {
	cp "$T/lock" "$T/copy"
	mirror --key "$keys/evil" "$T/m" linux-source-7.4=7.4.1-1
	run -3 --separate-stderr relock "$T/m"
	says "bad signature"
	OFFLINE=1 run -1 --separate-stderr relock "$M/has"
	says "OFFLINE=1 allows no network"
	run -1 --separate-stderr relock /nonexistent
	says "cannot be read"
	run -2 --separate-stderr relock "$M/has" --frob
	says "--frob: unknown argument"
	cmp "$T/lock" "$T/copy"

	mirror --date 2024-02-01 --valid-until 2024-02-08 "$T/m2" \
		linux-source-7.4=7.4.1-1
	run -0 --separate-stderr relock "$T/m2"
	says "has expired: it is dated Thu, 01 Feb 2024 00:00:00 UTC"
	grep -q '^package linux-source-7.4 7.4.1-1 ' "$T/lock"
	nothing_left
}
