/*
 * create.c: the first stage of create: read files into slabs; see
 * sandbox/create.h.
 *
 * Runs in the worker, confined after create_new().  Touches the descriptors of
 * the files that it is given.
 *
 * A file that fits a slab is read before its header is written, so it can be
 * read again when it changes meanwhile.  The header of a larger file promises
 * a size first, and what is written cannot be taken back: the file is stored
 * once more.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/archiver.h"
#include "sandbox/attributes.h"
#include "sandbox/census.h"
#include "sandbox/contents.h"
#include "sandbox/create.h"
#include "sandbox/differ.h"
#include "sandbox/fdbatch.h"
#include "sandbox/fdio.h"
#include "sandbox/hardlinks.h"
#include "sandbox/hashing.h"
#include "sandbox/owners.h"
#include "sandbox/manifest.h"
#include "sandbox/pipeline.h"
#include "sandbox/readers.h"
#include "sandbox/same.h"
#include "sandbox/since.h"

#define CREATE_SMALL	(SLAB_SIZE / 2)	/* files up to this size */
#define CREATE_NAMES	(SLAB_SIZE / 4)	/* bytes of a member's strings */
/* Bytes of a file that said it was small: what an empty slab has room for. */
#define CREATE_ROOM	(SLAB_SIZE - CREATE_NAMES)

struct create {
	const struct job	*job;
	struct reporter		*rep;
	struct hardlinks	*hardlinks;
	struct owners		*owners;
	struct hashing		*hashing;
	struct archiver		*archiver;
	struct pipeline		*pipeline;	/* NULL: a dry run */
	struct census		 census;	/* of a dry run */
	struct fdbatch		 closing;
	const struct buf	*attributes;	/* of the next member */
	struct region		*regions;	/* of the file being read */
	uint8_t			*block;		/* CONTENTS_BLOCK bytes */
	struct since		*since;		/* or NULL */
	struct same		*same;		/* compares contents, or NULL */
	struct differ		*differ;	/* only compares, or NULL */
	struct readers		*readers;	/* or NULL */
	/* The next file was read already; NULL: it was not. */
	const struct readers_file *was_read;
	bool			 late;		/* see create_late() */
};

static int
create_fatal(struct create *c, const char *why)
{
	(void)reporter_report(c->rep, REPORT_FATAL, "", why);
	return -1;
}

int
create_no_memory(struct create *c)
{
	return reporter_no_memory(c->rep);
}

struct create *
create_new(const struct job *job, int archive, unsigned int threads,
    struct reporter *rep)
{
	struct create	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		(void)reporter_no_memory(rep);
		return NULL;
	}
	c->job = job;
	c->rep = rep;
	fdbatch_init(&c->closing);
	census_init(&c->census, rep);
	if ((c->hardlinks = hardlinks_new(HARDLINKS_BYTES)) == NULL) {
		(void)create_no_memory(c);
		goto fail;
	}
	if ((job->options->since != NULL || !job->options->command->stores) &&
	    (c->since = since_new(job, rep)) == NULL)
		goto fail;
	if (!job->options->command->stores && (c->differ =
	    differ_new(job->options->contents, rep)) == NULL)
		goto fail;
	if (job->options->dry_run || c->differ != NULL)
		return c;
	if ((c->block = malloc(CONTENTS_BLOCK)) == NULL ||
	    (c->owners = owners_new(rep)) == NULL ||
	    (c->pipeline = pipeline_new()) == NULL) {
		(void)create_no_memory(c);
		goto fail;
	}
	if (job->options->contents &&
	    (c->same = same_new(rep, false)) == NULL)
		goto fail;
	if (c->same == NULL && (c->readers = readers_new()) == NULL) {
		(void)create_no_memory(c);
		goto fail;
	}
	if ((!job->options->no_digest &&
	    (c->hashing = hashing_new(rep)) == NULL) ||
	    (c->archiver = archiver_new(job, archive, threads,
	    rep)) == NULL)
		goto fail;
	if (c->hashing != NULL)
		pipeline_add_shared(c->pipeline, hashing_stage,
		    c->hashing);
	pipeline_add(c->pipeline, archiver_stage, c->archiver);
	return c;

fail:
	create_free(c);
	return NULL;
}

int
create_start(struct create *c)
{
	if (c->pipeline == NULL)
		return 0;
	if (pipeline_limit_threads() == -1 ||
	    archiver_start(c->archiver) == -1 ||
	    pipeline_start(c->pipeline) == -1)
		return -1;
	/* It works without these, where a user may have few threads. */
	if (c->readers != NULL && readers_start(c->readers) == -1) {
		readers_free(c->readers);
		c->readers = NULL;
	}
	return 0;
}

