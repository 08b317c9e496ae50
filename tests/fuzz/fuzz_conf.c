/*
 * fuzz_conf.c: libFuzzer on the configuration.
 *
 * The input is the text of a file.  Nothing of the system is asked: there is
 * no other file, every account exists, and every root does.  What was
 * accepted must survive being encoded, decoded and asked.
 */

#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "confsys.h"
#include "log.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MAIN_FILE	"/fuzz.conf"

struct input {
	const uint8_t	*data;
	size_t		 size;
};

static int
input_read(void *arg, const char *path, char **text, size_t *len, char *why)
{
	const struct input	*in = arg;

	/* The file may include itself once by another name. */
	if ((strcmp(path, MAIN_FILE) != 0 && strcmp(path, "/again") != 0) ||
	    (*text = malloc(in->size + 1)) == NULL) {
		(void)strlcpy(why, "no such file", CONFSYS_WHY_MAX);
		return -1;
	}
	if (in->size > 0)
		memcpy(*text, in->data, in->size);
	*len = in->size;
	return 0;
}

static int
any_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	if (name[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	*uid = *gid = 1000;
	return 0;
}

static int
any_group(void *arg, const char *name, uint32_t *gid)
{
	return any_user(arg, name, gid, gid);
}

static int
any_root(void *arg, const char *path, char link[PATH_MAX], char real[PATH_MAX])
{
	(void)arg;
	if (path[0] != '/')
		abort();
	if (strncmp(path, "/link", 5) != 0)
		return 1;
	(void)strlcpy(link, path, PATH_MAX);
	(void)strlcpy(real, "/real", PATH_MAX);
	return 0;
}

static void
drop(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

/* Ask about the path of each rule: the answers must not depend on the copy. */
static void
ask(const struct role *role, const struct role *copy)
{
	struct verdict	 v, w;
	char		 where[POLICY_WHERE_MAX];
	const char	*path;
	size_t		 i;

	for (i = 0; i < role->nrules; i++) {
		path = role->rules[i].pattern;
		v = policy_decide(role, POLICY_OP_READ, path);
		w = policy_decide(copy, POLICY_OP_READ, path);
		if (v.permit != w.permit || (v.rule == NULL) !=
		    (w.rule == NULL))
			abort();
		/* What may be read may be listed, and its directory entered. */
		if (policy_decide(role, POLICY_OP_LIST, path).permit &&
		    !policy_enter(role, path).permit)
			abort();
		policy_where(role, v, where, sizeof(where));
	}
}

static void
check_role(const struct role *role)
{
	size_t		 n, size = role_encoded_size(role);
	struct role	*copy;
	struct wire_out	 w;
	struct wire_in	 in;
	char		**roots;
	void		*buf;

	if ((buf = malloc(size)) == NULL)
		return;
	wire_out_init(&w, buf, size);
	role_encode(&w, role);
	if (wire_put_end(&w) == -1 || w.len != size)
		abort();
	wire_in_init(&in, buf, size);
	if ((copy = role_decode(&in)) == NULL || wire_get_end(&in) == -1)
		abort();
	ask(role, copy);
	role_free(copy);
	free(buf);
	if (policy_roots(role, POLICY_OP_LIST, &roots, &n) == -1)
		return;
	/* A role without a permit is refused. */
	if (n == 0)
		abort();
	policy_roots_free(roots, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	 in = { data, size };
	struct confsys	 sys = { input_read, any_user, any_group, any_root,
			    NULL };
	struct conf	*conf;
	size_t		 i;

	log_set_sink(drop, NULL);
	sys.arg = &in;
	if ((conf = conf_load_from(&sys, MAIN_FILE, NULL)) == NULL)
		return 0;
	for (i = 0; i < conf->nroles; i++)
		check_role(conf->roles[i]);
	conf_free(conf);
	return 0;
}
