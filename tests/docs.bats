#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docs.bats: the documents say what the sources do, no more and no less.

bats_require_minimum_version 1.5.0

BUILD=${BUILD:-build}

setup()
{
	T=$BATS_TEST_TMPDIR
}

# same FILE FILE: differences are shown; empty lists are a fault of the test.
same()
{
	[ -s "$1" ]
	diff -u "$1" "$2"
}

@test "manual pages: mandoc has no warning" {
	for page in docs/*.[1-9]; do
		run mandoc -Tlint -Wwarning "$page"
		echo "$output"
		[ -z "$output" ]
		# An empty page has no warning either.
		[ "$(mandoc -Tascii "$page" | wc -l)" -gt 20 ]
	done
}

# The words of a log line before its first variable part, from the sources.
kinds_in_source()
{
	python3 - init/*.c <<'EOF2' | sort -u
import re
import sys
for name in sys.argv[1:]:
    with open(name, encoding='utf-8') as f:
        for text in re.findall(r'\blog_msg\(\s*"([^"]*)', f.read()):
            for kind in ('DEBUG IMAGE', 'fatal'):
                if text.startswith(kind):
                    text = kind
            print(text.strip())
EOF2
}

kinds_in_page()
{
	sed -n '/^\.Sh LOG/,/^\.Sh FILES/p' docs/mote-init.8 |
		sed -nE 's/^\.It Li //p' |
		sed -E 's/:? \.\.\.$//; s/ [A-Z]+( .*)?$//
			s/^DEBUG$/DEBUG IMAGE/' | sort -u
}

@test "mote-init(8) lists every kind of log line, and no other" {
	kinds_in_source > "$T/source"
	kinds_in_page > "$T/page"
	cat "$T/source"
	[ "$(wc -l < "$T/source")" -ge 10 ]
	same "$T/source" "$T/page"
}

@test "mote-init(8) lists every word of the command line, and no other" {
	awk '/allowed\[\] = \{/ { inside = 1; next } /\};/ { inside = 0 } inside' \
		init/cmdline.c | grep -oE '"[^"]+"' | tr -d '"' | sort > "$T/source"
	sed -n '/^\.Ss Command line/,/^\.Sh LOG/p' docs/mote-init.8 |
		awk '/^\.Bl/ { inside = 1 } inside' |
		sed -n 's/^\.Li //p' | sort > "$T/page"
	same "$T/source" "$T/page"
	# And they are the words that the build writes.
	[ -f "$BUILD/image/cmdline" ]
	sed 's/"[^"]*"//' "$BUILD/image/cmdline" | tr ' ' '\n' | sort > "$T/line"
	same "$T/source" "$T/line"
}

@test "mote-image(5) lists every directive, and no other" {
	awk '/directives\[\] = \{/ { inside = 1; next } /^\};/ { inside = 0 }
		inside' image/app_config.c |
		grep -oE '^	\{"[a-z]+"' | grep -oE '[a-z]+' | sort > "$T/source"
	sed -n '/^\.Ss Application configuration/,/^\.Sh FILES/p' \
		docs/mote-image.5 | sed -nE 's/^\.It Li ([a-z]+).*/\1/p' |
		sort -u > "$T/page"
	same "$T/source" "$T/page"
}

# A value for each directive of the page, in an order in which all go together.
directives='
hostname guest
output none
grace 5
sysctl net.core.somaxconn=512
address 10.1.2.3/24
gateway 10.1.2.1
nameserver 10.1.2.1
host 10.1.2.9 other
port 80/tcp
writable /data 1M 0750 7:8
arg /bin/app
arg with\sblank
env A=B
user 1:2
workdir /data
rlimit nofile 64:128
restart on-failure 100 3
capability drop all
service before
ready /run/x 5
arg /bin/app'

@test "mote-config accepts every directive of mote-image(5)" {
	printf '%s\n' "$directives" > "$T/app.conf"
	# None is forgotten.
	awk 'NF { print $1 }' "$T/app.conf" | sort -u > "$T/here"
	sed -n '/^\.Ss Application configuration/,/^\.Sh FILES/p' \
		docs/mote-image.5 | sed -nE 's/^\.It Li ([a-z]+).*/\1/p' |
		sort -u | grep -vx network > "$T/page"
	same "$T/page" "$T/here"
	mkdir -p "$T/tree/bin" "$T/tree/data"
	cp /bin/true "$T/tree/bin/app"
	run fakeroot -- "$BUILD/tools/mote-config" --tree "$T/tree" \
		--out "$T/config" --app-config "$T/app.conf" \
		--report "$T/report.json"
	echo "$output"
	[ "$status" -eq 0 ]
	printf 'network none\narg /bin/app\n' > "$T/app.conf"
	fakeroot -- "$BUILD/tools/mote-config" --tree "$T/tree" \
		--out "$T/config" --app-config "$T/app.conf" \
		--report "$T/report.json"
}

@test "mote-image(5) lists every record of /.mote/config, and no other" {
	# From the tables of init/conf.c, and "service", which begins a table.
	{
		awk '/^static const struct record .*\[\] = \{/ { inside = 1; next }
			/^\};/ { inside = 0 } inside' init/conf.c |
			grep -oE '^	\{"[a-z0-9]+"' | grep -oE '[a-z0-9]+'
		grep -oE 'strcmp\([^,]*, "service"\)' init/conf.c |
			grep -oE '"[a-z]+"' | tr -d '"' | sort -u
	} | sort > "$T/source"
	sed -n '/^\.Ss \/.mote\/config/,/^\.Sh EXAMPLES/p' docs/mote-image.5 |
		sed -nE 's/^\.It Li ([a-z0-9]+) .*/\1/p' | sort > "$T/page"
	same "$T/source" "$T/page"
}

