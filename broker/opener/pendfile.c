/*
 * pendfile.c: files without a name yet; see pendfile.h.
 *
 * Runs in the opener.  Closes descriptors, and removes temporary names that the
 * opener itself made.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "opener/naming.h"
#include "opener/pendfile.h"
#include "opener/resolve.h"
#include "opener/resolve_type.h"

void
pendfile_begin(struct pendfile *f, uint32_t now)
{
	memset(f, 0, sizeof(*f));
	f->fd = f->dirfd = -1;
	f->born = now;
}

int
pendfile_init(struct pendfiles *p, size_t size)
{
	p->used = p->begun = 0;
	p->size = size;
	p->slots = reallocarray(NULL, size, sizeof(*p->slots));
	return p->slots != NULL ? 0 : -1;
}

/* Remove its temporary name, if that still leads to it. */
static void
file_unname(const struct pendfile *f)
{
	struct fdb_stat	 st;
	char		 link[1];

	if (f->name[0] != '\0' &&
	    resolve_entry(f->dirfd, f->name, &st, link, 0) == 0 &&
	    resolve_type_same(&st, &f->st))
		(void)naming_remove(f->dirfd, f->name, 0);
}

static void
file_close(struct pendfile *f)
{
	fd_close(&f->fd);
	fd_close(&f->dirfd);
	f->name[0] = '\0';
}

uint32_t
pendfile_add(struct pendfiles *p, const struct pendfile *file)
{
	struct pendfile	 gone = *file;
	size_t			 i;

	for (i = 0; i < p->begun && p->slots[i].fd != -1; i++)
		;
	if (i == p->size) {
		file_unname(&gone);
		file_close(&gone);
		errno = EMFILE;
		return 0;
	}
	p->slots[i] = *file;
	if (i == p->begun)
		p->begun++;
	p->used++;
	return (uint32_t)i + 1;
}

struct pendfile *
pendfile_find(struct pendfiles *p, uint32_t number, uint32_t now)
{
	if (number == 0 || number > p->begun ||
	    p->slots[number - 1].fd == -1 || p->slots[number - 1].born == now)
		return NULL;
	return &p->slots[number - 1];
}

void
pendfile_done(struct pendfiles *p, struct pendfile *f)
{
	file_close(f);
	p->used--;
}

void
pendfile_drop(struct pendfiles *p, struct pendfile *f)
{
	file_unname(f);
	pendfile_done(p, f);
}

void
pendfile_free(struct pendfiles *p)
{
	size_t	 i;

	for (i = 0; i < p->begun; i++)
		if (p->slots[i].fd != -1)
			pendfile_drop(p, &p->slots[i]);
	free(p->slots);
	memset(p, 0, sizeof(*p));
}
