/*
 * paths.c: the paths to store; see common/paths.h.
 *
 * Runs in the controller, which makes the list, and in the worker, which looks
 * up what it must not store twice.  Touches nothing but memory.
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"

/* The length of dst, which has len bytes, without its last component. */
static size_t
clean_up_one(const char *dst, size_t len, size_t root)
{
	while (len > root && dst[len - 1] != '/')
		len--;
	if (len > root)
		len--;
	return len;
}

char *
paths_clean(const char *path)
{
	size_t	 len = 0, n, root = path[0] == '/' ? 1 : 0;
	char	*dst;

	if ((dst = malloc(strlen(path) + 2)) == NULL)
		return NULL;
	if (root)
		dst[len++] = '/';
	for (; *path != '\0'; path += n) {
		n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			if (len == root && !root) {
				free(dst);
				errno = EINVAL;
				return NULL;
			}
			len = clean_up_one(dst, len, root);
		} else if (n > 0 && !(n == 1 && path[0] == '.')) {
			if (len > root)
				dst[len++] = '/';
			memcpy(dst + len, path, n);
			len += n;
		}
		if (path[n] == '/')
			n++;
	}
	if (len == 0)
		dst[len++] = '.';
	dst[len] = '\0';
	return dst;
}

/* "dir/name", which the caller frees; dir alone if name is ".". */
static char *
path_join(const char *dir, const char *name)
{
	char	*p;

	if (strcmp(name, ".") == 0)
		return strdup(dir);
	if (asprintf(&p, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir,
	    name) == -1)
		return NULL;
	return p;
}

static void
path_free(struct path *p)
{
	free(p->given);
	free(p->request);
	free(p->member);
}

/* A path with this ending follows a link, and leads to a directory. */
static bool
path_ends_in_dir(const char *given)
{
	const char	*slash = strrchr(given, '/');
	const char	*last = slash != NULL ? slash + 1 : given;

	return strcmp(last, "") == 0 || strcmp(last, ".") == 0 ||
	    strcmp(last, "..") == 0;
}

/* Fill in p for one path.  0, or -1 as paths_add(). */
static int
path_make(struct path *p, const char *dir, const char *given)
{
	char	*clean;

	memset(p, 0, sizeof(*p));
	p->maybe_dir = true;
	if (given[0] == '\0') {
		errno = EINVAL;
		return -1;
	}
	if ((clean = paths_clean(given)) == NULL)
		return -1;
	p->given = strdup(given);
	p->dir = path_ends_in_dir(given);
	if (clean[0] == '/') {
		p->request = strdup(clean);
		p->member = strdup(clean[1] != '\0' ? clean + 1 : ".");
	} else {
		p->request = path_join(dir, clean);
		p->member = strdup(clean);
	}
	free(clean);
	if (p->given != NULL && p->request != NULL && p->member != NULL)
		return 0;
	path_free(p);
	errno = ENOMEM;
	return -1;
}

int
paths_add(struct paths *ps, const char *dir, const char *given, char *why)
{
	struct path	*v, p;

	if (path_make(&p, dir, given) == -1) {
		(void)snprintf(why, PATHS_WHY_MAX, "%s%s",
		    given[0] != '\0' ? given : "\"\"", errno != EINVAL ?
		    ": out of memory" : given[0] == '\0' ?
		    ": the path is empty" :
		    ": \"..\" leads out of the directory; use -C or an "
		    "absolute path");
		return -1;
	}
	if (ps->n == ps->size) {
		v = reallocarray(ps->v, ps->size * 2 + 16, sizeof(*v));
		if (v == NULL) {
			(void)strlcpy(why, "out of memory", PATHS_WHY_MAX);
			path_free(&p);
			return -1;
		}
		ps->v = v;
		ps->size = ps->size * 2 + 16;
	}
	ps->v[ps->n++] = p;
	return 0;
}

int
paths_set_request(struct paths *ps, size_t i, const char *request)
{
	char	*p;

	if ((p = strdup(request)) == NULL)
		return -1;
	free(ps->v[i].request);
	ps->v[i].request = p;
	return 0;
}

/*
 * The part of path that follows base and a "/"; "" if they are the same, NULL
 * if path is not beneath base.
 */
static const char *
path_rest(const char *path, const char *base)
{
	size_t	 len = strlen(base);

	if (strncmp(path, base, len) != 0)
		return NULL;
	if (path[len] == '\0')
		return path + len;
	if (len > 0 && base[len - 1] == '/')
		return path + len;
	return path[len] == '/' ? path + len + 1 : NULL;
}

static const char *
member_rest(const char *member, const char *base)
{
	if (strcmp(base, ".") == 0)
		return strcmp(member, ".") == 0 ? "" : member;
	return path_rest(member, base);
}

