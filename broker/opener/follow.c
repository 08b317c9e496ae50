/*
 * follow.c: follow symbolic links by name; see follow.h.
 *
 * Runs in the opener.  The kernel follows no link for it: it reads each link
 * and puts the target in the place of the link.  The result is a name without
 * links, which the policy judges like any other.  If somebody replaces a part
 * of that name by a link meanwhile, the strict open fails; nothing worse
 * happens.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/pathname.h"
#include "base/proto.h"
#include "opener/follow.h"

#define LINKS_MAX	40	/* as in the kernel: path_resolution(7) */

/* Remove the last component of a relative path.  0, or -1 with errno. */
static int
drop_last(char *path)
{
	char	*slash = strrchr(path, '/');

	if (path[0] == '\0') {
		errno = EXDEV;
		return -1;
	}
	*(slash != NULL ? slash : path) = '\0';
	return 0;
}

static int
join(char *dst, const char *a, const char *b)
{
	int	 n;

	n = snprintf(dst, PROTO_PATH_MAX, "%s%s%s", a,
	    a[0] != '\0' && b[0] != '\0' ? "/" : "", b);
	if (n >= 0 && n < PROTO_PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/*
 * Put the target of a link in front of the components that are left.  For an
 * absolute target, begin again at the top.  0, or -1 with errno.
 */
static int
take_link(const char *top, const char *link, char *out, char *left)
{
	char	 rest[PROTO_PATH_MAX];

	(void)strlcpy(rest, left, sizeof(rest));
	if (link[0] == '/') {
		if (top == NULL || !pathname_is_beneath(link, top)) {
			errno = EXDEV;
			return -1;
		}
		link += top[1] == '\0' ? 1 : strlen(top);
		out[0] = '\0';
	}
	while (*link == '/')
		link++;
	return join(left, link, rest);
}

struct following {
	const struct resolve_at	*at;
	const char		*top;
	follow_may_look		 may_look;
	void			*arg;
	bool			 last;	/* follow the last component */
	int			 links;
};

/* Follow one component that is not "." or "..".  0, or -1 with errno. */
static int
take_component(struct following *f, const char *name, char *out, char *left)
{
	char		 path[PROTO_PATH_MAX], link[PROTO_PATH_MAX];
	struct fdb_stat	 st;

	if (join(path, out, name) == -1)
		return -1;
	if (!f->may_look(f->arg, path)) {
		(void)strlcpy(out, path, PROTO_PATH_MAX);
		errno = EACCES;
		return -1;
	}
	if (resolve_stat(f->at, path, &st, link, sizeof(link)) == -1) {
		if (errno != ENOENT || left[0] != '\0') {
			(void)strlcpy(out, path, PROTO_PATH_MAX);
			return -1;
		}
	} else if (S_ISLNK(st.mode) && (f->last || left[0] != '\0')) {
		if (++f->links > LINKS_MAX) {
			errno = ELOOP;
			return -1;
		}
		return take_link(f->top, link, out, left);
	}
	(void)strlcpy(out, path, PROTO_PATH_MAX);
	return 0;
}

int
follow_links(const struct resolve_at *at, const char *top, const char *rel,
    bool last, follow_may_look may_look, void *arg, char *out)
{
	struct following	 f = { at, top, may_look, arg, last, 0 };
	char	 left[PROTO_PATH_MAX], name[NAME_MAX + 1], rest[PROTO_PATH_MAX];
	size_t	 len;

	out[0] = '\0';
	if (join(left, rel, "") == -1)
		return -1;
	while (left[0] != '\0') {
		len = strcspn(left, "/");
		if (len > NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, left, len);
		name[len] = '\0';
		while (left[len] == '/')
			len++;
		(void)strlcpy(rest, left + len, sizeof(rest));
		(void)strlcpy(left, rest, sizeof(left));
		if (len == 0 || strcmp(name, ".") == 0 || name[0] == '\0')
			continue;
		if (strcmp(name, "..") == 0) {
			if (drop_last(out) == -1)
				return -1;
		} else if (take_component(&f, name, out, left) == -1)
			return -1;
	}
	return 0;
}
