# SPDX-License-Identifier: Apache-2.0
# install.mk: what is useful outside the source tree.

MAN1 := docs/mote-measure.1
MAN5 := docs/mote-image.5
MAN8 := docs/mote-init.8

##@ Install
.PHONY: install uninstall
install: $(MEASURE) ## mote-boot, mote-measure and the manual pages under DESTDIR/PREFIX
	@scripts/install-file $(MEASURE) $(DESTDIR)$(BINDIR)/mote-measure 755
	@scripts/install-file $(MAN1) $(DESTDIR)$(MANDIR)/man1/mote-measure.1 644
	@scripts/install-file scripts/boot $(DESTDIR)$(BINDIR)/mote-boot 755
	@scripts/install-file $(MAN5) $(DESTDIR)$(MANDIR)/man5/mote-image.5 644
	@scripts/install-file $(MAN8) $(DESTDIR)$(MANDIR)/man8/mote-init.8 644

uninstall: ## remove what install wrote
	rm -f $(DESTDIR)$(BINDIR)/mote-boot $(DESTDIR)$(BINDIR)/mote-measure \
		$(DESTDIR)$(MANDIR)/man1/mote-measure.1 \
		$(DESTDIR)$(MANDIR)/man5/mote-image.5 \
		$(DESTDIR)$(MANDIR)/man8/mote-init.8
