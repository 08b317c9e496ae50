/*
 * fill.c: fill slabs with members and their contents; see sandbox/fill.h.
 *
 * Runs in the worker, confined after fill_init().  Touches the descriptors of
 * the files that it is given.
 *
 * A file that fits a slab is read before its header is written, so it can be
 * read again when it changes meanwhile.  The header of a larger file promises
 * a size first, and what is written cannot be taken back: the file is stored
 * once more.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/contents.h"
#include "sandbox/fill.h"
#include "sandbox/manifest.h"
#include "sandbox/owners.h"
#include "sandbox/pipeline.h"
#include "sandbox/readers.h"

#define FILL_SMALL	(SLAB_SIZE / 2)	/* files up to this size */
#define FILL_NAMES	(SLAB_SIZE / 4)	/* bytes of a member's strings */
/* Bytes of a file that said it was small: what an empty slab has room for. */
#define FILL_ROOM	(SLAB_SIZE - FILL_NAMES)

int
fill_init(struct fill *f, const struct job *job, struct reporter *rep,
    bool ahead)
{
	f->job = job;
	f->rep = rep;
	if ((f->block = malloc(CONTENTS_BLOCK)) != NULL &&
	    (f->owners = owners_new(rep)) != NULL &&
	    (f->pipeline = pipeline_new()) != NULL &&
	    (!ahead || (f->readers = readers_new()) != NULL))
		return 0;
	return reporter_no_memory(rep);
}

int
fill_start(struct fill *f)
{
	if (pipeline_start(f->pipeline) == -1)
		return -1;
	/* It works without these, where a user may have few threads. */
	if (f->readers != NULL && readers_start(f->readers) == -1)
		fill_alone(f);
	return 0;
}

void
fill_alone(struct fill *f)
{
	readers_free(f->readers);
	f->readers = NULL;
}

void
fill_clear(struct fill *f)
{
	readers_free(f->readers);
	if (f->pipeline != NULL)
		pipeline_free(f->pipeline);
	free(f->regions);
	free(f->block);
	owners_free(f->owners);
}

static int
fill_fatal(struct fill *f, const char *why)
{
	(void)reporter_report(f->rep, REPORT_FATAL, "", why);
	return -1;
}

/* Bytes that the strings of a member may take. */
static size_t
strings_len(const struct entry *e)
{
	return strlen(e->name) + strlen(e->link) + strlen(e->hardlink) + 3 +
	    2 * CHANNEL_OWNER_MAX + e->attributes_len;
}

/*
 * A slab with room for a member with these strings and this many bytes of
 * contents.  NULL: a later stage has failed.
 */
static struct slab *
fill_slab(struct fill *f, const struct entry *e, size_t contents)
{
	size_t		 need = contents + strings_len(e);
	struct slab	*s;

	if ((s = pipeline_slab(f->pipeline)) == NULL)
		return NULL;
	if (s->n < SLAB_MEMBERS && slab_room(s) >= need)
		return s;
	pipeline_pass(f->pipeline);
	return pipeline_slab(f->pipeline);
}

/*
 * Begin a member in a slab from fill_slab(), which has room for it.  -1: the
 * run fails.
 */
static int
fill_begin(struct fill *f, struct slab *s, struct entry *e,
    struct member **mp)
{
	struct member	*m = slab_member(s);
	const char	*uname, *gname;

	m->late = f->late;
	m->header = true;
	m->e = *e;
	m->e.name = slab_string(s, e->name);
	m->e.link = slab_string(s, e->link);
	m->e.hardlink = slab_string(s, e->hardlink);
	if ((uname = owners_name(f->owners, CHANNEL_USER, e->uid)) == NULL ||
	    (gname = owners_name(f->owners, CHANNEL_GROUP, e->gid)) == NULL)
		return fill_fatal(f, "the controller does not answer");
	m->e.uname = slab_string(s, uname);
	m->e.gname = slab_string(s, gname);
	if (e->attributes_len > 0)
		m->e.attributes = slab_bytes(s, e->attributes,
		    e->attributes_len);
	*mp = m;
	return 0;
}

int
fill_names_fit(struct fill *f, const struct entry *e)
{
	if (strings_len(e) - e->attributes_len <= FILL_NAMES)
		return 1;
	return reporter_report(f->rep, REPORT_UNREADABLE, e->name,
	    "its name is too long to be stored");
}

int
fill_plain(struct fill *f, struct entry *e, bool purge)
{
	struct member	*m;
	struct slab	*s;

	if ((s = fill_slab(f, e, 0)) == NULL ||
	    fill_begin(f, s, e, &m) == -1)
		return -1;
	m->last = true;
	m->purge = purge;
	return 0;
}

