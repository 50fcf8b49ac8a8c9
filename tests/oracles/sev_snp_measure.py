# SPDX-License-Identifier: Apache-2.0
"""What sev-snp-measure says: as a library, and now and then as a command."""
import json
import os
import subprocess

import inputs

NAME = "sev-snp-measure"
MODES = ["snp"] * 6 + ["sev-es", "sev-es", "sev", "svsm", "snp:ovmf-hash"]
VMMS = ["qemu", "qemu", "qemu", "ec2", "gce"]
VMM_NAMES = {"qemu": "QEMU", "ec2": "ec2", "gce": "gce"}
MODE_NAMES = {"sev-es": "seves", "svsm": "snp:svsm"}
CPUS = inputs.MODELS[:-1] + ["EPYC-IBPB", "EPYC-v1", "EPYC-v2", "EPYC-v3"]
CPUS += ["EPYC-v4", "EPYC-Rome-v1", "EPYC-Rome-v2", "EPYC-Rome-v3"]
CPUS += ["EPYC-Milan-v1", "EPYC-Milan-v2", "EPYC-Genoa-v1", "EPYC-Turin"]
ANY_SIGNATURE = True
CMDLINES = inputs.CMDLINES + ["  leading and trailing  ", "line feed\n"]

# Answers one JSON list of options a line by the library's parser and digest.
SERVER = """
import contextlib, io, json, sys
from sevsnpmeasure import cli
for line in sys.stdin:
    sys.argv = ["sev-snp-measure"] + json.loads(line)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            status = cli.main()
    except Exception as error:
        print(error, file=sys.stderr)
        status = 1
    print(json.dumps([status, out.getvalue().strip()]), flush=True)
"""
EVERY = 40  # calls of the library for one of the command


class Oracle:
    """One process of the library for all inputs."""

    def __init__(self, folder):
        self.bin = os.path.join(folder, NAME, "bin")
        self.calls = 0
        self.log = open(os.path.join(folder, NAME + ".log"), "w")
        self.server = subprocess.Popen(
            [os.path.join(self.bin, "python"), "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()
        self.log.close()

    def ask(self, options):
        """The digest in hex, or None if it refuses."""
        self.calls += 1
        if self.calls % EVERY == 0:
            done = subprocess.run(
                [os.path.join(self.bin, NAME)] + options,
                stdout=subprocess.PIPE,
                stderr=self.log,
                text=True,
            )
            status, text = done.returncode, done.stdout.strip()
        else:
            self.server.stdin.write(json.dumps(options) + "\n")
            self.server.stdin.flush()
            status, text = json.loads(self.server.stdout.readline())
        return text if status == 0 else None

    def firmware_hash(self, firmware):
        return self.ask(["--mode", "snp:ovmf-hash", "--ovmf", firmware])

    def digest(self, case, vcpus):
        if case.mode == "snp:ovmf-hash":
            return self.firmware_hash(case.firmware.path)
        options = ["--mode", MODE_NAMES.get(case.mode, case.mode)]
        options += ["--ovmf", case.firmware.path, "--vcpus", str(vcpus)]
        options += ["--vmm-type", VMM_NAMES[case.vmm]]
        for name in ("kernel", "initrd", "append", "svsm"):
            if getattr(case, name) is not None:
                options.append(f"--{name}={getattr(case, name)}")
        if case.mode == "svsm":
            options += ["--vars-size", str(case.vars_size)]
        if case.mode == "snp":
            options += ["--guest-features", hex(case.features)]
        if case.cpu:
            options += ["--vcpu-type", case.cpu]
        if case.sig is not None:
            options += ["--vcpu-sig", hex(case.sig)]
        if case.family_model_stepping:
            family, model, stepping = map(str, case.family_model_stepping)
            options += ["--vcpu-family", family, "--vcpu-model", model]
            options += ["--vcpu-stepping", stepping]
        return self.ask(options)
