#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# workload.bats: identity, privileges, files, services of the workload.

load lib

setup()
{
	T=$BATS_TEST_TMPDIR
}

@test "default user: no capabilities, no new privileges, own session" {
	script_image "$T/image" 'user app' 'workdir /data' <<'EOF'
grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs)' /proc/self/status
awk '{ print "session", ($6 == $1 || $6 == $4), "group", ($5 == $1 || $5 == $4) }' /proc/$$/stat
echo "cwd $PWD home $HOME"
readlink /proc/self/fd/0
ls /proc | grep -c '^[0-9]'
ls -l /proc/self/fd | wc -l
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| Uid:.1000.1000.1000.1000$'
	has '^app\| Gid:.1000.1000.1000.1000$'
	has '^app\| Groups:.2000 ?$'
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		has "^app\| $set:.0000000000000000$"
	done
	has '^app\| NoNewPrivs:.1$'
	has '^app\| session 1 group 1$'
	has '^app\| cwd /data home /data$'
	has '^app\| /dev/null$'
}

@test "root: the OCI default capabilities, bounded" {
	script_image "$T/image" <<'EOF'
grep -E '^(Uid|Cap...|NoNewPrivs)' /proc/self/status
mkdir /run/x && cat /proc/1/maps; echo "maps $?"
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	for set in CapPrm CapEff CapBnd; do
		has "^app\| $set:.00000000a80425fb$"
	done
	has '^app\| CapInh:.0000000000000000$'
	has '^app\| NoNewPrivs:.1$'
	has '^app\| maps 1$'
}

@test "capabilities are lowered and added by name" {
	script_image "$T/image" 'user app' 'capability add NET_BIND_SERVICE' <<'EOF'
grep -E '^Cap...' /proc/self/status
EOF
	boot "$T/image"
	has '^app\| CapEff:.0000000000000400$'
	has '^app\| CapBnd:.0000000000000400$'
	has '^app\| CapAmb:.0000000000000400$'
	script_image "$T/image" 'capability drop all' <<'EOF'
grep -E '^Cap...' /proc/self/status
EOF
	boot "$T/image"
	has '^app\| CapEff:.0000000000000000$'
}

@test "resource limits and environment are as configured" {
	script_image "$T/image" 'rlimit nofile 100:200' 'env A=x  y' \
		'env B=\x01\n\xff' <<'EOF'
grep 'Max open files' /proc/self/limits
echo "A=[$A]"
printf '%s' "$B" | sha256sum
EOF
	boot "$T/image"
	has '^app\| Max open files +100 +200'
	has '^app\| A=\[x  y\]$'
	has "^app\| $(printf '\001\n\377' | sha256sum | cut -c 1-64) "
}

@test "every byte but NUL survives in an argument" {
	bytes=$(for i in $(seq 1 255); do printf '\\x%02x' "$i"; done)
	busybox_tree "$T/tree"
	printf '%s' 'printf %s "$1" | sha256sum' > "$T/tree/script"
	printf 'arg /bin/sh\narg /script\narg %s\nnetwork none\n' "$bytes" |
		make_image "$T/image" "$T/tree"
	boot "$T/image"
	expect=$(python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(1, 256)))' |
		sha256sum | cut -c 1-64)
	has "^app\| $expect "
}

