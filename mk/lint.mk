# SPDX-License-Identifier: Apache-2.0
# lint.mk: what can be said about the sources without running them.

LINT := shell format gcc clang headers cppcheck analyzer man

##@ Lint
.PHONY: lint $(LINT:%=lint-%)
lint: $(LINT:%=lint-%) ## style and static analysis of all sources

$(LINT:%=lint-%): lint-%: | deps-check
	@WARN='$(WARN)' VERSION=$(VERSION) scripts/lint $*
