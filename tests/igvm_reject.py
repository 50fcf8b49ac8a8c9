# SPDX-License-Identifier: Apache-2.0
"""One malformed or unwanted IGVM file for each refusal of mote-measure igvm."""
import os
import struct
import zlib

from igvm import (
    AREA,
    COMMAND_LINE,
    FIXED,
    ID_BLOCK,
    ID_SIZE,
    INSERT,
    MEMORY_MAP,
    PAGE,
    PAGE_DATA,
    PLATFORM,
    POLICY,
    REQUIRED,
    SHARED,
    SNP,
    TDX,
    TWO_MB,
    VMSA_GPA,
    VP_CONTEXT,
    VP_COUNT,
    File,
    Header,
    area,
    id_block,
    insert,
    page,
    parameter,
    platform,
    policy,
    required,
    vmsa,
    vp_context,
)

MAX_GPA = 1 << 52
CASES = []


def base():
    """A valid SEV-SNP file with two vCPUs."""
    return File(
        [
            platform(1, SNP),
            policy(),
            area(2 * PAGE, 7),
            parameter(VP_COUNT, 7, 4096),
            parameter(MEMORY_MAP, 7),
            insert(0x812000, 7),
            page(0x1000, b"\x90" * PAGE),
            page(0x2000),
            page(0x80D000, kind=1),
            page(0x80E000, kind=2),
            required(0x1000, 0x100000),
            vp_context(0, vmsa()),
            vp_context(1, vmsa(eip=0x0080B004)),
        ]
    )


def tdx():
    return File([platform(2, TDX), page(0x1000, b"\x90" * PAGE, mask=2)])


def case(name, message, change, status=3, arguments="", make=base, usage=False):
    """change(f) alters the file and returns the header that the message names."""
    CASES.append((name, message, change, status, arguments, make, usage))


# How fields are altered.


def field(kind, form, offset, value, nth=0):
    return lambda f: f.find(kind, nth).set(form, offset, value)


def fixed(offset, value):
    return lambda f: f.fixed.update({offset: value})


def add(*headers, place=None):
    """Puts headers in; the last of them is named."""

    def change(f):
        for n, header in enumerate(headers):
            f.h.insert(len(f.h) if place is None else place + n, header)
        return headers[-1]

    return change


def remove(kind, nth=0):
    return lambda f: f.h.remove(f.find(kind, nth))


def mark(which, **changed):
    def change(f):
        header = f.find(which)
        for name, value in changed.items():
            setattr(header, name, value)
        return header

    return change


def data_at(kind, value):
    """The offset of the contents, given as it is."""

    def change(f):
        header = f.find(kind)
        header.data = None
        return header.set("I", header.data_field, value)

    return change


def vmsa_field(form, offset, value, nth=0):
    def change(f):
        header = f.find(VP_CONTEXT, nth)
        struct.pack_into("<" + form, header.data, offset, value)
        return header

    return change


def raw(make_bytes):
    def change(f):
        f.build = make_bytes
        return None

    return change


# The fixed header.

for length in (0, 7, 23):
    case(
        f"short-{length}",
        f"{length} bytes are no IGVM file: the fixed header has 24",
        raw(lambda n=length: base().build()[:n]),
    )
case(
    "magic",
    "offset 0x0: 0x4d56474a is not the magic 0x4d564749 of an IGVM file",
    fixed(0, 0x4D56474A),
)
case(
    "version",
    "offset 0x4: format version 2 is not supported, only 1: version 2 is not final",
    fixed(4, 2),
)
SIZE = len(base().build())
END = base().layout()
case(
    "size",
    f"offset 0x10: size {SIZE - 1}, but the file has {SIZE} bytes",
    fixed(16, SIZE - 1),
)
for at in (16, 28):
    case(
        f"headers-at-{at}",
        f"offset 0x8: variable headers at 0x{at:x}: not a multiple of 8 from 0x18 on",
        fixed(8, at),
    )
case(
    "headers-end",
    f"offset 0xc: variable headers at 0x18 with 0x{SIZE:x} bytes end behind the "
    f"file (0x{SIZE:x})",
    fixed(12, SIZE),
)


def wrong_crc(f):
    f.crc = 0x12345678