@test "mounts: read-only root, nothing executable or privileged elsewhere" {
	script_image "$T/image" 'writable /data 1M 0700 app:extra' <<'EOF'
cut -d ' ' -f 2-4 /proc/mounts
touch /x; echo "root $?"
touch /proc/sys/kernel/x; echo 1 > /proc/sys/kernel/printk; echo "sysctl $?"
stat -c '%a %u %g' /data
dd if=/dev/zero of=/data/f bs=64k count=32 2> /dev/null; echo "full $?"
cp /bin/busybox /tmp/b 2>/dev/null || cat /bin/busybox > /tmp/b; /tmp/b true; echo "noexec $?"
EOF
	boot "$T/image"
	has '^app\| / erofs ro,nosuid,nodev,'
	for m in '/proc proc rw,nosuid,nodev,noexec,.*hidepid=invisible' \
		'/sys sysfs ro,nosuid,nodev,noexec' \
		'/dev devtmpfs rw,nosuid,noexec' \
		'/dev/pts devpts rw,nosuid,noexec' \
		'/dev/shm tmpfs rw,nosuid,nodev,noexec' \
		'/run tmpfs rw,nosuid,nodev,noexec' \
		'/tmp tmpfs rw,nosuid,nodev,noexec' \
		'/sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec' \
		'/sys/kernel/config configfs rw,nosuid,nodev,noexec' \
		'/sys/kernel/security securityfs ro,nosuid,nodev,noexec' \
		'/proc/sys proc ro,nosuid,nodev,noexec' \
		'/data tmpfs rw,nosuid,nodev,noexec,.*size=1024k,mode=700,uid=1000,gid=2000'
	do
		has "^app\| $m"
	done
	has '^app\| root 1$'
	has '^app\| sysctl 1$'
	has '^app\| 700 1000 2000$'
	has '^app\| full 1$'
	has '^app\| noexec 126$'
}

@test "a tmpfs below /run gets its directory from init" {
	script_image "$T/image" 'user app' 'writable /run/app 1M 0700 app:app' <<'EOF'
touch /run/app/socket && stat -c '%a %u %g' /run/app
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| 700 1000 1000$'
}

@test "settings of the kernel, names and addresses are the measured ones" {
	busybox_tree "$T/tree"
	cat > "$T/tree/script" <<'EOF'
cd /proc/sys
grep . kernel/kptr_restrict kernel/yama/ptrace_scope fs/protected_fifos \
	net/ipv6/conf/eth0/accept_ra net/core/somaxconn
hostname
cat /etc/hosts /etc/resolv.conf /etc/hostname
cat /proc/net/fib_trie | grep -c 192.0.2.9
cat /proc/net/if_inet6
cut -f 1-3 /proc/net/route
EOF
	printf '%s\n' 'arg /bin/sh' 'arg /script' 'address 192.0.2.9/28' \
		'gateway 192.0.2.1' 'address 2001:db8::9/64' \
		'gateway 2001:db8::1' 'nameserver 192.0.2.2' \
		'host 192.0.2.3 db.example db' 'hostname web' \
		'sysctl net.core.somaxconn=1000' | make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 0 ]
	has 'kptr_restrict:2$'
	has 'ptrace_scope:3$'
	has 'protected_fifos:2$'
	has 'accept_ra:0$'
	has 'somaxconn:1000$'
	has '^app\| web$'
	has '^app\| nameserver 192.0.2.2$'
	has '^app\| 192.0.2.3.+db.example.+db'
	has '^app\| 20010db8000000000000000000000009 .* 40 .* eth0$'
	has '^app\| eth0.00000000.010200C0'
	has_not 'fec0'
}

@test "orphans: 1,000 double forks are reaped" {
	script_image "$T/image" <<'EOF'
i=0
while [ $i -lt 1000 ]; do (true & ); i=$((i + 1)); done
sleep 1
zombies=$(cat /proc/[0-9]*/stat 2> /dev/null | grep -c ') Z ')
echo "zombies $zombies"
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| zombies 0$'
}

@test "out of memory kills the workload, not process 1" {
	echo 'exec tail /dev/zero' | MEMORY=128 script_image "$T/image"
	MEMORY=128 boot "$T/image"
	[ "$status" -eq 137 ]
	has '^mote [0-9.]+: exit app signal 9 code 137$'
	has '^mote [0-9.]+: poweroff code 137$'
}

@test "restart on-failure: counted starts, doubling delays, then the code" {
	script_image "$T/image" 'restart on-failure 200 3' <<'EOF'
exit 5
EOF
	boot "$T/image"
	[ "$status" -eq 5 ]
	[ "$(grep -cE '^mote [0-9.]+: start app' <<< "$output")" -eq 4 ]
	has 'restart app in 200 ms$'
	has 'restart app in 400 ms$'
	has 'restart app in 800 ms$'
	python3 - "$(when 'start app run 1')" "$(when 'start app run 2')" \
		"$(when 'start app run 3')" "$(when 'start app run 4')" <<'EOF'
import sys
t = [float(x) for x in sys.argv[1:]]
for i, least in enumerate((0.2, 0.4, 0.8)):
    assert t[i + 1] - t[i] >= least, (i, t)
EOF
}

