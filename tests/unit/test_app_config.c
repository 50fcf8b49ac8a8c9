/* SPDX-License-Identifier: Apache-2.0 */
/* test_app_config.c: APP_CONFIG, image configuration, users, umoci's record. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app_config.h"
#include "caps.h"
#include "oci_config.h"
#include "users.h"
#include "xattrs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Lines of APP_CONFIG that are refused, and the message after "f:". */
static const struct {
	const char *text, *message;
} refused[] = {
	{"nonsense x", "1: unknown directive \"nonsense\""},
	{"Hostname x", "1: unknown directive \"Hostname\""},
	{"\n# c\n\nhostname a\n hostname b",
	 "5: duplicate \"hostname\", first on line 4"},
	{"hostname", "1: usage: hostname NAME"},
	{"hostname a b", "1: usage: hostname NAME"},
	{"hostname a/b", "1: hostname \"a/b\" is not 1 to 63 letters, digits, "
			 "-, . and _"},
	{"hostname -a", "1: hostname \"-a\" is not 1 to 63 letters, digits, -, "
			". and _"},
	{"output serial", "1: output \"serial\" is neither log nor none"},
	{"grace 3601",
	 "1: grace \"3601\" is not a number of seconds from 0 to 3600"},
	{"grace 01", "1: grace \"01\" is not a number of seconds from 0 to "
		     "3600"},
	{"grace -1", "1: grace \"-1\" is not a number of seconds from 0 to "
		     "3600"},
	{"sysctl net.core.somaxconn", "1: usage: sysctl NAME=VALUE"},
	{"sysctl kernel.core_pattern=|/x",
	 "1: sysctl \"kernel.core_pattern\" is not one that may be set"},
	{"sysctl kernel.msgx=1",
	 "1: sysctl \"kernel.msgx\" is not one that may be set"},
	{"sysctl net.core..x=1",
	 "1: sysctl \"net.core..x\" is not one that may be set"},
	{"sysctl net.core./../x=1",
	 "1: sysctl \"net.core./../x\" is not one that may be set"},
	{"sysctl vm.swappiness=",
	 "1: value of sysctl vm.swappiness is not 1 to 255 bytes on one line"},
	{"sysctl vm.swappiness=1\\n2",
	 "1: value of sysctl vm.swappiness is not 1 to 255 bytes on one line"},
	{"sysctl vm.swappiness=1\nsysctl vm.swappiness=1",
	 "2: duplicate sysctl vm/swappiness"},
	{"network dhcp", "1: network \"dhcp\" is not \"none\""},
	{"network none\naddress 10.0.0.1/8",
	 "1: \"network none\" together with address, gateway, nameserver or "
	 "port"},
	{"port 80\nnetwork none",
	 "2: \"network none\" together with address, gateway, nameserver or "
	 "port"},
	{"address 10.0.0.1", "1: address \"10.0.0.1\" lacks /PREFIX"},
	{"address 10.0.0.256/8", "1: \"10.0.0.256\" is not an IPv4 or IPv6 "
				 "address for an interface"},
	{"address 127.0.0.1/8", "1: \"127.0.0.1\" is not an IPv4 or IPv6 "
				"address for an interface"},
	{"address ::1/128",
	 "1: \"::1\" is not an IPv4 or IPv6 address for an interface"},
	{"address ff02::1/64",
	 "1: \"ff02::1\" is not an IPv4 or IPv6 address for an interface"},
	{"address 10.0.0.1/33",
	 "1: prefix \"33\" is not a number from 1 to 32"},
	{"address fd00::1/0", "1: prefix \"0\" is not a number from 1 to 128"},
	{"address 10.0.0.1/8\naddress 10.0.0.2/8",
	 "2: second address of this family, first on line 1"},
	{"gateway 10.0.0.1", "1: gateway without an IPv4 \"address\""},
	{"gateway fd00::1\naddress 10.0.0.1/8",
	 "1: gateway without an IPv6 \"address\""},
	{"address 10.0.0.5/24\ngateway 10.0.1.1",
	 "2: gateway lies outside the subnet of the address on line 1"},
	{"address fd00::5/65\ngateway fd00::8000:0:0:1",
	 "2: gateway lies outside the subnet of the address on line 1"},
	{"address 10.0.0.5/24\ngateway 10.0.0.1\ngateway 10.0.0.2",
	 "3: second gateway of this family, first on line 2"},
	{"nameserver ns.example",
	 "1: nameserver \"ns.example\" is not an IPv4 or IPv6 address"},
	{"nameserver 1.1.1.1\nnameserver 1.1.1.1",
	 "2: duplicate nameserver 1.1.1.1"},
	{"nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\n"
	 "nameserver 1.1.1.4",
	 "4: more than 3 nameservers"},
	{"host 1.1.1.1", "1: usage: host ADDRESS NAME..."},
	{"host db 1.1.1.1", "1: host \"db\" is not an IPv4 or IPv6 address"},
	{"host 1.1.1.1 a\\nb", "1: host name \"a?b\" is not 1 to 253 letters, "
			       "digits, -, . and _"},
	{"port 0", "1: port \"0\" is not a number from 1 to 65535"},
	{"port 65536", "1: port \"65536\" is not a number from 1 to 65535"},
	{"port 80/sctp", "1: port \"80/sctp\" is neither /tcp nor /udp"},
	{"port 80\nport 80/tcp", "2: duplicate port 80"},
	{"writable /a", "1: usage: writable PATH SIZE [MODE [USER[:GROUP]]]"},
	{"writable a 1M", "1: path \"a\" does not start with /"},
	{"writable /a/ 1M",
	 "1: path \"/a/\" has an empty component or ends with /"},
	{"writable /a//b 1M",
	 "1: path \"/a//b\" has an empty component or ends with /"},
	{"writable /a/../b 1M", "1: path \"/a/../b\" has a component . or .."},
	{"writable /a 1M\nwritable /a 2M",
	 "2: duplicate writable /a, first on line 1"},
	{"writable /a 1", "1: size \"1\" is not a number with K, M or G, from "
			  "64K to 1024G"},
	{"writable /a 63K", "1: size \"63K\" is not a number with K, M or G, "
			    "from 64K to 1024G"},
	{"writable /a 1025G", "1: size \"1025G\" is not a number with K, M or "
			      "G, from 64K to 1024G"},
	{"writable /a 99999999999999999999G",
	 "1: size \"99999999999999999999G\" is not a number with K, M or G, "
	 "from 64K to 1024G"},
	{"writable /a 1M 888", "1: mode \"888\" is not 3 or 4 octal digits"},
	{"writable /a 1M 07777", "1: mode \"07777\" is not 3 or 4 octal "
				 "digits"},
	{"service A", "1: service name \"A\" is not 1 to 32 of a-z, 0-9 and -, "
		      "- not first"},
	{"service app",
	 "1: service \"app\" is there already: it is the workload"},
	{"service a\nservice a", "2: service \"a\" is there already"},
	{"service a\nhostname x", "2: \"hostname\" is for the whole guest and "
				  "belongs before the first \"service\""},
	{"arg", "1: the first argument, the program, is empty"},
	{"arg a\\qb", "1: unknown escape \\qb; known are \\\\ \\n \\t \\s and "
		      "\\x01 to \\xff"},
	{"arg a\\x0", "1: unknown escape \\x0; known are \\\\ \\n \\t \\s and "
		      "\\x01 to \\xff"},
	{"arg a\\x00", "1: unknown escape \\x00; known are \\\\ \\n \\t \\s "
		       "and \\x01 to \\xff"},
	{"arg a\\",
	 "1: unknown escape \\; known are \\\\ \\n \\t \\s and \\x01 "
	 "to \\xff"},
	{"arg a\tb", "1: tab inside a value; write \\t"},
	{"arg a\001b", "1: control byte 0x01; write it as the escape \\x01"},
	{"arg a\177b", "1: control byte 0x7f; write it as the escape \\x7f"},
	{"arg a\r\narg b",
	 "1: carriage return; lines must end with a line feed only"},
	{"# \001", "1: control byte 0x01; write it as the escape \\x01"},
	{"env A", "1: usage: env NAME=VALUE"},
	{"env =A", "1: usage: env NAME=VALUE"},
	{"env A=1\nenv A=2", "2: duplicate env A"},
	{"user a b", "1: usage: user USER[:GROUP]"},
	{"user a\nuser b", "2: duplicate \"user\", first on line 1"},
	{"workdir a", "1: path \"a\" does not start with /"},
	{"rlimit files 1", "1: unknown rlimit \"files\""},
	{"rlimit nproc x", "1: rlimit nproc is not SOFT or SOFT:HARD, each a "
			   "number or \"unlimited\""},
	{"rlimit nproc 2:1", "1: rlimit nproc: soft limit above the hard "
			     "limit"},
	{"rlimit nproc unlimited:1",
	 "1: rlimit nproc: soft limit above the hard limit"},
	{"rlimit nproc 1\nrlimit nproc 2", "2: duplicate rlimit nproc"},
	{"rlimit nofile 1048577",
	 "1: rlimit nofile: hard limit above 1048576, the most the guest's "
	 "kernel allows"},
	{"restart sometimes", "1: restart \"sometimes\" is none of never, "
			      "on-failure, always"},
	{"restart never 1", "1: \"restart never\" has no delay"},
	{"restart always 3600001", "1: delay \"3600001\" is not a number of "
				   "milliseconds from 0 to 3600000"},
	{"restart always 1 x", "1: tries \"x\" is not a number from 0 (no "
			       "limit) to 1000000"},
	{"ready /x", "1: \"ready\" is for a \"service\"; nothing is started "
		     "after the workload"},
	{"service a\nready x", "2: path \"x\" does not start with /"},
	{"service a\nready /x 0",
	 "2: \"0\" is not a number of seconds from 1 to 3600"},
	{"capability grant CHOWN", "1: usage: capability add|drop NAME"},
	{"capability add all", "1: unknown capability \"all\""},
	{"capability add chown", "1: unknown capability \"chown\""},
	{"capability drop all\ncapability drop all",
	 "2: duplicate capability all"},
	{"capability add CAP_CHOWN\ncapability drop CHOWN",
	 "2: duplicate capability CHOWN"},
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct app_config *c = app_config_new();
		struct err e = {""};
		const char *text = refused[i].text;
		char want[1024];

		snprintf(want, sizeof(want), "f:%s", refused[i].message);
		assert_non_null(c);
		if (app_config_parse(c, "f", text, strlen(text), &e) == RC_OK)
			fail_msg("accepted: %s", text);
		assert_string_equal(e.msg, want);
		app_config_free(c);
	}
}

