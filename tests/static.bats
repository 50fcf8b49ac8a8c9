#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# static.bats: what the sources and the built files are, without running them.

load lib

# A command that has to fail; after "!" alone bash goes on whatever happens.
not()
{
	! "$@"
}

setup()
{
	T=$BATS_TEST_TMPDIR
	INIT=$BUILD/init/release/init
	SYMBOLS=$BUILD/tests/init-symbols
}

# Lines of C that are neither blank nor comment only.
code_lines()
{
	python3 - "$@" <<'EOF2'
import re
import sys
token = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//[^\n]*|/\*.*?\*/',
                   re.S)
total = 0
for name in sys.argv[1:]:
    with open(name, encoding='utf-8') as f:
        text = f.read()
    # A comment becomes its newlines, so that code beside it still counts.
    text = token.sub(lambda m: m.group() if m.group()[0] in '"\''
                     else re.sub(r'[^\n]', '', m.group()) or ' ', text)
    total += sum(1 for line in text.split('\n') if line.strip())
print(total)
EOF2
}

@test "counting lines: blanks and comments do not count, code beside them does" {
	printf '/* a\n b */\n\nint a; // x\n\t\n/* y */ int b;\nchar *c = "/*";\nint d; /*\n*/\n' \
		> "$T/x.c"
	[ "$(code_lines "$T/x.c")" -eq 4 ]
}

