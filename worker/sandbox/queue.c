/*
 * queue.c: members in order, whose contents threads read; see sandbox/queue.h.
 *
 * Runs in the worker, confined.  Touches the descriptors that it is given.
 *
 * The queue begins with a file, when reading waits.  What comes while it is not
 * empty follows in it, so that the order of the archive stays.  What threads do
 * not read is read in its turn.  A report is not queued: nothing that is not
 * reported overtakes it.
 */

#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "sandbox/queue.h"

enum kind {
	KIND_DIRECTORY,
	KIND_SPECIAL,
	KIND_FILE
};

struct queue_member {
	enum kind	 kind;
	bool		 reading;	/* a thread reads it */
	bool		 has_attributes;
	int		 fd;		/* of a file, or -1 */
	struct fdb_stat	 st;
	struct buf	 name, target, attributes;
};

void
queue_init(struct queue *q, struct create *create)
{
	q->create = create;
	q->readers = create_readers(create);
	q->attributes = NULL;
	q->members = NULL;
	q->first = q->n = 0;
}

void
queue_clear(struct queue *q)
{
	struct queue_member	*m;
	size_t			 i;

	if (q->members == NULL)
		return;
	readers_drop(q->readers);
	for (; q->n > 0; q->n--) {
		m = &q->members[q->first++ % QUEUE_MEMBERS];
		if (m->fd != -1)
			close(m->fd);
	}
	for (i = 0; i < QUEUE_MEMBERS; i++) {
		buf_free(&q->members[i].name);
		buf_free(&q->members[i].target);
		buf_free(&q->members[i].attributes);
	}
	free(q->members);
	q->members = NULL;
}

/* Store the first member, which *f has read; NULL: it was not read. */
static int
store(struct queue *q, struct queue_member *m, const struct readers_file *f)
{
	const char	*name = buf_str(&m->name);
	int		 fd = m->fd, ret = 0;

	create_attributes(q->create,
	    m->has_attributes ? &m->attributes : NULL);
	switch (m->kind) {
	case KIND_DIRECTORY:
		ret = create_directory(q->create, name, &m->st);
		break;
	case KIND_SPECIAL:
		ret = create_special(q->create, name, &m->st,
		    buf_str(&m->target));
		break;
	case KIND_FILE:
		m->fd = -1;
		create_was_read(q->create, f != NULL && f->settled ? f : NULL);
		ret = create_file(q->create, name, &m->st, fd);
		create_was_read(q->create, NULL);
		break;
	}
	create_attributes(q->create, q->attributes);
	return ret;
}

/* Store the first member.  1; 0: it is not read yet, and wait is false; -1. */
static int
take(struct queue *q, bool wait)
{
	struct queue_member		*m;
	const struct readers_file	*f = NULL;
	int				 ret;

	m = &q->members[q->first % QUEUE_MEMBERS];
	if (m->reading && (f = readers_first(q->readers, wait)) == NULL)
		return 0;
	ret = store(q, m, f);
	if (m->reading)
		readers_remove(q->readers);
	q->first++;
	q->n--;
	return ret == -1 ? -1 : 1;
}

int
queue_flush(struct queue *q)
{
	while (q->n > 0)
		if (take(q, true) == -1)
			return -1;
	return 0;
}

static int
buf_set(struct buf *b, const char *s)
{
	buf_cut(b, 0);
	return buf_puts(b, s);
}

/* Add a member, when there is room for it.  NULL: the run fails. */
static struct queue_member *
add(struct queue *q, enum kind kind, const char *name,
    const struct fdb_stat *st, const char *target)
{
	struct queue_member	*m;

	if (q->members == NULL && (q->members = calloc(QUEUE_MEMBERS,
	    sizeof(*q->members))) == NULL)
		goto no_memory;
	if (q->n == QUEUE_MEMBERS && take(q, true) == -1)
		return NULL;
	m = &q->members[(q->first + q->n) % QUEUE_MEMBERS];
	m->kind = kind;
	m->reading = false;
	m->fd = -1;
	m->st = *st;
	m->has_attributes = q->attributes != NULL;
	buf_cut(&m->attributes, 0);
	if (buf_set(&m->name, name) == -1 ||
	    buf_set(&m->target, target) == -1 || (m->has_attributes &&
	    buf_add(&m->attributes, q->attributes->data,
	    q->attributes->len) == -1))
		goto no_memory;
	q->n++;
	return m;

no_memory:
	(void)create_no_memory(q->create);
	return NULL;
}

/* Store what can be stored without waiting.  0 or -1. */
static int
advance(struct queue *q)
{
	int	 n = 1;

	while (n == 1 && q->n > 0)
		n = take(q, false);
	return n == -1 ? -1 : 0;
}

int
queue_directory(struct queue *q, const char *name, const struct fdb_stat *st)
{
	if (q->n == 0)
		return create_directory(q->create, name, st);
	return add(q, KIND_DIRECTORY, name, st, "") != NULL ? advance(q) : -1;
}

int
queue_special(struct queue *q, const char *name, const struct fdb_stat *st,
    const char *target)
{
	if (q->n == 0)
		return create_special(q->create, name, st, target);
	return add(q, KIND_SPECIAL, name, st, target) != NULL ?
	    advance(q) : -1;
}

/* Let a thread read the file, if it is small. */
static void
begin(struct queue *q, struct queue_member *m)
{
	struct readers_file	 f = {
		.holes = m->st.blocks < m->st.size / 512,
		.version = contents_version(&m->st)
	};

	if (m->fd == -1 || m->st.size >= READERS_SIZE ||
	    !create_may_read(q->create, &m->st, m->fd, &f.small))
		return;
	m->reading = true;
	readers_add(q->readers, &f);
}

int
queue_file(struct queue *q, const char *name, const struct fdb_stat *st,
    int fd)
{
	struct queue_member	*m;

	if (q->readers == NULL)
		return create_file(q->create, name, st, fd);
	if (!readers_wanted(q->readers)) {
		if (queue_flush(q) == 0)
			return create_file(q->create, name, st, fd);
	} else if ((m = add(q, KIND_FILE, name, st, "")) != NULL) {
		m->fd = fd;
		begin(q, m);
		return advance(q);
	}
	if (fd != -1)
		close(fd);
	return -1;
}

void
queue_attributes(struct queue *q, const struct buf *set)
{
	q->attributes = set;
	create_attributes(q->create, set);
}

int
queue_kept(struct queue *q, const char *name, const struct fdb_stat *st,
    const char *target, const char *line)
{
	if (queue_flush(q) == -1)
		return -1;
	return create_kept(q->create, name, st, target, line);
}

int
queue_purge(struct queue *q, const char *name)
{
	return queue_flush(q) == -1 ? -1 : create_purge(q->create, name);
}

int
queue_report(struct queue *q, enum report_kind kind, const char *name,
    const char *why)
{
	if (queue_flush(q) == -1)
		return -1;
	return create_report(q->create, kind, name, why);
}

int
queue_hidden(struct queue *q, const char *name, uint64_t n)
{
	return queue_flush(q) == -1 ? -1 : create_hidden(q->create, name, n);
}
