/*
 * extract.c: the first stage of extract: read members into slabs; see
 * sandbox/extract.h.
 *
 * Runs in the worker, confined.  Touches the descriptor of the archive and,
 * with --to-stdout, of standard output.  restore.c, in a thread of its own,
 * decides what becomes of the members.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/attributes.h"
#include "sandbox/cpiolinks.h"
#include "sandbox/damage.h"
#include "sandbox/extract.h"
#include "sandbox/fdio.h"
#include "sandbox/hashing.h"
#include "sandbox/ids.h"
#include "sandbox/manifest.h"
#include "sandbox/place.h"
#include "sandbox/plan.h"
#include "sandbox/reader.h"
#include "sandbox/replay.h"
#include "sandbox/restore.h"
#include "sandbox/sample.h"
#include "sandbox/selection.h"
#include "sandbox/work.h"

#define STRINGS_MAX	(SLAB_SIZE / 2)	/* bytes of a member's strings */
#define WHOLE_MAX	(SLAB_SIZE / 2)	/* files up to this size, in one slab */

struct extract {
	struct work		*work;
	const struct options	*options;
	struct reporter		*rep;
	struct reader		*reader;
	struct selection		*selection;
	struct cpiolinks	*links;		/* of the archive */
	bool			 empty;		/* no contents are read */
	struct ids		*ids;		/* for the reader */
	struct attributes_ids	 acl_ids;
	struct damage		*damage;	/* NULL: not looked for */
	struct hashing		*hashing;
	struct restore		*restore;
	struct pipeline		*pipeline;
	struct plan		*plan;		/* instead of restoring */
	struct replay		*replay;	/* of names; or NULL */
	struct buf		 name;
	/* The last file, or NULL: its end is passed on with the next member. */
	struct member		*ending;
	struct buf		 ending_name;
	uint64_t		 bytes;		/* of contents so far */
	struct entry		 left;		/* the manifest, perhaps */
	bool			 left_out;	/* it was the last member */
	bool			 full;		/* --max-size is reached */
	bool			 unreadable;	/* the archive, from here on */
	bool			 failed;	/* the comparison: stop early */
};

static void
extract_free(struct extract *x)
{
	if (x == NULL)
		return;
	pipeline_free(x->pipeline);
	restore_free(x->restore);
	hashing_free(x->hashing);
	damage_free(x->damage);
	plan_free(x->plan);
	replay_free(x->replay);
	selection_free(x->selection);
	reader_free(x->reader);
	cpiolinks_free(x->links);
	ids_free(x->ids);
	buf_free(&x->name);
	buf_free(&x->ending_name);
	free(x);
}

/* What restores: threads, and what they share. */
static int
extract_prepare_restore(struct extract *x)
{
	const struct options	*o = x->options;

	if (!o->no_digest) {
		if ((x->damage = damage_new(x->work, x->selection)) == NULL ||
		    (x->hashing = hashing_new(x->rep)) == NULL)
			return -1;
	}
	if ((x->restore = restore_new(x->work, x->damage)) == NULL)
		return -1;
	if ((x->pipeline = pipeline_new()) == NULL)
		return reporter_no_memory(x->rep);
	if (x->hashing != NULL)
		pipeline_add_shared(x->pipeline, hashing_stage,
		    x->hashing);
	pipeline_add_holding(x->pipeline, restore_stage, restore_fill,
	    x->restore);
	return 0;
}

int
extract_prepare(struct work *w)
{
	const struct options	*o = w->job->options;
	struct extract		*x;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return reporter_no_memory(&w->rep);
	w->state = x;
	x->work = w;
	x->options = o;
	x->rep = &w->rep;
	if ((x->selection = selection_new(o->paths, o->npaths)) == NULL ||
	    (x->ids = ids_new(x->rep, 0)) == NULL)
		return reporter_no_memory(x->rep);
	x->acl_ids = (struct attributes_ids){ ids_find, x->ids };
	if (options_replay(o) &&
	    (x->replay = replay_new(w, x->selection)) == NULL)
		return -1;
	if (o->to_stdout)
		return 0;
	if (o->plan) {
		x->plan = plan_new(w);
		return x->plan != NULL ? 0 : -1;
	}
	return extract_prepare_restore(x);
}

