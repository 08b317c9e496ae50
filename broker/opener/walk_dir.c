/*
 * walk_dir.c: the directories that a walk is in; see walk_dir.h.
 *
 * Runs in the opener.  Reads directories that it holds, and opens those again
 * that it closed, by resolve.h.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/proto.h"
#include "opener/dents.h"
#include "opener/walk_dir.h"

#define WALK_DIR_DENTS	32768
#define SORT_FEW	64

int
walk_dir_init(struct walk_dirs *ds, size_t maxopen)
{
	struct walk_part	*p = &ds->part;

	ds->maxopen = maxopen < WALK_DIR_OPEN_MIN ? WALK_DIR_OPEN_MIN :
	    maxopen > WALK_DIR_OPEN ? WALK_DIR_OPEN : maxopen;
	p->list = calloc(WALK_DIR_NAMES, sizeof(*p->list));
	p->spare = calloc(WALK_DIR_NAMES, sizeof(*p->spare));
	p->names = malloc(WALK_DIR_BYTES);
	p->dents = malloc(WALK_DIR_DENTS);
	if (p->list != NULL && p->spare != NULL && p->names != NULL &&
	    p->dents != NULL)
		return 0;
	errno = ENOMEM;
	return -1;
}

void
walk_dir_free(struct walk_dirs *ds)
{
	while (ds->n > 0)
		walk_dir_pop(ds);
	free(ds->list);
	free(ds->part.list);
	free(ds->part.spare);
	free(ds->part.names);
	free(ds->part.dents);
	memset(ds, 0, sizeof(*ds));
}

struct walk_dir *
walk_dir_top(const struct walk_dirs *ds)
{
	return &ds->list[ds->n - 1];
}

static void
dir_close(struct walk_dirs *ds, struct walk_dir *d)
{
	if (d->fd != -1)
		ds->nopen--;
	fd_close(&d->fd);
	d->seek = true;
}

static void
dir_open(struct walk_dirs *ds, struct walk_dir *d, int fd)
{
	d->fd = fd;
	d->seek = d->pos != 0;
	ds->nopen++;
}

/*
 * Close directories until one more may be open: first those nearest to the
 * start, which are needed last, but not the start itself.
 */
static void
dirs_make_room(struct walk_dirs *ds)
{
	size_t	 i;

	for (i = 1; i < ds->n && ds->nopen >= ds->maxopen; i++)
		dir_close(ds, &ds->list[i]);
}

int
walk_dir_push(struct walk_dirs *ds, int fd, const struct fdb_stat *st)
{
	struct walk_dir	*list, *d;
	size_t		 size = ds->size != 0 ? ds->size * 2 : 16;

	if (ds->n == ds->size) {
		list = reallocarray(ds->list, size, sizeof(*list));
		if (list == NULL) {
			fd_close(&fd);
			errno = ENOMEM;
			return -1;
		}
		ds->list = list;
		ds->size = size;
	}
	dirs_make_room(ds);
	d = &ds->list[ds->n++];
	memset(d, 0, sizeof(*d));
	d->dev_major = st->dev_major;
	d->dev_minor = st->dev_minor;
	d->ino = st->ino;
	d->btime = st->btime;
	d->btime_nsec = st->btime_nsec;
	dir_open(ds, d, fd);
	return 0;
}

static void
dir_free_subs(struct walk_dirs *ds, struct walk_dir *d)
{
	ds->pending -= d->nsubs;
	free(d->subs);
	d->subs = NULL;
	d->nsubs = d->sub = 0;
}

void
walk_dir_pop(struct walk_dirs *ds)
{
	struct walk_dir	*d = walk_dir_top(ds);

	dir_free_subs(ds, d);
	dir_close(ds, d);
	ds->n--;
}

