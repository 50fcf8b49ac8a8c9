#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.bats - the workload's definition, compiled against the root tree
#
# Needs the Debian packages fakeroot and python3.

# Each test is a process of its own, and "run" sets stderr. The single quotes
# hold programs for other shells.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup() {
	export BUILD=${BUILD:-build}
	tool=$BUILD/tools/mote-config
	[ -x "$tool" ] || skip "mote-config is not built"
	W=$BATS_TEST_TMPDIR
	T=$W/t
	mkdir -p "$T/etc" "$T/bin" "$T/usr/local/bin"
	echo '#!/bin/sh' >"$T/bin/prog"
	chmod 755 "$T/bin/prog"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh \
		redis:x:999:1000::/home/redis:/bin/sh >"$T/etc/passwd"
	printf '%s\n' root:x:0: redis:x:1000: extra:x:50:redis >"$T/etc/group"
}

# image JSON: makes the configuration of an image with that "config".
image() {
	printf '{"os":"linux","architecture":"amd64","config":%s}' "$1" \
		>"$W/oci"
}

# app LINE...: makes APP_CONFIG.
app() {
	printf '%s\n' "$@" >"$W/app"
}

# compile: with what image and app made.
compile() {
	set --
	[ ! -e "$W/oci" ] || set -- "$@" --oci "$W/oci"
	[ ! -e "$W/app" ] || set -- "$@" --app-config "$W/app"
	fakeroot -- sh -c '"$@" || exit
		cd "$T" && LC_ALL=C find . -printf "%m %U:%G %y %p\n" |
		LC_ALL=C sort -k 4 >"$T/../list"
		stat -c "%a %u:%g" "$T/../config" >"$T/../mode"' sh \
		"$tool" "$@" --tree "$T" --out "$W/config" --report "$W/report"
}

ok() {
	export T
	run -0 --separate-stderr compile
	[ "$output" = "" ]
}

# refused STATUS MESSAGE: nothing is left behind, and the message is exact.
refused() {
	export T
	rm -f "$W/config" "$W/report"
	run "-$1" --separate-stderr compile
	[ "$output" = "" ]
	[ "$stderr" = "mote-config: $2" ] || {
		printf 'is:     %s\nshould: mote-config: %s\n' "$stderr" "$2"
		return 1
	}
	[ ! -e "$W/config" ] && [ ! -e "$W/config.tmp" ] && [ ! -e "$W/report" ]
}

# record WORDS...: the configuration has these strings in a row.
record() {
	python3 - "$W/config" "$@" <<-'EOF'
		import os, sys
		have = open(sys.argv[1], "rb").read()
		want = b"\0" + b"".join(os.fsencode(a) + b"\0" for a in sys.argv[2:])
		assert have.endswith(b"\0end\0")
		assert want in have, (want, have)
	EOF
}

no_record() {
	run ! record "$@"
}

# report EXPRESSION: a Python expression over the report r is true.
report() {
	python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), r' "$W/report" "$1"
}

@test "the whole file for a small image, byte for byte" {
	image '{"Entrypoint":["prog"],"Cmd":["a b",""],"Env":["X=1"]}'
	ok
	printf '%s\n' mote-config-1 hostname mote output 1 grace 10000 \
		addr4 0a00020f 24 gw4 0a000202 \
		addr6 fec00000000000000000000000000015 64 \
		gw6 fec00000000000000000000000000002 \
		service app user 0 0 cwd / caps 00000000a80425fb \
		rlimit 7 1024 524288 rlimit 4 0 0 restart 0 0 0 \
		arg /bin/prog arg 'a b' arg '' env X=1 \
		env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		env HOME=/root end | tr '\n' '\0' >"$W/want"
	cmp "$W/want" "$W/config"
	[ "$(cat "$W/mode")" = "444 0:0" ]
	[ "$stderr" = "" ]
	run -0 cat "$W/list"
	[[ $output == *"755 0:0 d ./dev"* && $output == *"755 0:0 d ./proc"* ]]
	[[ $output == *"755 0:0 d ./sys"* && $output == *"755 0:0 d ./run"* ]]
	[[ $output == *"1777 0:0 d ./tmp"* ]]
	[[ $output == *"644 0:0 f ./etc/hosts"* ]]
	[[ $output == *"644 0:0 f ./etc/hostname"* ]]
	[[ $output == *"644 0:0 f ./etc/resolv.conf"* ]]
	[ "$(cat "$T/etc/hostname")" = mote ]
	[ "$(cat "$T/etc/resolv.conf")" = "nameserver 10.0.2.3" ]
	diff - "$T/etc/hosts" <<-'EOF'
		127.0.0.1 localhost
		::1 localhost
		10.0.2.15 mote
		fec0::15 mote
	EOF
}