void
extract_release(struct work *w)
{
	extract_free(w->state);
	w->state = NULL;
}

int
extract_start(struct work *w)
{
	struct extract	*x = w->state;

	if (x->pipeline == NULL)
		return 0;
	if (pipeline_limit_threads() == -1)
		return -1;
	return pipeline_start(x->pipeline);
}

/* Bytes that the strings of a member take. */
static size_t
strings_len(const struct entry *e)
{
	return strlen(e->name) + strlen(e->link) + strlen(e->hardlink) +
	    strlen(e->uname) + strlen(e->gname) + 5 + e->attributes_len;
}

static bool
is_contents(const struct entry *e)
{
	return S_ISREG(e->mode) && e->hardlink[0] == '\0';
}

/* Count contents against --max-size.  1; 0: it is reached; -1. */
static int
extract_count(struct extract *x, const struct entry *e, uint64_t len)
{
	uint64_t	 max = x->options->max_size;

	if (max == 0 || len <= max - x->bytes) {
		x->bytes += len;
		/* A drill must notice in a large file that it has to end. */
		return sample_wanted(x->options) && reporter_under_way(x->rep,
		    e->name, 0) == -1 ? -1 : 1;
	}
	x->full = true;
	return reporter_reportf(x->rep, REPORT_UNREADABLE, e->name,
	    "--max-size %" PRIu64 " is reached: neither this member nor what "
	    "follows it is restored", max);
}

/*
 * End the last file: another one, which create stored because this one had
 * changed, may have its name and be the next member.  next is NULL at the end
 * of the archive.
 */
static void
extract_settle(struct extract *x, const struct entry *next)
{
	if (x->ending == NULL)
		return;
	x->ending->superseded = next != NULL && is_contents(next) &&
	    strcmp(next->name, buf_str(&x->ending_name)) == 0;
	x->ending->last = true;
	x->ending = NULL;
}

/* Begin a member in a slab that has room for its strings and contents. */
static struct slab *
extract_header(struct extract *x, const struct entry *e, struct member **mp)
{
	size_t		 need = strings_len(e);
	struct slab	*s;
	struct member	*m;

	if (is_contents(e) && e->size <= WHOLE_MAX)
		need += (size_t)e->size;
	if ((s = pipeline_slab(x->pipeline)) == NULL)
		return NULL;
	if (s->n == SLAB_MEMBERS || slab_room(s) < need) {
		pipeline_pass(x->pipeline);
		if ((s = pipeline_slab(x->pipeline)) == NULL)
			return NULL;
	}
	m = slab_member(s);
	m->header = true;
	m->e = *e;
	m->e.name = slab_string(s, e->name);
	m->e.link = slab_string(s, e->link);
	m->e.hardlink = slab_string(s, e->hardlink);
	m->e.uname = slab_string(s, e->uname);
	m->e.gname = slab_string(s, e->gname);
	if (e->attributes_len > 0)
		m->e.attributes = slab_bytes(s, e->attributes,
		    e->attributes_len);
	m->e.has_digest = x->hashing != NULL && is_contents(e);
	m->data = s->data + s->used;
	*mp = m;
	return s;
}

/* The next piece of a member, behind a hole. */
static struct member *
extract_piece(struct extract *x, struct slab **s, uint64_t hole)
{
	struct member	*m;

	if ((*s)->n == SLAB_MEMBERS || slab_room(*s) == 0) {
		pipeline_pass(x->pipeline);
		if ((*s = pipeline_slab(x->pipeline)) == NULL)
			return NULL;
	}
	m = slab_member(*s);
	m->hole = hole;
	m->data = (*s)->data + (*s)->used;
	return m;
}

/* Copy data to the member's last piece, and to further ones. */
static struct member *
extract_copy(struct extract *x, struct slab **s, struct member *m,
    const uint8_t *p, size_t len)
{
	size_t	 n;

	while (len > 0) {
		if (slab_room(*s) == 0 &&
		    (m = extract_piece(x, s, 0)) == NULL)
			return NULL;
		n = slab_room(*s) < len ? slab_room(*s) : len;
		memcpy((*s)->data + (*s)->used, p, n);
		(*s)->used += n;
		m->len += n;
		p += n;
		len -= n;
	}
	return m;
}