static struct app_config *parse(const char *text)
{
	struct app_config *c = app_config_new();
	struct err e = {""};

	assert_non_null(c);
	if (app_config_parse(c, "f", text, strlen(text), &e) != RC_OK)
		fail_msg("%s", e.msg);
	return c;
}

static void test_nul_byte(void **state)
{
	struct app_config *c = app_config_new();
	struct err e = {""};

	(void)state;
	assert_int_equal(app_config_parse(c, "f", "arg a\0b\n", 8, &e),
			 RC_FORMAT);
	assert_string_equal(e.msg, "f:1: NUL byte");
	app_config_free(c);
}

static void test_defaults(void **state)
{
	struct app_config *c = parse("");

	(void)state;
	assert_string_equal(c->hostname, "mote");
	assert_true(c->output);
	assert_int_equal(c->grace_ms, 10000);
	assert_int_equal(c->nr_services, 1);
	assert_string_equal(c->services[0].name, "app");
	assert_int_equal(c->services[0].restart, APP_NEVER);
	app_config_free(c);
}

static void test_guest(void **state)
{
	struct app_config *c = parse("  hostname\tbox  \noutput none\ngrace 0\n"
				     "sysctl net.core.somaxconn=1 2\n"
				     "address 10.1.2.3/24\ngateway 10.1.2.1\n"
				     "address fd00::5/64\ngateway fe80::1\n"
				     "nameserver 9.9.9.9\n"
				     "host 10.1.2.9 db db.local\n"
				     "port 80\nport 53/udp\n"
				     "writable /a\\sb 64K\n"
				     "writable /c 3G 1777 u:g");

	(void)state;
	assert_string_equal(c->hostname, "box");
	assert_false(c->output);
	assert_int_equal(c->grace_ms, 0);
	assert_string_equal(c->sysctls.v[0], "net/core/somaxconn");
	assert_string_equal(c->sysctls.v[1], "1 2");
	assert_memory_equal(c->v4.addr, "\x0a\x01\x02\x03", 4);
	assert_int_equal(c->v4.prefix, 24);
	assert_int_equal(c->v6.prefix, 64);
	assert_int_equal(c->v6.gateway_line, 8);
	assert_string_equal(c->hosts.v[0], "10.1.2.9 db db.local");
	assert_int_equal(c->nr_ports, 2);
	assert_true(c->ports[1].udp);
	assert_string_equal(c->writable[0].path, "/a b");
	assert_int_equal(c->writable[0].bytes, 65536);
	assert_false(c->writable[0].has_mode);
	assert_true(c->writable[1].bytes == 3ULL << 30);
	assert_int_equal(c->writable[1].mode, 01777);
	assert_string_equal(c->writable[1].owner, "u:g");
	app_config_free(c);
}

