/* SPDX-License-Identifier: Apache-2.0 */
/* app_net.c: directives of APP_CONFIG for the network. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "app_line.h"

int app_on_network(struct app_line *l)
{
	if (strcmp(l->word[0], "none") != 0)
		return app_line_bad(l, "network \"%s\" is not \"none\"",
				    l->word[0]);
	l->config->network_none = true;
	l->config->network_line = l->nr;
	return RC_OK;
}

/* Address family of s, whose bytes are stored in addr; 0 if it is none. */
static int parse_address(const char *s, uint8_t addr[16])
{
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, s, addr) == 1)
		return AF_INET;
	if (inet_pton(AF_INET6, s, addr) == 1)
		return AF_INET6;
	return 0;
}

/* An address that a network interface can have. */
static bool is_host_address(int family, const uint8_t addr[16])
{
	static const uint8_t none[16], loopback[16] = {[15] = 1};

	if (family == AF_INET)
		return addr[0] != 0 && addr[0] != 127 && addr[0] < 224;
	return memcmp(addr, none, 16) != 0 && memcmp(addr, loopback, 16) != 0 &&
	       addr[0] != 0xff;
}

int app_on_address(struct app_line *l)
{
	char *slash = strchr(l->word[0], '/');
	struct app_net *net;
	uint8_t addr[16];
	uint64_t prefix;
	int family;

	if (!slash)
		return app_line_bad(l, "address \"%s\" lacks /PREFIX",
				    l->word[0]);
	*slash = '\0';
	family = parse_address(l->word[0], addr);
	if (!family || !is_host_address(family, addr))
		return app_line_bad(l,
				    "\"%s\" is not an IPv4 or IPv6 address "
				    "for an interface",
				    l->word[0]);
	if (!app_number(slash + 1, family == AF_INET ? 32 : 128, &prefix) ||
	    prefix == 0)
		return app_line_bad(l,
				    "prefix \"%s\" is not a number from 1 "
				    "to %d",
				    slash + 1, family == AF_INET ? 32 : 128);
	net = family == AF_INET ? &l->config->v4 : &l->config->v6;
	if (net->line)
		return app_line_bad(l,
				    "second address of this family, first "
				    "on line %u",
				    net->line);
	net->line = l->nr;
	net->prefix = (unsigned int)prefix;
	memcpy(net->addr, addr, 16);
	return RC_OK;
}

int app_on_gateway(struct app_line *l)
{
	uint8_t addr[16];
	int family = parse_address(l->word[0], addr);
	struct app_net *net;

	if (!family || !is_host_address(family, addr))
		return app_line_bad(l,
				    "gateway \"%s\" is not an IPv4 or IPv6 "
				    "address",
				    l->word[0]);
	net = family == AF_INET ? &l->config->v4 : &l->config->v6;
	if (net->gateway_line)
		return app_line_bad(l,
				    "second gateway of this family, first "
				    "on line %u",
				    net->gateway_line);
	net->gateway_line = l->nr;
	memcpy(net->gateway, addr, 16);
	return RC_OK;
}

int app_on_nameserver(struct app_line *l)
{
	struct strv *list = &l->config->nameservers;
	uint8_t addr[16];

	if (!parse_address(l->word[0], addr))
		return app_line_bad(l,
				    "nameserver \"%s\" is not an IPv4 or "
				    "IPv6 address",
				    l->word[0]);
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], l->word[0]) == 0)
			return app_line_bad(l, "duplicate nameserver %s",
					    l->word[0]);
	}
	if (list->n == APP_MAX_NAMESERVERS)
		return app_line_limit(l, APP_MAX_NAMESERVERS, "nameservers");
	return strv_add(list, l->word[0], l->e);
}

int app_on_host(struct app_line *l)
{
	struct strv *list = &l->config->hosts;
	char text[APP_MAX_WORDS * 256];
	size_t len = strlen(l->word[0]);
	uint8_t addr[16];

	if (!parse_address(l->word[0], addr))
		return app_line_bad(l,
				    "host \"%s\" is not an IPv4 or IPv6 "
				    "address",
				    l->word[0]);
	strcpy(text, l->word[0]);
	for (size_t i = 1; i < l->nr_words; i++) {
		if (!app_is_host(l->word[i], 253))
			return app_line_bad(l,
					    "host name \"%s\" is not 1 to "
					    "253 letters, digits, -, . and "
					    "_",
					    l->word[i]);
		/* Fits: at most 253 bytes and a blank for each word. */
		len += (size_t)sprintf(text + len, " %s", l->word[i]);
	}
	if (list->n == APP_MAX_HOSTS)
		return app_line_limit(l, APP_MAX_HOSTS, "host lines");
	return strv_add(list, text, l->e);
}

static bool same_subnet(const struct app_net *net)
{
	unsigned int bits = net->prefix;

	for (size_t i = 0; i < 16 && bits > 0; i++) {
		unsigned int n = bits < 8 ? bits : 8;
		uint8_t mask = (uint8_t)(0xff << (8 - n));

		if ((net->addr[i] ^ net->gateway[i]) & mask)
			return false;
		bits -= n;
	}
	return true;
}

static int check_family(struct app_line *l, const struct app_net *net,
			const char *family)
{
	/* fe80::/10 is on the link whatever the prefix. */
	bool link_local =
		net->gateway[0] == 0xfe && (net->gateway[1] & 0xc0) == 0x80;

	if (!net->gateway_line)
		return RC_OK;
	l->nr = net->gateway_line;
	if (!net->line)
		return app_line_bad(l, "gateway without an %s \"address\"",
				    family);
	if (!link_local && !same_subnet(net))
		return app_line_bad(l,
				    "gateway lies outside the subnet of "
				    "the address on line %u",
				    net->line);
	return RC_OK;
}

int app_check_network(struct app_line *l)
{
	const struct app_config *c = l->config;
	int rc;

	if (c->network_none) {
		l->nr = c->network_line;
		if (c->v4.line || c->v6.line || c->v4.gateway_line ||
		    c->v6.gateway_line || c->nameservers.n > 0 ||
		    c->nr_ports > 0)
			return app_line_bad(l, "\"network none\" together with "
					       "address, gateway, nameserver "
					       "or port");
	}
	rc = check_family(l, &c->v4, "IPv4");
	return rc ? rc : check_family(l, &c->v6, "IPv6");
}