/* Contents of a member.  1; 0: they did not come to their end; -1. */
static int
extract_contents(struct extract *x, const struct entry *e, struct slab *s,
    struct member *m)
{
	const void	*p;
	uint64_t	 offset, pos = 0;
	size_t		 len;
	int		 n;

	while ((n = x->empty ? 0 : reader_data(x->reader, &p, &len,
	    &offset)) == 1) {
		if ((n = extract_count(x, e, len)) != 1)
			return n;
		if (offset > pos &&
		    (m = extract_piece(x, &s, offset - pos)) == NULL)
			return -1;
		if ((m = extract_copy(x, &s, m, p, len)) == NULL)
			return -1;
		pos = offset + len;
	}
	if (n == -1)
		return 0;
	/* What lies behind the last data is a hole. */
	if (pos < e->size && (m = extract_piece(x, &s, e->size - pos)) == NULL)
		return -1;
	buf_cut(&x->ending_name, 0);
	if (buf_puts(&x->ending_name, e->name) == -1)
		return reporter_no_memory(x->rep);
	x->ending = m;
	return 1;
}

/* Does a slab have room for the strings of a member?  1; 0: no; -1. */
static int
extract_fit(struct extract *x, struct entry *e)
{
	if (strings_len(e) > STRINGS_MAX && e->attributes_len > 0) {
		if (reporter_report(x->rep, REPORT_CHANGED, e->name,
		    "restored without its extended attributes: they are too "
		    "large") == -1)
			return -1;
		e->attributes_len = 0;
	}
	if (strings_len(e) > STRINGS_MAX)
		return reporter_report(x->rep, REPORT_UNREADABLE, e->name,
		    "not restored: its name is too long");
	return 1;
}

/* Pass a member on to the other stages.  As extract_contents(). */
static int
extract_pass(struct extract *x, struct entry *e)
{
	struct member	*m;
	struct slab	*s;
	int		 n;

	if ((n = extract_fit(x, e)) != 1)
		return n == 0 ? 1 : -1;
	if ((s = extract_header(x, e, &m)) == NULL)
		return -1;
	if (is_contents(e))
		return extract_contents(x, e, s, m);
	m->last = true;
	return 1;
}

/* The member that looked like the manifest is a file: restore it. */
static int
extract_kept(struct extract *x, struct entry *e)
{
	struct member	*m;
	struct slab	*s;
	uint8_t		 block[4096];
	ssize_t		 n;
	int		 ret;

	if ((ret = extract_fit(x, e)) != 1)
		return ret;
	if ((s = extract_header(x, e, &m)) == NULL)
		return -1;
	while ((n = damage_read_file(x->damage, block, sizeof(block))) > 0) {
		if ((ret = extract_count(x, e, (uint64_t)n)) != 1)
			return ret;
		if ((m = extract_copy(x, &s, m, block, (size_t)n)) == NULL)
			return -1;
	}
	m->last = true;
	return (int)n;
}

/*
 * Another member comes.  The one before it was taken for the manifest, and was
 * left out.
 */
static int
extract_was_left_out(struct extract *x)
{
	x->left_out = false;
	if (!selection_member(x->selection, MANIFEST_NAME))
		return 0;
	if (x->plan != NULL && !x->options->no_digest)
		return plan_member(x->plan, &x->left) == -1 ? -1 : 0;
	return reporter_report(x->rep, REPORT_UNREADABLE, MANIFEST_NAME,
	    x->options->to_stdout ? "not written: it has the name of the "
	    "manifest; ask for it by its name" : "not restored: with --digest "
	    "none, this is taken for the manifest");
}

/* The same, and it was kept. */
static int
extract_was_no_manifest(struct extract *x)
{
	struct entry	 e;
	int		 n;

	if (x->left_out)
		return extract_was_left_out(x);
	if (x->damage == NULL || (n = damage_take_file(x->damage, &e)) == 0)
		return 0;
	if (n == -1)
		return -1;
	if (selection_member(x->selection, e.name) &&
	    sample_takes(x->options, e.name, "", false) &&
	    extract_kept(x, &e) == -1)
		return -1;
	return damage_drop_file(x->damage);
}

