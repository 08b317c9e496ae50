/*
 * same.c: digests of files before they are stored; see sandbox/same.h.
 *
 * Runs in the worker, confined after same_new().  Touches the descriptors of
 * the files that it is given.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/contents.h"
#include "sandbox/fdio.h"
#include "sandbox/holes.h"
#include "sandbox/manifest.h"
#include "sandbox/same.h"
#include "sandbox/sparsedigest.h"

#define SAME_BUFFER	(256 * 1024)

struct same {
	struct reporter		*rep;
	struct sparsedigest	*contents;
	struct digest		*attributes;
	uint8_t			*buf;
	char			 uname[CHANNEL_OWNER_MAX];
	bool			 watched;
};

struct same *
same_new(struct reporter *rep, bool watched)
{
	struct same	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->buf = malloc(SAME_BUFFER)) == NULL) {
		(void)reporter_no_memory(rep);
		goto fail;
	}
	s->rep = rep;
	s->watched = watched;
	if ((s->contents = sparsedigest_new()) != NULL &&
	    (s->attributes = digest_new()) != NULL)
		return s;
	(void)reporter_report(rep, REPORT_FATAL, "",
	    "libcrypto has no SHA-256");
fail:
	same_free(s);
	return NULL;
}

void
same_free(struct same *s)
{
	if (s == NULL)
		return;
	sparsedigest_free(s->contents);
	digest_free(s->attributes);
	free(s->buf);
	free(s);
}

static int
same_fatal(struct same *s)
{
	(void)reporter_report(s->rep, REPORT_FATAL, "",
	    "libcrypto cannot compute SHA-256");
	return -1;
}

/* Add a region of the file.  1; 0: it cannot be read, or has ended; -1. */
static int
add_region(struct same *s, const struct entry *e, int fd, uint64_t offset,
    uint64_t len)
{
	ssize_t	 n;
	size_t	 want;

	for (; len > 0; offset += (uint64_t)n, len -= (uint64_t)n) {
		want = len < SAME_BUFFER ? (size_t)len : SAME_BUFFER;
		if ((n = fdio_pread(fd, s->buf, want, offset)) <= 0)
			return 0;
		if (sparsedigest_add(s->contents, offset, s->buf,
		    (size_t)n) == -1)
			return same_fatal(s);
		if (s->watched && reporter_under_way(s->rep, e->name,
		    offset + (uint64_t)n) == -1)
			return -1;
	}
	return 1;
}

/* As create.c reads it: without its holes, if it has some. */
static int
add_contents(struct same *s, struct entry *e, const struct fdb_stat *st,
    int fd, bool whole)
{
	struct holes	 h = { NULL, 0 };
	size_t		 i;
	int		 n = 0;

	e->sparse = false;
	if (!whole && st->blocks < st->size / 512 &&
	    (n = holes_read(fd, st->size, &h)) == -1)
		return reporter_no_memory(s->rep);
	if (n == 0)
		return add_region(s, e, fd, 0, st->size);
	e->sparse = true;
	for (i = 0, n = 1; i < h.n && n == 1; i++)
		n = add_region(s, e, fd, h.v[i].offset, h.v[i].len);
	free(h.v);
	return n;
}

int
same_digest(struct same *s, struct entry *e, const struct fdb_stat *st, int fd,
    bool whole)
{
	struct version	 before = contents_version(st);
	struct contents	 how = { .size = st->size, .got = st->size };
	bool		 sparse;
	int		 n;

	if (sparsedigest_begin(s->contents) == -1)
		return same_fatal(s);
	if ((n = add_contents(s, e, st, fd, whole)) != 1)
		return n;
	if (sparsedigest_end(s->contents, st->size, &sparse, e->digest) == -1)
		return same_fatal(s);
	e->has_digest = true;
	contents_check(&how, fd, &before);
	return how.error == 0 && how.stat_error == 0 && !how.changed &&
	    !how.more;
}

int
same_attributes(struct same *s, struct entry *e)
{
	return attributes_digest(s->attributes, e) == -1 ? same_fatal(s) : 0;
}

/* The controller has told no name of an owner.  Always -1. */
static int
same_no_answer(struct same *s)
{
	(void)reporter_report(s->rep, REPORT_FATAL, "",
	    "the controller does not answer");
	return -1;
}

int
same_line(struct same *s, struct owners *owners, struct entry *e,
    struct buf *line)
{
	const char	*name;

	if ((name = owners_name(owners, CHANNEL_USER, e->uid)) == NULL)
		return same_no_answer(s);
	(void)strlcpy(s->uname, name, sizeof(s->uname));
	if ((name = owners_name(owners, CHANNEL_GROUP, e->gid)) == NULL)
		return same_no_answer(s);
	e->uname = s->uname;
	e->gname = name;
	if (same_attributes(s, e) == -1)
		return -1;
	if (manifest_add(line, e) == -1)
		return reporter_no_memory(s->rep);
	buf_cut(line, line->len - 1);
	return 0;
}