bool
paths_covers(const char *member, const char *other)
{
	return member_rest(other, member) != NULL;
}

/* True if the walk of a would find another file under the name of b. */
static bool
path_collides(const struct path *a, const struct path *b)
{
	const char	*member, *request;

	if ((member = member_rest(b->member, a->member)) == NULL)
		return false;
	request = path_rest(b->request, a->request);
	return request == NULL || strcmp(member, request) != 0;
}

/*
 * Order names so that everything beneath a directory directly follows it: "/"
 * sorts before any other byte, and "." before every name.
 */
static int
member_compare(const char *a, const char *b)
{
	int	 ca, cb;

	if (strcmp(a, ".") == 0)
		a = "";
	if (strcmp(b, ".") == 0)
		b = "";
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	ca = *a == '/' ? 1 : *a == '\0' ? 0 : (unsigned char)*a + 2;
	cb = *b == '/' ? 1 : *b == '\0' ? 0 : (unsigned char)*b + 2;
	return ca - cb;
}

static int
path_compare(const void *a, const void *b)
{
	const struct path	*pa = *(struct path *const *)a;
	const struct path	*pb = *(struct path *const *)b;
	int			 n;

	if ((n = member_compare(pa->member, pb->member)) == 0)
		n = strcmp(pa->request, pb->request);
	if (n == 0)
		n = pa < pb ? -1 : pa > pb;
	return n;
}

static int
paths_sort(struct paths *ps)
{
	size_t	 i;

	free(ps->sorted);
	if ((ps->sorted = calloc(ps->n, sizeof(*ps->sorted))) == NULL)
		return -1;
	for (i = 0; i < ps->n; i++)
		ps->sorted[i] = &ps->v[i];
	qsort(ps->sorted, ps->n, sizeof(*ps->sorted), path_compare);
	return 0;
}

/* Drop each path that equals one before it, and sort what is left. */
static int
paths_drop_repeated(struct paths *ps)
{
	struct path	*a, *b;
	size_t		 i, n = 0;

	for (i = 1; i < ps->n; i++) {
		a = ps->sorted[i - 1];
		b = ps->sorted[i];
		if (strcmp(a->member, b->member) != 0 ||
		    strcmp(a->request, b->request) != 0)
			continue;
		a->dir = a->dir || b->dir;
		/* Equal names are in the order of the command line. */
		free(b->given);
		b->given = NULL;
	}
	for (i = 0; i < ps->n; i++) {
		if (ps->v[i].given == NULL)
			path_free(&ps->v[i]);
		else
			ps->v[n++] = ps->v[i];
	}
	if (n == ps->n)
		return 0;
	ps->n = n;
	return paths_sort(ps);
}

int
paths_check(struct paths *ps, char *why)
{
	struct path	*a, *b;
	size_t		 i, *above;
	int		 ret = -1;

	(void)strlcpy(why, "out of memory", PATHS_WHY_MAX);
	if ((above = calloc(ps->n, sizeof(*above))) == NULL)
		return -1;
	if (paths_sort(ps) == -1 || paths_drop_repeated(ps) == -1)
		goto out;
	/* above[i] - 1 is the nearest path above path i; 0: there is none. */
	for (i = 1; i < ps->n; i++) {
		b = ps->sorted[i];
		above[i] = i;
		while (above[i] > 0 && !paths_covers(
		    ps->sorted[above[i] - 1]->member, b->member))
			above[i] = above[above[i] - 1];
		if (above[i] == 0)
			continue;
		a = ps->sorted[above[i] - 1];
		if (path_collides(a, b)) {
			(void)snprintf(why, PATHS_WHY_MAX,
			    "%s and %s would have the same names in the "
			    "archive", a->given, b->given);
			errno = EINVAL;
			goto out;
		}
	}
	ret = 0;
out:
	free(above);
	return ret;
}

enum paths_relation
paths_relate(const struct paths *ps, const char *member)
{
	size_t	 low = 0, high = ps->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (member_compare(ps->sorted[mid]->member, member) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == ps->n)
		return PATHS_NONE;
	if (strcmp(ps->sorted[low]->member, member) == 0)
		return PATHS_IS;
	return paths_covers(member, ps->sorted[low]->member) ? PATHS_ABOVE :
	    PATHS_NONE;
}

void
paths_free(struct paths *ps)
{
	size_t	 i;

	for (i = 0; i < ps->n; i++)
		path_free(&ps->v[i]);
	free(ps->sorted);
	ps->sorted = NULL;
	free(ps->v);
	ps->v = NULL;
	ps->n = ps->size = 0;
}