@test "mote-image(5) and init agree on the limits" {
	page=$(tr -s ' \n' ' ' < docs/mote-image.5)
	[[ $page == *"at most 131072 bytes"* ]]
	grep -q 'CONF_MAX (128 \* 1024)' init/conf.h
	[[ $page == *"at most 1024 arguments and"* ]]
	grep -q 'CONF_MAX_STRINGS = 1024' init/conf.h
	[[ $page == *"at most 16 services"* ]]
	grep -q 'CONF_MAX_SERVICES = 16' init/conf.h
}

# The files of the repository that speak to a reader.
documents()
{
	find . -name '*.md' -not -path './build/*' -not -path './.git/*'
}

# Words in backquotes and in code blocks.
code_of()
{
	awk '/^```/ { inside = !inside; next } inside' "$1"
	grep -oE '`[^`]+`' "$1" | tr -d '`'
}

@test "every make target that a document names exists" {
	[ -f README.md ]
	make -s help | sed -nE 's/^  make ([a-z-]+) .*/\1/p' | sort > "$T/targets"
	make -npq 2> /dev/null | sed -nE 's/^([a-z][a-z-]+):.*/\1/p' |
		sort -u > "$T/all"
	[ "$(wc -l < "$T/targets")" -ge 8 ]
	for d in $(documents); do
		code_of "$d" | grep -oE '\bmake( +-?[A-Za-z_]+=[^ ]*)* +[a-z][a-z-]*' |
			awk '{ print $NF }' | sort -u > "$T/named"
		grep -vxFf "$T/all" "$T/named" | sed "s|^|$d: make |" || :
	done > "$T/wrong"
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
	# The README names those that a reader needs first.
	for t in image boot check; do
		code_of README.md | grep -qE "make.* $t\b|^make $t"
	done
}

@test "every variable that a document sets exists" {
	[ -f README.md ]
	sed -nE 's/^#= //p' Makefile mk/*.mk | grep -oE '\b[A-Z_]+=' |
		sort -u > "$T/known"
	for d in $(documents); do
		code_of "$d" | grep -E '\bmake\b' | grep -oE '\b[A-Z_]+=' |
			sort -u | grep -vxFf "$T/known" | sed "s|^|$d: |" || :
	done > "$T/wrong"
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
}

@test "every path that a document names exists" {
	[ -f README.md ]
	for d in $(documents); do
		code_of "$d" | grep -oE \
			'(^|[^A-Za-z0-9_/.-])(init|image|kernel-config|measure|firmware|scripts|tests|docs|examples|mk|\.ci)/[A-Za-z0-9_./*-]*' |
			sed -E 's/^[^A-Za-z.]//; s/[.,:;]+$//' | sort -u |
			while read -r path; do
				# shellcheck disable=SC2086 # a pattern
				ls -d $path > /dev/null 2>&1 || echo "$d: $path"
			done
		# Links of Markdown.
		grep -oE '\]\([^)#:]+' "$d" | cut -c 3- | while read -r path; do
			[ -e "$(dirname "$d")/$path" ] || echo "$d: $path"
		done
	done > "$T/wrong"
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
}

@test "every block of shell commands in the documents parses" {
	[ -f README.md ]
	blocks=0
	for d in $(documents); do
		awk -v out="$T/block" '
			/^```sh *$/ { inside = 1; n++; next }
			/^```/ { inside = 0 }
			inside { print > (out n) }' "$d"
		for b in "$T"/block*; do
			[ -e "$b" ] || continue
			blocks=$((blocks + 1))
			sh -n "$b" || { echo "$d: $b"; cat "$b"; return 1; }
			rm "$b"
		done
	done
	[ "$blocks" -ge 2 ]
}

@test "code blocks say of what kind they are, and are closed" {
	for d in $(documents); do
		awk -v d="$d" '
			/^```/ { if (!inside && $0 !~ /^```[a-z]+$/) {
				print d ":" FNR ": " $0; bad = 1 }
				inside = !inside }
			END { exit bad || inside }' "$d"
	done
}

@test "documents speak of the product alone" {
	documents > "$T/documents"
	ls docs/*.[1-9] >> "$T/documents"
	xargs grep -nE '/work/|[Tt]his session|TODO|FIXME|XXX' \
		< "$T/documents" > "$T/wrong" || :
	cat "$T/wrong"
	[ ! -s "$T/wrong" ]
}

@test "every program says the one version" {
	version=$(cat "$BUILD/version")
	for p in scripts/boot "$BUILD/mote-measure" "$BUILD/tools/mote-config" \
		"$BUILD/tools/mote-import"; do
		run -0 "$p" --version
		[[ $output == *" $version" ]]
	done
	grep -q "^## $version$" NEWS.md
}

@test "the README's size of init is that of the image" {
	size=$(jq '.artefacts[] | select(.name == "init").size' \
		"$BUILD/image/manifest.json")
	grep -q "static init of $(((size + 500) / 1000)) KB" README.md
}
