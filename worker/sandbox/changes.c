/*
 * changes.c: objects on their way to the broker; see sandbox/changes.h.
 *
 * Runs in the worker, confined.  Touches its session, and the descriptors of
 * the files that it makes.
 *
 * Requests wait in two queues.  Those that end a file go first: they give back
 * what the number of pending files is limited by.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/changes.h"
#include "sandbox/fdio.h"
#include "sandbox/longnames.h"
#include "sandbox/outcome.h"

#define BUCKETS		4096		/* a power of two */
#define PENDING_MAX	1024		/* files on their way */
#define FLYING_MAX	16384		/* changes on their way */
#define ASK_PARTS	4		/* of the pending files, in a request */
#define ASK_MAX		64		/* items of a request */
#define FED_GROUPS	2		/* with these, the opener is busy */
#define FLYING_BYTES	8388608		/* of their names and attributes */
#define TOKENS_SPARE	16		/* of the session, for directories */
#define NAME_MAX_ASKED	3500		/* bytes of a name in a request */

struct changes {
	struct changes_env	 env;
	uint32_t		 dest;		/* token */
	struct change_list	 buckets[BUCKETS];
	struct change_queue	 ending, todo;
	size_t			 flying;	/* all changes */
	size_t			 flying_bytes;	/* of their objects */
	/* Whole files without descriptor, of this turn and the one before. */
	size_t			 unfilled[2], turn;
	size_t			 pending, pending_max;
	size_t			 queued;	/* of both queues */
	size_t			 asked;		/* without an answer yet */
	size_t			 group;		/* how many to send at once */
	struct change		*current;
	bool			 current_failed;
	struct change		 asker;		/* of a token */
	struct fdb_result	 answer;
	bool			 answered;
	struct longnames	 longnames;
	uint64_t		 failed, kept;
};

static int	 changes_pump(struct changes *);
static int	 changes_take(struct changes *);

/* It is to be asked for. */
static void
queue_add(struct changes *cs, struct change_queue *q, struct change *c)
{
	TAILQ_INSERT_TAIL(q, c, next);
	cs->queued++;
}

static void
queue_remove(struct changes *cs, struct change_queue *q, struct change *c)
{
	TAILQ_REMOVE(q, c, next);
	cs->queued--;
}

struct changes *
changes_new(const struct changes_env *env)
{
	struct changes	*cs;

	if ((cs = calloc(1, sizeof(*cs))) == NULL)
		return NULL;
	cs->env = *env;
	TAILQ_INIT(&cs->ending);
	TAILQ_INIT(&cs->todo);
	return cs;
}

void
changes_free(struct changes *cs)
{
	struct change	*c;
	size_t		 i;

	if (cs == NULL)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while ((c = LIST_FIRST(&cs->buckets[i])) != NULL) {
			LIST_REMOVE(c, node);
			change_free(c);
		}
	}
	longnames_clear(&cs->longnames);
	free(cs);
}

static struct change_list *
bucket(struct changes *cs, uint64_t hash)
{
	return &cs->buckets[(hash >> 3) & (BUCKETS - 1)];
}

/* A change is on its way. */
static void
change_begin(struct changes *cs, struct change *c)
{
	LIST_INSERT_HEAD(bucket(cs, c->hash), c, node);
	cs->flying++;
	c->bytes = c->o.size;
	cs->flying_bytes += c->bytes;
}

/* A change is not on its way any more; it is freed. */
static void
change_gone(struct changes *cs, struct change *c)
{
	cs->flying--;
	cs->flying_bytes -= c->bytes;
	change_free(c);
}

static int
changes_no_memory(struct changes *cs)
{
	return reporter_no_memory(cs->env.rep);
}

static int
changes_session_fatal(struct changes *cs)
{
	const char	*why = fdb_session_error(cs->env.session);

	(void)reporter_reportf(cs->env.rep, REPORT_FATAL, "",
	    "the session has ended%s%s", why[0] != '\0' ? ": " : "", why);
	return -1;
}

uint64_t
changes_failed(const struct changes *cs)
{
	return cs->failed;
}

uint64_t
changes_kept(const struct changes *cs)
{
	return cs->kept;
}

struct change *
changes_find(struct changes *cs, uint64_t hash)
{
	struct change	*c;

	LIST_FOREACH(c, bucket(cs, hash), node)
		if (c->hash == hash)
			return c;
	return NULL;
}

