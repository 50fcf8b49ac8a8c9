/* SPDX-License-Identifier: Apache-2.0 */
/* identify_launch.c: the digests of a configuration, vCPU after vCPU. */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "identify_parts.h"

/* Those of a class measure the same before the vCPUs. */
static const uint8_t class_of[SNP_NR_VMMS] = {
	[SNP_VMM_QEMU] = 0,    [SNP_VMM_LEGACY] = 0, [SNP_VMM_EC2] = 1,
	[SNP_VMM_EC2_OLD] = 1, [SNP_VMM_GCE] = 2,
};

struct identify_chain *identify_chain_new(struct identify *q, struct err *e)
{
	struct identify_chain *c = calloc(1, sizeof(*c));

	if (!c) {
		err_nomem(e);
		return NULL;
	}
	c->snp.sha384 = q->sha384;
	c->sha256 = hash_new(SHA256_SIZE, e);
	if (!c->sha256) {
		identify_chain_free(c);
		return NULL;
	}
	return c;
}

void identify_chain_free(struct identify_chain *c)
{
	if (!c)
		return;
	hash_free(c->sha256);
	free(c);
}

/* The table of a choice; NULL without one. */
static const uint8_t *table_of(const struct identify *q, const size_t *at,
			       uint8_t table[SEV_HASHES_TABLE])
{
	struct sev_hashes h = q->hashes;

	if (!q->has_kernel || at[IDENTIFY_HASHES])
		return NULL;
	memcpy(h.cmdline, q->cmdlines[at[IDENTIFY_CMDLINE]].sha256,
	       sizeof(h.cmdline));
	if (at[IDENTIFY_INITRD] == INITRD_LEFT_OUT)
		memcpy(h.initrd, q->no_initrd, sizeof(h.initrd));
	if (at[IDENTIFY_INITRD] == INITRD_EXCHANGED) {
		memcpy(h.initrd, q->hashes.kernel, sizeof(h.initrd));
		memcpy(h.kernel, q->hashes.initrd, sizeof(h.kernel));
	}
	sev_hashes_table(&h, table);
	return table;
}

static struct identify_head *head_of(struct identify *q, const size_t *at)
{
	size_t initrds = q->nr[IDENTIFY_INITRD], i = 0;
	size_t tables = q->nr[IDENTIFY_CMDLINE] * initrds + 1;

	if (q->has_kernel && !at[IDENTIFY_HASHES])
		i = 1 + at[IDENTIFY_CMDLINE] * initrds + at[IDENTIFY_INITRD];
	i += class_of[q->vmms[at[IDENTIFY_VMM]]] * tables;
	return &q->firmware[at[IDENTIFY_FIRMWARE]]->heads[i];
}

static void make_head(struct identify *q, const size_t *at,
		      struct identify_head *h)
{
	const struct identify_firmware *f = q->firmware[at[IDENTIFY_FIRMWARE]];
	struct snp_launch l = {.sha384 = q->sha384};
	uint8_t buf[SEV_HASHES_TABLE];
	struct err e = {""};

	memcpy(l.digest, f->seed, SNP_DIGEST);
	h->state = HEAD_READY;
	/* Only a table that has no place can fail. */
	if (snp_add_sections(&l, &f->ovmf, q->vmms[at[IDENTIFY_VMM]],
			     table_of(q, at, buf), &e))
		h->state = HEAD_IMPOSSIBLE;
	memcpy(h->digest, l.digest, SNP_DIGEST);
}

static bool begin_snp(struct identify *q, struct identify_chain *c,
		      const struct snp_vcpu *bsp, const size_t *at)
{
	uint32_t eip = q->firmware[at[IDENTIFY_FIRMWARE]]->ovmf.reset_eip;
	struct identify_vmsas *v = &q->vmsas[at[IDENTIFY_VMM]][at[IDENTIFY_CPU]]
					    [at[IDENTIFY_FEATURES]];
	struct identify_head *h = head_of(q, at);

	if (h->state == HEAD_UNKNOWN)
		make_head(q, at, h);
	if (!v->set || v->eip != eip)
		snp_vmsas(q->sha384, bsp, eip, &v->v);
	v->set = true;
	v->eip = eip;
	c->vmsas = &v->v;
	memcpy(c->snp.digest, h->digest, SNP_DIGEST);
	return h->state == HEAD_READY;
}

static bool begin_sev(struct identify *q, struct identify_chain *c,
		      const struct snp_vcpu *bsp, const size_t *at)
{
	const struct identify_firmware *f = q->firmware[at[IDENTIFY_FIRMWARE]];
	struct snp_vcpu ap = *bsp;
	uint8_t buf[SEV_HASHES_TABLE];
	const uint8_t *table = table_of(q, at, buf);
	struct err e = {""};

	if (table && sev_can_verify(&f->ovmf, &e))
		return false;
	ap.eip = f->ovmf.reset_eip;
	snp_vmsa(bsp, c->bsp);
	snp_vmsa(&ap, c->ap);
	hash_copy(c->sha256, f->sha256);
	if (table)
		hash_update(c->sha256, table, SEV_HASHES_TABLE);
	return true;
}

bool identify_chain_begin(struct identify *q, struct identify_chain *c,
			  const size_t at[IDENTIFY_NR_CHOICES])
{
	const struct identify_firmware *f = q->firmware[at[IDENTIFY_FIRMWARE]];
	const struct snp_vcpu bsp = {
		.vmm = q->vmms[at[IDENTIFY_VMM]],
		.eip = SNP_BSP_EIP,
		.sig = q->cpus[at[IDENTIFY_CPU]],
		.features = q->features[at[IDENTIFY_FEATURES]],
	};

	c->max_vcpus = f->ovmf.has_reset ? q->max_vcpus : 1;
	return (q->mode == IDENTIFY_SNP ? begin_snp : begin_sev)(q, c, &bsp,
								 at);
}

void identify_chain_add(struct identify *q, struct identify_chain *c, size_t i)
{
	if (q->mode == IDENTIFY_SNP)
		snp_add_vcpu(&c->snp, c->vmsas, i);
	else
		hash_update(c->sha256, i == 0 ? c->bsp : c->ap, SNP_PAGE);
}

void identify_chain_digest(struct identify *q, struct identify_chain *c,
			   uint8_t out[SNP_DIGEST])
{
	if (q->mode == IDENTIFY_SNP) {
		memcpy(out, c->snp.digest, SNP_DIGEST);
		return;
	}
	memset(out, 0, SNP_DIGEST);
	hash_peek(c->sha256, out);
}
