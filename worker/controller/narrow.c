/*
 * narrow.c: what a client may ask "fdbackup serve" for; see
 * controller/narrow.h.
 *
 * Runs in the controller that works for a client.  Touches nothing but memory.
 * Whoever holds the key of a forced command chooses the whole request, so what
 * is not permitted here is refused.  Paths are compared later, when their links
 * are followed: see targets_within().
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "controller/cmdarg.h"
#include "controller/cmdline.h"
#include "controller/link.h"
#include "controller/narrow.h"

#define NARROW_WORDS	65536	/* of a request */

/* Does the command line of serve fix anything? */
static bool
is_fixed(const struct options *fixed)
{
	return fixed->only != NULL || fixed->role != NULL ||
	    fixed->socket != NULL || fixed->dir != NULL ||
	    fixed->exclude.n > 0 || fixed->npaths > 0 ||
	    fixed->max_memory != 0;
}

/*
 * One option that may be absent or the same.  If serve does not fix it, it is
 * the client's choice only where that is said.
 */
static int
take_fixed(const char **mine, const char *fixed, bool may_choose,
    const char *option, char *why)
{
	if (*mine == NULL || (fixed != NULL && strcmp(*mine, fixed) == 0)) {
		*mine = fixed;
		return 0;
	}
	if (fixed == NULL && may_choose)
		return 0;
	if (fixed == NULL)
		return cmdarg_fail(why, "%s %s: not permitted by the command "
		    "line of fdbackup serve; leave it out", option, *mine);
	return cmdarg_fail(why, "%s %s: the command line of fdbackup serve "
	    "permits only %s; leave it out", option, *mine, fixed);
}

/* Is one of the patterns relative to the directory of -C? */
static bool
has_relative(const struct options_list *patterns)
{
	size_t	 i;

	for (i = 0; i < patterns->n; i++)
		if (strncmp(patterns->v[i], "./", 2) == 0)
			return true;
	return false;
}

/* Is -C the client's choice? */
static bool
may_choose_dir(const struct options *fixed, const struct options *request)
{
	/* The policy of the role says where files may be restored. */
	if (request->command->restores)
		return fixed->role != NULL;
	/* It is about names in the archive. */
	return fixed->npaths == 0 && !has_relative(&fixed->exclude);
}

/* Is the same directory meant, however many slashes end it? */
static bool
is_same_dir(const char *a, const char *b)
{
	char	*clean = paths_clean(a), *other = paths_clean(b);
	bool	 same = clean != NULL && other != NULL &&
		    strcmp(clean, other) == 0;

	free(clean);
	free(other);
	return same;
}

static int
narrow_dir(const struct options *fixed, struct options *request, char *why)
{
	if (fixed->dir != NULL && request->dir != NULL &&
	    is_same_dir(fixed->dir, request->dir))
		request->dir = fixed->dir;
	return take_fixed(&request->dir, fixed->dir, !is_fixed(fixed) ||
	    may_choose_dir(fixed, request), "-C", why);
}

/*
 * What is always left out comes first.  The client chooses the names in the
 * archive, by -C, relative paths and links, so a pattern that is compared with
 * names is also compared with absolute paths, whose links were followed.
 */
static int
add_excludes(const struct options *fixed, struct options *request, char *why)
{
	struct options_list	*l = &request->exclude;
	const size_t		 nfixed = fixed->exclude.n;
	const char		**v, *pattern;
	size_t			 i, n = 0;

	if (nfixed == 0)
		return 0;
	if ((request->made = calloc(nfixed, sizeof(*request->made))) == NULL ||
	    (v = calloc(l->n + 2 * nfixed, sizeof(*v))) == NULL)
		return cmdarg_fail(why, "out of memory");
	for (i = 0; i < nfixed; i++) {
		v[n++] = pattern = fixed->exclude.v[i];
		if (pattern[0] == '/' || strncmp(pattern, "./", 2) == 0)
			continue;
		if (asprintf(&request->made[request->nmade], "/**/%s",
		    pattern) == -1) {
			free(v);
			return cmdarg_fail(why, "out of memory");
		}
		v[n++] = request->made[request->nmade++];
	}
	if (l->n > 0)
		memcpy(v + n, l->v, l->n * sizeof(*v));
	free(l->v);
	l->v = v;
	l->n += n;
	return 0;
}

