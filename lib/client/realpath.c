/*
 * realpath.c: resolve the symbolic links of a path, and say what is there.
 *
 * Runs in the worker.  The opener follows no link for a STAT.  So each link is
 * read by a STAT that the policy permits, and its text is put in its place
 * here.  Nothing relies on that: the opener judges each path that comes out.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "client/blocking.h"
#include "client/session.h"

#define LINKS_MAX	40

struct resolving {
	struct fdb_session	*s;
	char			 done[FDB_PATH_MAX];	/* "" for the top */
	char			 rest[FDB_PATH_MAX];	/* still to be added */
	unsigned int		 links;
	struct fdb_stat		 st;			/* of what is at done */
};

/* It fails on this side: no refusal is to blame. */
static int
resolve_fail(struct resolving *r, int error, const char *text)
{
	memset(&r->s->refusal, 0, sizeof(r->s->refusal));
	return session_fail(r->s, error, text);
}

static int
too_long(struct resolving *r)
{
	return resolve_fail(r, ENAMETOOLONG, "the path is too long");
}

/* Put a text in front of what is still to be added. */
static int
push_back(struct resolving *r, const char *text)
{
	size_t	 len = strlen(text), rest = strlen(r->rest) + 1;

	if (len + 1 + rest > sizeof(r->rest))
		return too_long(r);
	memmove(r->rest + len + 1, r->rest, rest);
	memcpy(r->rest, text, len);
	r->rest[len] = '/';
	return 0;
}

/* The last component of done; NULL for the top. */
static char *
last_component(struct resolving *r)
{
	char	*slash = strrchr(r->done, '/');

	return slash != NULL ? slash + 1 : NULL;
}

static void
go_up(struct resolving *r)
{
	char	*last = last_component(r);

	if (last != NULL)
		last[-1] = '\0';
}

/* Move components from the rest to done, up to the end or to "..". */
static int
add_components(struct resolving *r)
{
	const char	*from = r->rest;
	size_t		 len, used = strlen(r->done);

	for (;; from += len) {
		from += strspn(from, "/");
		len = strcspn(from, "/");
		if (len == 0 || (len == 2 && memcmp(from, "..", 2) == 0))
			break;
		if (len == 1 && from[0] == '.')
			continue;
		if (used + 1 + len >= sizeof(r->done))
			return too_long(r);
		r->done[used++] = '/';
		memcpy(r->done + used, from, len);
		used += len;
		r->done[used] = '\0';
	}
	memmove(r->rest, from, strlen(from) + 1);
	return 0;
}

/*
 * Look at done, or, if there is a link on its way, at this link; what is behind
 * it goes back to the rest.  Only the last component may be a link, so the
 * longest part that can be looked at ends with the link.
 */
static int
look(struct resolving *r, struct fdb_result *got)
{
	char	*last;
	bool	 behind = false;

	for (;;) {
		if (blocking_stat(r->s, r->done[0] != '\0' ? r->done : "/",
		    got) == 0)
			break;
		if (errno != ELOOP || (last = last_component(r)) == NULL ||
		    push_back(r, last) == -1)
			return -1;
		behind = true;
		last[-1] = '\0';
	}
	/* Somebody has changed the tree meanwhile. */
	if (behind && !S_ISLNK(got->st.mode))
		return resolve_fail(r, ELOOP, "a symbolic link has gone "
		    "while it was resolved");
	return 0;
}

/* Put the text of a link, which is at done, in its place. */
static int
take_link(struct resolving *r, const char *text)
{
	if (++r->links > LINKS_MAX)
		return resolve_fail(r, ELOOP, "too many symbolic links");
	if (push_back(r, text) == -1)
		return -1;
	if (text[0] == '/')
		r->done[0] = '\0';
	else
		go_up(r);
	return 0;
}

/* "file/" and "file/." name a directory only. */
static bool
needs_directory(const char *path)
{
	size_t	 len = strlen(path);

	return path[len - 1] == '/' ||
	    (len > 1 && strcmp(path + len - 2, "/.") == 0);
}

/* Resolve a path: 0, and r->done and r->st are filled; or -1 with errno. */
static int
resolve(struct resolving *r, struct fdb_session *s, const char *path)
{
	struct fdb_result	 got;

	r->s = s;
	r->done[0] = '\0';
	r->links = 0;
	if (path[0] != '/')
		return resolve_fail(r, EINVAL, "the path is not absolute");
	if (strlcpy(r->rest, path, sizeof(r->rest)) >= sizeof(r->rest))
		return too_long(r);
	for (;;) {
		if (add_components(r) == -1 || look(r, &got) == -1)
			return -1;
		if (S_ISLNK(got.st.mode)) {
			if (take_link(r, got.link) == -1)
				return -1;
			continue;
		}
		if (!S_ISDIR(got.st.mode) &&
		    (r->rest[0] != '\0' || needs_directory(path)))
			return resolve_fail(r, ENOTDIR, "a component of the "
			    "path is not a directory");
		r->st = got.st;
		if (r->rest[0] == '\0')
			return 0;
		/* The rest begins with "..". */
		memmove(r->rest, r->rest + 2, strlen(r->rest + 2) + 1);
		go_up(r);
	}
}

int
fdb_realpath(struct fdb_session *s, const char *path, char *resolved)
{
	struct resolving	 r;

	if (resolve(&r, s, path) == -1)
		return -1;
	(void)strlcpy(resolved, r.done[0] != '\0' ? r.done : "/",
	    FDB_PATH_MAX);
	return 0;
}

int
fdb_stat(struct fdb_session *s, const char *path, struct fdb_stat *st)
{
	struct resolving	 r;

	if (resolve(&r, s, path) == -1)
		return -1;
	*st = r.st;
	return 0;
}
