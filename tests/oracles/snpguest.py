# SPDX-License-Identifier: Apache-2.0
"""What snpguest (and so the sev crate) says, by its command."""
import os
import subprocess

import inputs

NAME = "snpguest"
MODES = ["snp"] * 9 + ["snp:ovmf-hash"]
VMMS = ["qemu", "qemu", "qemu", "ec2-old"]
VMM_NAMES = {"qemu": "QEMU", "ec2-old": "ec2"}
CPUS = inputs.MODELS + ["EPYC-IBPB", "EPYC-v1", "EPYC-v2", "EPYC-v3", "EPYC-v4"]
CPUS += ["EPYC-Rome-v1", "EPYC-Rome-v2", "EPYC-Rome-v3", "EPYC-Milan-v1"]
CPUS += ["EPYC-Milan-v2", "EPYC-Genoa-v1", "EPYC-Turin-v1", "EPYC-Turin-v2"]
ANY_SIGNATURE = False
CMDLINES = inputs.CMDLINES


class Oracle:
    """A process for each question."""

    def __init__(self, folder):
        self.program = os.path.join(folder, NAME, "bin", NAME)
        self.log = open(os.path.join(folder, NAME + ".log"), "w")

    def close(self):
        self.log.close()

    def ask(self, options):
        """The digest in hex, or None if it refuses."""
        done = subprocess.run(
            [self.program, "generate"] + options,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        text = done.stdout.strip().removeprefix("0x")
        return text if done.returncode == 0 else None

    def firmware_hash(self, firmware):
        return self.ask(["ovmf-hash", "--ovmf", firmware])

    def digest(self, case, vcpus):
        if case.mode == "snp:ovmf-hash":
            return self.firmware_hash(case.firmware.path)
        options = ["measurement", "--ovmf", case.firmware.path]
        options += ["--vcpus", str(vcpus), "--vmm-type", VMM_NAMES[case.vmm]]
        options += ["--guest-features", hex(case.features)]
        for name in ("kernel", "initrd", "append"):
            if getattr(case, name) is not None:
                options.append(f"--{name}={getattr(case, name)}")
        if case.sig is not None:
            options += ["--vcpu-sig", str(case.sig)]
        else:
            options += ["--vcpu-type", case.cpu or "EPYC"]
        return self.ask(options)