/* Put what a change has become into the table of names. */
static void
change_mark(struct changes *cs, const struct change *c, bool done)
{
	enum seen_state	 state = SEEN_MADE;

	switch (c->kind) {
	case CHANGE_META:
		return;
	case CHANGE_REMOVE:
	case CHANGE_GONE:
	case CHANGE_YIELD:
		state = SEEN_NOT;
		break;
	case CHANGE_DIR:
	case CHANGE_PARENT:
		/* Made by an earlier change, it was found by this one. */
		state = c->was == SEEN_DIR_MADE ? SEEN_DIR_MADE : SEEN_DIR;
		break;
	default:
		break;
	}
	if (done)
		seen_put(cs->env.seen, c->hash, state);
	else if (c->kind == CHANGE_DIR || c->kind == CHANGE_PARENT)
		seen_put(cs->env.seen, c->hash, seen_is_dir(c->was) ?
		    SEEN_NOT : c->was);
}

/* Ask for the hard links that waited, or report that they cannot be made. */
static int
change_release(struct changes *cs, struct change *c, bool done)
{
	struct change	*w;

	while ((w = LIST_FIRST(&c->waiting)) != NULL) {
		LIST_REMOVE(w, wait);
		if (done) {
			queue_add(cs, &cs->todo, w);
			continue;
		}
		cs->failed++;
		if (outcome_report(cs->env.rep, REPORT_UNREADABLE, w->o.name,
		    "the file that it is a hard link to was not restored") ==
		    -1)
			return -1;
		LIST_REMOVE(w, node);
		change_gone(cs, w);
	}
	return 0;
}

/* Report what was done.  0 or -1. */
static int
change_tell(struct changes *cs, struct change *c)
{
	switch (c->kind) {
	case CHANGE_PARENT:
	case CHANGE_META:
	case CHANGE_REMOVE:
		break;
	case CHANGE_GONE:
	case CHANGE_YIELD:
		/* It will not be there to get metadata. */
		dirs_drop(cs->env.dirs, c->o.name);
		longnames_drop(&cs->longnames, c->o.name);
		return c->kind == CHANGE_YIELD || c->absent ? 0 :
		    reporter_report(cs->env.rep, REPORT_REMOVED, c->o.name,
		    "removed");
	default:
		if (reporter_member(cs->env.rep, c->o.name, c->size) == -1)
			return -1;
	}
	return c->o.lost == 0 || c->kind == CHANGE_DIR ? 0 :
	    outcome_lost(cs->env.rep, c->o.name, c->o.lost, c->why,
	    c->denied);
}

/* A change has come to its end. */
static int
change_end(struct changes *cs, struct change *c, bool done)
{
	int	 ret = 0;

	change_mark(cs, c, done);
	LIST_REMOVE(c, node);
	if (c == cs->current) {
		cs->current = NULL;
		cs->current_failed = !done;
	}
	if (done)
		ret = change_tell(cs, c);
	if (ret == 0)
		ret = change_release(cs, c, done || c->kept);
	change_gone(cs, c);
	return ret;
}

/* Give up the pending file of a change. */
static void
change_abandon(struct changes *cs, struct change *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->step = STEP_ABANDON;
	queue_add(cs, &cs->ending, c);
}

/* Report why a change failed, and end it. */
static int
change_fail(struct changes *cs, struct change *c, const struct refusal *why)
{
	enum outcome	 how;

	if (!c->failed && c->kind != CHANGE_YIELD &&
	    (c->kind != CHANGE_PARENT || seen_get(cs->env.seen,
	    seen_told(c->hash)) == SEEN_NOT)) {
		if ((c->kind == CHANGE_DIR || c->kind == CHANGE_PARENT) &&
		    why->error != ENOENT)
			seen_put(cs->env.seen, seen_told(c->hash), SEEN_MADE);
		how = outcome_failed(cs->env.rep, c, why, cs->env.options);
		if (how == OUTCOME_DEAD)
			return -1;
		if (how == OUTCOME_KEPT) {
			cs->kept++;
			c->kept = true;
			seen_put(cs->env.seen, c->hash, SEEN_KEPT);
		} else if (c->kind != CHANGE_PARENT)
			cs->failed++;
	}
	c->failed = true;
	if (c->pending != 0) {
		change_abandon(cs, c);
		return 0;
	}
	return change_end(cs, c, false);
}