int
fill_line(struct fill *f, struct entry *e, const char *line,
    const char *mark)
{
	struct member	*m;
	struct slab	*s;

	/* slab_string() has room: judged by who calls, or cut by SPOOL. */
	if ((s = fill_slab(f, e, strlen(line) + 1)) == NULL)
		return -1;
	m = slab_member(s);
	m->header = m->last = true;
	m->e = *e;
	m->e.name = slab_string(s, e->name);
	m->e.hardlink = m->e.link = m->e.uname = m->e.gname = "";
	m->e.attributes = NULL;
	m->e.attributes_len = 0;
	m->mark = mark;
	if (m->e.name == NULL || (m->line = slab_string(s, line)) == NULL)
		return fill_fatal(f, "a line of the manifest is too long");
	return 0;
}

bool
fill_is_own(const struct job_file *own, const struct fdb_stat *st)
{
	return own->known && own->ino == st->ino &&
	    own->dev_major == st->dev_major &&
	    own->dev_minor == st->dev_minor;
}

/*
 * The last piece of a file was read: report if it is not as it was.  1: it is;
 * 0; -1: the run fails.
 */
static int
fill_judge(struct fill *f, struct member *m, const char *name,
    const struct contents *how, const struct fdb_stat *st)
{
	int	 n;

	n = contents_report(f->rep, name, how, fill_is_own(&f->job->log, st));
	/* Our own log grows, which is not reported. */
	m->unsure = n != 1 || how->changed || how->more;
	return n;
}

/* How a small file is read. */
static struct contents_small
fill_how(const struct fill *f, const struct fdb_stat *st, int fd)
{
	return (struct contents_small){
		.fd = fd,
		.retries = f->job->options->retries,
		/* File systems without a block device have no major number. */
		.on_disk = st->dev_major != 0
	};
}

bool
fill_may_read(struct fill *f, const struct fdb_stat *st, int fd,
    struct contents_small *how)
{
	*how = fill_how(f, st, fd);
	return !fill_is_own(&f->job->output, st) &&
	    !fill_is_own(&f->job->previous, st) &&
	    !fill_is_own(&f->job->log, st);
}

/*
 * Get the contents of a small file, as contents_small() does, if they were not
 * read already.
 */
static void
fill_read(struct fill *f, const struct contents_small *file, uint8_t *buf,
    size_t max, struct version *v, struct contents *how)
{
	if (f->was_read != NULL) {
		*v = f->was_read->version;
		*how = f->was_read->contents;
		memcpy(buf, f->was_read->data, (size_t)how->size);
	} else if (f->readers != NULL) {
		readers_read(f->readers, file, buf, max, v, how);
	} else {
		contents_small(file, buf, max, v, how);
	}
}

/* Store a file that fits a slab. */
static int
fill_small(struct fill *f, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct version	 v = contents_version(st);
	const struct contents_small file = fill_how(f, st, fd);
	struct contents	 how;
	struct member	*m;
	struct slab	*s;
	size_t		 need, max;

	/* Room to find that there is more; then, if there is, all the room. */
	need = (size_t)st->size + 1;
	if (f->was_read != NULL && f->was_read->contents.size >= need)
		need = (size_t)f->was_read->contents.size;
	do {
		if ((s = fill_slab(f, e, need)) == NULL)
			return -1;
		max = slab_room(s) - strings_len(e);
		if (max > FILL_ROOM)
			max = FILL_ROOM;
		fill_read(f, &file, s->data + s->used, max, &v, &how);
		need = FILL_ROOM;
	} while (how.more && max < FILL_ROOM);
	contents_apply(&v, e);
	e->size = how.size;
	if (fill_begin(f, s, e, &m) == -1)
		return -1;
	m->data = s->data + s->used;
	m->len = (size_t)how.size;
	m->last = true;
	s->used += m->len;
	return fill_judge(f, m, e->name, &how, st);
}

/* A file that is stored in pieces. */
struct pieces {
	struct entry	*e;
	int		 fd;
	struct version	 version;	/* that it has */
	struct contents	 how;
	struct member	*last;		/* piece, which is not passed on yet */
};

/* The next piece of a member, in a slab with room for contents. */
static struct member *
fill_piece(struct fill *f, struct slab **s)
{
	if ((*s)->n == SLAB_MEMBERS || slab_room(*s) == 0)
		pipeline_pass(f->pipeline);
	*s = pipeline_slab(f->pipeline);
	return *s != NULL ? slab_member(*s) : NULL;
}

/* Store a region of a file, in pieces.  m is the first. */
static int
fill_region(struct fill *f, struct slab **s, struct member **m,
    const struct region *r, struct pieces *p, bool *ended)
{
	uint64_t	 left = r->len;

	if (!*ended)
		p->how.got = r->offset;
	for (;;) {
		(*m)->data = (*s)->data + (*s)->used;
		(*m)->len = slab_room(*s);
		if ((*m)->len > left)
			(*m)->len = (size_t)left;
		contents_large(p->fd, (*s)->data + (*s)->used, (*m)->len,
		    &p->how, ended);
		(*s)->used += (*m)->len;
		left -= (*m)->len;
		if (left == 0)
			return 0;
		if ((*m = fill_piece(f, s)) == NULL)
			return -1;
	}
}