/* Is it the directory that was entered?  0, or -1 with errno. */
static int
dir_check(const struct walk_dir *d, int fd)
{
	struct fdb_stat	 st;

	if (resolve_fstat(fd, &st) == -1)
		return -1;
	if (st.ino == d->ino && st.dev_major == d->dev_major &&
	    st.dev_minor == d->dev_minor && st.btime == d->btime &&
	    st.btime_nsec == d->btime_nsec)
		return 0;
	errno = ESTALE;
	return -1;
}

/*
 * Open the directory `count' levels beneath the one of fd, whose name begins at
 * *path; *path is moved behind it.  A name has fewer than PROTO_PATH_MAX bytes,
 * so that may take several steps.  A descriptor, or -1 with errno.
 */
static int
dir_descend(const struct resolve_at *at, int fd, const char **path,
    size_t count)
{
	struct resolve_at	 here = *at;
	char			 name[PROTO_PATH_MAX];
	const char		*p;
	size_t			 len, one;
	int			 held = -1, saved;

	here.dirfd = fd;
	while (count > 0) {
		for (len = 0; count > 0; count--, len += one) {
			p = *path + len + (len > 0);
			one = strcspn(p, "/") + (len > 0);
			if (len + one >= sizeof(name))
				break;
		}
		memcpy(name, *path, len);
		name[len] = '\0';
		*path += len;
		if (**path == '/')
			(*path)++;
		fd = resolve_dir(&here, name);
		saved = errno;
		fd_close(&held);
		errno = saved;
		if (fd == -1)
			return -1;
		here.dirfd = held = fd;
	}
	return held;
}

/*
 * Open directory i again, from the nearest one above that is open; path is the
 * name of i from there.  Directories shortly above i will be needed next, so
 * they are kept open, too.
 */
static int
dir_reopen(struct walk_dirs *ds, const struct resolve_at *at, size_t from,
    size_t i, const char *path)
{
	struct walk_dir	*d;
	size_t		 jump = i - from, keep = ds->maxopen / 2;
	int		 fd = ds->list[from].fd;

	jump = jump > keep ? jump - keep : 1;
	for (; from < i; jump = 1) {
		from += jump;
		if ((fd = dir_descend(at, fd, &path, jump)) == -1)
			return -1;
		d = &ds->list[from];
		if (dir_check(d, fd) == -1) {
			fd_close(&fd);
			return -1;
		}
		dirs_make_room(ds);
		dir_open(ds, d, fd);
	}
	return fd;
}

int
walk_dir_fd(struct walk_dirs *ds, const struct resolve_at *at,
    const char *path)
{
	size_t	 i, from;

	if (walk_dir_top(ds)->fd != -1)
		return walk_dir_top(ds)->fd;
	for (from = ds->n - 1; ds->list[from].fd == -1; from--)
		;
	for (i = 0; i < from; i++)
		path += strcspn(path, "/") + 1;
	return dir_reopen(ds, at, from, ds->n - 1, path);
}

/* The same for a few entries: most directories are small. */
static void
part_sort_few(struct walk_part *p)
{
	struct walk_name	 w;
	size_t			 i, k;

	for (i = 1; i < p->n; i++) {
		w = p->list[i];
		for (k = i; k > 0 && p->list[k - 1].ino > w.ino; k--)
			p->list[k] = p->list[k - 1];
		p->list[k] = w;
	}
}

/*
 * Sort the part by inode number, digit by digit: a file system that keeps
 * inodes in this order is read in the order of its blocks.
 */
static void
part_sort(struct walk_part *p)
{
	struct walk_name	*swap;
	uint64_t		 differ = 0;
	size_t			 count[256], i, sum, n;
	unsigned int		 shift;

	if (p->n < SORT_FEW) {
		part_sort_few(p);
		return;
	}
	for (i = 1; i < p->n; i++)
		differ |= p->list[i].ino ^ p->list[0].ino;
	for (shift = 0; shift < 64 && differ >> shift != 0; shift += 8) {
		if ((differ >> shift & 0xff) == 0)
			continue;
		memset(count, 0, sizeof(count));
		for (i = 0; i < p->n; i++)
			count[p->list[i].ino >> shift & 0xff]++;
		for (i = sum = 0; i < 256; i++, sum += n) {
			n = count[i];
			count[i] = sum;
		}
		for (i = 0; i < p->n; i++)
			p->spare[count[p->list[i].ino >> shift & 0xff]++] =
			    p->list[i];
		swap = p->list;
		p->list = p->spare;
		p->spare = swap;
	}
}

