/*
 * rootkinds.c: how names are checked beneath the roots; see rootkinds.h.
 *
 * Runs in fdbrokerd -n, with the rights of whoever started it.  Opens the roots
 * to ask their file systems.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/fskind.h"
#include "conf/conf.h"
#include "daemon/rootkinds.h"
#include "policy/role.h"
#include "policy/roots.h"
#include "policy/tables.h"
#include "policy/template.h"

static const char *const texts[] = {
	[FSKIND_UNASKED] = "not known here, since it cannot be read",
	[FSKIND_EXACT] = "exact",
	[FSKIND_MARKED] = "exact, except in directories with the attribute "
	    "casefold, which are read to check names",
	[FSKIND_UNKNOWN] = "not known to be exact; directories are read to "
	    "check names"
};

/* A directory, or the one that holds a file, which path then is. */
static int
directory_open(char *path)
{
	int	 fd, flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;
	char	*slash;

	if ((fd = open(path, flags)) != -1 ||
	    (errno != ENOTDIR && errno != ENOENT))
		return fd;
	slash = strrchr(path, '/');
	slash[slash == path] = '\0';
	return open(path, flags);
}

/* Named files share their directory: last is the one that was told last. */
static void
root_print(const struct fskind_kernel *k, const struct role *role,
    const struct policy_root *root, char last[PATH_MAX], FILE *out)
{
	enum fskind	 kind = FSKIND_UNASKED;
	char		 path[PATH_MAX], text[TEMPLATE_TEXT_MAX];
	int		 fd;

	if (template_common(root->path) < strlen(root->path)) {
		template_show(text, root->path);
		(void)fprintf(out, "role \"%s\": %s: differs from peer to "
		    "peer\n", role->name, text);
		return;
	}
	if (strlcpy(path, root->path, sizeof(path)) >= sizeof(path))
		return;
	if ((fd = directory_open(path)) != -1)
		kind = fskind_get(k, fd);
	fd_close(&fd);
	if (strcmp(path, last) == 0)
		return;
	(void)strlcpy(last, path, PATH_MAX);
	(void)fprintf(out, "role \"%s\": %s: names are %s%s\n", role->name,
	    path, texts[kind], kind > FSKIND_EXACT &&
	    policy_roots_alike(role, path) ? "; but no rule tells what is "
	    "beneath it apart, so nothing is checked" : "");
}

static void
role_print(const struct fskind_kernel *k, const struct role *role, FILE *out)
{
	static const uint32_t	 ops[] = { POLICY_OPS_READING,
				    POLICY_OPS_WRITING };
	struct policy_root	*roots;
	char			 last[PATH_MAX] = "";
	size_t			 i, j, n;

	for (i = 0; i < 2; i++) {
		if (policy_roots(role, ops[i], &roots, &n) == -1)
			return;
		for (j = 0; j < n; j++)
			root_print(k, role, &roots[j], last, out);
		policy_roots_free(roots, n);
	}
}

void
rootkinds_print(const struct conf *conf, FILE *out)
{
	struct fskind_kernel	 k;
	size_t			 i;

	fskind_init(&k);
	for (i = 0; i < conf->nroles; i++)
		role_print(&k, conf->roles[i], out);
}