int
create_open(struct create *c, struct choice *choice)
{
	struct manifest_head	 head = { .has_since = c->since != NULL };
	struct timespec		 now;

	if (c->since != NULL) {
		if (since_load(c->since, choice) == -1)
			return -1;
		since_began(c->since, &head.since, &head.since_nsec);
	}
	if (c->pipeline == NULL)
		return 0;
	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return create_fatal(c, "the clock cannot be read");
	head.began = now.tv_sec;
	head.began_nsec = (uint32_t)now.tv_nsec;
	return archiver_begin(c->archiver, &head);
}

void
create_limit(struct create *c, unsigned int closing)
{
	if (closing == 0)
		return;
	if (closing < FDBATCH_MAX)
		c->closing.max = closing;
	/* There are too few for files that wait to be read. */
	readers_free(c->readers);
	c->readers = NULL;
}

void
create_free(struct create *c)
{
	if (c == NULL)
		return;
	readers_free(c->readers);
	if (c->pipeline != NULL)
		pipeline_free(c->pipeline);
	free(c->regions);
	free(c->block);
	fdbatch_flush(&c->closing);
	archiver_free(c->archiver);
	hashing_free(c->hashing);
	hardlinks_free(c->hardlinks);
	owners_free(c->owners);
	since_free(c->since);
	same_free(c->same);
	differ_free(c->differ);
	free(c);
}

/* Policy keeps something out of the archive that was asked for. */
static int
create_denied(struct create *c)
{
	if (c->job->options->denied != DENIED_FAIL)
		return 0;
	return create_fatal(c, "policy keeps something out of the archive; "
	    "without --denied=fail the rest would be stored");
}

int
create_report(struct create *c, enum report_kind kind, const char *name,
    const char *why)
{
	if (reporter_report(c->rep, kind, name, why) == -1)
		return -1;
	return report_is_denial(kind) ? create_denied(c) : 0;
}