PLAIN = base().build()
TRUE_CRC = struct.unpack_from("<I", PLAIN, 20)[0]
case(
    "crc",
    f"offset 0x14: CRC-32 is 0x12345678, that of the headers is 0x{TRUE_CRC:08x}",
    wrong_crc,
)

# Headers in general.

def cut_section(extra):
    """A section that ends in the middle of its last header."""

    def make_bytes():
        out = bytearray(base().build())
        struct.pack_into("<I", out, 12, END - FIXED - extra)
        struct.pack_into("<I", out, 20, 0)
        crc = zlib.crc32(bytes(out[: END - extra]))
        struct.pack_into("<I", out, 20, crc)
        return bytes(out)

    return raw(make_bytes)


LAST = END - 32
case(
    "header-cut",
    f"offset 0x{LAST:x}: header of type 0x304 with 20 bytes ends behind the "
    "variable headers",
    cut_section(8),
)
case(
    "padding-cut",
    f"offset 0x{LAST:x}: header of type 0x304 is not padded with zeros to 8 bytes",
    cut_section(4),
)
case(
    "header-type-cut",
    f"offset 0x{LAST:x}: header of type 0x304 with 0 bytes ends behind the "
    "variable headers",
    cut_section(28),
)
case(
    "padding",
    "offset {at}: header of type 0x304 is not padded with zeros to 8 bytes",
    mark(VP_CONTEXT, pad=1),
)
case(
    "order-platform",
    "offset {at}: header of type 0x1 stands behind those of a later section",
    add(platform(2, TDX), place=2),
)
case(
    "order-policy",
    "offset {at}: header of type 0x101 stands behind those of a later section",
    add(policy()),
)
for kind in (0x102, 0x104, 0x2FF, 0x306, 0x30D, 0x311, 0x400, 0x401, 0x0):
    place = 2 if kind in (0x102, 0x104, 0) else None
    case(
        f"type-{kind:x}",
        f"offset {{at}}: header type 0x{kind:x} is not supported",
        add(Header(kind, bytes(8)), place=place),
    )
case(
    "ignorable",
    "offset {at}: PAGE_DATA may be ignored (type 0x80000302): loaders would measure "
    "it or not",
    mark(PAGE_DATA, kind=0x80000302),
)
case(
    "length",
    "offset {at}: PAGE_DATA has 32 bytes, not 24",
    add(Header(PAGE_DATA, bytes(32))),
)
case(
    "too-many",
    "more than 1048576 variable headers",
    lambda f: setattr(f, "h", f.h + [Header(0x80000399, b"")] * (1 << 20)),
)

# Platforms and policy.

for mask in (0, 3):
    case(
        f"platform-mask-{mask}",
        f"offset {{at}}: compatibility mask 0x{mask:x} of a platform is not one bit",
        field(PLATFORM, "I", 0, mask),
    )
case(
    "platform-vtl",
    "offset {at}: highest VTL 1 is neither 0 nor 2",
    field(PLATFORM, "B", 4, 1),
)
case(
    "platform-type",
    "offset {at}: platform type 6 is not supported",
    field(PLATFORM, "B", 5, 6),
)
case(
    "platform-version",
    "offset {at}: platform version 2 is not 1",
    field(PLATFORM, "H", 6, 2),
)
case(
    "platform-twice",
    "offset {at}: platform SEV-SNP for the second time",
    add(platform(2, SNP), place=1),
)
case(
    "platform-same-mask",
    "offset {at}: compatibility mask 0x1 for the second time",
    add(platform(1, TDX), place=1),
)
for kind, name in ((0, "native"), (1, "VSM")):
    case(
        f"platform-boundary-{kind}",
        f"offset {{at}}: platform {name} with shared GPA boundary 0x1000",
        add(platform(2, kind, boundary=0x1000), place=1),
    )
case("platform-none", "no SUPPORTED_PLATFORM header", lambda f: setattr(f, "h", []))
for kind, name in ((0, "native"), (1, "VSM"), (4, "SEV"), (5, "SEV-ES")):
    case(
        f"platform-{kind}",
        f"not for SEV-SNP or TDX, but for {name}",
        lambda f, k=kind: setattr(f, "h", [platform(1, k)]),
    )