static void test_services(void **state)
{
	struct app_config *c = parse("arg /app\narg \narg  two  words \n"
				     "arg \\sx\\s\nenv A=1=2\nuser 1:2\n"
				     "rlimit core unlimited\n"
				     "rlimit nproc 5:6\n"
				     "restart on-failure 200 3\n"
				     "capability drop all\n"
				     "capability add NET_ADMIN\n"
				     "service side-car\narg /x\nuser u\n"
				     "ready /run/s\n"
				     "service b\narg /y\nready /z 2\n");
	struct app_service *s = &c->services[0];

	(void)state;
	assert_int_equal(s->args.n, 4);
	assert_string_equal(s->args.v[1], "");
	assert_string_equal(s->args.v[2], "two  words");
	assert_string_equal(s->args.v[3], " x ");
	assert_string_equal(s->env.v[0], "A=1=2");
	assert_true(s->rlimits[0].soft == UINT64_MAX);
	assert_int_equal(s->rlimits[1].resource, RLIMIT_NPROC);
	assert_int_equal(s->rlimits[1].hard, 6);
	assert_int_equal(s->restart, APP_ON_FAILURE);
	assert_int_equal(s->restart_delay_ms, 200);
	assert_int_equal(s->restart_tries, 3);
	assert_true(s->drop_all);
	assert_int_equal(s->caps_add, 1 << 12);
	assert_int_equal(c->nr_services, 3);
	assert_string_equal(c->services[1].name, "side-car");
	assert_int_equal(c->services[1].ready_ms, 30000);
	assert_int_equal(c->services[2].ready_ms, 2000);
	app_config_free(c);
}