@test "another umask, zone and locale change nothing" {
	image '{"Cmd":["prog"],"WorkingDir":"/new/dir"}'
	app 'writable /x/y 1M'
	ok
	cp "$W/config" "$W/config1"
	cp "$W/list" "$W/list1"
	rm -rf "$T/new" "$T/x" "$T/tmp" "$T/etc/hosts"
	umask 077
	TZ=Asia/Tokyo LANG=de_DE.UTF-8 LC_ALL=POSIX ok
	cmp "$W/config" "$W/config1"
	cmp "$W/list" "$W/list1"
	grep -qx '755 0:0 d ./new/dir' "$W/list"
}

@test "every byte but NUL survives in arguments and environment" {
	python3 - "$W/app" <<-'EOF'
		import sys
		every = "".join("\\x%02x" % i for i in range(1, 256))
		with open(sys.argv[1], "wb") as f:
		    f.write(b"arg prog\narg " + every.encode() + b"\n")
		    f.write(b"arg " + bytes(range(0x80, 256)) + b"\n")
		    f.write(b"env A=" + every.encode() + b"\n")
	EOF
	ok
	python3 - "$W/config" "$W/report" <<-'EOF'
		import json, sys
		strings = open(sys.argv[1], "rb").read().split(b"\0")
		every = bytes(range(1, 256))
		at = strings.index(b"arg")
		assert strings[at:at + 6] == [b"arg", b"/bin/prog", b"arg", every,
		                              b"arg", bytes(range(0x80, 256))]
		assert b"A=" + every in strings
		argv = json.load(open(sys.argv[2]))["services"][0]["argv"]
		assert argv[0] == "/bin/prog" and argv[1] == {"hex": every.hex()}
	EOF
}

@test "arg replaces entrypoint and cmd; env replaces and adds" {
	image '{"Entrypoint":["x"],"Cmd":["y"],"Env":["A=1","B=2"]}'
	app 'arg /bin/prog' 'arg z' 'env A=3' 'env C=' 'env HOME=/h'
	ok
	record arg /bin/prog arg z env A=3 env B=2 env C=
	record env C= env HOME=/h env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin end
	no_record arg y
	report 'r["services"][0]["argv"] == ["/bin/prog", "z"]'
}

@test "without any program the message tells what to do" {
	refused 3 'APP_CONFIG: no program to run: a directory or tar does not name one; give it and its arguments in APP_CONFIG, one "arg" line each'
	app '# nothing'
	image '{"Cmd":[],"Entrypoint":null}'
	refused 3 "$W/app: no program to run: the image has neither Entrypoint nor Cmd; give it and its arguments in APP_CONFIG, one \"arg\" line each"
	app 'arg prog' 'service s' 'env A=1'
	refused 3 "$W/app:2: service s has no \"arg\" line: give its program and arguments, one line each"
}

@test "the program is looked up in PATH of the image, inside the tree" {
	ln -s /usr/local/bin "$T/opt"
	ln -s ../../../../bin/prog "$T/usr/local/bin/p"
	mkdir "$T/usr/local/bin/prog"
	image '{"Cmd":["p"],"Env":["PATH=relative::/none:/opt:/bin"]}'
	ok
	record arg /opt/p
	app 'arg prog'
	ok
	record arg /bin/prog
	# /bin/sh of this machine is not in the tree.
	app 'arg sh'
	refused 3 "$W/app:1: service app: program \"sh\" is not in any directory of PATH (relative::/none:/opt:/bin) in the image"
	ln -s /bin/sh "$T/opt2"
	app 'arg /opt2'
	refused 3 "$W/app:1: service app: program /opt2 is not in the image"
	app 'arg /usr/local/bin/prog'
	refused 3 "$W/app:1: service app: program /usr/local/bin/prog is not a regular file"
	app 'workdir /usr/local' 'arg bin/p'
	ok
	record arg /usr/local/bin/p
	app 'env PATH=/usr/local/bin' 'arg prog'
	refused 3 "$W/app:2: service app: program /usr/local/bin/prog is not a regular file"
}