int
create_hidden(struct create *c, const char *name, uint64_t n)
{
	if (reporter_hidden(c->rep, name, n) == -1)
		return -1;
	return create_denied(c);
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
create_slab(struct create *c, const struct entry *e, size_t contents)
{
	size_t		 need = contents + strings_len(e);
	struct slab	*s;

	if ((s = pipeline_slab(c->pipeline)) == NULL)
		return NULL;
	if (s->n < SLAB_MEMBERS && slab_room(s) >= need)
		return s;
	pipeline_pass(c->pipeline);
	return pipeline_slab(c->pipeline);
}

/*
 * Begin a member in a slab from create_slab(), which has room for it.  -1: the
 * run fails.
 */
static int
create_begin(struct create *c, struct slab *s, struct entry *e,
    struct member **mp)
{
	struct member	*m = slab_member(s);
	const char	*uname, *gname;

	m->late = c->late;
	m->header = true;
	m->e = *e;
	m->e.name = slab_string(s, e->name);
	m->e.link = slab_string(s, e->link);
	m->e.hardlink = slab_string(s, e->hardlink);
	if ((uname = owners_name(c->owners, CHANNEL_USER, e->uid)) == NULL ||
	    (gname = owners_name(c->owners, CHANNEL_GROUP, e->gid)) == NULL)
		return create_fatal(c, "the controller does not answer");
	m->e.uname = slab_string(s, uname);
	m->e.gname = slab_string(s, gname);
	if (e->attributes_len > 0)
		m->e.attributes = slab_bytes(s, e->attributes,
		    e->attributes_len);
	*mp = m;
	return 0;
}

/* 1; 0: the member's names are too long, which was reported; -1. */
static int
create_names_fit(struct create *c, const struct entry *e)
{
	if (strings_len(e) - e->attributes_len <= CREATE_NAMES)
		return 1;
	return reporter_report(c->rep, REPORT_UNREADABLE, e->name,
	    "its name is too long to be stored");
}

void
create_attributes(struct create *c, const struct buf *set)
{
	c->attributes = set;
}

static void
create_entry(const struct create *c, struct entry *e, const char *name,
    const struct fdb_stat *st)
{
	entry_from_stat(e, name, st);
	if (c->attributes == NULL)
		return;
	e->attributes = c->attributes->data;
	e->attributes_len = c->attributes->len;
	/* Who ignores the access control list must not widen the group. */
	e->mode = attributes_mode(e->attributes, e->attributes_len, e->mode);
}

/* Store a member without contents. */
static int
create_plain(struct create *c, struct entry *e)
{
	struct member	*m;
	struct slab	*s;
	int		 n;

	if ((n = create_names_fit(c, e)) != 1)
		return n;
	if (c->pipeline == NULL)
		return census_member(&c->census, e, 0);
	if ((s = create_slab(c, e, 0)) == NULL ||
	    create_begin(c, s, e, &m) == -1)
		return -1;
	m->last = true;
	return 0;
}

/*
 * If the file was already stored under another name, store a hard link.  1; 0:
 * it is new; -1.
 */
static int
create_again(struct create *c, struct entry *e, const struct fdb_stat *st)
{
	const char	*stored;

	if (st->nlink < 2)
		return 0;
	if ((stored = hardlinks_find(c->hardlinks, st, e->link)) == NULL) {
		e->number = hardlinks_number(c->hardlinks);
		return 0;
	}
	if (strcmp(stored, e->name) == 0)
		return reporter_report(c->rep, REPORT_SKIPPED, e->name,
		    "it was listed twice; stored once") == -1 ? -1 : 1;
	e->hardlink = stored;
	e->number = hardlinks_found(c->hardlinks);
	e->attributes_len = 0;
	return create_plain(c, e) == -1 ? -1 : 1;
}

static int
create_remember(struct create *c, const struct entry *e,
    const struct fdb_stat *st)
{
	if (hardlinks_add(c->hardlinks, st, e->name, e->link) == -1)
		return create_no_memory(c);
	return 0;
}

void
create_foreign(struct create *c, bool foreign)
{
	differ_foreign(c->differ, foreign);
}

bool
create_is_diff(const struct create *c)
{
	return c->differ != NULL;
}

struct since *
create_since(struct create *c)
{
	return c->since;
}

/*
 * Let the manifest have a line, with a mark, and nothing else.  *e has the
 * strings that the line's record needs.
 */
static int
create_line(struct create *c, struct entry *e, const char *line,
    const char *mark)
{
	struct member	*m;
	struct slab	*s;

	/* slab_string() has room: judged by who calls, or cut by SPOOL. */
	if ((s = create_slab(c, e, strlen(line) + 1)) == NULL)
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
		return create_fatal(c, "a line of the manifest is too long");
	return 0;
}

int
create_kept(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target, const char *line)
{
	struct buf	 names[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	struct entry	 e;
	size_t		 len;
	bool		 is_link = manifest_hardlink(line, &len) != NULL;
	int		 n;

	create_entry(c, &e, name, st);
	e.link = target;
	/* One of its names may be new, and stored already. */
	if (!is_link && (n = create_again(c, &e, st)) != 0)
		return n == -1 ? -1 : 0;
	n = manifest_parse(&e, line, &names[0], &names[1]);
	buf_free(&names[0]);
	buf_free(&names[1]);
	e.uname = e.gname = "";
	if (n == -1)
		return create_no_memory(c);
	if (reporter_report(c->rep, REPORT_UNCHANGED, name, "unchanged") == -1)
		return -1;
	if (!is_link && create_remember(c, &e, st) == -1)
		return -1;
	return c->pipeline == NULL ? 0 :
	    create_line(c, &e, line, MANIFEST_UNCHANGED);
}

void
create_late(struct create *c)
{
	c->late = true;
}

int
create_purge(struct create *c, const char *name)
{
	struct entry	 e;
	struct member	*m;
	struct slab	*s;

	if (c->pipeline == NULL)
		return 0;
	entry_init(&e, name);
	e.mode = S_IFDIR | 0700;
	if ((s = create_slab(c, &e, 0)) == NULL ||
	    create_begin(c, s, &e, &m) == -1)
		return -1;
	m->last = m->purge = true;
	return 0;
}

/*
 * Record a name that was removed, with its earlier line: a since_report, as the
 * next.
 */
static int
create_removed(void *arg, const char *name, const char *line)
{
	struct create	*c = arg;
	struct entry	 e;
	struct buf	 text = { NULL, 0, 0 };
	size_t		 len = manifest_name_len(line);
	int		 ret = -1;

	entry_init(&e, name);
	if (c->differ != NULL)
		return differ_missing(c->differ, name);
	if (reporter_report(c->rep, REPORT_REMOVED, name, "removed") == -1)
		return -1;
	if (c->pipeline == NULL)
		return 0;
	if (buf_puts(&text, MANIFEST_REMOVED) == -1 ||
	    buf_add(&text, line, len) == -1 || buf_puts(&text,
	    manifest_is_directory(line) ? " type=dir" : "") == -1)
		(void)create_no_memory(c);
	else
		ret = create_line(c, &e, buf_str(&text), "");
	buf_free(&text);
	return ret;
}

/* Record a name that may still be there. */
static int
create_unseen(void *arg, const char *name, const char *line)
{
	struct create	*c = arg;
	struct entry	 e;

	entry_init(&e, name);
	return c->pipeline == NULL ? 0 :
	    create_line(c, &e, line, MANIFEST_UNSEEN);
}

int
create_directory(struct create *c, const char *name,
    const struct fdb_stat *st)
{
	struct entry	 e;

	create_entry(c, &e, name, st);
	if (c->differ != NULL)
		return differ_member(c->differ, since_earlier(c->since), &e,
		    st, -1);
	return create_plain(c, &e);
}

int
create_special(struct create *c, const char *name, const struct fdb_stat *st,
    const char *target)
{
	struct entry	 e;
	int		 n;

	if (S_ISSOCK(st->mode) && c->differ == NULL)
		return reporter_report(c->rep, REPORT_SKIPPED, name,
		    "sockets are not stored");
	create_entry(c, &e, name, st);
	e.link = target;
	if (c->differ != NULL)
		return differ_member(c->differ, since_earlier(c->since), &e,
		    st, -1);
	if ((n = create_again(c, &e, st)) != 0)
		return n == -1 ? -1 : 0;
	if (create_plain(c, &e) == -1)
		return -1;
	return create_remember(c, &e, st);
}

static bool
is_own(const struct job_file *own, const struct fdb_stat *st)
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
create_judge(struct create *c, struct member *m, const char *name,
    const struct contents *how, const struct fdb_stat *st)
{
	int	 n;

	n = contents_report(c->rep, name, how, is_own(&c->job->log, st));
	/* Our own log grows, which is not reported. */
	m->unsure = n != 1 || how->changed || how->more;
	return n;
}

struct readers *
create_readers(struct create *c)
{
	return c->readers;
}

/* How a small file is read. */
static struct contents_small
create_how(const struct create *c, const struct fdb_stat *st, int fd)
{
	return (struct contents_small){
		.fd = fd,
		.retries = c->job->options->retries,
		/* File systems without a block device have no major number. */
		.on_disk = st->dev_major != 0
	};
}

bool
create_may_read(struct create *c, const struct fdb_stat *st, int fd,
    struct contents_small *how)
{
	*how = create_how(c, st, fd);
	return !is_own(&c->job->output, st) && !is_own(&c->job->previous, st) &&
	    !is_own(&c->job->log, st) &&
	    (st->nlink < 2 || !hardlinks_has(c->hardlinks, st));
}

void
create_was_read(struct create *c, const struct readers_file *f)
{
	c->was_read = f;
}

/*
 * Get the contents of a small file, as contents_small() does, if they were not
 * read already.
 */
static void
create_read(struct create *c, const struct contents_small *f, uint8_t *buf,
    size_t max, struct version *v, struct contents *how)
{
	if (c->was_read != NULL) {
		*v = c->was_read->version;
		*how = c->was_read->contents;
		memcpy(buf, c->was_read->data, (size_t)how->size);
	} else if (c->readers != NULL) {
		readers_read(c->readers, f, buf, max, v, how);
	} else {
		contents_small(f, buf, max, v, how);
	}
}

/* Store a file that fits a slab. */
static int
create_small(struct create *c, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct version	 v = contents_version(st);
	const struct contents_small f = create_how(c, st, fd);
	struct contents	 how;
	struct member	*m;
	struct slab	*s;
	size_t		 need, max;

	/* Room to find that there is more; then, if there is, all the room. */
	need = (size_t)st->size + 1;
	if (c->was_read != NULL && c->was_read->contents.size >= need)
		need = (size_t)c->was_read->contents.size;
	do {
		if ((s = create_slab(c, e, need)) == NULL)
			return -1;
		max = slab_room(s) - strings_len(e);
		if (max > CREATE_ROOM)
			max = CREATE_ROOM;
		create_read(c, &f, s->data + s->used, max, &v, &how);
		need = CREATE_ROOM;
	} while (how.more && max < CREATE_ROOM);
	contents_apply(&v, e);
	e->size = how.size;
	if (create_begin(c, s, e, &m) == -1)
		return -1;
	m->data = s->data + s->used;
	m->len = (size_t)how.size;
	m->last = true;
	s->used += m->len;
	return create_judge(c, m, e->name, &how, st);
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
create_piece(struct create *c, struct slab **s)
{
	if ((*s)->n == SLAB_MEMBERS || slab_room(*s) == 0)
		pipeline_pass(c->pipeline);
	*s = pipeline_slab(c->pipeline);
	return *s != NULL ? slab_member(*s) : NULL;
}

/* Store a region of a file, in pieces.  m is the first. */
static int
create_region(struct create *c, struct slab **s, struct member **m,
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
		if ((*m = create_piece(c, s)) == NULL)
			return -1;
	}
}

/* Store a file with its holes, if it has some. */
static int
create_large(struct create *c, struct pieces *p)
{
	const struct region	 all = { 0, p->version.size };
	struct slab		*s;
	bool			 ended = false;

	if ((s = create_slab(c, p->e, 1)) == NULL ||
	    create_begin(c, s, p->e, &p->last) == -1)
		return -1;
	return create_region(c, &s, &p->last, &all, p, &ended);
}

/* Store a file without its holes.  Takes over the regions. */
static int
create_sparse(struct create *c, struct pieces *p, struct holes *h)
{
	struct region	 r;
	struct member	*m;
	struct slab	*s;
	uint64_t	 pos = 0;
	size_t		 i, n = h->n;
	bool		 ended = false;

	c->regions = h->v;
	if ((s = create_slab(c, p->e, 1)) == NULL ||
	    create_begin(c, s, p->e, &m) == -1)
		return -1;
	m->regions = h->v;
	m->nregions = n;
	for (i = 0; i <= n; i++) {
		r = i < n ? h->v[i] : (struct region){ p->version.size, 0 };
		m->hole = r.offset - pos;
		if (create_region(c, &s, &m, &r, p, &ended) == -1)
			return -1;
		pos = r.offset + r.len;
		if (i < n && (m = create_piece(c, &s)) == NULL)
			return -1;
	}
	m->spent = c->regions;
	c->regions = NULL;
	p->last = m;
	return 0;
}

/*
 * Store a file in pieces, without the holes that it has if e->sparse.  If it
 * changes meanwhile, and then holds still, store it again.  1: it is stored as
 * it is; 0; -1.
 */
static int
create_pieces(struct create *c, struct entry *e, const struct fdb_stat *st,
    int fd, struct holes *h)
{
	struct pieces	 p = { .e = e, .fd = fd,
			    .version = contents_version(st) };
	unsigned int	 retries = c->job->options->retries;
	int		 n;

	/* Our own log grows as long as the run lasts. */
	if (is_own(&c->job->log, st))
		retries = 0;
	for (;;) {
		p.how = (struct contents){ .size = p.version.size };
		if ((e->sparse ? create_sparse(c, &p, h) :
		    create_large(c, &p)) == -1)
			return -1;
		p.last->last = true;
		contents_check(&p.how, fd, &p.version);
		if (!contents_settled(&p.how, fd, &retries, c->block,
		    &p.version))
			break;
		p.last->superseded = true;
		contents_apply(&p.version, e);
		if ((n = holes_read(fd, e->size, h)) == -1)
			return create_no_memory(c);
		e->sparse = n == 1;
	}
	return create_judge(c, p.last, e->name, &p.how, st);
}

/*
 * Let the last stage copy a large file that nobody needs to look at.  The
 * descriptor goes with it.
 */
static int
create_direct(struct create *c, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct member	*m;
	struct slab	*s;

	if ((s = create_slab(c, e, 0)) == NULL ||
	    create_begin(c, s, e, &m) == -1) {
		close(fd);
		return -1;
	}
	m->last = true;
	m->direct = true;
	m->fd = fd;
	m->version = contents_version(st);
	m->grows = is_own(&c->job->log, st);
	/* The last stage closes few at a time: worker_limits() counts them. */
	pipeline_pass(c->pipeline);
	return 0;
}

/*
 * True for a file that create_direct() may store.  One with other names is
 * not: what is linked to it must be known to be whole.  Nor is one that may
 * have holes.
 */
static bool
is_direct(const struct create *c, const struct fdb_stat *st)
{
	return c->job->options->no_digest &&
	    c->job->options->compression == COMPRESSION_NONE &&
	    st->size > CREATE_SMALL && st->nlink == 1 &&
	    st->blocks >= st->size / 512;
}

/* 1: it has holes, and h has its regions; 0; -1: the run fails. */
static int
create_holes(struct create *c, const struct fdb_stat *st, int fd,
    struct holes *h)
{
	int	 n;

	/* Blocks have 512 bytes; whoever read the file has looked for holes. */
	if (st->blocks >= st->size / 512 || c->was_read != NULL)
		return 0;
	n = holes_read(fd, st->size, h);
	return n == -1 ? create_no_memory(c) : n;
}

static int
create_contents(struct create *c, struct entry *e, const struct fdb_stat *st,
    int fd)
{
	struct holes	 h;
	int		 n;

	if ((n = create_names_fit(c, e)) != 1)
		return n;
	e->has_digest = !c->job->options->no_digest;
	if ((n = create_holes(c, st, fd, &h)) == -1)
		return -1;
	e->sparse = n == 1;
	n = !e->sparse && st->size <= CREATE_SMALL ?
	    create_small(c, e, st, fd) : create_pieces(c, e, st, fd, &h);
	/* Under its other names a damaged file is read again, not linked. */
	return n == 1 ? create_remember(c, e, st) : n;
}

/*
 * If an archive before has the same file, by its digest, keep that.  1; 0:
 * store it; -1: the run fails.
 */
static int
create_same(struct create *c, const struct entry *stored,
    const struct fdb_stat *st, int fd)
{
	struct buf	 text = { NULL, 0, 0 };
	struct entry	 e = *stored;
	const char	*line;
	int		 n;

	if ((n = since_may_equal(c->since, e.name, st)) != 1 ||
	    (n = same_digest(c->same, &e, st, fd, false)) != 1)
		return n;
	n = -1;
	if (same_line(c->same, c->owners, &e, &text) == 0)
		switch (since_compare(c->since, e.name, buf_str(&text),
		    &line)) {
		case SINCE_FAILED:
			break;
		case SINCE_KEEP:
			n = create_kept(c, e.name, st, "", line);
			n = n == -1 ? -1 : 1;
			break;
		default:
			n = 0;
		}
	buf_free(&text);
	return n;
}

/* Count a file that a dry run does not open. */
static int
create_counted(struct create *c, const struct entry *e,
    const struct fdb_stat *st)
{
	int	 n;

	if ((n = create_names_fit(c, e)) != 1)
		return n;
	if (census_member(&c->census, e, e->size) == -1)
		return -1;
	return create_remember(c, e, st);
}

int
create_file(struct create *c, const char *name, const struct fdb_stat *st,
    int fd)
{
	struct entry	 e;
	int		 n;

	create_entry(c, &e, name, st);
	if (c->differ != NULL)
		n = differ_member(c->differ, since_earlier(c->since), &e, st,
		    fd);
	else if (is_own(&c->job->output, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive itself");
	else if (is_own(&c->job->previous, st))
		n = reporter_report(c->rep, REPORT_SKIPPED, name,
		    "it is the archive that will be replaced");
	else if ((n = create_again(c, &e, st)) == 0 && c->pipeline == NULL)
		n = create_counted(c, &e, st);
	else if (n == 0) {
		if (c->same != NULL && (n = create_same(c, &e, st, fd)) != 0)
			goto out;
		if (is_direct(c, st) && create_names_fit(c, &e) == 1)
			return create_direct(c, &e, st, fd);
		n = create_contents(c, &e, st, fd);
	}
out:
	if (fd != -1)
		fdbatch_add(&c->closing, fd);
	return n == -1 ? -1 : 0;
}

void
create_mark(struct create *c)
{
	census_mark(&c->census);
}

int
create_subtotal(struct create *c, const char *name)
{
	return c->pipeline == NULL && c->differ == NULL ?
	    census_subtotal(&c->census, name) : 0;
}

int
create_total(struct create *c, const char *name)
{
	return c->pipeline == NULL && c->differ == NULL ?
	    census_total(&c->census, name) : 0;
}

int
create_finish(struct create *c)
{
	const struct since_report report = {
		create_removed, create_unseen, c->differ != NULL, c
	};
	struct slab	*s;

	if (c->since != NULL && since_finish(c->since, &report) == -1)
		return -1;
	if (c->pipeline == NULL)
		return 0;
	if ((s = pipeline_slab(c->pipeline)) == NULL)
		return -1;
	s->end = true;
	pipeline_pass(c->pipeline);
	return pipeline_wait(c->pipeline);
}