/* Every byte but NUL, by escapes and, where allowed, as it is. */
static void test_every_byte(void **state)
{
	char text[4096] = "arg ", want[256], raw[8];
	struct app_config *c;

	(void)state;
	for (int i = 1; i < 256; i++) {
		sprintf(text + strlen(text), i & 1 ? "\\x%02x" : "\\x%02X",
			(unsigned int)i);
		want[i - 1] = (char)i;
	}
	want[255] = '\0';
	c = parse(text);
	assert_string_equal(c->services[0].args.v[0], want);
	app_config_free(c);
	for (int i = 0x21; i < 256; i++) {
		if (i == '\\' || i == 0x7f)
			continue;
		snprintf(raw, sizeof(raw), "arg %c", i);
		c = parse(raw);
		assert_string_equal(c->services[0].args.v[0], raw + 4);
		app_config_free(c);
	}
}

/* n lines made by fmt with a number; the last one must hit the limit. */
static void too_many(const char *first, const char *fmt, int n,
		     const char *things)
{
	size_t size = 100 + (size_t)n * 64, len;
	char *text = malloc(size);
	struct app_config *c = app_config_new();
	struct err e = {""};

	assert_non_null(text);
	len = (size_t)sprintf(text, "%s", first);
	for (int i = 1; i <= n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		len += (size_t)snprintf(text + len, size - len, fmt, i);
#pragma GCC diagnostic pop
	}
	assert_int_equal(app_config_parse(c, "f", text, len, &e), RC_LIMIT);
	assert_non_null(strstr(e.msg, things));
	app_config_free(c);
	/* One less is accepted. */
	*strrchr(text, '\n') = '\0';
	*(strrchr(text, '\n') + 1) = '\0';
	app_config_free(parse(text));
	free(text);
}