/*
 * The comparison has failed, which was reported.  Directories get their
 * metadata all the same.
 */
static int
extract_stop(struct extract *x)
{
	x->failed = true;
	return 0;
}

/* A member that may be the manifest.  As extract_contents(). */
static int
extract_manifest(struct extract *x, const struct entry *e)
{
	const void	*p;
	uint64_t	 offset;
	size_t		 len;
	int		 n;

	if (x->damage == NULL) {
		entry_init(&x->left, MANIFEST_NAME);
		x->left.mode = e->mode;
		x->left.mtime = e->mtime;
		x->left.mtime_nsec = e->mtime_nsec;
		x->left_out = true;
		return 1;
	}
	if (damage_begin_file(x->damage, e) == -1)
		return extract_stop(x);
	while ((n = reader_data(x->reader, &p, &len, &offset)) == 1) {
		damage_bound(x->damage, reader_consumed(x->reader));
		if (damage_add_file(x->damage, p, len) == -1)
			return extract_stop(x);
	}
	return n == -1 ? 0 : 1;
}

static int
extract_write(struct extract *x, const void *p, size_t len)
{
	if (fdio_write(x->work->output, p, len) == 0)
		return 0;
	(void)reporter_reportf(x->rep, REPORT_FATAL, "", "standard output "
	    "cannot be written: %s", strerror(errno));
	return -1;
}

/* A hard link has no contents: are those of its file written? */
static int
extract_print_link(struct extract *x, const struct entry *e)
{
	const char	*why;

	if (e->hardlink[0] == '\0')
		return 1;
	if (place_name(&x->name, e->hardlink, 0, &why) == PLACE_NO_MEMORY)
		return reporter_no_memory(x->rep);
	if (selection_covers(x->selection, buf_str(&x->name)))
		return 1;
	return reporter_reportf(x->rep, REPORT_UNREADABLE, e->name, "not "
	    "written: it is a hard link to %s, which has the contents; ask for "
	    "that", e->hardlink) == -1 ? -1 : 1;
}

/* Write the contents of a member to standard output.  As above. */
static int
extract_print(struct extract *x, const struct entry *e)
{
	static const uint8_t	 zeros[65536];
	const void		*p;
	uint64_t		 offset, hole, pos = 0;
	size_t			 len;
	int			 n;

	if (!is_contents(e))
		return extract_print_link(x, e);
	if (strcmp(e->name, buf_str(&x->ending_name)) == 0 &&
	    reporter_report(x->rep, REPORT_CHANGED, e->name, "the archive has "
	    "it twice in a row, as a file that changed while it was stored: "
	    "on standard output, these contents follow older ones") == -1)
		return -1;
	do {
		if ((n = reader_data(x->reader, &p, &len, &offset)) == -1)
			return 0;
		if (n == 0) {
			offset = e->size > pos ? e->size : pos;
			len = 0;
		}
		for (; pos < offset; pos += hole) {
			hole = offset - pos < sizeof(zeros) ? offset - pos :
			    sizeof(zeros);
			if (extract_count(x, e, hole) != 1)
				return 0;
			if (extract_write(x, zeros, (size_t)hole) == -1)
				return -1;
		}
		if (len > 0 && extract_count(x, e, len) != 1)
			return 0;
		if (extract_write(x, p, len) == -1)
			return -1;
		pos += len;
	} while (n == 1);
	buf_cut(&x->ending_name, 0);
	if (buf_puts(&x->ending_name, e->name) == -1)
		return reporter_no_memory(x->rep);
	return reporter_member(x->rep, e->name, pos) == -1 ? -1 : 1;
}

static bool
looks_like_manifest(const struct entry *e)
{
	return is_contents(e) && !e->sparse &&
	    strcmp(e->name, MANIFEST_NAME) == 0;
}

/* Do with a member what is wanted.  As extract_contents(). */
static int
extract_emit(struct extract *x, struct entry *e)
{
	extract_settle(x, e);
	if (x->options->to_stdout)
		return extract_print(x, e);
	if (x->plan != NULL)
		return plan_member(x->plan, e);
	return extract_pass(x, e);
}