/* Add an entry.  False: the part is full. */
static bool
part_add(struct walk_part *p, const struct DENTS_ENTRY *de, size_t max)
{
	struct walk_name	*w = &p->list[p->n];
	size_t			 len = strlen(de->d_name);

	if (p->n == max || len + 1 > WALK_DIR_BYTES - p->len)
		return false;
	w->ino = de->d_ino;
	w->type = de->d_type;
	w->at = (uint32_t)p->len;
	w->len = (uint16_t)len;
	memcpy(p->names + p->len, de->d_name, len + 1);
	p->len += len + 1;
	p->n++;
	return true;
}

/* Take the entries of a buffer, as far as the part has room. */
static void
part_take(struct walk_part *p, struct walk_dir *d, size_t len, size_t max)
{
	const struct DENTS_ENTRY	*de;
	size_t				 at;

	for (at = 0; at < len; at += de->d_reclen) {
		de = (const void *)(p->dents + at);
		if (dents_is_entry(de) && !part_add(p, de, max)) {
			d->seek = true;
			return;
		}
		d->pos = de->d_off;
	}
}

int
walk_dir_read(struct walk_dirs *ds)
{
	struct walk_dir		*d = walk_dir_top(ds);
	struct walk_part	*p = &ds->part;
	size_t			 max;
	ssize_t			 n;

	max = ds->pending < WALK_DIR_PENDING ? WALK_DIR_NAMES :
	    WALK_DIR_NAMES_SMALL;
	p->n = p->next = p->len = 0;
	if (d->seek && lseek(d->fd, d->pos, SEEK_SET) == -1)
		return -1;
	d->seek = false;
	while (!d->seek && p->n < max) {
		if ((n = dents_read(d->fd, p->dents, WALK_DIR_DENTS)) == -1)
			return -1;
		if (n == 0) {
			d->eof = true;
			break;
		}
		part_take(p, d, (size_t)n, max);
	}
	part_sort(p);
	return 0;
}

int
walk_dir_keep_subs(struct walk_dirs *ds)
{
	struct walk_dir		*d = walk_dir_top(ds);
	struct walk_part	*p = &ds->part;
	const struct walk_name	*w;
	size_t			 i, need = 0;

	for (i = 0; i < p->n; i++)
		if (p->list[i].type == DT_DIR)
			need += (size_t)p->list[i].len + 1;
	p->next = p->n;
	if (need == 0)
		return 0;
	if ((d->subs = malloc(need)) == NULL)
		return -1;
	ds->pending += need;
	d->nsubs = need;
	d->sub = 0;
	for (i = need = 0; i < p->n; i++) {
		w = &p->list[i];
		if (w->type != DT_DIR)
			continue;
		memcpy(d->subs + need, p->names + w->at, (size_t)w->len + 1);
		need += (size_t)w->len + 1;
	}
	p->n = p->next = 0;
	return 0;
}

const char *
walk_dir_next_sub(struct walk_dirs *ds)
{
	struct walk_dir	*d = walk_dir_top(ds);
	const char	*name;

	if (d->sub == d->nsubs) {
		dir_free_subs(ds, d);
		return NULL;
	}
	name = d->subs + d->sub;
	d->sub += strlen(name) + 1;
	return name;
}

void
walk_dir_drop(struct walk_dirs *ds)
{
	dir_free_subs(ds, walk_dir_top(ds));
	ds->part.n = ds->part.next = 0;
}