@test "the program must be executable for the service's user" {
	chmod 750 "$T/bin/prog"
	app 'arg prog'
	ok
	app 'user 5:5' 'arg prog'
	refused 3 "$W/app:2: service app: program /bin/prog may not be executed by the service's user"
	app 'user 5:0' 'arg prog'
	ok
	chmod 644 "$T/bin/prog"
	app 'arg prog'
	refused 3 "$W/app:1: service app: program /bin/prog may not be executed by the service's user"
}

@test "a program below a mount point would be hidden" {
	mkdir "$T/tmp"
	cp "$T/bin/prog" "$T/tmp"
	app 'arg /tmp/prog'
	refused 3 "$W/app:1: service app: program /tmp/prog is hidden in the guest by a file system mounted there"
	ln -s /tmp/prog "$T/bin/q"
	app 'arg q'
	refused 3 "$W/app:1: service app: program /bin/q is hidden in the guest by a file system mounted there"
	app 'arg prog' 'writable /bin 1M'
	refused 3 "$W/app:1: service app: program /bin/prog is hidden in the guest by a file system mounted there"
}

@test "users, groups, HOME and capabilities" {
	image '{"Cmd":["prog"],"User":"redis"}'
	ok
	record user 999 1000 group 50 cwd / caps 0000000000000000
	record env HOME=/home/redis
	app 'user 1234' 'capability add NET_BIND_SERVICE'
	ok
	record user 1234 0 cwd / caps 0000000000000400
	record env HOME=/
	app 'user redis:extra'
	ok
	record user 999 50 cwd /
	app 'user 0' 'capability drop MKNOD' 'capability drop CAP_NET_RAW'
	ok
	record caps 00000000a00405fb
	report '"CAP_CHOWN" in r["services"][0]["caps"]'
	app 'user root' 'capability drop all' 'capability add SYS_TIME'
	ok
	record caps 0000000002000000
	report 'r["services"][0]["caps"] == ["CAP_SYS_TIME"]'
	app 'hostname a' 'user nobody'
	refused 3 "$W/app:2: user \"nobody\" is not in the image's /etc/passwd"
	rm "$W/app" "$T/etc/passwd"
	refused 3 "$W/oci: user \"redis\" is named but there is no /etc/passwd in the image"
	mkfifo "$T/etc/passwd"
	refused 3 "/etc/passwd: not a regular file"
}

@test "passwd is read inside the tree only" {
	rm "$T/etc/passwd"
	echo 'evil:x:1:1::/:/' >"$W/outside"
	ln -s "$W/outside" "$T/etc/passwd"
	app 'arg prog' 'user evil'
	refused 3 "$W/app:2: user \"evil\" is named but there is no /etc/passwd in the image"
	rm "$T/etc/passwd"
	ln -s ../../../../../../../real "$T/etc/passwd"
	echo 'good:x:7:8::/:/' >"$T/real"
	app 'arg prog' 'user good'
	ok
	record user 7 8
	head -c 1048577 /dev/zero >"$T/real"
	refused 3 "/etc/passwd: larger than 1048576 bytes"
}

@test "services are written in order, the workload last" {
	app 'arg prog' 'arg main' 'restart on-failure 50 9' 'service one' \
		'arg prog' 'user redis' 'ready /run/one 5' 'rlimit nofile 5:6' \
		'service two' 'arg prog' 'env PATH=/bin'
	image '{"Cmd":["x"],"Env":["PATH=/bin:/x","SECRET=1"],"WorkingDir":"/w"}'
	ok
	record service one user 999 1000 group 50 cwd / caps 0000000000000000 \
		rlimit 7 5 6 rlimit 4 0 0 restart 0 0 0 ready /run/one 5000 \
		arg /bin/prog env PATH=/bin:/x env HOME=/home/redis service two
	record env PATH=/bin env HOME=/root service app user 0 0 cwd /w
	record restart 1 50 9 arg /bin/prog arg main env PATH=/bin:/x \
		env SECRET=1
	report '[s["name"] for s in r["services"]] == ["one", "two", "app"]'
}

@test "guest settings" {
	app 'arg prog' 'hostname box' 'output none' 'grace 3' \
		'sysctl net.core.somaxconn=512' 'address 192.0.2.7/25' \
		'gateway 192.0.2.1' 'nameserver 9.9.9.9' 'host 192.0.2.9 db'
	ok
	record hostname box output 0 grace 3000 \
		sysctl net/core/somaxconn 512 addr4 c0000207 25 gw4 c0000201 \
		service app
	diff - "$T/etc/hosts" <<-'EOF'
		127.0.0.1 localhost
		::1 localhost
		192.0.2.7 box
		192.0.2.9 db
	EOF
	[ "$(cat "$T/etc/resolv.conf")" = "nameserver 9.9.9.9" ]
	report 'r["network"] == {"ipv4": {"address": "192.0.2.7/25",
"gateway": "192.0.2.1"}, "ipv6": None, "nameservers": ["9.9.9.9"]}'
	app 'arg prog' 'address 192.0.2.7/25'
	ok
	[ "$stderr" = "mote-config: notice: no nameserver: the guest knows only the names in /etc/hosts" ]
}