static void test_limits(void **state)
{
	(void)state;
	too_many("", "service s%d\n", 16, "more than 16 services");
	too_many("", "port %d\n", 257, "more than 256 ports");
	too_many("", "writable /w%d 1M\n", 65, "more than 64 writable paths");
	too_many("", "host 10.0.0.%d a\n", 65, "more than 64 host lines");
	too_many("", "sysctl net.core.x%d=1\n", 33, "more than 32 sysctls");
	too_many("", "env A%d=1\n", 1025,
		 "more than 1024 arguments and variables");
	too_many("arg x\n", "arg %d\n", 1024,
		 "more than 1024 arguments and variables");
}

static void test_file_size(void **state)
{
	struct app_config *c = app_config_new();
	char *text = malloc(APP_MAX_FILE + 1);
	struct err e = {""};

	(void)state;
	assert_non_null(text);
	memset(text, '\n', APP_MAX_FILE + 1);
	assert_int_equal(app_config_parse(c, "f", text, APP_MAX_FILE, &e),
			 RC_OK);
	assert_int_equal(app_config_parse(c, "f", text, APP_MAX_FILE + 1, &e),
			 RC_LIMIT);
	assert_string_equal(e.msg, "f: larger than 1048576 bytes");
	free(text);
	app_config_free(c);
}

#define IMAGE(config)                                                          \
	"{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":" config "}"

static const struct {
	const char *text, *message;
} bad_images[] = {
	{"[]", "i: not a JSON object"},
	{"{", "i: line 1: not valid JSON: string or '}' expected near end of "
	      "file"},
	{"{\"os\":\"linux\",\"os\":\"linux\"}",
	 "i: line 1: not valid JSON: duplicate object key near '\"os\"'"},
	{"{\"os\":\"windows\",\"architecture\":\"amd64\"}",
	 "i: the image is for windows/amd64, not for linux/amd64"},
	{"{\"os\":\"linux\",\"architecture\":\"arm64\"}",
	 "i: the image is for linux/arm64, not for linux/amd64"},
	{"{}", "i: the image is for ?/?, not for linux/amd64"},
	{IMAGE("[]"), "i: config: is not an object"},
	{IMAGE("{\"Cmd\":\"sh\"}"), "i: Cmd: is not an array of strings"},
	{IMAGE("{\"Entrypoint\":[\"a\",1]}"),
	 "i: Entrypoint: is not an array of strings"},
	{IMAGE("{\"Cmd\":[\"a\\u0000b\"]}"),
	 "i: line 1: not valid JSON: \\u0000 is not allowed without "
	 "JSON_ALLOW_NUL"},
	{IMAGE("{\"Env\":[\"A\"]}"), "i: Env: \"A\" is not NAME=VALUE"},
	{IMAGE("{\"Env\":[\"=A\"]}"), "i: Env: \"=A\" is not NAME=VALUE"},
	{IMAGE("{\"Env\":{}}"), "i: Env: is not an array of strings"},
	{IMAGE("{\"ExposedPorts\":[]}"), "i: ExposedPorts: is not an object"},
	{IMAGE("{\"ExposedPorts\":{\"x\":{}}}"),
	 "i: ExposedPorts: a port is not a number from 1 to 65535"},
	{IMAGE("{\"ExposedPorts\":{\"123456789\":{}}}"),
	 "i: ExposedPorts: a port is not a number"},
	{IMAGE("{\"Volumes\":{\"data\":{}}}"),
	 "i: Volumes: \"data\" is not an absolute path without . and .. "
	 "components"},
	{IMAGE("{\"Volumes\":{\"/a/../b\":{}}}"),
	 "i: Volumes: \"/a/../b\" is not an absolute path without . and .. "
	 "components"},
	{IMAGE("{\"WorkingDir\":\"a\"}"),
	 "i: WorkingDir: is not an absolute path without . and .. components"},
	{IMAGE("{\"User\":7}"), "i: User: is not a string"},
	{IMAGE("{\"StopSignal\":[]}"), "i: StopSignal: is not a string"},
};