@test "init is at most 1500 lines of code" {
	count=$(code_lines init/*.c init/*.h)
	echo "$count lines"
	[ "$count" -le 1500 ]
	[ "$count" -gt 500 ]
}

@test "init is below 64 KiB" {
	for flavor in release debug; do
		size=$(stat -c %s "$BUILD/init/$flavor/init")
		echo "$flavor: $size bytes"
		[ "$size" -lt 65536 ]
	done
}

@test "init is static: no interpreter, no dynamic section" {
	for flavor in release debug; do
		readelf -lW "$BUILD/init/$flavor/init" > "$T/segments"
		grep -q LOAD "$T/segments"
		not grep -E 'INTERP|DYNAMIC' "$T/segments"
		readelf -hW "$BUILD/init/$flavor/init" |
			grep -q 'Type: *EXEC '
	done
}

@test "init has no segment that is writable and executable, no such stack" {
	for flavor in release debug; do
		readelf -lW "$BUILD/init/$flavor/init" > "$T/segments"
		awk '$1 ~ /^(LOAD|GNU_STACK|GNU_RELRO|TLS)$/ {
			flags = ""
			for (i = 7; i < NF; i++) flags = flags $i
			if (flags ~ /W/ && flags ~ /E/) { print; bad = 1 }
			n++ }
			END { exit bad || n < 4 }' "$T/segments"
		grep -qE 'GNU_STACK .* RW +0x' "$T/segments"
		grep -q GNU_RELRO "$T/segments"
	done
}

@test "the program with symbols is the same program" {
	for section in .text .rodata .data; do
		for f in "$INIT" "$SYMBOLS"; do
			objcopy -O binary -j $section "$f" "$T/$(basename "$f")"
		done
		cmp "$T/init" "$T/init-symbols"
	done
	[ -s "$T/init" ]
	[ "$(nm "$INIT" 2> /dev/null | wc -l)" -eq 0 ]
	[ "$(nm "$SYMBOLS" | wc -l)" -gt 100 ]
}

@test "init allocates nothing, starts no shell, reads no environment" {
	nm "$SYMBOLS" | awk '{ print $NF }' | sort -u > "$T/names"
	grep -qx execve "$T/names"
	# musl's start-up code refers to none of these.
	for name in malloc calloc realloc free memalign aligned_alloc strdup \
		brk sbrk mmap system popen getenv secure_getenv execv execvp \
		execvpe execl execlp execle fexecve posix_spawn posix_spawnp \
		dlopen fopen printf fprintf vfprintf sprintf snprintf scanf \
		setenv putenv getopt getopt_long wordexp glob gets; do
		not grep -xE "(__|__libc_)?$name" "$T/names" || {
			echo "$name is linked in"
			return 1
		}
	done
	# The one program that it starts is in the configuration.
	[ "$(grep -cE '\b(exec[a-z]*|posix_spawn[a-z]*)\(' init/*.c |
		awk -F: '{ n += $2 } END { print n }')" -le 2 ]
	strings "$INIT" > "$T/strings"
	[ "$(wc -l < "$T/strings")" -gt 100 ]
	not grep -E '/bin/|/sbin/|/usr/' "$T/strings"
}

@test "kernels are at most 5 MiB" {
	for flavor in release debug; do
		size=$(stat -c %s "$BUILD/kernel/$flavor/vmlinuz")
		echo "$flavor: $size bytes"
		[ "$size" -le $((5 * 1024 * 1024)) ]
	done
}

@test "the root is less than 128 KiB larger than the files of APP" {
	mkdir -p "$T/tree/bin" "$T/tree/data"
	cp "$BUILD/tests/probe" "$T/tree/bin/app"
	head -c 5000000 /dev/urandom > "$T/tree/data/large"
	printf 'arg /bin/app\nnetwork none\n' | make_image "$T/image" "$T/tree"
	# Blocks of 4096 bytes; the hash tree is a 127th of them.
	files=$(find "$T/tree" -type f -printf '%s\n' |
		awk '{ n += int(($1 + 4095) / 4096) * 4096 } END { print n }')
	hashes=$((files / 127))
	size=$(stat -c %s "$T/image/root.img")
	echo "root $size, files $files, their hashes $hashes," \
		"overhead $((size - files - hashes))"
	[ $((size - files - hashes)) -lt 131072 ]
	[ "$(stat -c %s "$BUILD/image/root.img")" -lt $((131072 + 65536)) ]
}

# What is thrown away is said to be harmless, where it is thrown away.
@test "every ignored result in init says why" {
	awk '
	FNR == 1 { said = 0 }
	{ comment = $0 ~ /best effort|cannot fail|ESRCH/ }
	/\(void\) *!?[a-z_]+ *\(/ && !comment && !said {
		print FILENAME ":" FNR ": " $0; bad = 1 }
	# A comment speaks for the line below its end.
	/\/\*/ { inside = 1; text = "" }
	inside { text = text $0 }
	/\*\// { inside = 0; said = text ~ /best effort|cannot fail|ESRCH/; next }
	# An "if" between them does not separate them.
	!inside && !/^[[:blank:]]*(if|for|while) \(.*\)$/ { said = 0 }
	END { exit bad }' init/*.c
}

@test "die and power_off are the only ways to end" {
	# _exit: in power_off, and in the child that could not start a program.
	not grep -nE '\b(exit|abort|_Exit|quick_exit)\(' init/*.c
	[ "$(cat init/*.c | grep -cE '\b_exit\(')" -eq 2 ]
	[ "$(grep -lE '\b_exit\(' init/*.c | tr '\n' ' ')" = "init/log.c init/spawn.c " ]
	[ "$(cat init/*.c | grep -cE '\breboot\(RB_POWER_OFF\)')" -eq 1 ]
}

@test "every file says its licence and its purpose first" {
	git ls-files > "$T/files" 2> /dev/null && [ -s "$T/files" ] ||
		find . -type f -not -path './build/*' -not -path './.git/*' |
		sed 's|^\./||' > "$T/files"
	while read -r f; do
		case $f in
		LICENSE | README.md | NEWS.md | CONTRIBUTING.md | .gitignore | \
			.clang-format | config.mk* | *.patch | *.app.conf | \
			examples/*.conf | docs/*.md | */README.md) continue ;;
		esac
		[ -f "$f" ] || continue
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: Apache-2\.0' ||
			grep -qE '^# [^ ]+: ' <<< "$(head -n 1 "$f")" || {
			echo "$f"
			bad=1
		}
	done < "$T/files"
	[ -z "${bad:-}" ]
}

# lint: one test for each step, so that each one is counted.
lint_step()
{
	run make -s BUILD="$BUILD" "lint-$1"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "lint: shellcheck on every script" {
	lint_step shell
}

@test "lint: clang-format" {
	lint_step format
}

@test "lint: gcc without a warning" {
	lint_step gcc
}

@test "lint: clang without a warning" {
	lint_step clang
}

@test "lint: each header compiles alone" {
	lint_step headers
}

@test "lint: cppcheck" {
	lint_step cppcheck
}

@test "lint: gcc -fanalyzer" {
	lint_step analyzer
}

@test "lint: manual pages" {
	lint_step man
}