/*
 * Names of a cpio archive have waited for the contents: one of them gets these,
 * and the others become hard links to it.  As above.
 */
static int
extract_give(struct extract *x, struct cpiofile *f, struct entry *e)
{
	const char	*name, *end = f->names.data + f->names.len;
	int		 n;

	if (cpiolinks_give(f, e->name) == -1)
		return reporter_no_memory(x->rep);
	e->hardlink = "";
	n = extract_emit(x, e);
	e->hardlink = f->given;
	e->size = 0;
	for (name = f->names.data; n == 1 && name < end &&
	    !x->options->to_stdout; name += strlen(name) + 1) {
		if (strcmp(name, f->given) == 0)
			continue;
		e->name = name;
		n = extract_emit(x, e);
	}
	buf_cut(&f->names, 0);
	return n;
}

/* What waits for contents will not get any: it is empty.  As above. */
static int
extract_give_none(struct extract *x, struct cpiofile *f)
{
	struct entry	 e = f->e;
	int		 n;

	if (f->names.len == 0 || x->options->to_stdout)
		return 1;
	e.name = f->names.data;
	e.size = 0;
	x->empty = true;
	n = extract_give(x, f, &e);
	x->empty = false;
	return n;
}

/* A member of a cpio archive that has other names, too.  As above. */
static int
extract_linked(struct extract *x, struct entry *e, bool wanted)
{
	struct cpiofile	*f;
	int		 n;

	if (cpiolinks_find(x->links, e, &f) == -1)
		return reporter_no_memory(x->rep);
	/* Another file with this name. */
	if (f != NULL && e->hardlink[0] == '\0') {
		if ((n = extract_give_none(x, f)) != 1)
			return n;
		(void)cpiolinks_give(f, NULL);
	}
	if (f != NULL && f->given != NULL) {
		e->hardlink = f->given;
		e->size = 0;
		return wanted && !x->options->to_stdout ?
		    extract_emit(x, e) : 1;
	}
	n = f == NULL ? 0 : 1;
	if (wanted && n == 1)
		n = cpiolinks_wait(x->links, f, e->name);
	if (n == -1)
		return reporter_no_memory(x->rep);
	if (n == 0)
		return wanted && reporter_report(x->rep, REPORT_UNREADABLE,
		    e->name, "not restored: too many files of the archive have "
		    "several names") == -1 ? -1 : 1;
	if (e->size == 0 || f->names.len == 0)
		return 1;
	if (!wanted)
		e->name = f->names.data;
	return extract_give(x, f, e);
}

/* The archive has no more contents.  As above. */
static int
extract_waiting(struct extract *x)
{
	struct cpiofile	*f = NULL;
	int		 n = 1;

	while (n == 1 && (f = cpiolinks_next(x->links, f)) != NULL)
		n = extract_give_none(x, f);
	return n;
}

/* As extract_contents(). */
static int
extract_member(struct extract *x, struct entry *e)
{
	const char	*why;
	enum place	 where;
	bool		 wanted;

	extract_settle(x, e);
	if (x->damage != NULL)
		damage_bound(x->damage, reader_consumed(x->reader));
	if (extract_was_no_manifest(x) == -1)
		return -1;
	if (x->full)
		return 0;
	/* Its text among that of others would be of no use. */
	if (looks_like_manifest(e) && (!x->options->to_stdout ||
	    x->options->npaths == 0))
		return extract_manifest(x, e);
	/* What is refused is named, whatever was asked for. */
	where = place_name(&x->name, e->name, 0, &why);
	if (where == PLACE_NO_MEMORY)
		return reporter_no_memory(x->rep);
	wanted = selection_member(x->selection, where == PLACE_OK ?
	    buf_str(&x->name) : e->name) &&
	    sample_takes(x->options, e->name, e->hardlink, S_ISDIR(e->mode));
	if (reader_is_linked(x->reader))
		return extract_linked(x, e, wanted);
	if (!wanted)
		return 1;
	if (e->hardlink[0] != '\0' && e->size > 0 && S_ISREG(e->mode)) {
		if (reporter_reportf(x->rep, REPORT_CHANGED, e->name,
		    "restored as a file of its own, not as a hard link to %s: "
		    "the archive has the contents here and not there",
		    e->hardlink) == -1)
			return -1;
		e->hardlink = "";
	}
	return extract_emit(x, e);
}

