#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tars, OCI layouts and docker-archives with arbitrary content.

The content comes from standard input, one entry a line, words as in a shell:
  layer                          begins the next layer (not before the first)
  dir PATH MODE UID GID
  file PATH MODE UID GID [TEXT]  the text may use \\n and \\xHH
  symlink PATH TARGET UID GID
  link PATH TARGET               hard link
  fifo PATH MODE UID GID
  char|block PATH MODE UID GID MAJOR MINOR
  xattr NAME HEX                 of the next entry, as SCHILY.xattr
  pax KEY VALUE                  pax record of the next entry
  bigpax KEY SIZE                the same with a long value

  layers.py tar OUT [--compress gz|xz|zst]
  layers.py layout OUT [--tag T] [--platform OS/ARCH] [--config JSON]
                       [--image JSON] [--layer-type TYPE]   adds an image
  layers.py nest OUT [--tag T]        wraps the index in a further one
  layers.py oci-archive OUT LAYOUT
  layers.py docker OUT [--tag REPO:TAG]... [--config JSON]  one image each tag
"""
import argparse
import gzip
import hashlib
import io
import json
import lzma
import os
import shlex
import subprocess
import sys
import tarfile

TYPES = {
    "dir": tarfile.DIRTYPE,
    "file": tarfile.REGTYPE,
    "symlink": tarfile.SYMTYPE,
    "link": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


class Layer:
    """One tar in memory. Names are taken as they are, also hostile ones."""

    def __init__(self):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(
            fileobj=self.bytes,
            mode="w",
            format=tarfile.PAX_FORMAT,
            encoding="utf-8",
            errors="surrogateescape",
        )

    def add(self, kind, words, pax):
        info = tarfile.TarInfo(words[0])
        info.type = TYPES[kind]
        info.pax_headers = pax
        data = b""
        if kind in ("symlink", "link"):
            info.linkname = words[1]
            info.mode = 0o777
            if kind == "symlink":
                info.uid, info.gid = int(words[2]), int(words[3])
        else:
            info.mode = int(words[1], 8)
            info.uid, info.gid = int(words[2]), int(words[3])
        if kind == "file" and len(words) > 4:
            data = words[4].encode().decode("unicode_escape").encode("latin-1")
            info.size = len(data)
        if kind in ("char", "block"):
            info.devmajor, info.devminor = int(words[4]), int(words[5])
        self.tar.addfile(info, io.BytesIO(data))

    def finish(self):
        self.tar.close()
        return self.bytes.getvalue()


def read_input():
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def read_layers(text):
    layers, pax = [Layer()], {}
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        kind, rest = words[0], words[1:]
        if kind == "layer":
            layers.append(Layer())
        elif kind == "xattr":
            value = bytes.fromhex(rest[1] if len(rest) > 1 else "")
            pax["SCHILY.xattr." + rest[0]] = value.decode(
                "utf-8", "surrogateescape"
            )
        elif kind == "bigpax":
            pax[rest[0]] = "x" * int(rest[1])
        elif kind == "pax":
            pax[rest[0]] = rest[1]
        else:
            layers[-1].add(kind, rest, pax)
            pax = {}
    return [layer.finish() for layer in layers]


def compress(data, how):
    if how == "gz":
        return gzip.compress(data, mtime=0)
    if how == "xz":
        return lzma.compress(data)
    if how == "zst":
        return subprocess.run(
            ["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True
        ).stdout
    return data


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def put_blob(layout, data, media_type):
    folder = os.path.join(layout, "blobs", "sha256")
    os.makedirs(folder, exist_ok=True)
    digest = sha256(data)
    with open(os.path.join(folder, digest[7:]), "wb") as out:
        out.write(data)
    return {"mediaType": media_type, "digest": digest, "size": len(data)}


def image_json(args, layers):
    image = {"architecture": "amd64", "os": "linux"}
    image["config"] = json.loads(args.config)
    image["rootfs"] = {
        "type": "layers",
        "diff_ids": [sha256(layer) for layer in layers],
    }
    image.update(json.loads(args.image))
    return json.dumps(image).encode()


def load_index(layout):
    try:
        with open(os.path.join(layout, "index.json"), encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return {"schemaVersion": 2, "manifests": []}


def save_index(layout, index):
    with open(os.path.join(layout, "index.json"), "w", encoding="utf-8") as f:
        json.dump(index, f)
    with open(os.path.join(layout, "oci-layout"), "w", encoding="utf-8") as f:
        json.dump({"imageLayoutVersion": "1.0.0"}, f)


def label(descriptor, args):
    if args.tag:
        descriptor["annotations"] = {
            "org.opencontainers.image.ref.name": args.tag[0]
        }
    return descriptor


def cmd_tar(args):
    layers = read_layers(read_input())
    with open(args.out, "wb") as out:
        out.write(compress(layers[0], args.compress))


def cmd_layout(args):
    layers = read_layers(read_input())
    suffix = {None: "", "gz": "+gzip", "zst": "+zstd"}[args.compress]
    descriptors = [
        put_blob(
            args.out,
            compress(layer, args.compress),
            args.layer_type or LAYER + suffix,
        )
        for layer in layers
    ]
    config = put_blob(args.out, image_json(args, layers), CONFIG)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config,
        "layers": descriptors,
    }
    descriptor = put_blob(args.out, json.dumps(manifest).encode(), MANIFEST)
    if args.platform:
        system, machine = args.platform.split("/")
        descriptor["platform"] = {"os": system, "architecture": machine}
    index = load_index(args.out)
    index["manifests"].append(label(descriptor, args))
    save_index(args.out, index)


def cmd_nest(args):
    inner = load_index(args.out)
    inner["mediaType"] = INDEX
    descriptor = put_blob(args.out, json.dumps(inner).encode(), INDEX)
    save_index(
        args.out,
        {"schemaVersion": 2, "manifests": [label(descriptor, args)]},
    )


def cmd_oci_archive(args):
    with tarfile.open(args.out, "w") as tar:
        for name in sorted(os.listdir(args.layout)):
            tar.add(os.path.join(args.layout, name), name)


def add_file(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def cmd_docker(args):
    layers = read_layers(read_input())
    config = image_json(args, layers)
    manifest = []
    with tarfile.open(args.out, "w") as tar:
        names = []
        for layer in layers:
            names.append(sha256(layer)[7:] + ".tar")
            add_file(tar, names[-1], layer)
        for tag in args.tag or [None]:
            name = sha256(config)[7:] + ".json"
            manifest.append({"Config": name, "Layers": names})
            manifest[-1]["RepoTags"] = [tag] if tag else None
        add_file(tar, name, config)
        add_file(tar, "manifest.json", json.dumps(manifest).encode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("out")
    parser.add_argument("layout", nargs="?")
    parser.add_argument("--compress", choices=["gz", "xz", "zst"])
    parser.add_argument("--tag", action="append")
    parser.add_argument("--platform")
    parser.add_argument("--config", default="{}")
    parser.add_argument("--image", default="{}")
    parser.add_argument("--layer-type")
    args = parser.parse_args()
    commands = {
        "tar": cmd_tar,
        "layout": cmd_layout,
        "nest": cmd_nest,
        "oci-archive": cmd_oci_archive,
        "docker": cmd_docker,
    }
    commands[args.command](args)


if __name__ == "__main__":
    main()
