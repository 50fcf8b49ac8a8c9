# SPDX-License-Identifier: Apache-2.0
# oracles.mk: digests compared with those that programs of others compute.

DEPS_oracles := python3 python3-venv bats gcc libc6-dev libssl-dev pkg-config
ORACLES := $(BUILD)/oracles

.PHONY: check-oracles deps-oracles oracle-peer oracle-snpguest
check-oracles: $(MEASURE) oracle-peer oracle-snpguest ## compare with programs of others
	@BUILD=$(BUILD) VECTORS='$(VECTORS)' scripts/check \
		tests/oracles/oracles.bats

deps-oracles:
	@scripts/deps $(DEPS_oracles)

# One that cannot be installed is skipped by the tests, with the reason.
oracle-peer: | deps-oracles
	@tests/oracles/install $(ORACLES) sev-snp-measure || :

oracle-snpguest: | deps-oracles
	@tests/oracles/install $(ORACLES) snpguest || :