static int
narrow_paths(const struct options *fixed, struct options *request, char *why)
{
	if (!request->command->stores)
		return 0;
	request->within = fixed->paths;
	request->nwithin = fixed->npaths;
	if (request->npaths == 0) {
		request->paths = fixed->paths;
		request->npaths = fixed->npaths;
	}
	if (request->npaths == 0)
		return cmdarg_fail(why, "create needs a path to store");
	return add_excludes(fixed, request, why);
}

/* It is for the administrator to give more memory. */
static int
narrow_memory(const struct options *fixed, struct options *request, char *why)
{
	const uint64_t	 usual = request->command->memory;
	const uint64_t	 most = fixed->max_memory != 0 ? fixed->max_memory :
			    usual;

	if (!is_fixed(fixed))
		return 0;
	/* Who asks for the default gets what there is. */
	if (request->max_memory == usual && most < usual)
		request->max_memory = most;
	if (request->max_memory <= most)
		return 0;
	return cmdarg_fail(why, "--max-memory: the command line of fdbackup "
	    "serve does not permit that much; leave it out");
}

/* Without the option, it depends on how much of an archive the client sends. */
static int
narrow_manifest(const struct options *fixed, struct options *request,
    char *why)
{
	if (!is_fixed(fixed) || request->max_manifest <= OPTIONS_MANIFEST_MIN)
		return 0;
	return cmdarg_fail(why, "--max-manifest: the command line of fdbackup "
	    "serve does not permit that much; leave it out");
}

/* Apply what the command line of serve fixes.  0, or -1 with the reason. */
static int
narrow_request(const struct options *fixed, struct options *request, char *why)
{
	const bool	 choose = !is_fixed(fixed);

	if (fixed->only != NULL && request->command != fixed->only)
		return cmdarg_fail(why, "%s: the command line of fdbackup "
		    "serve permits only %s", request->command->name,
		    fixed->only->name);
	if (take_fixed(&request->role, fixed->role, choose, "--role",
	    why) == -1 ||
	    take_fixed(&request->socket, fixed->socket, choose, "-s",
	    why) == -1 ||
	    narrow_dir(fixed, request, why) == -1)
		return -1;
	if (request->command->restores && request->dir == NULL)
		return cmdarg_fail(why, "extract needs -C directory, where it "
		    "restores");
	if (narrow_memory(fixed, request, why) == -1 ||
	    narrow_manifest(fixed, request, why) == -1)
		return -1;
	/* A file's time would be looked at with more rights than the role's. */
	if (request->newer != NULL && request->newer[0] != '@')
		return cmdarg_fail(why, "--newer %s: only @seconds is "
		    "permitted", request->newer);
	return narrow_paths(fixed, request, why);
}

int
narrow_parse(const struct options *fixed, struct options *o, char *bytes,
    size_t len, char *why)
{
	static char	 program[] = "fdbackup";
	char		**argv, *p, *end = bytes + len;
	size_t		 n = 1;
	int		 argc = 0, ret;

	memset(o, 0, sizeof(*o));
	if (len < 2 || bytes[len - 1] != '\0')
		return cmdarg_fail(why, "the request is no list of words");
	for (p = bytes + 1; p < end; p += strlen(p) + 1)
		n++;
	if (n > NARROW_WORDS)
		return cmdarg_fail(why, "the request has too many words");
	if ((argv = calloc(n + 1, sizeof(*argv))) == NULL)
		return cmdarg_fail(why, "out of memory");
	argv[argc++] = program;
	for (p = bytes + 1; p < end; p += strlen(p) + 1)
		argv[argc++] = p;
	ret = cmdline_parse_served(o, argc, argv, why);
	o->words = argv;
	o->watched = (bytes[0] & LINK_WATCHED) != 0;
	return ret == -1 ? -1 : narrow_request(fixed, o, why);
}