case(
    "platform-not-snp",
    "not for SEV-SNP, but for TDX",
    lambda f: None,
    make=tdx,
    arguments="--platform snp",
)
case(
    "platform-not-tdx",
    "not for TDX, but for SEV-SNP and others",
    add(platform(2, 0), place=1),
    arguments="--platform tdx",
)
case(
    "platform-both",
    "{path}: for SEV-SNP and for TDX: --platform is missing",
    add(platform(2, TDX), place=1),
    status=2,
    usage=True,
)
case(
    "policy-mask",
    "offset {at}: compatibility mask 0x2 is not of the platforms 0x1",
    field(POLICY, "I", 8, 2),
)
case(
    "policy-reserved",
    "offset {at}: reserved field of GUEST_POLICY is 0x5",
    field(POLICY, "I", 12, 5),
)
case(
    "policy-twice",
    "offset {at}: second GUEST_POLICY for SEV-SNP",
    add(policy(), place=2),
)
case("policy-none", "no GUEST_POLICY for SEV-SNP", remove(POLICY))
case(
    "policy-bit-17",
    "policy 0x10000 has bit 17 clear, which must be set",
    field(POLICY, "Q", 0, 0x10000),
)

# Directives.

DATA = f"is not in the file data 0x{END:x}..0x"
for kind, name in ((PAGE_DATA, "page"), (VP_CONTEXT, "vmsa")):
    for where, value in (("before", END - 1), ("end", SIZE), ("far", 0xFFFFFFFF)):
        case(
            f"{name}-data-{where}",
            f"offset {{at}}: data at 0x{value:x} with 0x1000 bytes {DATA}{{size}}",
            data_at(kind, value),
        )
case(
    "area-data",
    f"offset {{at}}: data at 0x{SIZE - 2 * PAGE + 1:x} with 0x2000 bytes {DATA}{{size}}",
    data_at(AREA, SIZE - 2 * PAGE + 1),
)
for kind, name in ((PAGE_DATA, "page"), (INSERT, "insert"), (REQUIRED, "required")):
    case(
        f"{name}-gpa",
        "offset {at}: gpa 0x1800 is not a multiple of 4096",
        field(kind, "Q", 0, 0x1800),
    )
    case(
        f"{name}-mask",
        "offset {at}: compatibility mask 0x3 is not of the platforms 0x1",
        field(kind, "I", 8, 3),
    )
    case(
        f"{name}-mask-0",
        "offset {at}: compatibility mask 0x0 is not of the platforms 0x1",
        field(kind, "I", 8, 0),
    )
case(
    "page-high",
    f"offset {{at}}: gpa 0x{MAX_GPA:x} with 0x1000 bytes ends above the 52 bits of an "
    "address",
    field(PAGE_DATA, "Q", 0, MAX_GPA),
)
case(
    "insert-high",
    f"offset {{at}}: gpa 0x{MAX_GPA - PAGE:x} with 0x2000 bytes ends above the 52 bits "
    "of an address",
    field(INSERT, "Q", 0, MAX_GPA - PAGE),
)
case(
    "insert-wraps",
    f"offset {{at}}: gpa 0x{2**64 - PAGE:x} with 0x2000 bytes ends above the 52 bits "
    "of an address",
    field(INSERT, "Q", 0, 2**64 - PAGE),
)
case(
    "required-size",
    "offset {at}: size 0x801 is not a multiple of 4096",
    field(REQUIRED, "I", 12, 0x801),
)
case(
    "required-flags",
    "offset {at}: reserved field is 0x2",
    field(REQUIRED, "I", 16, 3),
)
case(
    "required-reserved",
    "offset {at}: reserved field is 0x9",
    field(REQUIRED, "I", 20, 9),
)
case("page-reserved", "offset {at}: reserved field is 0x1", field(PAGE_DATA, "H", 22, 1))
case(
    "page-flags",
    "offset {at}: flags 0x8 of PAGE_DATA are not supported",
    field(PAGE_DATA, "I", 16, 8),
)
case(
    "page-2mb",
    "offset {at}: pages of 2 MiB are not supported: loaders do not agree on their data",
    field(PAGE_DATA, "I", 16, TWO_MB),
)
case(
    "page-type",
    "offset {at}: data type 4 of PAGE_DATA is not supported",
    field(PAGE_DATA, "H", 20, 4),
)
for size in (0, 0x1001):
    case(
        f"area-size-{size}",
        f"offset {{at}}: parameter area of 0x{size:x} bytes is no whole number of pages",
        field(AREA, "Q", 0, size),
    )
