/*
 * entry.c: the metadata of one member; see common/entry.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fdbroker_types.h"
#include "common/entry.h"

void
entry_init(struct entry *e, const char *name)
{
	memset(e, 0, sizeof(*e));
	e->name = name;
	e->link = e->hardlink = e->uname = e->gname = e->xattrs = "";
}

/* Other flags of Linux are about the file system that a file is on. */
static const struct {
	const char	*name;
	uint32_t	 flag;
} flags[] = {
	{ "schg", FDB_ATTR_IMMUTABLE },
	{ "sappnd", FDB_ATTR_APPEND },
	{ "nodump", FDB_ATTR_NODUMP }
};

#define NFLAGS		(sizeof(flags) / sizeof(flags[0]))
#define FLAGS_MAX	64	/* bytes of all their names */

const char *
entry_flag(size_t i, uint32_t *flag)
{
	if (i >= NFLAGS)
		return NULL;
	*flag = flags[i].flag;
	return flags[i].name;
}

void
entry_from_stat(struct entry *e, const char *name, const struct fdb_stat *st)
{
	entry_init(e, name);
	e->mode = st->mode;
	e->uid = st->uid;
	e->gid = st->gid;
	e->rdev_major = st->rdev_major;
	e->rdev_minor = st->rdev_minor;
	e->size = S_ISREG(st->mode) ? st->size : 0;
	e->mtime = st->mtime;
	e->mtime_nsec = st->mtime_nsec;
	e->has_state = true;
	e->ino = st->ino;
	e->ctime = st->ctime;
	e->ctime_nsec = st->ctime_nsec;
	e->btime = st->btime;
	e->btime_nsec = st->btime_nsec;
	e->flags = (uint32_t)st->attributes & (FDB_ATTR_IMMUTABLE |
	    FDB_ATTR_APPEND | FDB_ATTR_NODUMP);
}

static void
flags_to_archive(uint32_t set, struct archive_entry *ae)
{
	char	 text[FLAGS_MAX] = "";
	size_t	 i;

	for (i = 0; i < NFLAGS; i++) {
		if (!(set & flags[i].flag))
			continue;
		if (text[0] != '\0')
			(void)strlcat(text, ",", sizeof(text));
		(void)strlcat(text, flags[i].name, sizeof(text));
	}
	(void)archive_entry_copy_fflags_text(ae, text);
}

/* Flags that we do not store are ignored. */
static uint32_t
flags_from_archive(struct archive_entry *ae)
{
	const char	*p = archive_entry_fflags_text(ae);
	uint32_t	 set = 0;
	size_t		 i, len;

	for (; p != NULL && *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		for (i = 0; i < NFLAGS; i++)
			if (strlen(flags[i].name) == len &&
			    memcmp(flags[i].name, p, len) == 0)
				set |= flags[i].flag;
	}
	return set;
}

void
entry_to_archive(const struct entry *e, struct archive_entry *ae)
{
	archive_entry_clear(ae);
	archive_entry_copy_pathname(ae, e->name);
	archive_entry_set_mode(ae, (mode_t)e->mode);
	archive_entry_set_uid(ae, e->uid);
	archive_entry_set_gid(ae, e->gid);
	if (e->uname[0] != '\0')
		archive_entry_copy_uname(ae, e->uname);
	if (e->gname[0] != '\0')
		archive_entry_copy_gname(ae, e->gname);
	archive_entry_set_mtime(ae, (time_t)e->mtime, (long)e->mtime_nsec);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode)) {
		archive_entry_set_rdevmajor(ae, (dev_t)e->rdev_major);
		archive_entry_set_rdevminor(ae, (dev_t)e->rdev_minor);
	}
	if (e->hardlink[0] != '\0') {
		archive_entry_copy_hardlink(ae, e->hardlink);
		archive_entry_set_size(ae, 0);
		return;
	}
	if (e->flags != 0)
		flags_to_archive(e->flags, ae);
	if (S_ISLNK(e->mode))
		archive_entry_copy_symlink(ae, e->link);
	archive_entry_set_size(ae, (int64_t)e->size);
}

static const char *
string_or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* A copy of the name without slashes at its end; "/" keeps one. */
static char *
name_without_slash(const char *name)
{
	size_t	 len = strlen(name);

	while (len > 1 && name[len - 1] == '/')
		len--;
	return strndup(name, len);
}

/* An id of more than 32 bits becomes one that nobody has, not another one. */
static uint32_t
small(int64_t v)
{
	return v < 0 || v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void
set_mtime(struct entry *e, struct archive_entry *ae)
{
	long	 nsec = archive_entry_mtime_nsec(ae);

	e->mtime = archive_entry_mtime(ae);
	if (nsec <= 0 || nsec >= 1000000000)
		return;
	e->mtime_nsec = (uint32_t)nsec;
	/* libarchive reads -5.7 seconds as 0.7 seconds after -5. */
	if (e->mtime < 0 && e->mtime > INT64_MIN) {
		e->mtime--;
		e->mtime_nsec = 1000000000 - e->mtime_nsec;
	}
}

int
entry_from_archive(struct entry *e, struct archive_entry *ae, char **name)
{
	entry_init(e, string_or_empty(archive_entry_pathname(ae)));
	*name = NULL;
	e->mode = (uint32_t)archive_entry_mode(ae);
	if (S_ISDIR(e->mode)) {
		if ((*name = name_without_slash(e->name)) == NULL)
			return -1;
		e->name = *name;
	}
	e->link = string_or_empty(archive_entry_symlink(ae));
	e->hardlink = string_or_empty(archive_entry_hardlink(ae));
	e->uname = string_or_empty(archive_entry_uname(ae));
	e->gname = string_or_empty(archive_entry_gname(ae));
	e->uid = small(archive_entry_uid(ae));
	e->gid = small(archive_entry_gid(ae));
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode)) {
		e->rdev_major = (uint32_t)archive_entry_rdevmajor(ae);
		e->rdev_minor = (uint32_t)archive_entry_rdevminor(ae);
	}
	if (archive_entry_size(ae) > 0)
		e->size = (uint64_t)archive_entry_size(ae);
	e->sparse = archive_entry_sparse_count(ae) > 0;
	e->flags = flags_from_archive(ae);
	set_mtime(e, ae);
	return 0;
}
