# SPDX-License-Identifier: Apache-2.0
"""Writes the files of bench-measure: files.py FOLDER firmware|kernel|text SIZE

The name of the file is KIND-SIZE; a size is in KiB. A kernel has the headers of
a bzImage and of a PE program, as firmware wants them, and then text.
"""
import os
import random
import struct
import sys

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../oracles")
)

import inputs

HEADERS = 0x400
X86_64 = 0x8664


def text(size):
    line = b"mote-bench 0123456789abcdef\n"
    return (line * (size // len(line) + 1))[:size]


def kernel(size):
    """No sections: everything behind the headers belongs to the setup."""
    data = bytearray(text(size))
    data[:HEADERS] = bytes(HEADERS)
    data[:2] = b"MZ"
    struct.pack_into("<I", data, 0x3C, 0x40)
    struct.pack_into("<4sHHIIIHH", data, 0x40, b"PE", X86_64, 0, 0, 0, 0, 112, 2)
    optional = 0x40 + 24
    struct.pack_into("<H", data, optional, 0x20B)
    struct.pack_into("<II", data, optional + 0x20, 4096, 512)
    struct.pack_into("<II", data, optional + 0x38, 4096, HEADERS)
    struct.pack_into("<B", data, 0x1F1, 1)
    struct.pack_into("<HH4sH", data, 0x1FE, 0xAA55, 0x66EB, b"HdrS", 0x20F)
    return bytes(data)


def firmware(size):
    return inputs.image(random.Random(1), size, True, True, False)


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    folder, kind, size = sys.argv[1:]
    make = {"firmware": firmware, "kernel": kernel, "text": text}[kind]
    with open(os.path.join(folder, f"{kind}-{size}"), "wb") as out:
        out.write(make(int(size) * 1024))
    return 0


if __name__ == "__main__":
    sys.exit(main())