for size in (0x100001000, 1 << 63):
    case(
        f"area-size-{size:x}",
        f"offset {{at}}: parameter area of 0x{size:x} bytes exceeds 0x100000000",
        field(AREA, "Q", 0, size),
    )
case(
    "area-twice",
    "offset {at}: parameter area 7 for the second time",
    add(area(PAGE, 7), place=3),
)
case(
    "area-many",
    "offset {at}: more than 64 parameter areas",
    add(*[area(PAGE, 100 + n) for n in range(64)]),
)
case(
    "insert-unknown",
    "offset {at}: parameter area 8 does not exist",
    field(INSERT, "I", 12, 8),
)
case(
    "insert-twice",
    "offset {at}: parameter area 7 is inserted already",
    add(insert(0x900000, 7)),
)
case(
    "parameter-unknown",
    "offset {at}: parameter area 8 does not exist",
    field(VP_COUNT, "I", 0, 8),
)
case(
    "parameter-late",
    "offset {at}: parameter area 7 is inserted already",
    add(parameter(VP_COUNT, 7)),
)
case(
    "parameter-fit",
    "offset {at}: VP_COUNT at 0x1ffd with 4 bytes does not fit parameter area 7 of "
    "0x2000 bytes",
    field(VP_COUNT, "I", 4, 0x1FFD),
)
case(
    "parameter-far",
    "offset {at}: MEMORY_MAP at 0xffffffff with 24 bytes does not fit parameter area "
    "7 of 0x2000 bytes",
    field(MEMORY_MAP, "I", 4, 0xFFFFFFFF),
)
case(
    "vp-index",
    "offset {at}: VP_CONTEXT of vCPU 4096, the highest is 4095",
    field(VP_CONTEXT, "H", 16, 4096),
)
case(
    "vp-twice",
    "offset {at}: second VP_CONTEXT of vCPU 1",
    add(vp_context(1, vmsa())),
)
case("vp-reserved", "offset {at}: reserved field is 0x4", field(VP_CONTEXT, "H", 18, 4))
case("vp-no-data", "offset {at}: VP_CONTEXT has no data", data_at(VP_CONTEXT, 0))
case(
    "vp-two-platforms",
    "offset {at}: VP_CONTEXT for compatibility mask 0x3, which is not one platform",
    lambda f: (f.h.insert(1, platform(2, 0)), f.find(VP_CONTEXT).set("I", 8, 3))[-1],
)
case(
    "vp-tdx",
    "offset {at}: VP_CONTEXT for compatibility mask 0x2, which is TDX: vCPUs start as "
    "the TDX module resets them",
    add(vp_context(0, vmsa(), gpa=0, mask=2)),
    make=tdx,
)


def author_without(f):
    header = id_block()
    header.content[ID_SIZE - 1] = 1
    f.h.append(header)
    return header


for name, offset, numbers in (
    ("version", 88, (2, 1, 0, 0)),
    ("algorithm", 96, (1, 0, 0, 0)),
    ("author-algorithm", 100, (1, 1, 0, 1)),
):
    case(
        f"id-{name}",
        "offset {at}: SNP_ID_BLOCK version %d, key algorithm %d, author key %d with "
        "algorithm %d: not 1, 1 and twice the same 0 or 1" % numbers,
        lambda f, o=offset, n=numbers: add(
            id_block().set("I", o, n[0] if o == 88 else n[1] if o == 96 else n[3])
        )(f),
    )
case(
    "id-author",
    "offset {at}: SNP_ID_BLOCK version 1, key algorithm 1, author key 2 with algorithm "
    "2: not 1, 1 and twice the same 0 or 1",
    add(id_block().set("B", 4, 2).set("I", 100, 2)),
)
case("id-reserved", "offset {at}: reserved field is 0x100", add(id_block().set("B", 6, 1)))
case(
    "id-author-key",
    "offset {at}: SNP_ID_BLOCK has an author key that is not enabled",
    author_without,
)
case("id-twice", "offset {at}: second SNP_ID_BLOCK", add(id_block(), id_block()))
case(
    "id-tdx",
    "offset {at}: SNP_ID_BLOCK for compatibility mask 0x2, which is not SEV-SNP alone",
    add(id_block(mask=2)),
    make=tdx,
)