static int
change_fail_errno(struct changes *cs, struct change *c, int error)
{
	const struct refusal	 why = { error, FDB_REASON_KERNEL, 0, "" };

	return change_fail(cs, c, &why);
}

/* 1: it was sent, or failed; 0: not yet; -1: the run fails. */
static int
change_send(struct changes *cs, struct change *c)
{
	struct change_queue	*q = c->step == STEP_MAKE ? &cs->todo :
				    &cs->ending;
	bool			 makes = c->kind == CHANGE_FILE &&
				    c->step == STEP_MAKE;

	if (makes && cs->pending >= cs->pending_max)
		return 0;
	while (change_ask(cs->env.session, c) == -1) {
		if (errno == EAGAIN)
			return 0;
		if (errno == EPIPE)
			return changes_session_fatal(cs);
		if (errno == E2BIG && change_split(c))
			continue;
		if (change_is_single(c) && errno == E2BIG) {
			object_single_done(&c->o, true);
			continue;
		}
		if ((errno == E2BIG || errno == EINVAL) &&
		    object_reduce(&c->o, FDB_META_XATTR))
			continue;
		queue_remove(cs, q, c);
		if (makes && c->whole)
			cs->unfilled[c->turn]--;
		return change_fail_errno(cs, c, errno) == -1 ? -1 : 1;
	}
	queue_remove(cs, q, c);
	cs->asked++;
	if (makes)
		cs->pending++;
	return 1;
}

/* Send what can be sent, and up to this many. */
static int
changes_send(struct changes *cs, size_t max)
{
	struct change	*c;
	int		 n = 1;

	for (; n == 1 && max > 0; max--) {
		if ((c = TAILQ_FIRST(&cs->ending)) == NULL &&
		    (c = TAILQ_FIRST(&cs->todo)) == NULL)
			break;
		n = change_send(cs, c);
	}
	if (n == -1)
		return -1;
	return fdb_flush(cs->env.session) == -1 ?
	    changes_session_fatal(cs) : n;
}

/*
 * Send in groups: many small messages cost more than few, and the opener makes
 * some files while it names others of the same message.
 */
static int
changes_pump(struct changes *cs)
{
	int	 n = 1;

	while (n == 1 && cs->queued >= cs->group)
		if ((n = changes_send(cs, cs->group)) == -1)
			return -1;
	return 0;
}

/* Before this process waits, the opener gets something to do. */
static int
changes_feed(struct changes *cs)
{
	if (cs->queued == 0 || cs->asked >= FED_GROUPS * cs->group)
		return 0;
	return changes_send(cs, cs->queued) == -1 ? -1 : 0;
}

/* Fill a file whose contents are there, and ask for its name. */
static int
change_fill(struct changes *cs, struct change *c)
{
	int	 error = 0;

	cs->unfilled[c->turn]--;
	if (c->len > 0 && fdio_write(c->fd, c->data, c->len) == -1)
		error = errno;
	c->data = NULL;
	/* Some file systems report here that the disk is full. */
	if (close(c->fd) == -1 && error == 0)
		error = errno;
	c->fd = -1;
	if (error != 0)
		return change_fail_errno(cs, c, error);
	c->step = STEP_COMMIT;
	queue_add(cs, &cs->ending, c);
	return 0;
}

static int
take_create(struct changes *cs, struct change *c, const struct fdb_result *r,
    const struct refusal *why)
{
	if (r->error != 0) {
		if (c->whole)
			cs->unfilled[c->turn]--;
		if (r->pending == 0)
			cs->pending--;
		c->pending = r->pending;
		return change_fail(cs, c, why);
	}
	c->pending = r->pending;
	c->fd = r->fd;
	return c->whole ? change_fill(cs, c) : 0;
}

/* Metadata was refused: ask without it.  1; 0: that does not help; -1. */
static int
take_refused(struct changes *cs, struct change *c,
    const struct fdb_result *r, const struct refusal *why)
{
	if (r->refused == 0 || !object_reduce(&c->o, r->refused))
		return 0;
	c->denied |= why->reason == FDB_REASON_POLICY;
	if (c->why == NULL && (c->why = outcome_explain(why,
	    cs->env.options)) == NULL)
		return changes_no_memory(cs);
	if (r->made && c->kind != CHANGE_META)
		return change_end(cs, c, true) == -1 ? -1 : 1;
	if (c->kind == CHANGE_FILE)
		queue_add(cs, &cs->ending, c);
	else
		queue_add(cs, &cs->todo, c);
	return 1;
}

