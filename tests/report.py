# SPDX-License-Identifier: Apache-2.0
"""report.py - recorded SNP reports, taken out, changed and put into options.

usage: report.py set IN OUT OFFSET=HEX...   copy a report, replace bytes
       report.py flip IN OUT OFFSET         copy a report, flip bit 0 there
       report.py get IN OFFSET LENGTH       print bytes in hex
       report.py azure IN OUT CERT          report and VCEK of Azure evidence
       report.py hcl IN OUT                 report of a raw HCL report
       report.py pick IN OUT NUMBER...      certificates of a PEM file, from 1
       report.py options EVIDENCE.json      what Trustee's evidence says, as
                                            options of verify snp, one a line
       report.py actual EVIDENCE.json       the same as NAME VALUE, in the
                                            form of verify snp --json
"""
import base64
import json
import sys

SIZE = 0x4a0
HCL_HEADER = 0x20
TCB = ("fmc", "bootloader", "tee", "snp", "microcode")


def load(path):
    with open(path, "rb") as f:
        return f.read()


def save(path, data):
    with open(path, "wb") as f:
        f.write(data)


def replace(source, out, *changes):
    data = bytearray(load(source))
    for change in changes:
        offset, _, value = change.partition("=")
        value = bytes.fromhex(value)
        data[int(offset, 0):int(offset, 0) + len(value)] = value
    save(out, data)


def flip(source, out, offset):
    data = bytearray(load(source))
    data[int(offset, 0)] ^= 1
    save(out, data)


def get(source, offset, length):
    start = int(offset, 0)
    print(load(source)[start:start + int(length, 0)].hex())


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hcl(source, out):
    save(out, load(source)[HCL_HEADER:HCL_HEADER + SIZE])


def azure(source, out, cert):
    evidence = json.loads(load(source))
    # Version 0 has arrays of numbers and PEM, later ones base64url and DER.
    old = "report" in evidence
    hcl = bytes(evidence["report"]) if old else unbase64(evidence["hcl_report"])
    save(out, hcl[HCL_HEADER:HCL_HEADER + SIZE])
    vcek = evidence["vcek"]
    save(cert, vcek.encode() if old else unbase64(vcek))


def pick(source, out, *numbers):
    end = b"-----END CERTIFICATE-----\n"
    certs = [c + end for c in load(source).split(end)[:-1]]
    save(out, b"".join(certs[int(n) - 1] for n in numbers))


def evidence(path):
    return json.loads(load(path))["attestation_report"]


def tcb_text(tcb):
    return ",".join("%s=%d" % (k, tcb[k]) for k in TCB if tcb[k] is not None)


def options(path):
    r = evidence(path)
    for key in ("measurement", "report_data", "host_data", "id_key_digest",
                "family_id", "image_id"):
        print("--%s=%s" % (key.replace("_", "-"), bytes(r[key]).hex()))
    print("--policy=%d" % r["policy"])
    print("--vmpl=%d" % r["vmpl"])
    print("--min-guest-svn=%d" % r["guest_svn"])
    print("--min-tcb=" + tcb_text(r["reported_tcb"]))


def actual(path):
    r = evidence(path)
    for key in ("measurement", "report_data", "host_data", "id_key_digest",
                "family_id", "image_id", "chip_id"):
        print(key, bytes(r[key]).hex())
    for key in ("reported_tcb", "committed_tcb", "current_tcb", "launch_tcb"):
        print(key, tcb_text(r[key]))
    print("certificate_tcb", tcb_text(r["reported_tcb"]))
    print("policy", hex(r["policy"]))
    print("vmpl", r["vmpl"])
    print("guest_svn", r["guest_svn"])


COMMANDS = {
    "set": replace,
    "flip": flip,
    "get": get,
    "azure": azure,
    "hcl": hcl,
    "pick": pick,
    "options": options,
    "actual": actual,
}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
