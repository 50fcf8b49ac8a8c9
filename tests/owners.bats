#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# owners.bats: inside the guest, every file of an image has the owner, mode,
# type, links and bytes that its layer declares.

load lib

setup()
{
	T=$BATS_TEST_TMPDIR
}

# A layer with busybox, a script, and a tree of every kind of file. Prints
# what stat has to say about that tree.
make_layer() # BUSYBOX SCRIPT TAR
{
	python3 - "$@" <<'EOF'
import io, sys, tarfile
busybox, script, out = sys.argv[1:]
expect = []
tar = tarfile.open(out, 'w', format=tarfile.PAX_FORMAT)

def add(name, type, mode, uid=0, gid=0, data=b'', link=''):
    t = tarfile.TarInfo(name)
    t.type, t.mode, t.uid, t.gid, t.linkname = type, mode, uid, gid, link
    t.size = len(data)
    tar.addfile(t, io.BytesIO(data))
    if name.startswith('tree/'):
        kind = {tarfile.REGTYPE: 'regular file', tarfile.DIRTYPE: 'directory',
                tarfile.SYMTYPE: 'symbolic link', tarfile.FIFOTYPE: 'fifo',
                tarfile.LNKTYPE: 'regular file'}[type]
        if not data and kind == 'regular file' and type != tarfile.LNKTYPE:
            kind = 'regular empty file'
        if type == tarfile.SYMTYPE:
            mode = 0o777
        expect.append(f"'/{name}' {mode:o} {uid} {gid} {kind}")

D, F, S, L, P = (tarfile.DIRTYPE, tarfile.REGTYPE, tarfile.SYMTYPE,
                 tarfile.LNKTYPE, tarfile.FIFOTYPE)
add('bin', D, 0o755)
add('bin/busybox', F, 0o755, data=open(busybox, 'rb').read())
add('script', F, 0o644, data=open(script, 'rb').read())
add('tree', D, 0o755)
for n, (mode, uid, gid) in enumerate([
        (0o644, 0, 0), (0o4755, 0, 0), (0o2755, 0, 50), (0o6711, 1000, 1000),
        (0o000, 1000, 1000), (0o444, 65534, 65534), (0o600, 70000, 4000000000),
        (0o1644, 5, 6), (0o7777, 7, 8)]):
    add(f'tree/file{n}', F, mode, uid, gid, b'data %d\n' % n)
    add(f'tree/dir{n}', D, mode, uid, gid)
add('tree/empty', F, 0o640, 3, 4)
add('tree/link', S, 0o777, 1234, 5678, link='file0')
add('tree/dangling', S, 0o777, 9, 9, link='../nowhere/at all')
add('tree/hard', L, 0o644, 0, 0, link='tree/file0')
add('tree/fifo', P, 0o620, 2, 3)
add('tree/sp ace', F, 0o644, 0, 0, b'x')
tar.close()
print('\n'.join(sorted(expect)))
EOF
}

@test "stat in the guest equals the layer" {
	cat > "$T/script" <<'EOF'
/bin/busybox find /tree -mindepth 1 -exec /bin/busybox stat -c "'%n' %a %u %g %F" {} +
echo hard $(/bin/busybox stat -c '%h %i' /tree/file0) $(/bin/busybox stat -c '%h %i' /tree/hard)
/bin/busybox readlink /tree/dangling
/bin/busybox sha256sum /tree/file3
EOF
	make_layer /bin/busybox "$T/script" "$T/layer.tar" > "$T/expect"
	umoci init --layout "$T/oci"
	umoci new --image "$T/oci:x"
	umoci raw add-layer --image "$T/oci:x" "$T/layer.tar"
	umoci config --image "$T/oci:x" --config.entrypoint /bin/busybox \
		--config.cmd sh --config.cmd /script --config.user 0
	echo 'network none
capability add DAC_READ_SEARCH' | make_image "$T/image" "$T/oci"
	boot "$T/image"
	[ "$status" -eq 0 ]
	sed -n "s/^app| \('\/tree.*\)/\1/p" <<< "$output" | LC_ALL=C sort > "$T/got"
	diff "$T/expect" "$T/got"
	[ "$(wc -l < "$T/got")" -ge 24 ]
	has '^app\| \.\./nowhere/at all$'
	has "^app\| $(printf 'data 3\n' | sha256sum | cut -c 1-64) "
	read -r links inode other_links other < <(sed -n "s/^app| hard //p" <<< "$output")
	[ "$links" -eq 2 ] && [ "$other_links" -eq 2 ] && [ "$inode" = "$other" ]
}