/* The result for one attribute. */
static int
take_single(struct changes *cs, struct change *c, const struct fdb_result *r,
    const struct refusal *why)
{
	if (r->error != 0 && !(r->refused & FDB_META_XATTR))
		return change_fail(cs, c, why);
	if (r->error != 0) {
		c->denied |= why->reason == FDB_REASON_POLICY;
		if (c->why == NULL && (c->why = outcome_explain(why,
		    cs->env.options)) == NULL)
			return changes_no_memory(cs);
	}
	object_single_done(&c->o, r->error != 0);
	if (c->kind == CHANGE_FILE)
		queue_add(cs, &cs->ending, c);
	else
		queue_add(cs, &cs->todo, c);
	return 0;
}

/* A directory is there: keep its metadata for the end. */
static int
take_dir(struct changes *cs, struct change *c, bool made)
{
	struct object	 o = c->o;

	if (made)
		c->was = SEEN_DIR_MADE;
	/* What was there before the run is left as it is, unless asked for. */
	if (c->was != SEEN_DIR_MADE &&
	    cs->env.options->overwrite == FDB_OVER_REFUSE)
		return change_end(cs, c, true);
	if (c->kind == CHANGE_PARENT &&
	    (!made || dirs_has(cs->env.dirs, o.name)))
		return change_end(cs, c, true);
	/* The object goes to the directories: what it lacks is told then. */
	if (c->kind != CHANGE_PARENT &&
	    reporter_member(cs->env.rep, o.name, 0) == -1)
		return -1;
	c->kind = CHANGE_PARENT;
	memset(&c->o, 0, sizeof(c->o));
	if (dirs_add(cs->env.dirs, &o) == -1)
		return changes_no_memory(cs);
	return change_end(cs, c, true);
}

/* The result of a change's request. */
static int
change_take(struct changes *cs, struct change *c, const struct fdb_result *r)
{
	struct refusal	 why = { r->error, r->reason, r->id, r->where };
	int		 n;

	if (c->step == STEP_ABANDON) {
		cs->pending--;
		c->pending = 0;
		return change_end(cs, c, false);
	}
	if (c->kind == CHANGE_FILE && c->step == STEP_MAKE)
		return take_create(cs, c, r, &why);
	/* What was removed is not there: that is as it should be. */
	if (c->kind == CHANGE_GONE && r->error == ENOENT &&
	    r->reason != FDB_REASON_POLICY) {
		c->absent = true;
		return change_end(cs, c, true);
	}
	if (change_is_single(c))
		return take_single(cs, c, r, &why);
	if (r->error != 0) {
		if ((n = take_refused(cs, c, r, &why)) != 0)
			return n == -1 ? -1 : 0;
		return change_fail(cs, c, &why);
	}
	if (c->kind == CHANGE_FILE) {
		cs->pending--;
		c->pending = 0;
	}
	if (c->kind == CHANGE_DIR || c->kind == CHANGE_PARENT)
		return take_dir(cs, c, r->made);
	return change_end(cs, c, true);
}

/* Wait for a result, and for room for what waits. */
static int
changes_take(struct changes *cs)
{
	struct fdb_result	 r;
	struct change		*c;
	int			 n;

	if (changes_feed(cs) == -1)
		return -1;
	if ((n = fdb_wait(cs->env.session, &r, -1)) == -1)
		return changes_session_fatal(cs);
	if (n == 0) {
		(void)reporter_report(cs->env.rep, REPORT_FATAL, "",
		    "the broker did not answer all requests");
		return -1;
	}
	c = (struct change *)(uintptr_t)r.cookie;
	if (c == &cs->asker) {
		cs->answer = r;
		cs->answered = true;
		return 0;
	}
	cs->asked--;
	if (change_take(cs, c, &r) == -1)
		return -1;
	return changes_pump(cs);
}

