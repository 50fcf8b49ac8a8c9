#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes IGVM files, and measures them apart from mote-measure.

  igvm.py make snp|tdx|both OUT SEED [VCPUS]   a valid file, made of a seed
  igvm.py digest FILE [PLATFORM [ORDER [VCPUS [SIG]]]]
  igvm.py pages FILE [PLATFORM [ORDER]]        type, gpa and digest so far
  igvm.py sign FILE [VCPUS]                    puts the digest into the ID block
  igvm.py reject DIR                           one file for each refusal, and
      DIR/list: file, exit status, message and arguments, with tabs between

PLATFORM is snp or tdx, ORDER file or qemu.
"""
import hashlib
import os
import random
import struct
import sys
import zlib

PAGE = 4096
FIXED = 24
VMSA_GPA = 0xFFFFFFFFF000
SNP, TDX = 2, 3
PLATFORM, POLICY = 0x1, 0x101
AREA, PAGE_DATA, INSERT, VP_CONTEXT, REQUIRED, ID_BLOCK = (
    0x301,
    0x302,
    0x303,
    0x304,
    0x305,
    0x30B,
)
VP_COUNT, MADT, MEMORY_MAP, COMMAND_LINE, ENVIRONMENT = (
    0x307,
    0x309,
    0x30C,
    0x30E,
    0x313,
)
TWO_MB, UNMEASURED, SHARED = 1, 2, 4
ID_SIZE = 696


class Header:
    """One variable header; the offset of data is filled in at the end."""

    def __init__(self, kind, content, data=None, data_field=None):
        self.kind, self.content = kind, bytearray(content)
        self.data, self.data_field = data, data_field
        self.at = None
        self.length = None  # what it says, if not the truth
        self.pad = 0

    def set(self, form, offset, value):
        struct.pack_into("<" + form, self.content, offset, value)
        return self


def platform(mask, kind, vtl=0, version=1, boundary=0):
    return Header(PLATFORM, struct.pack("<IBBHQ", mask, vtl, kind, version, boundary))


def policy(value=0x30000, mask=1):
    return Header(POLICY, struct.pack("<QII", value, mask, 0))


def area(size, index, data=None):
    return Header(AREA, struct.pack("<QII", size, index, 0), data, 12)


def page(gpa, data=None, flags=0, kind=0, mask=1):
    return Header(PAGE_DATA, struct.pack("<QIIIHH", gpa, mask, 0, flags, kind, 0), data, 12)


def insert(gpa, index, mask=1):
    return Header(INSERT, struct.pack("<QII", gpa, mask, index))


def parameter(kind, index, offset=0):
    return Header(kind, struct.pack("<II", index, offset))


def vp_context(index, data, gpa=VMSA_GPA, mask=1):
    return Header(VP_CONTEXT, struct.pack("<QIIHH", gpa, mask, 0, index, 0), data, 12)


def required(gpa, size, mask=1):
    return Header(REQUIRED, struct.pack("<QIIII", gpa, mask, size, 0, 0))


def id_block(digest=bytes(48), mask=1):
    h = Header(ID_BLOCK, bytes(ID_SIZE))
    h.set("I", 0, mask).set("I", 88, 1).set("I", 92, 7).set("I", 96, 1)
    h.content[8:56] = digest
    h.content[56:72] = bytes(range(16))
    h.content[72:88] = bytes(range(16, 32))
    h.content[104:400] = bytes(i % 251 for i in range(296))
    return h


class File:
    """Headers in their order."""

    def __init__(self, headers):
        self.h = headers
        self.vars_at = FIXED
        self.version = 1
        self.fixed = {}  # offset of a field of the fixed header: its value
        self.crc = None

    def find(self, kind, nth=0):
        return [h for h in self.h if h.kind == kind][nth]

    def layout(self):
        at = self.vars_at
        for h in self.h:
            h.at = at
            at += 8 + -(-len(h.content) // 8) * 8
        return at

    def build(self):
        end = self.layout()
        out = bytearray()
        data = bytearray()
        for h in self.h:
            if h.data is not None:
                h.set("I", h.data_field, end + len(data))
                data += h.data
            length = len(h.content) if h.length is None else h.length
            out += struct.pack("<II", h.kind, length) + h.content
            out += bytes([h.pad]) * (-len(h.content) % 8)
        fixed = bytearray(
            struct.pack(
                "<IIIIII",
                0x4D564749,
                self.version,
                self.vars_at,
                len(out),
                self.vars_at + len(out) + len(data),
                0,
            )
        )
        for offset, value in self.fixed.items():
            struct.pack_into("<I", fixed, offset, value)
        crc = zlib.crc32(bytes(fixed + out)) if self.crc is None else self.crc
        struct.pack_into("<I", fixed, 20, crc)
        return bytes(fixed + bytes(self.vars_at - FIXED) + out + data)


def vmsa(sig=0x00A00F11, eip=0xFFFFFFF0, features=1):
    """The processor as QEMU resets it, from the table of the specification."""
    p = bytearray(PAGE)

    def seg(at, selector, attrib, limit, base):
        struct.pack_into("<HHIQ", p, at, selector, attrib, limit, base)

    def put(form, at, value):
        struct.pack_into("<" + form, p, at, value)

    for at in (0x00, 0x30, 0x40, 0x50):  # es ds fs gs
        seg(at, 0, 0x93, 0xFFFF, 0)
    seg(0x10, 0xF000, 0x9B, 0xFFFF, eip & 0xFFFF0000)
    seg(0x20, 0, 0x93, 0xFFFF, 0)
    seg(0x60, 0, 0, 0xFFFF, 0)
    seg(0x80, 0, 0, 0xFFFF, 0)
    seg(0x70, 0, 0x82, 0xFFFF, 0)
    seg(0x90, 0, 0x8B, 0xFFFF, 0)
    put("Q", 0xD0, 0x1000)
    put("Q", 0x148, 0x40)
    put("Q", 0x158, 0x10)
    put("Q", 0x160, 0x400)
    put("Q", 0x168, 0xFFFF0FF0)
    put("Q", 0x170, 2)
    put("Q", 0x178, eip & 0xFFFF)
    put("Q", 0x268, 0x0007040600070406)
    put("Q", 0x310, sig)
    put("Q", 0x3B0, features)
    put("Q", 0x3E8, 1)
    put("I", 0x408, 0x1F80)
    put("H", 0x410, 0x37F)
    return p


# Measuring, by the tables of the specification (snp.md 1.1, 4.2; tdx.md 1.2).


class Parsed:
    """What a well-formed file says, without any of the checks."""

    def __init__(self, raw):
        self.raw = raw
        at, size = struct.unpack_from("<II", raw, 8)
        end = at + size
        self.masks, self.directives, self.id_at = {}, [], None
        areas, index = {}, 0
        while at < end:
            kind, length = struct.unpack_from("<II", raw, at)
            c = raw[at + 8 : at + 8 + length]
            if kind == PLATFORM:
                self.masks[c[5]] = struct.unpack_from("<I", c)[0]
            elif kind == AREA:
                number, name, _ = struct.unpack("<QII", c)
                areas[name] = number
            elif kind == PAGE_DATA:
                gpa, mask, data, flags, what, _ = struct.unpack("<QIIIHH", c)
                self.directives.append((kind, index, mask, gpa, data, flags, what))
            elif kind == INSERT:
                gpa, mask, name = struct.unpack("<QII", c)
                self.directives.append((kind, index, mask, gpa, areas[name], 0, 0))
            elif kind == VP_CONTEXT:
                gpa, mask, data, vp, _ = struct.unpack("<QIIHH", c)
                self.directives.append((kind, index, mask, gpa, data, 0, vp))
            elif kind == ID_BLOCK:
                self.id_at = at + 8
            if 0x301 <= kind <= 0x400:
                index += 1
            at += 8 + -(-length // 8) * 8

    def data(self, offset):
        return self.raw[offset : offset + PAGE] if offset else bytes(PAGE)

    def of(self, kind):
        mask = self.masks[kind]
        return [d for d in self.directives if d[2] & mask]


def in_qemu_order(directives):
    """Inserted areas at once, a run of pages when it is over."""
    out, run = [], []
    for d in directives:
        if d[0] == INSERT:
            out.append(d)
        elif d[0] == PAGE_DATA:
            if run:
                _, index, mask, gpa, data, flags, what = run[-1]
                same = (flags, what, mask, data == 0)
                if (index + 1, gpa + PAGE, same) != (
                    d[1],
                    d[3],
                    (d[5], d[6], d[2], d[4] == 0),
                ):
                    out += run
                    run = []
            run.append(d)
    return out + run


def snp_pages(f, order):
    """Type and contents of each page but VMSAs, in the order of measuring."""
    directives = f.of(SNP)
    if order == "qemu":
        directives = in_qemu_order(directives)
    for kind, _, _, gpa, data, flags, what in directives:
        if kind == INSERT:
            for at in range(0, data, PAGE):
                yield 4, gpa + at, None
        elif kind == PAGE_DATA and not flags & SHARED:
            if what:
                yield (5 if what == 1 else 6), gpa, None
            elif flags & UNMEASURED:
                yield 4, gpa, None
            else:
                yield 1, gpa, f.data(data)


def snp_steps(f, order="file", vcpus=None, sig=None):
    contexts = {d[6]: f.data(d[4]) for d in f.of(SNP) if d[0] == VP_CONTEXT}
    features = struct.unpack_from("<Q", contexts[0], 0x3B0)[0]
    steps = list(snp_pages(f, order))
    for i in range(vcpus or max(contexts) + 1):
        contents = contexts.get(i) or bytes(vmsa(sig, features=features))
        steps.append((2, VMSA_GPA, contents))
    digest = bytes(48)
    for kind, gpa, contents in steps:
        if contents is None:
            contents_hash = bytes(48)
        else:
            contents_hash = hashlib.sha384(contents).digest()
        info = digest + contents_hash
        info += struct.pack("<HBBIQ", 0x70, kind, 0, 0, gpa)
        digest = hashlib.sha384(info).digest()
        yield ("", "normal", "vmsa", "zero", "unmeasured", "secrets", "cpuid")[
            kind
        ], gpa, digest


def tdx_steps(f):
    h = hashlib.sha384()
    for kind, _, _, gpa, data, flags, _ in f.of(TDX):
        if flags & SHARED or kind not in (PAGE_DATA, INSERT):
            continue
        pages = data // PAGE if kind == INSERT else 1
        extended = kind == PAGE_DATA and not flags & UNMEASURED
        for n in range(pages):
            at = gpa + n * PAGE
            h.update(b"MEM.PAGE.ADD".ljust(16, b"\0") + struct.pack("<Q", at))
            h.update(bytes(104))
            if extended:
                contents = f.data(data)
                for chunk in range(0, PAGE, 256):
                    h.update(b"MR.EXTEND".ljust(16, b"\0"))
                    h.update(struct.pack("<Q", at + chunk) + bytes(104))
                    h.update(contents[chunk : chunk + 256])
            yield ("normal" if extended else "unmeasured"), at, h.digest()


def steps(path, kind=None, order="file", vcpus=None, sig=None):
    with open(path, "rb") as source:
        f = Parsed(source.read())
    if kind == "tdx" or (kind is None and SNP not in f.masks):
        return list(tdx_steps(f))
    return list(snp_steps(f, order, vcpus and int(vcpus), sig and int(sig, 0)))


# Valid files.


def random_pages(r, mask, kinds):
    """Runs of pages at ascending addresses, with gaps or without."""
    gpa, out = 0x1000 * r.randrange(1, 64), []
    for _ in range(r.randrange(3, 30)):
        data = r.choice([None, r.randbytes(PAGE), r.randbytes(7).ljust(PAGE, b"\0")])
        flags = r.choice([0, 0, 0, UNMEASURED])
        if kinds == TDX and r.random() < 0.1:
            flags |= SHARED
        out.append(page(gpa, data, flags, mask=mask))
        gpa += PAGE * (1 if r.random() < 0.7 else r.randrange(2, 4000))
    return out, gpa


def random_guest(r, kind, mask, first_area, vcpus):
    pages, gpa = random_pages(r, mask, kind)
    names = range(first_area, first_area + r.randrange(0, 4))
    setup, inserts = [], []
    for name in names:
        size = PAGE * r.randrange(1, 5)
        data = r.choice([None, r.randbytes(size)])
        setup.append(area(size, name, data))
        setup.append(parameter(r.choice([VP_COUNT, MADT, MEMORY_MAP]), name))
        inserts.append(insert(gpa, name, mask))
        gpa += size + PAGE
    if kind == SNP:
        pages.append(page(gpa, kind=1, mask=mask))
        pages.append(page(gpa + PAGE, r.choice([None, r.randbytes(PAGE)]), kind=2, mask=mask))
        if r.random() < 0.3:
            pages.append(page(gpa + 2 * PAGE, kind=3, mask=mask))
    for one in inserts:
        where = 0 if r.random() < 0.5 else r.randrange(len(pages) + 1)
        pages.insert(where, one)
    pages.append(required(0x1000, 0x100000, mask))
    if kind == SNP:
        sig = r.choice([0x00800F12, 0x00A00F11, 0x00B00F00])
        features = r.choice([1, 1, 0x21])
        contexts = []
        for i in range(vcpus):
            eip = 0xFFFFFFF0 if i == 0 else 0x0080B004
            contexts.append(vp_context(i, vmsa(sig, eip, features), mask=mask))
        r.shuffle(contexts)
        for one in contexts:
            pages.insert(r.randrange(len(pages) + 1), one)
    return setup + pages


def make(kinds, seed, vcpus):
    r = random.Random(seed)
    masks = {kind: 1 << n for n, kind in enumerate(kinds)}
    headers = [platform(masks[kind], kind, r.choice([0, 2])) for kind in kinds]
    headers += [policy(0x30000 | 1 << 16, masks[kind]) for kind in kinds]
    first = 0
    for kind in kinds:
        headers += random_guest(r, kind, masks[kind], first, vcpus)
        first += 8
    if r.random() < 0.3:
        headers.append(Header(0x80000399, r.randbytes(r.randrange(0, 20))))
    f = File(headers)
    f.vars_at = r.choice([FIXED, FIXED, 32])
    return f


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)


def sign(path, vcpus=None):
    """The digest does not depend on the ID block, so it can come last."""
    digest = steps(path, "snp", vcpus=vcpus)[-1][2]
    with open(path, "rb") as source:
        raw = bytearray(source.read())
    f = Parsed(bytes(raw))
    raw[f.id_at + 8 : f.id_at + 56] = digest
    at, size = struct.unpack_from("<II", raw, 8)
    struct.pack_into("<I", raw, 20, 0)
    crc = zlib.crc32(bytes(raw[:FIXED] + raw[at : at + size]))
    struct.pack_into("<I", raw, 20, crc)
    write(path, raw)


def main():
    words = sys.argv[1:]
    if words[:1] == ["make"] and len(words) in (4, 5):
        kinds = {"snp": [SNP], "tdx": [TDX], "both": [SNP, TDX]}[words[1]]
        vcpus = int(words[4]) if len(words) == 5 else 1
        write(words[2], make(kinds, int(words[3]), vcpus).build())
    elif words[:1] == ["digest"] and 2 <= len(words) <= 6:
        print(steps(*words[1:])[-1][2].hex())
    elif words[:1] == ["pages"] and 2 <= len(words) <= 4:
        for kind, gpa, digest in steps(*words[1:]):
            print(f"{kind:<10} 0x{gpa:012x} {digest.hex()}")
    elif words[:1] == ["sign"] and 2 <= len(words) <= 3:
        sign(*words[1:])
    elif words[:1] == ["reject"] and len(words) == 2:
        import igvm_reject

        igvm_reject.write_all(words[1])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
