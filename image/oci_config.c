/* SPDX-License-Identifier: Apache-2.0 */
/* oci_config.c: what the configuration of an OCI image says. */
/*
 * OCI image-spec 1.0, config.md. Used are: architecture, os, and of config
 * User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, StopSignal.
 * A value that is null counts as absent. Everything else is ignored.
 */
#include <stdlib.h>
#include <string.h>

#include "app_line.h"
#include "json_in.h"
#include "oci_config.h"

struct source {
	const char *name;
	const json_t *config;
	struct err *e;
};

static int bad(const struct source *s, const char *key, const char *why)
{
	return err_set(s->e, RC_FORMAT, "%s: %s: %s", s->name, key, why);
}

/* The value of key, NULL if absent or null. */
static json_t *get(const json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	return json_is_null(v) ? NULL : v;
}

/* A copy of the string at key, or of fallback. */
static int take_string(const struct source *s, const char *key,
		       const char *fallback, char **out)
{
	const json_t *v = get(s->config, key);

	if (v && !json_is_string(v))
		return bad(s, key, "is not a string");
	*out = strdup(v ? json_string_value(v) : fallback);
	return *out ? RC_OK : err_nomem(s->e);
}

/* Appends the strings of the array at key. */
static int take_list(const struct source *s, const char *key, struct strv *out)
{
	const json_t *list = get(s->config, key), *v;

	if (list && !json_is_array(list))
		return bad(s, key, "is not an array of strings");
	if (json_array_size(list) > APP_MAX_STRINGS)
		return err_set(s->e, RC_LIMIT, "%s: %s: more than %d strings",
			       s->name, key, APP_MAX_STRINGS);
	for (size_t i = 0; i < json_array_size(list); i++) {
		int rc;

		v = json_array_get(list, i);
		if (!json_is_string(v))
			return bad(s, key, "is not an array of strings");
		rc = strv_add(out, json_string_value(v), s->e);
		if (rc)
			return rc;
	}
	return RC_OK;
}

static int take_env(const struct source *s, struct strv *out)
{
	struct strv all = {0};
	int rc = take_list(s, "Env", &all);

	for (size_t i = 0; !rc && i < all.n; i++) {
		const char *equal = strchr(all.v[i], '=');

		if (!equal || equal == all.v[i])
			rc = err_set(s->e, RC_FORMAT,
				     "%s: Env: \"%.80s\" is not NAME=VALUE",
				     s->name, all.v[i]);
		else
			rc = strv_set_env(out, all.v[i], s->e);
	}
	strv_free(&all);
	return rc;
}

/* "6379/tcp", "53/udp", or "80", which is tcp. */
static int take_port(const struct source *s, const char *text,
		     struct oci_config *c)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct app_port *p = &c->ports[c->nr_ports];
	char digits[8];
	uint64_t nr;

	if (len >= sizeof(digits))
		return bad(s, "ExposedPorts", "a port is not a number");
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (!app_number(digits, 65535, &nr) || nr == 0)
		return bad(s, "ExposedPorts",
			   "a port is not a number from 1 "
			   "to 65535");
	if (slash && strcmp(slash, "/tcp") != 0 && strcmp(slash, "/udp") != 0)
		return strv_add(&c->ignored_ports, text, s->e);
	if (c->nr_ports == APP_MAX_PORTS)
		return bad(s, "ExposedPorts", "more than 256 ports");
	p->port = (uint16_t)nr;
	p->udp = slash && strcmp(slash, "/udp") == 0;
	for (size_t i = 0; i < c->nr_ports; i++) {
		if (c->ports[i].port == p->port && c->ports[i].udp == p->udp)
			return RC_OK; /* "80" and "80/tcp" */
	}
	c->nr_ports++;
	return RC_OK;
}

/* An object whose keys matter; values are empty objects by the spec. */
static int take_keys(const struct source *s, const char *key, json_t **out)
{
	*out = get(s->config, key);
	if (*out && !json_is_object(*out))
		return bad(s, key, "is not an object");
	return RC_OK;
}

static int take_ports(const struct source *s, struct oci_config *c)
{
	json_t *keys;
	int rc = take_keys(s, "ExposedPorts", &keys);

	for (void *i = json_object_iter(keys); i && !rc;
	     i = json_object_iter_next(keys, i))
		rc = take_port(s, json_object_iter_key(i), c);
	return rc;
}

