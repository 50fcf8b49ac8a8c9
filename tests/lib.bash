# SPDX-License-Identifier: Apache-2.0
# lib.bash: what the boot tests share. Tests run with the repository as their
# working directory; "make check" sets BUILD and builds what they need.

bats_require_minimum_version 1.5.0

BUILD=${BUILD:-build}
# Two cores may run other work too: all time-outs are generous and scaled.
TIMEOUT_SCALE=${TIMEOUT_SCALE:-1}
BOOT_TIMEOUT=$((120 * TIMEOUT_SCALE))

# A root tree with busybox as /bin/sh and the probe: $1 is the folder.
busybox_tree()
{
	mkdir -p "$1/bin" "$1/etc" "$1/data"
	cp /bin/busybox "$1/bin/busybox"
	cp "$BUILD/tests/probe" "$1/bin/probe"
	for tool in sh cat echo ls sha256sum sleep stat kill id dd tail head \
		touch mkdir grep date sort wc ps cut env true false seq tr awk \
		find readlink nc hostname; do
		ln -sf busybox "$1/bin/$tool"
	done
	printf 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/data:/bin/sh\n' \
		> "$1/etc/passwd"
	printf 'root:x:0:\napp:x:1000:\nextra:x:2000:app\n' > "$1/etc/group"
}

# Builds an image from a tree and APP_CONFIG on standard input, as make image
# does but without make, so that test files can run side by side.
# make_image FOLDER TREE [FLAVOR]
make_image()
{
	local flavor=${3:-release}
	# Read first: the input may be the old file.
	local conf
	conf=$(cat; echo .)
	printf '%s' "${conf%.}" > "$1.conf"
	image/build-image --app "$2" --app-config "$1.conf" \
		--init "$BUILD/init/$flavor/init" \
		--kernel "$BUILD/kernel/$flavor" \
		--tools-dir "$BUILD/tools" --tools "$BUILD/tools.txt" \
		--inputs "$BUILD/inputs/inputs.txt" --work "$1.work" \
		--out "$1" --flavor "$flavor" --profile standalone \
		--version "$(cat "$BUILD/version")" > "$1.log" 2>&1 || {
		cat "$1.log"
		return 1
	}
}

# The built-in example.
example_image() # FOLDER [FLAVOR]
{
	make_image "$1" "$BUILD/example/tree" "${2:-release}" \
		< examples/hello/app.conf
}

# An image whose workload runs a shell script as root: script on standard
# input, further APP_CONFIG lines in the arguments after the folder.
script_image() # FOLDER [LINE...]
{
	local folder=$1
	shift
	rm -rf "$folder.tree"
	busybox_tree "$folder.tree"
	cat > "$folder.tree/script"
	{
		printf 'arg /bin/sh\narg /script\nnetwork none\n'
		for line in "$@"; do echo "$line"; done
	} | make_image "$folder" "$folder.tree"
}

# Boots an image; sets status and output as run of bats does (which warns
# about exit code 127).
boot() # FOLDER [QEMU-OPTION...]
{
	local turn
	for turn in 1 2; do
		status=0
		output=$(scripts/boot --ports none --timeout "$BOOT_TIMEOUT" \
			--memory "${MEMORY:-256}" "$@" 2>&1) || status=$?
		# The emulator itself panics a guest once in many hundred boots.
		if [ "$status" -ne 125 ] || grep -q '^mote' <<< "$output"; then
			break
		fi
		[ $turn -eq 2 ] || echo "# no log, once more: $output" >&3
	done
	echo "$output"
}

# Asserts that the output has a line matching the extended expression.
has()
{
	grep -qE -- "$1" <<< "$output" || {
		echo "no line matches: $1"
		return 1
	}
}

has_not()
{
	if grep -E -- "$1" <<< "$output"; then
		echo "a line matches: $1"
		return 1
	fi
}

# Guest seconds of the first log line matching $1.
when()
{
	sed -nE "s/^mote ([0-9.]+): .*$1.*/\1/p" <<< "$output" | head -n 1
}
