#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# redis.bats: Debian's redis-server, unmodified, as an OCI image, used by
# redis's own clients through the forwarded port.

load lib

setup()
{
	T=$BATS_TEST_TMPDIR
	PORT=$((20000 + RANDOM % 20000))
}

teardown()
{
	[ -z "${boot_pid:-}" ] || kill "$boot_pid" 2> /dev/null || :
}

cli()
{
	redis-cli -p "$PORT" "$@"
}

@test "redis: SET, GET, INFO, SAVE, 20,000 writes, orderly end" {
	examples/redis/make-oci "$T/redis"
	make_image "$T/image" "$T/redis" < /dev/null
	[ "$(jq -c .workload.ports "$T/image/manifest.json")" = \
		'[{"port":6379,"proto":"tcp"}]' ]
	scripts/boot --ports "$PORT:6379" --timeout $((300 * TIMEOUT_SCALE)) \
		"$T/image" > "$T/log" 2>&1 3>&- &
	boot_pid=$!
	for _ in $(seq $((120 * TIMEOUT_SCALE))); do
		if cli ping 2> /dev/null | grep -q PONG; then break; fi
		sleep 0.5
	done
	[ "$(cli set greeting 'hello world')" = OK ]
	[ "$(cli get greeting)" = 'hello world' ]
	cli info server | grep -q '^os:Linux 7\.'
	cli info server | grep -q '^executable:/usr/bin/redis-server'
	[ "$(cli save)" = OK ]
	[ "$(cli lastsave)" -gt 0 ]
	# QEMU's user network takes few connections at a time.
	redis-benchmark -p "$PORT" -c 4 -n 20000 -r 1000000 -t set --csv |
		grep -E '^"SET","[0-9]+' >&2
	[ "$(cli dbsize)" -gt 19000 ]
	[ "$(cli config get dir | tail -n 1)" = /var/lib/redis ]
	cli shutdown nosave || :
	code=0
	wait "$boot_pid" || code=$?
	cat "$T/log"
	[ "$code" -eq 0 ]
	grep -qE '^mote [0-9.]+: start app run 1 pid [0-9]+ uid 101$' "$T/log"
	grep -q 'DB saved on disk' "$T/log"
	grep -qE '^mote [0-9.]+: poweroff code 0$' "$T/log"
	boot_pid=
}