@test "network none" {
	image '{"Cmd":["prog"],"ExposedPorts":{"80/tcp":{}}}'
	app 'network none'
	ok
	no_record addr4
	no_record gw6
	[ ! -s "$T/etc/resolv.conf" ]
	grep -qx '127.0.1.1 mote' "$T/etc/hosts"
	report 'r["ports"] == [] and r["network"]["ipv4"] is None'
}

@test "ports of image and APP_CONFIG are listed once, sorted" {
	image '{"Cmd":["prog"],"ExposedPorts":{"6379/tcp":{},"53/udp":{},"9/sctp":{}}}'
	app 'port 80' 'port 6379'
	ok
	report 'r["ports"] == [{"port": 53, "proto": "udp"},
{"port": 80, "proto": "tcp"}, {"port": 6379, "proto": "tcp"}]'
	[ "$stderr" = "mote-config: notice: port 9/sctp of the image is not listed: only tcp and udp are" ]
}

@test "volumes become tmpfs with owner and mode of the image" {
	image '{"Cmd":["prog"],"Volumes":{"/data/":{},"/new/vol":{}}}'
	mkdir "$T/data"
	fakeroot -s "$W/db" sh -c 'chown 999:1000 "$1"; chmod 2750 "$1"' sh \
		"$T/data"
	fakeroot -i "$W/db" "$tool" --oci "$W/oci" --tree "$T" \
		--out "$W/config" --report "$W/report"
	record tmpfs /data 134217728 2750 999 1000 tmpfs /new/vol 134217728 \
		0755 0 0 service app
	[ -d "$T/new/vol" ]
	report 'r["tmpfs"][0] == {"path": "/data", "bytes": 134217728,
"mode": "2750", "uid": 999, "gid": 1000}'
	app 'writable /data 1G 700 redis' 'writable /new/vol 64K' \
		'writable /opt 2M 1777 5:extra'
	ok
	record tmpfs /data 1073741824 0700 999 1000 tmpfs /new/vol 65536 \
		0755 0 0 tmpfs /opt 2097152 1777 5 50
	app 'writable /opt 2M 1777 nobody'
	refused 3 "$W/app:1: user \"nobody\" is not in the image's /etc/passwd"
}

