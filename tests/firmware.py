#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes firmware images with arbitrary tables, well formed or not.

  firmware.py OUT [OPTION]...

The entries of the table stand in the order of the options, the first one next
to the footer. Numbers are decimal or 0x..., lists have commas.

  --size N              bytes of the image, 65536 by default
  --seed TEXT           pages of noise instead of zeros
  --variables           begins with a store of UEFI variables
  --preset NAME         amdsev or ovmfx64: all tables of such a build
  --reset EIP           SEV-ES reset block
  --secret BASE,SIZE    SEV secret block
  --hashes BASE,SIZE    area of the hash table
  --svsm OFFSET         SVSM info
  --entry GUID=HEX      any other entry
  --sev GPA,SIZE,KIND   a section of the SEV metadata; repeated
  --tdx OFFSET,RAW,GPA,SIZE,TYPE,ATTRIBUTES       the same, TDX
  --igvm START,SIZE,ID                            the same, IGVM
  --header TABLE.FIELD=VALUE    of sev, tdx or igvm: signature (text), length,
                        version, count, or offset (what the entry holds)
  --empty TABLE         metadata without sections
  --entry-length I=N    says N as the length of entry I, from 0
  --footer-length N     the same for the whole table
  --footer GUID         another GUID in its place
  --old                 no footer: the first entry stands there alone
  --poke OFFSET=HEX     writes bytes; a negative offset is from the end
  --tail N              keeps the last N bytes only
