# SPDX-License-Identifier: Apache-2.0
"""Generated inputs of launch digests: the same seed makes the same ones.

A case is one call of a program: files, settings, and the vCPU counts whose
digests are asked for. Firmware consists of random pages, the GUIDed table with
its entries in random order, and random SEV metadata. What is left out because
an oracle is known to be wrong there stands in README.md.
"""
import dataclasses
import os
import random
import struct
import uuid

PAGE = 4096
FOUR_GIB = 1 << 32
FOOTER = uuid.UUID("96b582de-1fb2-45f7-baea-a366c55a082d")
RESET = uuid.UUID("00f771de-1a7e-4fcb-890e-68c77e2fb44e")
SECRET = uuid.UUID("4c2eb361-7d9b-4cc3-8081-127c90d3d294")
HASHES = uuid.UUID("7255371f-3a3b-4b04-927b-1da6efa8d454")
SEV = uuid.UUID("dc886566-984a-4798-a75e-5585a7bf67cc")
SVSM_INFO = uuid.UUID("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd")
SEC_MEM, SECRETS, CPUID, CAA, KERNEL_HASHES = 1, 2, 3, 4, 0x10

MODELS = ["EPYC", "EPYC-Rome", "EPYC-Milan", "EPYC-Genoa", "EPYC-Turin"]
SIZES = [0, 1, 63, 64, 111, 112, 4095, 4096, 4097, 65536]
CMDLINES = [
    "",
    "console=ttyS0 panic=-1",
    'dm-mod.create="root,,,ro,0 8192 verity 1 /dev/vda /dev/vda" ro',
    "a  b\tc",
    "utf8=\u00e4\u00f6\u00fc \u2603",
    "-not --an=option",
    "x" * 4095,
    "y" * 20000,
]


@dataclasses.dataclass
class Firmware:
    path: str
    verifies_snp: bool  # has a section for the hash table
    verifies_sev: bool  # has an area for it


@dataclasses.dataclass
class Case:
    mode: str  # snp, sev-es, sev, svsm, or snp:ovmf-hash
    firmware: Firmware
    vcpus: list
    vmm: str = "qemu"
    kernel: str = None
    initrd: str = None
    append: str = None
    cpu: str = None  # one of the three, or none
    sig: int = None
    family_model_stepping: tuple = None
    features: int = 1
    svsm: str = None
    vars_size: int = 0
    by_hash: bool = False  # of the firmware, only its last pages are given

    def refused(self):
        """Whether no program may print a digest."""
        if self.kernel is None:
            return False
        if self.mode == "snp":
            return not self.firmware.verifies_snp
        return not self.firmware.verifies_sev


def sections(rng, kernel_hashes):
    """SEV metadata, pages that do not overlap, in random order; and where the
    hashes are."""
    kinds = [SECRETS, CPUID] + [SEC_MEM] * rng.randint(1, 6)
    kinds += [CAA] * rng.randint(0, 2) + [KERNEL_HASHES] * kernel_hashes
    rng.shuffle(kinds)
    slots = rng.sample(range(1, 0x6000), len(kinds))
    out = b""
    where = 0x810000
    for kind, slot in zip(kinds, slots):
        pages = rng.randint(1, 32) if kind in (SEC_MEM, CAA) else 1
        out += struct.pack("<III", slot * 32 * PAGE, pages * PAGE, kind)
        if kind == KERNEL_HASHES:
            where = slot * 32 * PAGE
    return out, where


def entry(guid, data):
    return data + struct.pack("<H", len(data) + 18) + guid.bytes_le


def hash_area(rng, present, page):
    if not present:
        return struct.pack("<II", 0, 0)
    offset = rng.choice([0, 0xC00, PAGE - 176, rng.randrange(PAGE - 176)])
    return struct.pack("<II", page + offset, rng.choice([176, 0x400]))