# What a guest needs, and what QEMU and KVM do not do.

for kind in (0x308, 0x30A, COMMAND_LINE, 0x30F, 0x310, 0x312):
    name = {
        0x308: "SRAT",
        0x30A: "MMIO_RANGES",
        0x30E: "COMMAND_LINE",
        0x30F: "SLIT",
        0x310: "PPTT",
        0x312: "DEVICE_TREE",
    }[kind]
    case(
        f"qemu-{kind:x}",
        f"offset {{at}}: QEMU does not start with a header of type 0x{kind:x} ({name})",
        add(parameter(kind, 7), place=3),
    )
case(
    "shared",
    "offset {at}: shared page at 0x1000: it is not to be measured, but QEMU does",
    field(PAGE_DATA, "I", 16, SHARED),
)
case(
    "vmsa-gpa",
    f"offset {{at}}: VP_CONTEXT at gpa 0x9000: KVM has all at 0x{VMSA_GPA:x}",
    field(VP_CONTEXT, "Q", 0, 0x9000),
)
case("no-secrets", "no SECRETS page: SEV-SNP guests need one", remove(PAGE_DATA, 2))
case("no-cpuid", "no CPUID page: SEV-SNP guests need one", remove(PAGE_DATA, 3))
case(
    "no-bsp",
    "no VP_CONTEXT of vCPU 0: SEV-SNP guests need its VMSA",
    remove(VP_CONTEXT),
)
for at in (
    0x0A0,  # vmpl0_ssp
    0x0CA,  # vmpl
    0x0CB,  # cpl
    0x0D8,
    0x140,  # xss
    0x180,  # dr0
    0x1E0,  # s_cet
    0x200,  # star
    0x240,  # cr2
    0x2E8,  # pkru
    0x2EC,  # tsc_aux
    0x320,
    0x3B8,  # vintr_ctrl
    0x3C8,  # virtual_tom
    0x400,  # x87_dp
    0x40E,  # x87_fsw
    0x412,  # x87_fop
    0xFFF,
):
    case(
        f"vmsa-{at:03x}",
        f"offset {{at}}: VMSA of vCPU 1: byte 0x{at:03x} is 0x5a: QEMU refuses what it "
        "does not hand to KVM",
        vmsa_field("B", at, 0x5A, 1),
    )
for name, form, at, value, why in (
    ("sev_features", "Q", 0x3B0, 0x20, "SNPActive is bit 0"),
    ("mxcsr", "I", 0x408, 0, "KVM keeps its own"),
    ("x87_fcw", "H", 0x410, 0x40, "KVM keeps its own"),
    ("cr0", "Q", 0x158, 0x40000010, "KVM clears CD and NW"),
    ("cr0", "Q", 0x158, 0x20000010, "KVM clears CD and NW"),
    ("cr4", "Q", 0x148, 0, "KVM sets MCE"),
    ("efer", "Q", 0x0D0, 0x500, "KVM sets SVME"),
    ("rflags", "Q", 0x170, 0, "KVM sets bit 1"),
    ("dr7", "Q", 0x160, 0x401, "KVM does not start with breakpoints"),
    ("xcr0", "Q", 0x3E8, 2, "the x87 state cannot be off"),
    ("ss.attrib", "H", 0x022, 0xF3, "KVM puts its DPL into cpl"),
    ("gdtr.selector and attrib", "I", 0x060, 0x10, "KVM has no such field"),
    ("gdtr.limit", "I", 0x064, 0x1FFFF, "KVM has 16 bits"),
    ("idtr.selector and attrib", "I", 0x080, 0x10000, "KVM has no such field"),
    ("idtr.limit", "I", 0x084, 0xFFFFFFFF, "KVM has 16 bits"),
    ("es.attrib", "H", 0x002, 0x1093, "KVM has 12 bits"),
    ("cs.attrib", "H", 0x012, 0x209B, "KVM has 12 bits"),
    ("ss.attrib", "H", 0x022, 0x4093, "KVM has 12 bits"),
    ("ds.attrib", "H", 0x032, 0x8093, "KVM has 12 bits"),
    ("fs.attrib", "H", 0x042, 0x1093, "KVM has 12 bits"),
    ("gs.attrib", "H", 0x052, 0x1093, "KVM has 12 bits"),
    ("ldtr.attrib", "H", 0x072, 0x1082, "KVM has 12 bits"),
    ("tr.attrib", "H", 0x092, 0x108B, "KVM has 12 bits"),
):
    case(
        f"vmsa-{at:03x}-{value:x}",
        f"offset {{at}}: VMSA of vCPU 0: {name} is 0x{value:x}: {why}",
        vmsa_field(form, at, value),
    )
