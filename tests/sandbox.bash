# SPDX-License-Identifier: Apache-2.0
# sandbox.bash: copies of the sources in which make can do what it wants.

bats_require_minimum_version 1.5.0

# The build that "make check" made; the variable BUILD would be make's.
OUTER=${OUTER:-$(realpath "${BUILD:-build}")}
export OUTER
TIMEOUT_SCALE=${TIMEOUT_SCALE:-1}
NOBODY=65534

# A command that has to fail; after "!" alone bash goes on whatever happens.
not()
{
	! "$@"
}

# What "make check" or its caller has set belongs to the outer build.
clear_environment()
{
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BUILD IMAGE APP \
		APP_CONFIG FLAVOR PROFILE CACHE OFFLINE LOCKED SNAPSHOT V JOBS \
		TESTS DESTDIR PREFIX WERROR SOURCE_DATE_EPOCH
}

# A folder that every user may enter, unlike those of bats.
make_sandbox()
{
	local dir
	dir=$(mktemp -d "${TMPDIR:-/tmp}/mote-$1.XXXXXX")
	chmod 755 "$dir"
	echo "$dir"
}

copy_sources() # FOLDER
{
	mkdir -p "$1"
	tar --exclude=./build --exclude=./.git --exclude=./config.mk -cf - . |
		tar -C "$1" -xf -
}

# A cache with the pinned source and the kernels of the outer build. Files of
# a cache are only read, but another user needs files of its own.
seed_cache() # FOLDER [cp options]
{
	local cache=$1 flavor key sha deb f
	shift
	sha=$(awk '$1 == "package" { print $5; exit }' "$OUTER/inputs/inputs.txt")
	deb=$(echo "$OUTER"/inputs/linux-source-*.deb)
	mkdir -p "$cache/inputs/$sha"
	cp "$@" "$deb" "$cache/inputs/$sha/" 2> /dev/null ||
		cp "$deb" "$cache/inputs/$sha/"
	for flavor in release debug; do
		key=$(sed -n 's/^key //p' "$OUTER/kernel/$flavor/kernel.txt")
		mkdir -p "$cache/kernel/$key"
		for f in vmlinuz config uapi.tar version; do
			cp "$OUTER/kernel/$flavor/$f" "$cache/kernel/$key/"
		done
		(
			cd "$cache/kernel/$key" || exit
			sha256sum vmlinuz config uapi.tar version > SHA256SUMS
		)
	done
}

# An ordinary user, with a home of its own: as_nobody HOME COMMAND... Whoever
# is one already stays it.
as_nobody()
{
	local home=$1
	shift
	[ "$(id -u)" -eq 0 ] || {
		env -u XDG_CACHE_HOME HOME="$home" "$@"
		return
	}
	setpriv --reuid="$NOBODY" --regid="$NOBODY" --clear-groups --no-new-privs \
		--inh-caps=-all env -u XDG_CACHE_HOME HOME="$home" "$@"
}