/* Store a file with its holes, if it has some. */
static int
fill_large(struct fill *f, struct pieces *p)
{
	const struct region	 all = { 0, p->version.size };
	struct slab		*s;
	bool			 ended = false;

	if ((s = fill_slab(f, p->e, 1)) == NULL ||
	    fill_begin(f, s, p->e, &p->last) == -1)
		return -1;
	return fill_region(f, &s, &p->last, &all, p, &ended);
}

/* Store a file without its holes.  Takes over the regions. */
static int
fill_sparse(struct fill *f, struct pieces *p, struct holes *h)
{
	struct region	 r;
	struct member	*m;
	struct slab	*s;
	uint64_t	 pos = 0;
	size_t		 i, n = h->n;
	bool		 ended = false;

	f->regions = h->v;
	if ((s = fill_slab(f, p->e, 1)) == NULL ||
	    fill_begin(f, s, p->e, &m) == -1)
		return -1;
	m->regions = h->v;
	m->nregions = n;
	for (i = 0; i <= n; i++) {
		r = i < n ? h->v[i] : (struct region){ p->version.size, 0 };
		m->hole = r.offset - pos;
		if (fill_region(f, &s, &m, &r, p, &ended) == -1)
			return -1;
		pos = r.offset + r.len;
		if (i < n && (m = fill_piece(f, &s)) == NULL)
			return -1;
	}
	m->spent = f->regions;
	f->regions = NULL;
	p->last = m;
	return 0;
}

/*
 * Store a file in pieces, without the holes that it has if e->sparse.  If it
 * changes meanwhile, and then holds still, store it again.  1: it is stored as
 * it is; 0; -1.
 */
static int
fill_pieces(struct fill *f, struct entry *e, const struct fdb_stat *st,
    int fd, struct holes *h)
{
	struct pieces	 p = { .e = e, .fd = fd,
			    .version = contents_version(st) };
	unsigned int	 retries = f->job->options->retries;
	int		 n;

	/* Our own log grows as long as the run lasts. */
	if (fill_is_own(&f->job->log, st))
		retries = 0;
	for (;;) {
		p.how = (struct contents){ .size = p.version.size };
		if ((e->sparse ? fill_sparse(f, &p, h) :
		    fill_large(f, &p)) == -1)
			return -1;
		p.last->last = true;
		contents_check(&p.how, fd, &p.version);
		if (!contents_settled(&p.how, fd, &retries, f->block,
		    &p.version))
			break;
		p.last->superseded = true;
		contents_apply(&p.version, e);
		if ((n = holes_read(fd, e->size, h)) == -1)
			return reporter_no_memory(f->rep);
		e->sparse = n == 1;
	}
	return fill_judge(f, p.last, e->name, &p.how, st);
}

int
fill_direct(struct fill *f, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct member	*m;
	struct slab	*s;

	if ((s = fill_slab(f, e, 0)) == NULL ||
	    fill_begin(f, s, e, &m) == -1) {
		close(fd);
		return -1;
	}
	m->last = true;
	m->direct = true;
	m->fd = fd;
	m->version = contents_version(st);
	m->grows = fill_is_own(&f->job->log, st);
	/* The last stage closes few at a time: worker_limits() counts them. */
	pipeline_pass(f->pipeline);
	return 0;
}

bool
fill_is_direct(const struct fill *f, const struct fdb_stat *st)
{
	return f->job->options->no_digest &&
	    f->job->options->compression == COMPRESSION_NONE &&
	    st->size > FILL_SMALL && st->nlink == 1 &&
	    st->blocks >= st->size / 512;
}

/* 1: it has holes, and h has its regions; 0; -1: the run fails. */
static int
fill_holes(struct fill *f, const struct fdb_stat *st, int fd,
    struct holes *h)
{
	int	 n;

	/* Blocks have 512 bytes; whoever read the file has looked for holes. */
	if (st->blocks >= st->size / 512 || f->was_read != NULL)
		return 0;
	n = holes_read(fd, st->size, h);
	return n == -1 ? reporter_no_memory(f->rep) : n;
}

int
fill_contents(struct fill *f, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct holes	 h;
	int		 n;

	if ((n = fill_names_fit(f, e)) != 1)
		return n;
	e->has_digest = !f->job->options->no_digest;
	if ((n = fill_holes(f, st, fd, &h)) == -1)
		return -1;
	e->sparse = n == 1;
	return !e->sparse && st->size <= FILL_SMALL ?
	    fill_small(f, e, st, fd) : fill_pieces(f, e, st, fd, &h);
}