case(
    "vmsa-tr-base",
    "offset {at}: VMSA of vCPU 0: tr.base is 0x1000: QEMU takes that of ldtr, 0x0",
    vmsa_field("Q", 0x98, 0x1000),
)
case(
    "vmsa-features-differ",
    "offset {at}: VMSA of vCPU 1: sev_features is 0x21: KVM gives all vCPUs that of "
    "the first, 0x1",
    vmsa_field("Q", 0x3B0, 0x21, 1),
)


def twice(gpa, first):
    """A page at gpa, which the header number first fills already."""

    def change(f):
        header = page(gpa)
        f.h.append(header)
        f.layout()
        f.other = f"0x{f.h[first].at:x}"
        return header

    return change


case(
    "overlap",
    "offset {at}: gpa 0x1000 is filled by offset {other} too",
    twice(0x1000, 6),
)
case(
    "overlap-area",
    "offset {at}: gpa 0x813000 is filled by offset {other} too",
    twice(0x813000, 5),
)
case(
    "overlap-vmsa",
    f"offset {{at}}: gpa 0x{VMSA_GPA:x} is filled by offset {{other}} too",
    twice(VMSA_GPA, 11),
)
case(
    "pages",
    "1048581 pages are more than 1048576",
    lambda f: (
        f.find(AREA).set("Q", 0, 1 << 32),
        f.find(INSERT).set("Q", 0, 1 << 40),
        None,
    )[-1],
)
case(
    "tdx-type",
    "offset {at}: data type 1 of PAGE_DATA is none of TDX",
    add(page(0x3000, kind=1, mask=2)),
    make=tdx,
)
case("tdx-empty", "no page for this platform", remove(PAGE_DATA), make=tdx)

# Options that do not fit the file.

case(
    "few-vcpus",
    "offset {at}: QEMU refuses the VP_CONTEXT of vCPU 1 if there are 1 vCPUs",
    lambda f: f.find(VP_CONTEXT, 1),
    arguments="--vcpus 1",
)
case(
    "many-vcpus",
    "{path}: vCPU 2 has no VP_CONTEXT and starts in the reset state: give --cpu or "
    "--vcpu-sig",
    lambda f: None,
    status=2,
    arguments="--vcpus 2-3",
    usage=True,
)
case(
    "tdx-vcpus",
    "--vcpus, --cpu, --vcpu-sig and --order are for SEV-SNP",
    lambda f: None,
    status=2,
    arguments="--vcpus 2",
    make=tdx,
    usage=True,
)
case(
    "bad-platform",
    "--platform: 'sev' is neither snp nor tdx",
    lambda f: None,
    status=2,
    arguments="--platform sev",
    usage=True,
)
case(
    "bad-order",
    "--order: 'kvm' is neither file nor qemu",
    lambda f: None,
    status=2,
    arguments="--order kvm",
    usage=True,
)
case(
    "two-cpus",
    "--cpu and --vcpu-sig: only one CPU",
    lambda f: None,
    status=2,
    arguments="--cpu EPYC-Milan,EPYC-Rome",
    usage=True,
)


def write_all(folder):
    os.makedirs(folder, exist_ok=True)
    lines = []
    for name, message, change, status, arguments, make, usage in CASES:
        f = make()
        header = change(f)
        data = f.build()
        at = f"0x{header.at:x}" if getattr(header, "at", None) else ""
        path = os.path.join(folder, name)
        other = getattr(f, "other", "")
        text = message.format(at=at, size=f"{len(data):x}", other=other, path=path)
        prefix = "mote-measure igvm: " if usage else f"mote-measure: {path}: "
        with open(path, "wb") as out:
            out.write(data)
        lines.append(f"{name}\t{status}\t{prefix}{text}\t{arguments}\n")
    names = [case[0] for case in CASES]
    assert len(names) == len(set(names)), "a name is used twice"
    with open(os.path.join(folder, "list"), "w", encoding="utf-8") as out:
        out.writelines(lines)