static bool
is_over(const struct extract *x)
{
	return x->full || x->failed ||
	    (x->restore != NULL && restore_is_over(x->restore));
}

/* Read all members.  1; 0: not to the end; -1: the run fails at once. */
static int
extract_members(struct extract *x)
{
	struct entry	 e;
	int		 n;

	while ((n = reader_next(x->reader, &e)) == 1) {
		if ((n = extract_member(x, &e)) != 1)
			return n;
		if (is_over(x))
			return 0;
	}
	return n == 0 ? extract_waiting(x) : 0;
}

/* Paths of the command line that chose nothing. */
static int
extract_tell_unused(struct extract *x)
{
	const char	*path;
	size_t		 i;

	for (i = 0; (path = selection_unused(x->selection, i)) != NULL; i++)
		if (reporter_report(x->rep, REPORT_UNREADABLE, path,
		    "not restored: the archive has no such member") == -1)
			return -1;
	return 0;
}

/* An archive was read: end what was begun, look for damage. */
static int
extract_finish(struct extract *x, bool complete)
{
	if (x->plan != NULL)
		return plan_finish(x->plan);
	if (x->restore == NULL)
		return 0;
	extract_settle(x, NULL);
	pipeline_pass(x->pipeline);
	if (pipeline_wait(x->pipeline) == -1 || restore_settle(x->restore,
	    x->full ? NULL : "the archive does not have all its contents") ==
	    -1)
		return -1;
	if (complete && !is_over(x) && x->damage != NULL &&
	    damage_find(x->damage, restore_remove, x->restore) == -1)
		return extract_stop(x);
	return 0;
}

/* Begin with an archive: remove what was removed before it was made. */
static int
extract_begin(struct extract *x, size_t i)
{
	x->rep->archive = replay_name(x->work, i);
	x->left_out = false;
	reader_free(x->reader);
	x->reader = reader_new(replay_descriptor(x->work, i));
	if (x->reader == NULL)
		return reporter_no_memory(x->rep);
	reader_set_ids(x->reader, &x->acl_ids);
	cpiolinks_free(x->links);
	if ((x->links = cpiolinks_new()) == NULL)
		return reporter_no_memory(x->rep);
	if (i > 0 && x->damage != NULL && damage_again(x->damage) == -1)
		return -1;
	if (x->replay == NULL)
		return 0;
	if (x->plan != NULL)
		return replay_removed(x->replay, plan_gone, x->plan);
	if (replay_removed(x->replay, restore_gone, x->restore) == -1)
		return -1;
	return restore_settle(x->restore, NULL);
}

/* 1; 0: the run stops here; -1: it fails at once, which was reported. */
static int
extract_archive(struct extract *x, size_t i)
{
	int	 n;

	if (extract_begin(x, i) == -1 || (n = extract_members(x)) == -1 ||
	    extract_finish(x, n == 1) == -1)
		return -1;
	if (is_over(x))
		return 0;
	if (n == 1 && reader_finish(x->reader) == 0)
		return 1;
	x->unreadable = true;
	return 0;
}

int
extract_run(struct work *w)
{
	struct extract	*x = w->state;
	size_t		 i;
	int		 n;

	if (x->replay != NULL && replay_check(x->replay) == -1)
		return -1;
	if (x->restore != NULL && restore_begin(x->restore) == -1)
		return -1;
	i = 0;
	do
		n = extract_archive(x, i++);
	while (n == 1 && i < x->options->archives.n);
	if (n != -1 && x->restore != NULL && restore_finish(x->restore) == -1)
		n = -1;
	if (x->unreadable)
		(void)reader_report(x->reader, x->rep);
	if (n != 1)
		(void)replay_stopped(w, i - 1, n == -1 || w->rep.failed);
	if (n == 1)
		return extract_tell_unused(x);
	return n == -1 || w->rep.failed ? -1 : 0;
}
