#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes small kernels: bzImage, PE, ELF and multiboot, well formed or not.

  kernel.py OUT [OPTION]...

The default is a bzImage of 12 KiB with an EFI stub: 4 KiB of setup, 8 KiB of
code. Numbers are decimal or 0x...

  --kind KIND           bzimage, pe (a PE program alone), elf, multiboot
  --no-stub             a bzImage that is no PE program
  --version TEXT        kernel version; bytes may be written as \\xHH
  --code N              bytes of code, a multiple of 512
  --set FIELD=VALUE     a field of the setup header (see SETUP)
  --pe FIELD=VALUE      a field of the PE headers (see PE and OPTIONAL)
  --section NAME,ADDRESS,SIZE,OFFSET,RAW    instead of the own ones; repeated
  --certificate N       N bytes of certificates at the end, and their entry
  --poke OFFSET=HEX     writes bytes; a negative offset is from the end
  --size N              cuts off, or adds zeros, at the end
"""
import argparse
import struct

# Offset and bytes of fields of the setup header.
SETUP = {
    "setup_sects": (0x1F1, 1),
    "syssize": (0x1F4, 4),
    "boot_flag": (0x1FE, 2),
    "jump": (0x200, 1),
    "jump_to": (0x201, 1),
    "version": (0x206, 2),
    "kernel_version": (0x20E, 2),
    "loadflags": (0x211, 1),
    "initrd_addr_max": (0x22C, 4),
    "xloadflags": (0x236, 2),
    "cmdline_size": (0x238, 4),
    "payload_offset": (0x248, 4),
    "payload_length": (0x24C, 4),
    "pref_address": (0x258, 8),
    "init_size": (0x260, 4),
}
PE_OFFSET = 0x40
# From the signature, and from the optional header on.
PE = {
    "signature": (0, 4),
    "machine": (4, 2),
    "sections": (6, 2),
    "timestamp": (8, 4),
    "optional_size": (20, 2),
    "characteristics": (22, 2),
}
OPTIONAL = {
    "magic": (0, 2),
    "entry": (16, 4),
    "image_base": (24, 8),
    "section_alignment": (32, 4),
    "file_alignment": (36, 4),
    "size_of_image": (56, 4),
    "size_of_headers": (60, 4),
    "checksum": (64, 4),
    "subsystem": (68, 2),
    "directories": (108, 4),
    "cert_offset": (112 + 32, 4),
    "cert_size": (112 + 36, 4),
}
DIRECTORIES = 6
SETUP_SIZE = 4096
HEADERS = 512  # of a PE program alone


def put(out, at, size, value):
    out[at : at + size] = value.to_bytes(size, "little")


def put_pe(out, sections, headers):
    """DOS header, PE header at 0x40, sections; of the file as it is."""
    out[0:2] = b"MZ"
    put(out, 0x3C, 4, PE_OFFSET)
    optional_size = 112 + 8 * DIRECTORIES
    image = max([headers] + [s[1] + s[2] for s in sections])
    fields = {
        "signature": 0x4550,
        "machine": 0x8664,
        "sections": len(sections),
        "optional_size": optional_size,
        "characteristics": 0x206,
        "magic": 0x20B,
        "entry": headers,
        "section_alignment": 4096,
        "file_alignment": 512,
        "size_of_image": image,
        "size_of_headers": headers,
        "subsystem": 10,
        "directories": DIRECTORIES,
    }
    for name, value in fields.items():
        set_pe(out, name, value)
    at = PE_OFFSET + 24 + optional_size
    for name, address, size, offset, raw in sections:
        out[at : at + 40] = struct.pack(
            "<8sIIII12xI", name.encode(), size, address, raw, offset, 0x60000020
        )
        at += 40


def set_pe(out, name, value):
    if name in PE:
        at, size = PE[name]
        put(out, PE_OFFSET + at, size, value)
    else:
        at, size = OPTIONAL[name]
        put(out, PE_OFFSET + 24 + at, size, value)


def put_setup(out, version, code):
    fields = {
        "setup_sects": SETUP_SIZE // 512 - 1,
        "syssize": code // 16,
        "boot_flag": 0xAA55,
        "jump": 0xEB,
        "jump_to": 0x6A,
        "version": 0x20F,
        "kernel_version": 0x100,
        "loadflags": 1,
        "initrd_addr_max": 0x7FFFFFFF,
        "xloadflags": 0x63,
        "cmdline_size": 2047,
        "payload_offset": 0x200,
        "payload_length": 0x400,
        "pref_address": 0x1000000,
        "init_size": 0x200000,
    }
    for name, value in fields.items():
        put(out, *SETUP[name], value)
    out[0x202:0x206] = b"HdrS"
    text = version.encode().decode("unicode_escape").encode("latin-1")
    out[0x300 : 0x300 + len(text) + 1] = text + b"\0"


def sections_of(args, headers, code):
    if not args.section:
        return [(".text", headers, code, headers, code)]
    rows = []
    for text in args.section:
        name, *rest = text.split(",")
        rows.append((name, *(int(word, 0) for word in rest)))
    return rows


def build(args):
    headers = SETUP_SIZE if args.kind == "bzimage" else HEADERS
    out = bytearray(headers + args.code)
    for at in range(headers, len(out), 4):
        put(out, at, 4, at)
    if args.kind == "elf":
        out[0:4] = b"\x7fELF"
    elif args.kind == "multiboot":
        out[16:28] = struct.pack("<III", 0x1BADB002, 3, -0x1BADB005 & 0xFFFFFFFF)
    elif not args.no_stub:
        put_pe(out, sections_of(args, headers, args.code), headers)
    if args.kind == "bzimage":
        put_setup(out, args.version, args.code)
    return out


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("out")
    parser.add_argument(
        "--kind",
        choices=["bzimage", "pe", "elf", "multiboot"],
        default="bzimage",
    )
    parser.add_argument("--no-stub", action="store_true")
    parser.add_argument("--version", default="7.0.1 (a@b) #1")
    parser.add_argument("--code", type=lambda s: int(s, 0), default=8192)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--pe", action="append", default=[])
    parser.add_argument("--section", action="append", default=[])
    parser.add_argument("--certificate", type=lambda s: int(s, 0), default=0)
    parser.add_argument("--poke", action="append", default=[])
    parser.add_argument("--size", type=lambda s: int(s, 0))
    args = parser.parse_args()
    out = build(args)
    if args.certificate:
        set_pe(out, "cert_offset", len(out))
        set_pe(out, "cert_size", args.certificate)
        out += b"\x5a" * args.certificate
    for pair in args.set:
        name, value = pair.split("=")
        put(out, *SETUP[name], int(value, 0))
    for pair in args.pe:
        name, value = pair.split("=")
        set_pe(out, name, int(value, 0))
    for pair in args.poke:
        offset, data = pair.split("=")
        at = int(offset, 0) % len(out)
        out[at : at + len(bytes.fromhex(data))] = bytes.fromhex(data)
    if args.size is not None:
        out = out[: args.size].ljust(args.size, b"\0")
    with open(args.out, "wb") as f:
        f.write(out)


if __name__ == "__main__":
    main()
