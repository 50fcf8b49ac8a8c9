# SPDX-License-Identifier: Apache-2.0
# lint.mk: what can be said about the sources without running them.

LINT := shell format gcc clang headers cppcheck analyzer man

##@ Lint
.PHONY: lint $(LINT:%=lint-%)
lint: | deps-check deps-image ## style and static analysis of all sources
	@WARN='$(WARN)' scripts/lint $(LINT)

$(LINT:%=lint-%): lint-%: | deps-check deps-image
	@WARN='$(WARN)' scripts/lint $*