@test "a tmpfs that hides files is told" {
	mkdir "$T/data" "$T/run" "$T/one"
	touch "$T/data/a" "$T/data/b" "$T/run/x" "$T/one/f"
	image '{"Cmd":["prog"],"Volumes":{"/data":{},"/one":{}}}'
	ok
	[ "$stderr" = "mote-config: notice: the tmpfs /data hides what the image has there: 2 entries
mote-config: notice: the tmpfs /one hides what the image has there: 1 entry
mote-config: notice: the guest mounts a file system on /run and hides what the image has there: 1 entry" ]
	report 'len(r["notices"]) == 3'
}

@test "standard mounts may be given another size" {
	app 'arg prog' 'writable /tmp 256M' 'writable /dev/shm 1G' \
		'writable /run 32M 0775 0:extra'
	ok
	record tmpfs /dev/shm 1073741824 1777 0 0 tmpfs /run 33554432 0775 0 50 \
		tmpfs /tmp 268435456 1777 0 0 service app
	[ ! -e "$T/dev/shm" ]
}

@test "volumes that cannot be mounted are refused by name" {
	local p
	for p in /.mote /.mote/x; do
		app 'arg prog' "writable $p 1M"
		refused 3 "$W/app:2: $p: /.mote belongs to mote itself"
	done
	for p in /proc /sys /dev /dev/x /proc/sys; do
		app 'arg prog' "writable $p 1M"
		refused 3 "$W/app:2: $p: a file system of the kernel is mounted there"
	done
	for p in /run/x/y /tmp/x/y; do
		app 'arg prog' "writable $p 1M"
		refused 3 "$W/app:2: $p: a tmpfs that the guest has anyway is mounted above it"
	done
	app 'arg prog' 'writable / 1M'
	refused 3 "$W/app:2: /: the root directory is read-only and measured"
	app 'arg prog' 'writable /etc 1M'
	refused 3 "$W/app:2: /etc: it would hide the files that mote writes to /etc"
	app 'arg prog' 'writable /bin/prog 1M'
	refused 3 "$W/app:2: /bin/prog: is not a directory in the image"
	app 'arg prog' 'writable /bin/prog/x 1M'
	refused 3 "$W/app:2: /bin/prog/x: a parent is not a directory"
	app 'arg prog' 'writable /a 1M' 'writable /a/b 1M'
	refused 3 "/a/b (line 3) lies inside /a (line 2): a tmpfs inside another is not supported"
	rm "$W/app"
	image '{"Cmd":["prog"],"Volumes":{"/etc":{}}}'
	refused 3 "$W/oci: Volumes: /etc: it would hide the files that mote writes to /etc"
	image '{"Cmd":["prog"],"Volumes":{"/a":{},"/a/b":{}}}'
	refused 3 "/a/b (volume of the image) lies inside /a (volume of the image): a tmpfs inside another is not supported"
}

@test "symlinks in volume paths are resolved inside the tree" {
	mkdir -p "$T/var" "$T/srv/d"
	ln -s /srv "$T/var/s"
	ln -s ../../../../../etc "$T/var/e"
	ln -s /run "$T/var/run"
	ln -s nowhere "$T/var/dangling"
	image '{"Cmd":["prog"],"Volumes":{"/var/s/d":{},"/var/s/new":{},"/srv/d":{},"/var/run/x":{}}}'
	ok
	record tmpfs /srv/d 134217728 0755 0 0 tmpfs /srv/new 134217728 \
		0755 0 0 service app
	[ -d "$T/srv/new" ]
	[ "$stderr" = "mote-config: notice: volume /var/run/x of the image gets no tmpfs of its own: it lies on /run" ]
	app 'writable /var/e 1M'
	refused 3 "$W/app:1: /var/e: it would hide the files that mote writes to /etc"
	app 'writable /var/s/d 1M' 'writable /srv/d 2M'
	refused 3 "$W/app:2: /srv/d: is the same directory as that of line 1"
	app 'writable /var/dangling 1M'
	refused 3 "$W/app:1: /var/dangling: dangling in it is a symlink to nothing"
}

@test "working directories" {
	image '{"Cmd":["prog"],"WorkingDir":"/data//x/"}'
	ok
	record cwd /data/x
	grep -qx '755 0:0 d ./data/x' "$W/list"
	app 'workdir /bin/prog'
	refused 3 "/bin/prog: is not a directory, but the guest needs one there"
	app 'workdir /tmp/x'
	refused 3 "$W/app:1: working directory /tmp/x would not exist in the guest: an empty file system is mounted on /tmp; give another with \"workdir\""
	image '{"Cmd":["prog"],"WorkingDir":"/v/sub","Volumes":{"/v":{}}}'
	rm "$W/app"
	refused 3 "$W/oci: working directory /v/sub would not exist in the guest: an empty file system is mounted on /v; give another with \"workdir\""
	image '{"Cmd":["prog"],"WorkingDir":"/v","Volumes":{"/v":{}}}'
	ok
	record cwd /v
}

@test "what is in the way of mote's own files is replaced or refused" {
	echo keep >"$W/keep"
	ln -s "$W/keep" "$T/etc/hosts"
	ln -s /etc/passwd "$T/etc/resolv.conf"
	app 'arg prog'
	ok
	[ "$(cat "$W/keep")" = keep ]
	[ ! -L "$T/etc/hosts" ] && [ ! -L "$T/etc/resolv.conf" ]
	grep -q '^root:' "$T/etc/passwd"
	rm "$T/etc/hosts"
	mkdir "$T/etc/hosts"
	refused 3 "/etc/hosts: is a directory, but mote writes a file there"
	rm -r "${T:?}/etc"
	mkdir "$W/elsewhere"
	ln -s "$W/elsewhere" "$T/etc"
	refused 3 "/etc: is not a directory, but the guest needs one there"
	[ -z "$(ls -A "$W/elsewhere")" ]
	rm "$T/etc"
	for d in dev proc sys run tmp; do
		rm -rf "${T:?}/$d"
		ln -s bin "$T/$d"
		refused 3 "/$d: is not a directory, but the guest needs one there"
		rm "$T/$d"
		touch "$T/$d"
		refused 3 "/$d: is not a directory, but the guest needs one there"
		rm "$T/$d"
	done
}

@test "a stop signal that differs is told" {
	image '{"Cmd":["prog"],"StopSignal":"SIGQUIT"}'
	ok
	[ "$stderr" = "mote-config: notice: the image wants to be stopped with SIGQUIT; the guest sends SIGTERM, then SIGKILL" ]
	image '{"Cmd":["prog"],"StopSignal":"SIGTERM"}'
	ok
	[ "$stderr" = "" ]
}

@test "limits: strings, and the size of the compiled file" {
	python3 -c 'import json
print(json.dumps({"os": "linux", "architecture": "amd64", "config": {
    "Cmd": ["prog"] + ["x"] * 1021}}))' >"$W/oci"
	ok
	app 'env A=1'
	refused 3 "$W/app: service app: more than 1024 arguments and variables"
	rm "$W/oci"
	app 'arg prog' "arg $(head -c 131000 /dev/zero | tr '\0' x)"
	refused 3 "$W/app: the configuration is larger than 131072 bytes when compiled: arguments and environment are too long"
	# To the byte: grow the argument until the file is full.
	app 'arg prog' "arg $(head -c 130000 /dev/zero | tr '\0' x)"
	ok
	n=$((130000 + 131072 - $(stat -c %s "$W/config")))
	app 'arg prog' "arg $(head -c "$n" /dev/zero | tr '\0' x)"
	ok
	[ "$(stat -c %s "$W/config")" = 131072 ]
	app 'arg prog' "arg $(head -c $((n + 1)) /dev/zero | tr '\0' x)"
	refused 3 "$W/app: the configuration is larger than 131072 bytes when compiled: arguments and environment are too long"
	head -c 1048577 /dev/zero | tr '\0' '\n' >"$W/app"
	refused 3 "$W/app: larger than 1048576 bytes"
	rm "$W/app"
	head -c 1048577 /dev/zero | tr '\0' ' ' >"$W/oci"
	refused 3 "$W/oci: larger than 1048576 bytes"
}

@test "hostile image configurations" {
	python3 -c 'print("{\"config\":" + "[" * 1000 + "]" * 1000 + "}")' \
		>"$W/oci"
	refused 3 "$W/oci: nested deeper than 32 levels"
	echo '{"os":"linux","architecture":"amd64","os":"linux"}' >"$W/oci"
	refused 3 "$W/oci: line 1: not valid JSON: duplicate object key near '\"os\"'"
	image '{"Cmd":"/bin/sh"}'
	refused 3 "$W/oci: Cmd: is not an array of strings"
	image '{"Entrypoint":["prog"],"Env":["A"]}'
	refused 3 "$W/oci: Env: \"A\" is not NAME=VALUE"
	echo '{"os":"linux","architecture":"arm64"}' >"$W/oci"
	refused 3 "$W/oci: the image is for linux/arm64, not for linux/amd64"
	printf '{"os":"linux","architecture":"\033[2J"}' >"$W/oci"
	run -3 compile
	[[ $output != *$'\033'* ]]
	image "{\"Cmd\":[\"/$(printf 'a/%.0s' $(seq 3000))\"]}"
	refused 3 "$W/oci: program name too long"
}

@test "errors of APP_CONFIG name file and line" {
	app 'arg prog' '' '# comment' 'hostname a' 'bogus'
	refused 3 "$W/app:5: unknown directive \"bogus\""
	app 'arg prog' 'hostname a' 'hostname b'
	refused 3 "$W/app:3: duplicate \"hostname\", first on line 2"
}

@test "missing files: exit status 1; wrong usage: 2" {
	app 'arg prog'
	run -1 "$tool" --app-config "$W/none" --tree "$T" --out "$W/c" \
		--report "$W/r"
	[ "$output" = "mote-config: $W/none: cannot open: No such file or directory" ]
	run -1 "$tool" --oci "$W/none" --tree "$T" --out "$W/c" --report "$W/r"
	run -1 "$tool" --app-config "$W/app" --tree "$W/none" --out "$W/c" \
		--report "$W/r"
	[ "$output" = "mote-config: $W/none: cannot open: No such file or directory" ]
	run -1 fakeroot "$tool" --app-config "$W/app" --tree "$T" \
		--out "$W/none/c" --report "$W/r"
	run -2 "$tool"
	[[ $output == "usage: mote-config "* ]]
	run -2 "$tool" --tree a --tree b --out c --report d
	run -2 "$tool" --tree a --out c --report d extra
	run -2 "$tool" --tree a --out c
}
