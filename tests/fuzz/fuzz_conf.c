/*
 * fuzz_conf.c: libFuzzer on the configuration.
 *
 * The input is the text of a configuration file.  The functions below stand in
 * for the system: no other file exists, and every account and root does.
 *
 * If the parser accepts the configuration, its roles are encoded and decoded,
 * and both copies must decide alike.  It is then printed, read and printed
 * again, and both texts must be the same.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/idset.h"
#include "base/log.h"
#include "base/pathname.h"
#include "conf/conf.h"
#include "conf/load.h"
#include "conf/sys.h"
#include "policy/effects.h"
#include "policy/role.h"
#include "policy/role_wire.h"
#include "policy/roots.h"
#include "policy/where.h"

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

	/* The file may include itself under each of two other names. */
	if ((strcmp(path, MAIN_FILE) != 0 && strcmp(path, "/again") != 0 &&
	    strcmp(path, "/dir/../again") != 0) ||
	    (*text = malloc(in->size + 1)) == NULL) {
		(void)strlcpy(why, "no such file", CONFSYS_WHY_MAX);
		return -1;
	}
	if (in->size > 0)
		memcpy(*text, in->data, in->size);
	*len = in->size;
	return 0;
}

/* "/dir" is a directory with two names; only the first leads to a file. */
static int
input_list(void *arg, const char *path, char ***names, char *why)
{
	(void)arg;
	(void)why;
	if (strcmp(path, "/dir") != 0)
		return 0;
	if ((*names = calloc(3, sizeof(**names))) == NULL ||
	    ((*names)[0] = strdup("../again")) == NULL ||
	    ((*names)[1] = strdup("x.conf")) == NULL)
		abort();
	return 1;
}

static int
any_user(void *arg, const char *name, uint32_t *uid, uint32_t *gid)
{
	(void)arg;
	if (name[0] == '\0') {
		errno = ENOENT;
		return -1;
	}
	*uid = *gid = strcmp(name, "_worker") == 0 ? 1001 : 1000;
	return 0;
}

static int
any_group(void *arg, const char *name, uint32_t *gid)
{
	return any_user(arg, name, gid, gid);
}

static int
any_numbers(void *arg, bool groups, struct idset *set)
{
	uint32_t	 ids[] = { 0, 1000, 1001 };

	(void)arg;
	return idset_make(set, ids, groups ? 2 : 3);
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

static bool
any_directory(void *arg, const char *path)
{
	(void)arg;
	return path[strlen(path) - 1] % 2 == 0;
}

static void
drop(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

/* Ask both copies about the path of each rule: they must decide alike. */
static void
ask(const struct role *role, const struct role *copy)
{
	struct policy_facts	 facts = { S_IFREG | 0600, 5, 5, 2, true };
	struct verdict		 verdict, again;
	struct effects		*effects = effects_new(role);
	struct effect		 effect;
	char			 where[POLICY_WHERE_MAX];
	const char		*path;
	uint32_t		 op;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		path = role->rules[i].pattern;
		for (op = 1; op < POLICY_OP_ALL; op <<= 1) {
			verdict = policy_check(role, op, path,
			    i & 1 ? &facts : NULL, 5);
			again = policy_check(copy, op, path,
			    i & 1 ? &facts : NULL, 5);
			if (verdict.permit != again.permit ||
			    verdict.reason != again.reason ||
			    (verdict.rule == NULL) != (again.rule == NULL))
				abort();
			policy_where(role, verdict, where, sizeof(where));
			/* A permit without effect cannot have decided. */
			if (verdict.permit && effects != NULL) {
				effects_of(effects, (size_t)(verdict.rule -
				    role->rules), &effect);
				if (!(effect.ops & op))
					abort();
			}
		}
		/* A role that may list a path may also enter it. */
		if (policy_decide(role, POLICY_OP_LIST, path).permit &&
		    !policy_enter(role, path).permit)
			abort();
	}
	effects_free(effects);
}

/* A path that the role may write must be beneath a root for writing. */
static void
check_roots(const struct role *role, uint32_t ops)
{
	struct policy_root	*roots;
	const char		*path;
	size_t			 i, k, nroots;

	if (policy_roots(role, ops, &roots, &nroots) == -1)
		return;
	for (i = 0; i < role->nrules; i++) {
		path = role->rules[i].pattern;
		if (!policy_decide(role, POLICY_OP_WRITE, path).permit ||
		    !(ops & POLICY_OP_WRITE))
			continue;
		for (k = 0; k < nroots; k++) {
			if ((roots[k].rights & POLICY_OP_WRITE) &&
			    pathname_is_beneath(path, roots[k].path))
				break;
		}
		if (k == nroots)
			abort();
	}
	policy_roots_free(roots, nroots);
}

static void
check_role(const struct role *role)
{
	size_t		 size = role_encoded_size(role) +
			    role_encoded_peers_size(role);
	struct role	*copy;
	struct wire_out	 w;
	struct wire_in	 in;
	void		*buf;

	if ((buf = malloc(size)) == NULL)
		return;
	wire_out_init(&w, buf, size);
	role_encode(&w, role);
	role_encode_peers(&w, role);
	if (wire_put_end(&w) == -1 || w.len != size)
		abort();
	wire_in_init(&in, buf, size);
	if ((copy = role_decode(&in)) == NULL ||
	    role_decode_peers(&in, copy) == -1 || wire_get_end(&in) == -1)
		abort();
	ask(role, copy);
	if (policy_caps(role) != policy_caps(copy))
		abort();
	role_free(copy);
	free(buf);
	check_roots(role, POLICY_OPS_READING);
	check_roots(role, POLICY_OPS_WRITING);
}

static char *
print(const struct conf *conf, size_t *len)
{
	char	*text = NULL;
	FILE	*fp;

	if ((fp = open_memstream(&text, len)) == NULL ||
	    conf_print(conf, fp) == -1 || fclose(fp) != 0)
		abort();
	return text;
}

/* Neither reading loads it, so a root may be missing: that is told only. */
static void
check_print(const struct conf *conf, struct confsys *sys)
{
	struct input	 in;
	struct conf	*again;
	unsigned int	 warnings, missing;
	char		*once, *twice;
	size_t		 len;

	once = print(conf, &in.size);
	in.data = (const uint8_t *)once;
	sys->arg = &in;
	if ((again = conf_check_from(sys, MAIN_FILE, NULL, &warnings,
	    &missing)) == NULL)
		abort();
	twice = print(again, &len);
	if (len != in.size || memcmp(once, twice, len) != 0)
		abort();
	conf_free(again);
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input	 in = { data, size };
	struct confsys	 sys = {
		.read = input_read, .list = input_list, .user = any_user,
		.group = any_group, .numbers = any_numbers, .root = any_root,
		.is_directory = any_directory, .arg = NULL
	};
	struct conf	*conf;
	unsigned int	 warnings, missing;
	size_t		 i;

	log_set_sink(drop, NULL);
	sys.arg = &in;
	conf = conf_check_from(&sys, MAIN_FILE, NULL, &warnings, &missing);
	if (conf == NULL)
		return 0;
	for (i = 0; i < conf->nroles; i++)
		check_role(conf->roles[i]);
	check_print(conf, &sys);
	conf_free(conf);
	return 0;
}