def image(rng, size, kernel_hashes, area, svsm):
    """Bytes of firmware, or of an SVSM."""
    body = bytearray(rng.randbytes(size))
    meta, where = sections(rng, kernel_hashes)
    meta = struct.pack("<4sIII", b"ASEV", 16 + len(meta), 1, len(meta) // 12) + meta
    at = size - 1024 - rng.randrange(0, min(size, 2 * PAGE) - 1024 - len(meta))
    at -= len(meta)
    body[at : at + len(meta)] = meta
    entries = [entry(SEV, struct.pack("<I", size - at))]
    entries.append(entry(HASHES, hash_area(rng, area, where)))
    entries.append(entry(SECRET, struct.pack("<II", 0x810000, 0xC00)))
    entries.append(entry(RESET, struct.pack("<I", rng.randrange(1, FOUR_GIB))))
    if svsm:
        start = struct.pack("<I", rng.randrange(size))
        entries.append(entry(SVSM_INFO, start))
    for _ in range(rng.randint(0, 3)):
        guid = uuid.UUID(bytes=rng.randbytes(16))
        entries.append(entry(guid, rng.randbytes(rng.randint(0, 40))))
    rng.shuffle(entries)
    table = b"".join(entries)
    footer = struct.pack("<H", len(table) + 18) + FOOTER.bytes_le
    end = size - 32
    body[end - len(table) - 18 : end] = table + footer
    return bytes(body)


class Inputs:
    """Files below a folder, and the cases that use them."""

    def __init__(self, folder, seed, vectors):
        self.folder = folder
        self.rng = random.Random(seed)
        os.makedirs(folder, exist_ok=True)
        self.firmware = [self.make_firmware(i) for i in range(48)]
        self.svsms = [self.make_svsm(i) for i in range(8)]
        self.kernels = [self.blob("kernel", n) for n in SIZES + [700001]]
        self.initrds = [self.blob("initrd", n) for n in SIZES + [300000]]
        self.real, self.real_svsm = [], None
        self.add_fixtures(os.path.join(vectors, "snp", "fixtures"))

    def put(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def blob(self, name, size):
        return self.put(f"{name}-{size}", self.rng.randbytes(size))

    def make_firmware(self, i):
        rng = self.rng
        size = PAGE * rng.choice([1, 2, 3, 16, rng.randint(1, 128)])
        area = i % 12 != 0
        kernel_hashes = area and i % 10 != 1
        data = image(rng, size, kernel_hashes, area, False)
        return Firmware(self.put(f"firmware-{i}", data), kernel_hashes, area)

    def make_svsm(self, i):
        size = PAGE * self.rng.randint(1, 64)
        return self.put(f"svsm-{i}", image(self.rng, size, False, False, True))

    def add_fixtures(self, folder):
        """Firmware as it is distributed, where it is at hand."""
        if not os.path.isdir(folder):
            return
        for name, snp, sev in (
            ("OVMF.amdsev.fd", True, True),
            ("ovmf_AmdSev_suffix.bin", True, True),
            ("ovmf_OvmfX64_suffix.bin", False, False),
        ):
            path = os.path.join(folder, name)
            self.real.append(Firmware(path, snp, sev))
        svsm_firmware = os.path.join(folder, "svsm_ovmf.fd")
        self.real_svsm = (
            Firmware(svsm_firmware, False, False),
            os.path.join(folder, "svsm.bin"),
        )

    def vcpus(self):
        rng = self.rng
        if rng.random() < 0.1:
            first = rng.randint(1, 500)
            return list(range(first, first + rng.randint(2, 12)))
        return [rng.choice([1, 1, 2, 3, 4, 16, 255, 512, rng.randint(1, 512)])]

    def set_cpu(self, case, names, signatures):
        rng = self.rng
        kind = rng.random()
        if kind < 0.6:
            case.cpu = rng.choice(names)
        elif not signatures:
            case.sig = rng.choice(signatures_of_models())
        elif kind < 0.8:
            case.sig = rng.choice(signatures_of_models() + [rng.getrandbits(28)])
        else:
            case.family_model_stepping = (
                rng.randint(15, 60),
                rng.randrange(256),
                rng.randrange(16),
            )

    def set_kernel(self, case, cmdlines):
        rng = self.rng
        if rng.random() < 0.2:
            return
        case.kernel = rng.choice(self.kernels)
        if rng.random() < 0.6:
            case.initrd = rng.choice(self.initrds)
        if rng.random() < 0.8:
            case.append = rng.choice(cmdlines)

    def features(self):
        rng = self.rng
        return rng.choice([1, 1, 5, 0x21, 0x201, 0x221, rng.getrandbits(63) | 1])

    def svsm_case(self):
        rng = self.rng
        firmware, svsm = rng.choice(self.firmware), rng.choice(self.svsms)
        if self.real_svsm and rng.random() < 0.2:
            firmware, svsm = self.real_svsm
        case = Case("svsm", firmware, self.vcpus(), svsm=svsm)
        case.vars_size = rng.choice([PAGE, 0x20000, 0x84000, 540672])
        return case

    def case(self, oracle):
        """The next case that an oracle is asked; see its MODES and so on."""
        rng = self.rng
        mode = rng.choice(oracle.MODES)
        if mode == "svsm":
            case = self.svsm_case()
        else:
            firmware = rng.choice(self.firmware)
            if self.real and rng.random() < 0.15:
                firmware = rng.choice(self.real)
            case = Case(mode, firmware, self.vcpus())
        if mode in ("sev", "snp:ovmf-hash"):
            case.vcpus = [1]
        if mode in ("snp", "sev-es", "sev"):
            self.set_kernel(case, oracle.CMDLINES)
        if mode in ("sev", "snp:ovmf-hash"):
            return case
        if mode in ("snp", "sev-es"):
            case.vmm = rng.choice(oracle.VMMS)
        if mode == "snp":
            case.features = self.features()
            case.by_hash = rng.random() < 0.1
        if case.vmm == "qemu" or rng.random() < 0.5:
            self.set_cpu(case, oracle.CPUS, oracle.ANY_SIGNATURE)
        return case


def signatures_of_models():
    """CPUID leaf 1 EAX of MODELS (QEMU target/i386/cpu.c)."""
    return [0x00800F12, 0x00830F10, 0x00A00F11, 0x00A10F10, 0x00B00F00]
