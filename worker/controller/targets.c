/*
 * targets.c: turn paths of the command line into requests and roots; see
 * controller/targets.h.
 *
 * Runs in the controller, with the user's rights.  Looks at directories and
 * links; opens nothing.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/follow.h"
#include "controller/listfile.h"
#include "controller/targets.h"
#include "opener/private.h"

/* What lists may have: each path takes memory in both processes. */
#define TARGETS_MAX	2000000
#define TARGETS_BYTES	134217728

/* Does a path need a directory that it is relative to? */
static bool
has_relative(const struct options *o)
{
	size_t	 i;

	if (o->files_from.n > 0)
		return true;
	for (i = 0; i < o->npaths; i++)
		if (o->paths[i][0] != '/')
			return true;
	return false;
}

char *
targets_directory(const struct options *o, char *why)
{
	char		*cwd = NULL, *joined = NULL, *dir = NULL;
	struct stat	 st;

	if (o->dir != NULL && (dir = realpath(o->dir, NULL)) != NULL) {
		if (stat(dir, &st) == -1 || S_ISDIR(st.st_mode))
			return dir;
		free(dir);
		errno = ENOTDIR;
		goto fail;
	}
	/* The current directory may be gone. */
	if (o->dir == NULL && !has_relative(o)) {
		if ((dir = strdup("/")) == NULL)
			goto fail;
		return dir;
	}
	/* The role may read a directory that the user may not. */
	if (o->dir != NULL && errno != EACCES)
		goto fail;
	if (o->dir != NULL && o->dir[0] == '/') {
		if ((dir = paths_clean(o->dir)) == NULL)
			goto fail;
		return dir;
	}
	if ((cwd = getcwd(NULL, 0)) == NULL)
		goto fail;
	if (o->dir == NULL)
		return cwd;
	if (asprintf(&joined, "%s/%s", cwd, o->dir) == -1) {
		joined = NULL;
		goto fail;
	}
	if ((dir = paths_clean(joined)) == NULL)
		goto fail;
	free(cwd);
	free(joined);
	return dir;

fail:
	(void)snprintf(why, PATHS_WHY_MAX, "%s: %s", o->dir != NULL ?
	    o->dir : "the current directory", strerror(errno));
	free(joined);
	free(cwd);
	return NULL;
}

/* Follow a path that ends in a slash, or so, if the user can.  0 or -1. */
static int
follow_all(struct paths *ps, size_t i)
{
	char	*real = realpath(ps->v[i].request, NULL);
	int	 ret = 0;

	if (real != NULL)
		ret = paths_set_request(ps, i, real);
	free(real);
	return ret;
}

/* The last directory that was looked at: the next path is often in it, too. */
struct parent {
	char	*name;
	char	*real;		/* followed as far as possible */
};

static void
parent_free(struct parent *p)
{
	free(p->name);
	free(p->real);
	p->name = p->real = NULL;
}

/* Follow the links in the parents of a path, if the user can. */
static int
follow_parent(struct paths *ps, size_t i, struct parent *p)
{
	const char	*request = ps->v[i].request;
	const char	*base = strrchr(request, '/');
	size_t		 len = (size_t)(base - request);
	char		*joined;
	int		 ret;

	if (len == 0)
		return 0;
	if (p->name == NULL || strncmp(p->name, request, len) != 0 ||
	    p->name[len] != '\0') {
		parent_free(p);
		if ((p->name = strndup(request, len)) == NULL ||
		    (p->real = follow_path(p->name)) == NULL)
			return -1;
	}
	if (strcmp(p->real, p->name) == 0)
		return 0;
	if (asprintf(&joined, "%s%s", strcmp(p->real, "/") == 0 ? "" :
	    p->real, base) == -1)
		return -1;
	ret = paths_set_request(ps, i, joined);
	free(joined);
	return ret;
}

/* The list of paths that is made. */
struct targets {
	struct paths	*paths;
	const char	*dir;
	bool		 look;		/* which ones are directories */
	const char	*file;		/* the list that is read */
	size_t		 bytes;		/* of paths in lists */
	struct parent	 parent;
};

/* Add a path.  0, or -1 with the reason in why. */
static int
target_add(struct targets *t, const char *given, char *why)
{
	struct paths	*ps = t->paths;
	struct stat	 st;
	size_t		 i = ps->n;

	if (paths_add(ps, t->dir, given, why) == -1)
		return -1;
	if (follow_parent(ps, i, &t->parent) == -1 ||
	    (ps->v[i].dir && follow_all(ps, i) == -1)) {
		(void)strlcpy(why, "out of memory", PATHS_WHY_MAX);
		return -1;
	}
	if (t->look && lstat(ps->v[i].request, &st) == 0)
		ps->v[i].maybe_dir = S_ISDIR(st.st_mode);
	return 0;
}

/* A path from a list. */
static int
take_path(void *arg, const char *item, size_t number, char *why, size_t size)
{
	struct targets	*t = arg;
	char		 phrase[PATHS_WHY_MAX];

	t->bytes += strlen(item) + 1;
	if (t->paths->n >= TARGETS_MAX || t->bytes > TARGETS_BYTES) {
		(void)snprintf(why, size, "%s:%zu: too many paths: lists may "
		    "have %d paths, with %d bytes together",
		    listfile_name(t->file), number, TARGETS_MAX,
		    TARGETS_BYTES);
		return -1;
	}
	if (target_add(t, item, phrase) == 0)
		return 0;
	(void)snprintf(why, size, "%s:%zu: %s", listfile_name(t->file),
	    number, phrase);
	return -1;
}