@test "restart on-failure stops at success; always restarts after it" {
	script_image "$T/image" 'restart on-failure 50' <<'EOF'
echo x >> /run/count
[ "$(wc -l < /run/count)" -ge 3 ] || exit 9
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	[ "$(grep -cE ': start app' <<< "$output")" -eq 3 ]
	script_image "$T/image" 'restart always 50 2' <<'EOF'
exit 0
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	[ "$(grep -cE ': start app' <<< "$output")" -eq 3 ]
}

# Three services and the workload; each notes when it runs.
@test "services start in order, each when the one before it is ready" {
	busybox_tree "$T/tree"
	cat > "$T/conf" <<'EOF'
network none
arg /bin/sh
arg -c
arg test -e /run/b/deep/sock && cat /run/order && exit 3
service first
arg /bin/sh
arg -c
arg sleep 0.5; echo first >> /run/order; touch /run/a; exec sleep 1000
ready /run/a 60
service second
arg /bin/sh
arg -c
arg echo second >> /run/order; mkdir /run/b; sleep 0.3; mkdir /run/b/deep; sleep 0.3; touch /run/b/deep/sock; trap 'echo second got TERM; exit 0' TERM; while :; do sleep 0.1; done
ready /run/b/deep/sock 60
service job
arg /bin/true
EOF
	make_image "$T/image" "$T/tree" < "$T/conf"
	boot "$T/image"
	[ "$status" -eq 3 ]
	order=$(grep -oE ': (start|ready) [a-z]+' <<< "$output" | tr -d '\n')
	[ "$order" = ': start first: ready first: start second: ready second: start job: start app' ]
	has '^app\| first$'
	has '^app\| second$'
	has '^second\| second got TERM$'
	python3 - "$(when 'start first')" "$(when 'start second')" \
		"$(when 'start job')" <<'EOF'
import sys
a, b, c = map(float, sys.argv[1:])
assert b - a >= 0.5 and c - b >= 0.6, (a, b, c)
EOF
}

@test "a service that never gets ready, or ends before: code 125" {
	busybox_tree "$T/tree"
	for arg in 'sleep 1000' true; do
		printf '%s\n' 'arg /bin/true' 'network none' 'service slow' \
			'arg /bin/sh' 'arg -c' "arg $arg" 'ready /run/x 1' |
			make_image "$T/image" "$T/tree"
		boot "$T/image"
		[ "$status" -eq 125 ]
		has '^mote [0-9.]+: not ready slow$'
		has_not 'start app'
	done
}

@test "a service that fails for good ends the guest with its code" {
	busybox_tree "$T/tree"
	printf '%s\n' 'arg /bin/sleep' 'arg 1000' 'network none' 'service bad' \
		'arg /bin/sh' 'arg -c' 'arg sleep 0.2; exit 6' |
		make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 6 ]
	has 'exit bad code 6$'
	has 'exit app signal 15 code 143$'
}

@test "shutdown: TERM, grace, KILL; signals reach the whole group" {
	script_image "$T/image" 'grace 1' 'capability add KILL' <<'EOF'
(trap 'echo child got USR1' USR1; while :; do sleep 0.1; done) &
trap 'echo parent got USR1' USR1
trap 'echo parent got TERM' TERM
sleep 0.3
kill -USR1 1
sleep 0.5
kill -TERM 1
while :; do sleep 0.1; done
EOF
	boot "$T/image"
	[ "$status" -eq 137 ]
	has '^app\| child got USR1$'
	has '^app\| parent got USR1$'
	has '^app\| parent got TERM$'
	has '^mote [0-9.]+: stop$'
	has '^mote [0-9.]+: kill$'
	python3 - "$(when 'stop$')" "$(when 'kill$')" <<'EOF'
import sys
a, b = map(float, sys.argv[1:])
assert 1.0 <= b - a < 5, (a, b)
EOF
}