/* In place: an absolute path without empty components and trailing slash. */
static bool clean_path(char *path)
{
	char *out = path, *p = path;

	if (*p != '/')
		return false;
	while (*p) {
		size_t n;

		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n == 0)
			break;
		*out++ = '/';
		memmove(out, p, n);
		out += n;
		p += n;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
	return app_path_fault(path) == NULL;
}

static int take_volume(const struct source *s, const char *text,
		       struct oci_config *c)
{
	char *path = strdup(text);
	int rc;

	if (!path)
		return err_nomem(s->e);
	if (!clean_path(path))
		rc = err_set(s->e, RC_FORMAT,
			     "%s: Volumes: \"%.200s\" is not an absolute path "
			     "without . and .. components",
			     s->name, text);
	else if (c->volumes.n == OCI_MAX_VOLUMES)
		rc = err_set(s->e, RC_LIMIT, "%s: Volumes: more than %d",
			     s->name, OCI_MAX_VOLUMES);
	else
		rc = strv_add(&c->volumes, path, s->e);
	free(path);
	return rc;
}

static int take_volumes(const struct source *s, struct oci_config *c)
{
	json_t *keys;
	int rc = take_keys(s, "Volumes", &keys);

	for (void *i = json_object_iter(keys); i && !rc;
	     i = json_object_iter_next(keys, i))
		rc = take_volume(s, json_object_iter_key(i), c);
	return rc;
}

static int take_workdir(const struct source *s, struct oci_config *c)
{
	int rc = take_string(s, "WorkingDir", "/", &c->workdir);

	if (rc)
		return rc;
	if (c->workdir[0] == '\0') {
		free(c->workdir);
		c->workdir = strdup("/");
		return c->workdir ? RC_OK : err_nomem(s->e);
	}
	if (!clean_path(c->workdir))
		return bad(s, "WorkingDir",
			   "is not an absolute path without "
			   ". and .. components");
	return RC_OK;
}

static int check_platform(const struct source *s, const json_t *image)
{
	const char *os = json_string_value(json_object_get(image, "os"));
	const char *arch =
		json_string_value(json_object_get(image, "architecture"));

	if (os && arch && strcmp(os, "linux") == 0 &&
	    strcmp(arch, "amd64") == 0)
		return RC_OK;
	return err_set(s->e, RC_UNSUPPORTED,
		       "%s: the image is for %s/%s, not for linux/amd64",
		       s->name, os ? os : "?", arch ? arch : "?");
}

static int take_config(struct source *s, const json_t *image,
		       struct oci_config *c)
{
	int rc = RC_OK;

	if (!json_is_object(image))
		return err_set(s->e, RC_FORMAT, "%s: not a JSON object",
			       s->name);
	s->config = get(image, "config");
	if (s->config && !json_is_object(s->config))
		return bad(s, "config", "is not an object");
	rc = check_platform(s, image);
	rc = rc ? rc : take_list(s, "Entrypoint", &c->args);
	rc = rc ? rc : take_list(s, "Cmd", &c->args);
	rc = rc ? rc : take_env(s, &c->env);
	rc = rc ? rc : take_ports(s, c);
	rc = rc ? rc : take_volumes(s, c);
	rc = rc ? rc : take_workdir(s, c);
	rc = rc ? rc : take_string(s, "User", "", &c->user);
	rc = rc ? rc : take_string(s, "StopSignal", "", &c->stop_signal);
	return rc;
}

int oci_config_parse(struct oci_config *c, const char *name, const char *text,
		     size_t len, struct err *e)
{
	struct source s = {.name = name, .e = e};
	json_t *image;
	int rc;

	if (len > OCI_MAX_FILE)
		return err_set(e, RC_LIMIT, "%s: larger than %lu bytes", name,
			       OCI_MAX_FILE);
	rc = json_in_parse(text, len, name, &image, e);
	if (rc)
		return rc;
	rc = take_config(&s, image, c);
	json_decref(image);
	return rc;
}

void oci_config_free(struct oci_config *c)
{
	strv_free(&c->args);
	strv_free(&c->env);
	strv_free(&c->volumes);
	strv_free(&c->ignored_ports);
	free(c->user);
	free(c->workdir);
	free(c->stop_signal);
}