"""
import argparse
import hashlib
import struct
import sys
import uuid

FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d"
RESET = "00f771de-1a7e-4fcb-890e-68c77e2fb44e"
SECRET = "4c2eb361-7d9b-4cc3-8081-127c90d3d294"
HASHES = "7255371f-3a3b-4b04-927b-1da6efa8d454"
SVSM = "a789a612-0597-4c4b-a49f-cbb1fe9d1ddd"
VARIABLES = "fff12b8d-7696-4c8b-a985-2747075b4f50"
# GUID of the entry, signature, layout of a section
METADATA = {
    "sev": ("dc886566-984a-4798-a75e-5585a7bf67cc", b"ASEV", "<III"),
    "tdx": ("e47a6535-984a-4798-865e-4685a7bf8ec2", b"TDVF", "<IIQQII"),
    "igvm": ("784fa70e-3176-4677-8a20-04b68699e374", b"IGVM", "<III"),
}
TAIL = 0x20  # bytes behind the table
AMDSEV = [
    ("reset", "0x80b004"),
    ("secret", "0x810000,0xc00"),
    ("hashes", "0x810c00,0x400"),
    ("sev", "0x800000,0x9000,1"),
    ("sev", "0x80a000,0x3000,1"),
    ("sev", "0x80d000,0x1000,2"),
    ("sev", "0x80e000,0x1000,3"),
    ("sev", "0x80f000,0x1000,4"),
    ("sev", "0x811000,0x1f000,1"),
    ("sev", "0x810000,0x1000,0x10"),
]
OVMFX64 = [
    ("reset", "0x80b004"),
    ("secret", "0,0"),
    ("hashes", "0,0"),
    ("sev", "0x800000,0x9000,1"),
    ("sev", "0x80a000,0x3000,1"),
    ("sev", "0x80d000,0x1000,2"),
    ("sev", "0x80e000,0x1000,3"),
    ("sev", "0x80f000,0x11000,1"),
]


def numbers(text):
    return [int(word, 0) for word in text.split(",")]


def guid(text):
    return uuid.UUID(text).bytes_le


class Image:
    """Entries and metadata, collected in the order of the options."""

    def __init__(self):
        self.entries = []  # GUID, data or the name of metadata
        self.sections = {name: [] for name in METADATA}
        self.headers = {name: {} for name in METADATA}

    def metadata(self, name):
        if METADATA[name][0] not in (entry[0] for entry in self.entries):
            self.entries.append((METADATA[name][0], name))

    def add(self, what, value):
        if what in METADATA:
            self.metadata(what)
            self.sections[what].append(numbers(value))
        elif what == "entry":
            name, data = value.split("=")
            self.entries.append((name, bytes.fromhex(data)))
        else:
            name = {"reset": RESET, "secret": SECRET}.get(what)
            name = name or {"hashes": HASHES, "svsm": SVSM}[what]
            data = b"".join(struct.pack("<I", n) for n in numbers(value))
            self.entries.append((name, data))

    def block(self, name):
        _, signature, layout = METADATA[name]
        sections = self.sections[name]
        size = struct.calcsize(layout)
        head = {
            "signature": signature,
            "length": 16 + size * len(sections),
            "version": 1,
            "count": len(sections),
        }
        head.update(self.headers[name])
        data = struct.pack(
            "<4sIII",
            head["signature"],
            head["length"],
            head["version"],
            head["count"],
        )
        return data + b"".join(struct.pack(layout, *s) for s in sections)


def table(image, offsets, args):
    """The table, forwards: the last entry first."""
    lengths = dict(pair.split("=") for pair in args.entry_length)
    data = b""
    for i, (name, value) in enumerate(image.entries):
        if isinstance(value, str):
            value = struct.pack("<I", offsets[value])
        length = int(lengths.get(str(i), str(len(value) + 18)), 0)
        data = value + struct.pack("<H", length) + guid(name) + data
    if args.old:
        return data
    length = len(data) + 18 if args.footer_length is None else args.footer_length
    return data + struct.pack("<H", length) + guid(args.footer)


def build(image, args):
    noise = b""
    while args.seed and len(noise) < args.size:
        text = args.seed + str(len(noise))
        noise += hashlib.sha512(text.encode()).digest()
    out = bytearray(noise[: args.size] if args.seed else args.size)
    if args.variables:
        out[16:32] = guid(VARIABLES)
        out[0x28:0x2C] = b"_FVH"
    # Metadata stands below the table, whose length does not depend on it.
    names = [v for _, v in image.entries if isinstance(v, str)]
    end = len(table(image, dict.fromkeys(names, 0), args)) + TAIL
    offsets = {}
    for name in names:
        block = image.block(name)
        end += len(block)
        at = len(out) - end
        out[at : at + len(block)] = block
        offsets[name] = image.headers[name].get("offset", end)
    data = table(image, offsets, args)
    at = len(out) - TAIL - len(data)
    if at < 0 or end > len(out):
        sys.exit("firmware.py: the tables do not fit")
    out[at : at + len(data)] = data
    if len(out) != args.size:
        sys.exit("firmware.py: the tables do not fit")
    return out


class Ordered(argparse.Action):
    """Keeps options of several names in one list."""

    def __call__(self, parser, namespace, values, option_string=None):
        namespace.ordered.append((self.dest, values))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.set_defaults(ordered=[])
    parser.add_argument("out")
    parser.add_argument("--size", type=lambda s: int(s, 0), default=65536)
    parser.add_argument("--seed")
    parser.add_argument("--variables", action="store_true")
    for name in (
        "preset reset secret hashes svsm entry sev tdx igvm header empty"
    ).split():
        parser.add_argument("--" + name, action=Ordered)
    parser.add_argument("--entry-length", action="append", default=[])
    parser.add_argument("--footer-length", type=lambda s: int(s, 0))
    parser.add_argument("--footer", default=FOOTER)
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--poke", action="append", default=[])
    parser.add_argument("--tail", type=lambda s: int(s, 0))
    args = parser.parse_args()
    image = Image()
    for what, value in args.ordered:
        if what == "preset":
            for pair in {"amdsev": AMDSEV, "ovmfx64": OVMFX64}[value]:
                image.add(*pair)
        elif what == "header":
            name, rest = value.split(".")
            field, text = rest.split("=")
            image.metadata(name)
            image.headers[name][field] = (
                text.encode() if field == "signature" else int(text, 0)
            )
        elif what == "empty":
            image.metadata(value)
        else:
            image.add(what, value)
    out = build(image, args)
    for pair in args.poke:
        offset, data = pair.split("=")
        at = int(offset, 0) % len(out)
        out[at : at + len(bytes.fromhex(data))] = bytes.fromhex(data)
    with open(args.out, "wb") as f:
        f.write(out[-args.tail :] if args.tail else out)


if __name__ == "__main__":
    main()
