/*
 * showwalk.c: walk a tree and print what comes; see showwalk.h.
 */

#include "config.h"

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "showwalk.h"
#include "worker.h"

#define TEXTS_MAX	32

static struct fdb_walk	 options;
static const char	*exclude[TEXTS_MAX], *if_present[TEXTS_MAX];
static bool		 quiet;

/* The path of the directory that was entered last, and of those above. */
static char		 path[1048576];
static size_t		 ends[524288], depth;
static size_t		 entries;

static const char *const skips[] = {
	"none", "excluded", "tagged", "onefs", "pseudo"
};

int
showwalk_option(char *s)
{
	static const struct {
		char		 letter;
		unsigned int	 flag;
	} letters[] = {
		{ 'a', FDB_WALK_READAHEAD }, { 'c', FDB_WALK_CACHEDIR },
		{ 'n', FDB_WALK_NO_OPEN }, { 'o', FDB_WALK_ONE_FS },
		{ 'p', FDB_WALK_PSEUDO }, { 'q', 0 }, { 'x', FDB_WALK_XATTR }
	};
	size_t	 i;

	if (s[0] == 'e' && s[1] == '=' && options.nexclude < TEXTS_MAX) {
		exclude[options.nexclude++] = s + 2;
	} else if (s[0] == 'i' && s[1] == '=' &&
	    options.nif_present < TEXTS_MAX) {
		if_present[options.nif_present++] = s + 2;
	} else if (s[0] == 's' && s[1] == '=') {
		options.since = strtoll(s + 2, NULL, 10);
		options.flags |= FDB_WALK_SINCE;
	} else if (s[0] == 'b' && s[1] == '=') {
		options.bytes = (uint32_t)strtoul(s + 2, NULL, 10);
	} else if (s[0] == 'd' && s[1] == '=') {
		options.fds = (uint32_t)strtoul(s + 2, NULL, 10);
	} else {
		for (; *s != '\0'; s++) {
			for (i = 0; i < sizeof(letters) / sizeof(letters[0]) &&
			    letters[i].letter != *s; i++)
				;
			if (i == sizeof(letters) / sizeof(letters[0]))
				return -1;
			options.flags |= letters[i].flag;
			quiet = quiet || *s == 'q';
		}
	}
	return 0;
}

/* Make path the one of a name in the last directory. */
static void
go_to(const char *name)
{
	size_t	 end = depth > 0 ? ends[depth - 1] : 0;

	path[end] = '\0';
	if (name[0] == '\0')
		return;
	if (end + strlen(name) + 2 > sizeof(path))
		errx(1, "a path is too long");
	path[end] = '/';
	(void)strlcpy(path + end + 1, name, sizeof(path) - end - 1);
}

static void
read_all(int fd)
{
	char	 buf[4096];
	size_t	 total = 0;
	ssize_t	 n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		total += (size_t)n;
	(void)printf(" fd %zu", total);
}

static void
show_entry(const struct fdb_result *r)
{
	entries++;
	go_to(r->name);
	if (!quiet && r->error != 0) {
		(void)printf("failed %s %s %s %s\n", path,
		    worker_reason(r->reason), strerrorname_np(r->error),
		    r->where);
	} else if (!quiet) {
		(void)printf("entry %s %o %llu", path,
		    (unsigned int)r->st.mode, (unsigned long long)r->st.size);
		if (r->fd != -1)
			read_all(r->fd);
		(void)printf("%s%s%s\n", r->flags & FDB_ENTRY_UNCHANGED ?
		    " unchanged" : "", r->link[0] != '\0' ? " -> " : "",
		    r->link);
	}
	if (r->fd != -1)
		close(r->fd);
	if (r->flags & FDB_ENTRY_ENTERED)
		ends[depth++] = strlen(path);
}

static void
show_xattr(const struct fdb_result *r)
{
	const unsigned char	*p = r->value;
	unsigned int		 sum = 0;
	size_t			 i;

	for (i = 0; i < r->length; i++)
		sum = sum * 31 + p[i];
	if (r->error != 0)
		(void)printf("xattr %s %s %s\n", path, r->name,
		    strerrorname_np(r->error));
	else
		(void)printf("xattr %s %s %zu %u\n", path, r->name,
		    r->length, sum);
}

static void
show(const struct fdb_result *r)
{
	switch (r->kind) {
	case FDB_RESULT_WALK_ENTRY:
		show_entry(r);
		break;
	case FDB_RESULT_WALK_XATTR:
		if (!quiet)
			show_xattr(r);
		break;
	case FDB_RESULT_WALK_LEAVE:
		go_to("");
		depth--;
		if (!quiet || r->error != 0)
			(void)printf("leave %s %llu%s%s\n", path,
			    (unsigned long long)r->hidden,
			    r->error != 0 ? " " : "", r->error != 0 ?
			    strerrorname_np(r->error) : "");
		break;
	case FDB_RESULT_WALK_SKIPPED:
		go_to(r->name);
		if (!quiet)
			(void)printf("skipped %s%s %s\n", path,
			    r->name[0] == '\0' ? "/" : "", skips[r->skip]);
		break;
	default:
		(void)printf("end %s %zu\n", r->error != 0 ?
		    strerrorname_np(r->error) : "OK", entries);
	}
}

void
showwalk(struct fdb_session *s, const char *name)
{
	struct fdb_result	 r;

	options.name = name;
	options.exclude = exclude;
	options.if_present = if_present;
	depth = entries = 0;
	if (fdb_walk(s, &options, 1) == -1)
		err(1, "%s", name);
	do {
		if (fdb_wait(s, &r, -1) != 1)
			errx(1, "%s", fdb_session_error(s));
		show(&r);
	} while (r.kind != FDB_RESULT_WALK);
}