@test "output none keeps the workload's output inside" {
	echo 'echo secret; exit 4' | script_image "$T/image" 'output none'
	boot "$T/image"
	[ "$status" -eq 4 ]
	has_not secret
}

@test "output reopened by name works for an unprivileged workload" {
	echo 'echo through > /dev/stdout; echo error > /dev/stderr' |
		script_image "$T/image" 'user app'
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| through$'
	has '^app\| error$'
}

@test "probe: what must be absent from the kernel is absent" {
	busybox_tree "$T/tree"
	printf 'arg /bin/probe\nnetwork none\ncapability add SYS_ADMIN\ncapability add SYS_RAWIO\ncapability add SYS_MODULE\ncapability add SYS_BOOT\n' |
		make_image "$T/image" "$T/tree"
	boot "$T/image"
	has '^app\| [0-9]+ system calls and [0-9]+ paths tried, 0 present$'
	[ "$status" -eq 0 ]
}

@test "waiting for a path does not keep process 1 busy afterwards" {
	busybox_tree "$T/tree"
	printf '%s\n' 'network none' 'arg /bin/sh' 'arg -c' \
		"arg idle() { awk '/^cpu /{ print \$5 }' /proc/stat; }; a=\$(idle); sleep 3; echo idle \$((\$(idle) - a))" \
		'service db' 'arg /bin/sh' 'arg -c' \
		'arg mkdir /run/db; touch /run/db/sock; exec sleep 1000' \
		'ready /run/db/sock' | make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 0 ]
	# Hundredths of a second.
	[ "$(sed -n 's/^app| idle //p' <<< "$output")" -gt 150 ]
}

@test "root cannot freeze or move process 1 through the control groups" {
	script_image "$T/image" 'grace 1' <<'EOF'
mkdir /sys/fs/cgroup/x; echo "mkdir $?"
echo 1 > /sys/fs/cgroup/app/cgroup.procs; echo "move $?"
cat /proc/self/cgroup
ls /proc/1/cwd/ ; echo "cwd $?"
EOF
	boot "$T/image"
	[ "$status" -eq 0 ]
	has '^app\| mkdir 1$'
	has '^app\| move 1$'
	has '^app\| 0::/app$'
	has '^app\| cwd 1$'
}

@test "a workload that replaces /dev/null cannot stop or use process 1" {
	script_image "$T/image" 'restart on-failure 50' 'output none' <<'EOF'
[ ! -e /run/second ] || exit 3
touch /run/second
rm /dev/null && mkfifo /dev/null
kill -9 $$
EOF
	sed -i 's/restart on-failure 50/restart on-failure 50 1/' "$T/image.conf"
	make_image "$T/image" "$T/image.tree" < <(cat "$T/image.conf")
	boot "$T/image"
	[ "$status" -eq 3 ]
	script_image "$T/image" 'restart on-failure 50 1' <<'EOF'
[ ! -e /run/second ] || { readlink /proc/self/fd/0; head -c 20 <&0; exit 3; }
touch /run/second
rm /dev/null && ln -s /proc/kmsg /dev/null
exit 1
EOF
	boot "$T/image"
	[ "$status" -eq 3 ]
	has '^app\| /dev/null( \(deleted\))?$'
	has_not 'Linux version'
}

@test "a service that crashes before it is ready is not ready when restarted" {
	busybox_tree "$T/tree"
	printf '%s\n' 'arg /bin/true' 'network none' 'service slow' \
		'arg /bin/sh' 'arg -c' 'arg [ -e /run/1 ] && exec sleep 1000; touch /run/1; exit 1' \
		'restart on-failure 50' 'ready /run/x 2' |
		make_image "$T/image" "$T/tree"
	boot "$T/image"
	[ "$status" -eq 125 ]
	has 'start slow run 2'
	has_not 'start app'
}
