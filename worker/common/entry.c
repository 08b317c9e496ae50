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
	e->link = e->hardlink = e->uname = e->gname = "";
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
	e->uid = (uint32_t)archive_entry_uid(ae);
	e->gid = (uint32_t)archive_entry_gid(ae);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode)) {
		e->rdev_major = (uint32_t)archive_entry_rdevmajor(ae);
		e->rdev_minor = (uint32_t)archive_entry_rdevminor(ae);
	}
	if (archive_entry_size(ae) > 0)
		e->size = (uint64_t)archive_entry_size(ae);
	e->sparse = archive_entry_sparse_count(ae) > 0;
	e->mtime = archive_entry_mtime(ae);
	e->mtime_nsec = (uint32_t)archive_entry_mtime_nsec(ae);
	return 0;
}