static void test_bad_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_images); i++) {
		const char *text = bad_images[i].text;
		struct oci_config c = {0};
		struct err e = {""};

		if (oci_config_parse(&c, "i", text, strlen(text), &e) == RC_OK)
			fail_msg("accepted: %s", text);
		/* The parser may add where it stopped. */
		if (strncmp(e.msg, bad_images[i].message,
			    strlen(bad_images[i].message)) != 0)
			assert_string_equal(e.msg, bad_images[i].message);
		oci_config_free(&c);
	}
}

static void test_deep_image(void **state)
{
	char text[3000];
	struct oci_config c = {0};
	struct err e = {""};

	(void)state;
	memset(text, '[', 1000);
	memset(text + 1000, ']', 1000);
	assert_int_equal(oci_config_parse(&c, "i", text, 2000, &e), RC_LIMIT);
	assert_string_equal(e.msg, "i: nested deeper than 32 levels");
}

static void test_image(void **state)
{
	static const char text[] =
		IMAGE("{\"Entrypoint\":[\"a\",\"\"],\"Cmd\":[\"\\n\\u00e9\"],"
		      "\"Env\":[\"A=1\",\"B=\",\"A=2\"],\"User\":null,"
		      "\"ExposedPorts\":{\"80\":{},\"80/tcp\":{},\"53/udp\":{},"
		      "\"7/sctp\":{}},\"Volumes\":{\"//a//b/\":{}},"
		      "\"WorkingDir\":\"\",\"Labels\":{\"x\":\"y\"}}");
	struct oci_config c = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(oci_config_parse(&c, "i", text, strlen(text), &e),
			 RC_OK);
	assert_int_equal(c.args.n, 3);
	assert_string_equal(c.args.v[1], "");
	assert_string_equal(c.args.v[2], "\n\303\251");
	assert_int_equal(c.env.n, 2);
	assert_string_equal(c.env.v[0], "A=2");
	assert_int_equal(c.nr_ports, 2);
	assert_string_equal(c.ignored_ports.v[0], "7/sctp");
	assert_string_equal(c.volumes.v[0], "/a/b");
	assert_string_equal(c.workdir, "/");
	assert_string_equal(c.user, "");
	oci_config_free(&c);
}

static char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
		       "broken:x:zero:0:r:/:/\n"
		       "short:x:5:5\n"
		       "redis:x:999:1000::/home/redis:/bin/sh\n"
		       "7:x:8:9::/seven:/\n"
		       "huge:x:4294967295:1::/:/\n"
		       "last:x:3:4::/last:/bin/sh";
static char group[] = "root:x:0:\n"
		      "bad:x:x:redis\n"
		      "a:x:50:root,redis\n"
		      "b:x:51:redisx,xredis\n"
		      "c:x:52:redis\n"
		      "own:x:1000:redis\n";