int
changes_add(struct changes *cs, struct change *c)
{
	change_begin(cs, c);
	c->turn = cs->turn;
	if (c->kind == CHANGE_FILE && c->whole)
		cs->unfilled[c->turn]++;
	queue_add(cs, &cs->todo, c);
	if (changes_pump(cs) == -1)
		return -1;
	while (cs->queued > cs->group ||
	    cs->unfilled[0] + cs->unfilled[1] > cs->pending_max / 2 ||
	    (cs->flying_bytes > FLYING_BYTES && cs->flying > 1))
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

int
changes_add_link(struct changes *cs, struct change *link,
    struct change *target)
{
	change_begin(cs, link);
	LIST_INSERT_HEAD(&target->waiting, link, wait);
	while (cs->flying > FLYING_MAX || cs->flying_bytes > FLYING_BYTES)
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

int
changes_fill(struct changes *cs)
{
	while (cs->unfilled[0] + cs->unfilled[1] > 0)
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

int
changes_next(struct changes *cs)
{
	while (cs->unfilled[!cs->turn] > 0)
		if (changes_take(cs) == -1)
			return -1;
	cs->turn = !cs->turn;
	return 0;
}

int
changes_drain(struct changes *cs)
{
	while (cs->flying > (cs->current != NULL ? 1 : 0))
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

int
changes_file(struct changes *cs, struct change *c)
{
	cs->current = c;
	cs->current_failed = false;
	if (changes_add(cs, c) == -1)
		return -1;
	while (cs->current != NULL && !cs->current->failed &&
	    cs->current->fd == -1)
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

/* Write all bytes at an offset.  0, or -1 with errno. */
static int
write_at(int fd, uint64_t offset, const uint8_t *p, size_t len)
{
	ssize_t	 n;

	while (len > 0) {
		if ((n = pwrite(fd, p, len, (off_t)offset)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static bool
current_writes(const struct changes *cs)
{
	return cs->current != NULL && !cs->current->failed;
}

int
changes_write(struct changes *cs, uint64_t offset, const void *p, size_t len)
{
	struct change	*c = cs->current;

	if (!current_writes(cs) || len == 0)
		return 0;
	if (offset > INT64_MAX - len) {
		if (change_fail_errno(cs, c, EFBIG) == -1)
			return -1;
		return changes_pump(cs);
	}
	if (write_at(c->fd, offset, p, len) == 0) {
		c->size = offset + len;
		return 0;
	}
	return change_fail_errno(cs, c, errno) == -1 ? -1 : changes_pump(cs);
}

/* Let the file have this size, with a hole at its end. */
static int
extend(int fd, uint64_t size)
{
	if (ftruncate(fd, (off_t)size) == 0)
		return 0;
	/* A descriptor may be good for writing and nothing else. */
	if (errno != EACCES && errno != EINVAL)
		return -1;
	return write_at(fd, size - 1, (const uint8_t *)"", 1);
}

int
changes_file_end(struct changes *cs, uint64_t size)
{
	struct change	*c = cs->current;
	int		 error = 0;

	if (!current_writes(cs)) {
		cs->current = NULL;
		return 0;
	}
	cs->current = NULL;
	if (size > INT64_MAX)
		error = EFBIG;
	/* A hole at its end. */
	else if (c->size != size && extend(c->fd, size) == -1)
		error = errno;
	c->size = size;
	if (close(c->fd) == -1 && error == 0)
		error = errno;
	c->fd = -1;
	if (error != 0) {
		if (change_fail_errno(cs, c, error) == -1)
			return -1;
		return changes_pump(cs);
	}
	c->step = STEP_COMMIT;
	queue_add(cs, &cs->ending, c);
	return changes_pump(cs);
}

int
changes_file_drop(struct changes *cs, const char *why)
{
	struct change	*c = cs->current;

	if (current_writes(cs)) {
		cs->failed++;
		if (why != NULL && outcome_report(cs->env.rep,
		    REPORT_UNREADABLE, c->o.name, why) == -1)
			return -1;
	}
	return changes_file_forget(cs);
}

int
changes_file_forget(struct changes *cs)
{
	struct change	*c = current_writes(cs) ? cs->current : NULL;

	cs->current = NULL;
	if (c == NULL)
		return 0;
	c->failed = true;
	change_abandon(cs, c);
	return changes_pump(cs);
}

/* Ask for the token of a directory, which is made if it is not there. */
static int
ask_token(struct changes *cs, uint32_t base, const char *name,
    unsigned int flags)
{
	cs->answered = false;
	if (fdb_mkdir_at(cs->env.session, base, name, FDB_MKDIR_TOKEN | flags,
	    FDB_OVER_REFUSE, (uint64_t)(uintptr_t)&cs->asker) == -1) {
		if (errno == EPIPE)
			return changes_session_fatal(cs);
		cs->answer = (struct fdb_result){ .error = errno,
		    .reason = FDB_REASON_NAME, .where = "" };
		return 0;
	}
	while (!cs->answered)
		if (changes_take(cs) == -1)
			return -1;
	return 0;
}

int
changes_begin(struct changes *cs, const char *dest)
{
	const struct fdb_session_info	*info;
	const struct refusal		*why;
	char				*text;

	info = fdb_session_info(cs->env.session);
	cs->pending_max = info->tokens > 2 * TOKENS_SPARE ?
	    info->tokens - TOKENS_SPARE : 1;
	if (cs->pending_max > PENDING_MAX)
		cs->pending_max = PENDING_MAX;
	cs->group = cs->pending_max / ASK_PARTS;
	if (cs->group > ASK_MAX)
		cs->group = ASK_MAX;
	if (cs->group == 0)
		cs->group = 1;
	if (ask_token(cs, FDB_TOKEN_ROOT, dest, FDB_MKDIR_SWEEP) == -1)
		return -1;
	if (cs->answer.error == 0) {
		cs->dest = cs->answer.token;
		seen_put(cs->env.seen, seen_hash(cs->env.seen, ".", 1),
		    cs->answer.made ? SEEN_DIR_MADE : SEEN_DIR);
		return 0;
	}
	why = &(const struct refusal){ cs->answer.error, cs->answer.reason,
	    cs->answer.id, cs->answer.where };
	if ((text = outcome_explain(why, cs->env.options)) == NULL)
		return changes_no_memory(cs);
	(void)reporter_reportf(cs->env.rep, REPORT_FATAL, dest,
	    "nothing can be restored here: %s", text);
	free(text);
	return -1;
}

/* Get the token of the directory that is the first len bytes of a long name. */
static int
long_token(struct changes *cs, const char *name, size_t len, uint32_t base,
    const char *rest, uint32_t *token)
{
	char		*part;
	uint32_t	 old;

	/* Requests under way use its token. */
	if (changes_drain(cs) == -1)
		return -1;
	if ((part = strndup(rest, len - (size_t)(rest - name))) == NULL)
		return changes_no_memory(cs);
	if (ask_token(cs, base, part, 0) == -1) {
		free(part);
		return -1;
	}
	free(part);
	*token = 0;
	if (cs->answer.error != 0)
		return 0;
	*token = cs->answer.token;
	if (longnames_put(&cs->longnames, name, len, *token, &old) == -1)
		return changes_no_memory(cs);
	if (old != 0)
		(void)fdb_forget(cs->env.session, old);
	return 0;
}

int
changes_base(struct changes *cs, const char *name, uint32_t *base,
    const char **rest)
{
	const char	*slash;
	uint32_t	 token = 0;
	size_t		 len;

	*base = cs->dest;
	*rest = strcmp(name, ".") == 0 ? "" : name;
	if (strlen(name) <= NAME_MAX_ASKED)
		return 0;
	if ((len = longnames_nearest(&cs->longnames, name, base)) > 0)
		*rest = name + len + 1;
	while (strlen(*rest) > NAME_MAX_ASKED) {
		for (slash = *rest + NAME_MAX_ASKED;
		    slash > *rest && *slash != '/'; slash--)
			;
		/* One component that is too long: let it be refused. */
		if (slash == *rest)
			return 0;
		if (long_token(cs, name, (size_t)(slash - name), *base, *rest,
		    &token) == -1)
			return -1;
		if (token == 0)
			return 0;
		*base = token;
		*rest = slash + 1;
	}
	return 0;
}

int
changes_bases(struct changes *cs, struct change *c)
{
	int	 ret;

	if (changes_base(cs, c->o.name, &c->base, &c->rest) == -1)
		return -1;
	/* What is on the way to the other name must not take its place. */
	cs->longnames.pinned = c->base;
	ret = changes_base(cs, c->o.link, &c->tobase, &c->torest);
	cs->longnames.pinned = 0;
	return ret;
}