static int
add_lists(struct targets *t, const struct options *o, char *why)
{
	size_t	 i;

	for (i = 0; i < o->files_from.n; i++) {
		t->file = o->files_from.v[i];
		if (listfile_read(t->file, o->null ? '\0' : '\n', take_path,
		    t, why, PATHS_WHY_MAX) == -1)
			return -1;
	}
	if (t->paths->n > 0)
		return 0;
	(void)snprintf(why, PATHS_WHY_MAX, "%s: there is no path in it",
	    listfile_name(t->file));
	return -1;
}

int
targets_make(struct paths *ps, const struct options *o, const char *dir,
    bool look, char *why)
{
	struct targets	 t = { .paths = ps, .dir = dir, .look = look };
	size_t		 i;
	int		 ret = -1;

	memset(ps, 0, sizeof(*ps));
	for (i = 0; i < o->npaths; i++)
		if (target_add(&t, o->paths[i], why) == -1)
			goto out;
	if (add_lists(&t, o, why) == 0)
		ret = paths_check(ps, why);
out:
	parent_free(&t.parent);
	return ret;
}

/* Is a path at or beneath one of the others? */
static bool
is_within(const struct path *p, const struct paths *bounds)
{
	size_t	 i;

	for (i = 0; i < bounds->n; i++)
		if (paths_covers(bounds->v[i].request, p->request))
			return true;
	return false;
}

int
targets_within(const struct paths *ps, const struct options *o,
    const char *dir, char *why)
{
	struct options	 fixed = *o;
	struct paths	 bounds;
	size_t		 i;
	int		 ret = -1;

	if (o->nwithin == 0)
		return 0;
	fixed.paths = o->within;
	fixed.npaths = o->nwithin;
	if (targets_make(&bounds, &fixed, dir, false, why) == -1)
		goto out;
	for (i = 0; i < ps->n; i++) {
		if (is_within(&ps->v[i], &bounds))
			continue;
		(void)snprintf(why, PATHS_WHY_MAX, "%.300s: the command line "
		    "of fdbackup serve does not permit this path",
		    ps->v[i].given);
		goto out;
	}
	ret = 0;
out:
	paths_free(&bounds);
	return ret;
}

/* Remove the last component of an absolute path; false for "/". */
static bool
cut_last(char *path)
{
	char	*slash = strrchr(path, '/');

	if (slash[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/*
 * The root for a path: the path itself or, if it is a link or does not exist,
 * the nearest directory above it.
 */
static char *
root_for(const char *request)
{
	struct stat	 st;
	char		*root;

	if ((root = strdup(request)) == NULL)
		return NULL;
	if (lstat(root, &st) == 0 && !S_ISLNK(st.st_mode))
		return root;
	while (cut_last(root)) {
		if (lstat(root, &st) == 0 && S_ISDIR(st.st_mode))
			break;
	}
	return root;
}

/* The deepest directory that is above all paths. */
static char *
common_root(const struct paths *ps)
{
	char	*root, *common;
	size_t	 i;

	if ((common = strdup(ps->v[0].request)) == NULL)
		return NULL;
	for (i = 1; i < ps->n; i++) {
		while (!paths_covers(common, ps->v[i].request))
			(void)cut_last(common);
	}
	root = root_for(common);
	free(common);
	return root;
}

void
targets_free_roots(char **roots, size_t nroots)
{
	size_t	 i;

	for (i = 0; i < nroots; i++)
		free(roots[i]);
	free(roots);
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Count the directories that an opener holds for these roots: the files of one
 * directory share it.  SIZE_MAX if memory is short.
 */
static size_t
count_directories(char *const *roots, size_t n)
{
	struct stat	 st;
	char		**dirs;
	size_t		 i, count = 0;

	if ((dirs = calloc(n + 1, sizeof(*dirs))) == NULL)
		return SIZE_MAX;
	for (i = 0; i < n; i++) {
		if ((dirs[i] = strdup(roots[i])) == NULL)
			goto out;
		if (lstat(dirs[i], &st) == 0 && !S_ISDIR(st.st_mode))
			(void)cut_last(dirs[i]);
	}
	qsort(dirs, n, sizeof(*dirs), compare_paths);
	for (i = 0; i < n; i++)
		if (i == 0 || strcmp(dirs[i - 1], dirs[i]) != 0)
			count++;
out:
	targets_free_roots(dirs, n);
	return count > 0 ? count : SIZE_MAX;
}

/* A root for each path, or one for all of them. */
static char **
make_roots(const struct paths *ps, size_t n)
{
	char	**roots;
	size_t	 i;

	if ((roots = calloc(n, sizeof(*roots))) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		roots[i] = ps->n == n ? root_for(ps->v[i].request) :
		    common_root(ps);
		if (roots[i] == NULL) {
			targets_free_roots(roots, i);
			return NULL;
		}
	}
	return roots;
}

int
targets_roots(const struct paths *ps, char ***rootsp, size_t *nrootsp)
{
	size_t	 n = ps->n <= PRIVATE_NAMES_MAX ? ps->n : 1;
	char	**roots;

	if ((roots = make_roots(ps, n)) == NULL)
		return -1;
	if (n > 1 && count_directories(roots, n) > PRIVATE_ROOTS_MAX) {
		targets_free_roots(roots, n);
		n = 1;
		if ((roots = make_roots(ps, n)) == NULL)
			return -1;
	}
	*rootsp = roots;
	*nrootsp = n;
	return 0;
}
