/* SPDX-License-Identifier: Apache-2.0 */
/* net.c: loopback and the static addresses of the measured configuration. */
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "sysctl.h"

#define CARD "eth0"

/* linux/ipv6.h: struct in6_ifreq; it clashes with musl's netinet/in.h. */
struct in6_ifreq {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

static int open_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("open", "socket");
	return fd;
}

static struct ifreq request(const char *card)
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	strncpy(r.ifr_name, card, sizeof(r.ifr_name) - 1);
	return r;
}

static void bring_up(int fd, const char *card)
{
	struct ifreq r = request(card);

	r.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		die("network", card);
}

static uint64_t prefix(const struct conf_net *n, uint64_t max)
{
	uint64_t v;

	if (!n->prefix || !conf_number(n->prefix, 10, max, &v))
		die_msg("network", "bad prefix length");
	return v;
}

static void address(const char *hex, uint8_t *out, size_t n)
{
	if (!conf_hex(hex, out, n))
		die_msg("network", "bad address");
}

static void set_v4(struct sockaddr *sa, uint32_t addr)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	in.sin_addr.s_addr = addr;
	memcpy(sa, &in, sizeof(in));
}

static void up_v4(int fd, const struct conf_net *n)
{
	struct ifreq r = request(CARD);
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
	uint64_t bits = prefix(n, 32);
	uint32_t addr;

	address(n->addr, (uint8_t *)&addr, sizeof(addr));
	set_v4(&r.ifr_addr, addr);
	if (ioctl(fd, SIOCSIFADDR, &r) < 0)
		die("network", CARD " IPv4 address");
	set_v4(&r.ifr_netmask, bits ? htonl(~0U << (32 - bits)) : 0);
	if (ioctl(fd, SIOCSIFNETMASK, &r) < 0)
		die("network", CARD " IPv4 prefix");
	if (!n->gateway)
		return;
	address(n->gateway, (uint8_t *)&addr, sizeof(addr));
	set_v4(&route.rt_dst, 0);
	set_v4(&route.rt_genmask, 0);
	set_v4(&route.rt_gateway, addr);
	if (ioctl(fd, SIOCADDRT, &route) < 0)
		die("network", CARD " IPv4 gateway");
}

static void up_v6(int index, const struct conf_net *n)
{
	struct in6_ifreq r = {.prefixlen = (uint32_t)prefix(n, 128),
			      .ifindex = index};
	struct in6_rtmsg route = {.rtmsg_flags = RTF_UP | RTF_GATEWAY,
				  .rtmsg_metric = 1,
				  .rtmsg_ifindex = index};
	int fd = open_socket(AF_INET6);

	address(n->addr, r.addr.s6_addr, sizeof(r.addr));
	if (ioctl(fd, SIOCSIFADDR, &r) < 0)
		die("network", CARD " IPv6 address");
	if (n->gateway) {
		address(n->gateway, route.rtmsg_gateway.s6_addr,
			sizeof(route.rtmsg_gateway));
		if (ioctl(fd, SIOCADDRT, &route) < 0)
			die("network", CARD " IPv6 gateway");
	}
	(void)close(fd); /* cannot fail: a socket */
}

void net_up(const struct conf *c)
{
	int fd = open_socket(AF_INET);

	if (c->hostname && sethostname(c->hostname, strlen(c->hostname)))
		die("sethostname", c->hostname);
	bring_up(fd, "lo");
	if (c->v4.addr || c->v6.addr) {
		struct ifreq r = request(CARD);

		if (ioctl(fd, SIOCGIFINDEX, &r) < 0)
			die("network", CARD);
		/* The host could claim our address to disable it. */
		sysctl_set("net/ipv6/conf/" CARD "/accept_dad", "0");
		sysctl_set("net/ipv6/conf/" CARD "/accept_ra", "0");
		sysctl_set("net/ipv6/conf/" CARD "/autoconf", "0");
		sysctl_set("net/ipv6/conf/" CARD "/accept_redirects", "0");
		bring_up(fd, CARD);
		if (c->v4.addr)
			up_v4(fd, &c->v4);
		if (c->v6.addr)
			up_v6(r.ifr_ifindex, &c->v6);
	}
	(void)close(fd); /* cannot fail: a socket */
}