static void test_users(void **state)
{
	static const struct {
		const char *spec;
		uint32_t uid, gid;
		size_t nr_groups;
		const char *home;
	} good[] = {
		{"", 0, 0, 1, "/root"},
		{"root", 0, 0, 1, "/root"},
		{"redis", 999, 1000, 2, "/home/redis"},
		{"999", 999, 1000, 2, "/home/redis"},
		{"redis:c", 999, 52, 0, "/home/redis"},
		{"redis:77", 999, 77, 0, "/home/redis"},
		{"redis:", 999, 1000, 2, "/home/redis"},
		{"1234", 1234, 0, 0, "/"},
		{"1234:a", 1234, 50, 0, "/"},
		{"7", 7, 0, 0, "/"},
		{"last", 3, 4, 0, "/last"},
		{"4294967294", 4294967294U, 0, 0, "/"},
	};
	static const struct {
		const char *spec, *message;
	} bad[] = {
		{"nobody", "user \"nobody\" is not in the image's /etc/passwd"},
		{"broken", "user \"broken\" is not in the image's /etc/passwd"},
		{"short", "user \"short\" is not in the image's /etc/passwd"},
		{"huge", "user \"huge\" is not in the image's /etc/passwd"},
		{"4294967295",
		 "user \"4294967295\" is not in the image's /etc/passwd"},
		{"-1", "user \"-1\" is not in the image's /etc/passwd"},
		{"redis:bad", "group \"bad\" is not in the image's /etc/group"},
	};
	struct users u = {passwd, group};
	struct users_ids ids;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(users_resolve(&u, good[i].spec, &ids, &e), 0);
		assert_int_equal(ids.uid, good[i].uid);
		assert_int_equal(ids.gid, good[i].gid);
		assert_int_equal(ids.nr_groups, good[i].nr_groups);
		assert_string_equal(ids.home, good[i].home);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(users_resolve(&u, bad[i].spec, &ids, &e),
				 RC_FORMAT);
		assert_string_equal(e.msg, bad[i].message);
	}
}

static void test_no_users(void **state)
{
	struct users u = {NULL, NULL};
	struct users_ids ids;
	struct err e;

	(void)state;
	assert_int_equal(users_resolve(&u, "5:6", &ids, &e), RC_OK);
	assert_int_equal(ids.gid, 6);
	assert_int_equal(users_resolve(&u, "a", &ids, &e), RC_FORMAT);
	assert_string_equal(e.msg, "user \"a\" is named but there is no "
				   "/etc/passwd in the image");
	assert_int_equal(users_resolve(&u, "5:a", &ids, &e), RC_FORMAT);
	assert_string_equal(e.msg, "group \"a\" is named but there is no "
				   "/etc/group in the image");
}

static void test_caps(void **state)
{
	static const char *const names[] = {
		"CHOWN",
		"DAC_OVERRIDE",
		"FSETID",
		"FOWNER",
		"MKNOD",
		"NET_RAW",
		"SETGID",
		"SETUID",
		"SETFCAP",
		"SETPCAP",
		"KILL",
		"AUDIT_WRITE",
		"NET_BIND_SERVICE",
		"SYS_CHROOT",
	};
	uint64_t all = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		all |= caps_mask(names[i]);
	assert_true(all == CAPS_DEFAULT);
	assert_true(caps_mask("CAP_CHECKPOINT_RESTORE") == 1ULL << 40);
	assert_true(caps_mask("CAP_") == 0);
	assert_null(caps_name(41));
}

static void test_owner_record(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool good;
		uint32_t uid, gid;
	} rows[] = {
		/* As umoci 0.4.7 wrote them. */
		{"\x08\xe8\x07\x10\xe8\x07", 6, true, 1000, 1000},
		{"\x08\xf0\xa2\x04\x10\x80\xd0\xac\xf3\x0e", 10, true, 70000,
		 4000000000U},
		{"\x08\xff\xff\xff\xff\x0f\x10\x05", 8, true, 0, 5},
		{"", 0, true, 0, 0},
		{"\x10\x05", 2, true, 0, 5},
		{"\x08", 1, false, 0, 0},
		{"\x08\x80", 2, false, 0, 0},
		{"\x08\x80\x80\x80\x80\x10", 6, false, 0, 0},
		{"\x08\x80\x80\x80\x80\x80\x01", 7, false, 0, 0},
		{"\x18\x05", 2, false, 0, 0},
		{"\x0a\x01\x01", 3, false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t uid = 1, gid = 1;
		uint8_t bytes[16] = {0};

		memcpy(bytes, rows[i].bytes, rows[i].len);
		assert_int_equal(
			xattrs_parse_owner(bytes, rows[i].len, &uid, &gid),
			rows[i].good);
		if (rows[i].good) {
			assert_int_equal(uid, rows[i].uid);
			assert_int_equal(gid, rows[i].gid);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_guest),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_file_size),
		cmocka_unit_test(test_bad_images),
		cmocka_unit_test(test_deep_image),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_no_users),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_owner_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
