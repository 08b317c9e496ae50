/*
 * spelling.c: is a name spelled as its directory lists it?  See spelling.h.
 *
 * Runs in the opener.  Reads directories that it is given, and keeps the names
 * of the last one, so that a request which opens many files of a directory
 * reads it once.  A directory with more names than it keeps is read for each
 * name, up to that name.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opener/dents.h"
#include "opener/spelling.h"

/* File systems whose kind is remembered. */
#define SPELLING_KNOWN	16

/* Bytes of names that are kept, each with its NUL. */
#define SPELLING_NAMES	(4 * 1024 * 1024)

#define SPELLING_DENTS	32768

struct known {
	uint32_t	 dev_major, dev_minor;
	enum fskind	 kind;
};

/* The names of one directory, and a table to find them by. */
struct names {
	struct fdb_stat	 dir;		/* when it was read */
	bool		 valid;
	char		*text;
	size_t		 len, size;
	size_t		 count;
	uint32_t	*slots;		/* offsets in text, plus 1 */
	size_t		 nslots;	/* a power of two */
};

struct spelling {
	struct fskind_kernel	 kernel;
	struct known		 known[SPELLING_KNOWN];
	size_t			 next;	/* place for the next one */
	struct names		 names;
	uint64_t		 seed;	/* so that nobody chooses the slots */
	bool			 missed;
	bool			 trusts_nothing;
	uint64_t		 dents[SPELLING_DENTS / sizeof(uint64_t)];
};

struct spelling *
spelling_new(void)
{
	struct spelling	*sp;

	/* The kernel fills dents, of which few sessions need a byte. */
	if ((sp = malloc(sizeof(*sp))) == NULL)
		return NULL;
	memset(sp, 0, offsetof(struct spelling, dents));
	sp->kernel.ext = sp->kernel.f2fs = sp->kernel.tmpfs = true;
	return sp;
}

static void
names_forget(struct names *n)
{
	n->valid = false;
	n->len = n->count = 0;
	if (n->slots != NULL)
		memset(n->slots, 0, n->nslots * sizeof(*n->slots));
}

void
spelling_free(struct spelling *sp)
{
	if (sp == NULL)
		return;
	free(sp->names.text);
	free(sp->names.slots);
	free(sp);
}

void
spelling_init(struct spelling *sp)
{
	fskind_init(&sp->kernel);
	arc4random_buf(&sp->seed, sizeof(sp->seed));
}

void
spelling_begin(struct spelling *sp)
{
	if (sp->names.valid)
		names_forget(&sp->names);
	sp->missed = false;
}

enum fskind
spelling_kind(const struct spelling *sp, const struct fdb_stat *dir)
{
	const struct known	*k;
	size_t			 i;

	if (sp->trusts_nothing)
		return FSKIND_UNKNOWN;
	for (i = 0; i < SPELLING_KNOWN; i++) {
		k = &sp->known[i];
		if (k->kind != FSKIND_UNASKED &&
		    k->dev_major == dir->dev_major &&
		    k->dev_minor == dir->dev_minor)
			return k->kind;
	}
	return FSKIND_UNASKED;
}

enum fskind
spelling_learn(struct spelling *sp, const struct fdb_stat *dir, int fd)
{
	struct known	*k;
	enum fskind	 kind = spelling_kind(sp, dir);

	if (kind != FSKIND_UNASKED)
		return kind;
	k = &sp->known[sp->next];
	sp->next = (sp->next + 1) % SPELLING_KNOWN;
	k->dev_major = dir->dev_major;
	k->dev_minor = dir->dev_minor;
	k->kind = fskind_get(&sp->kernel, fd);
	return k->kind;
}

/* Where a search for the name begins. */
static size_t
names_slot(const struct names *n, uint64_t seed, const char *name)
{
	uint64_t	 h = seed ^ 0xcbf29ce484222325ULL;

	for (; *name != '\0'; name++) {
		h ^= (unsigned char)*name;
		h *= 0x100000001b3ULL;
		h ^= h >> 29;
	}
	return (size_t)h & (n->nslots - 1);
}

static bool
names_have(const struct names *n, uint64_t seed, const char *name)
{
	size_t	 i;

	if (n->nslots == 0)
		return false;
	for (i = names_slot(n, seed, name); n->slots[i] != 0;
	    i = (i + 1) & (n->nslots - 1)) {
		if (strcmp(n->text + n->slots[i] - 1, name) == 0)
			return true;
	}
	return false;
}

/* Put the name at this offset of the text into the table. */
static void
names_index(struct names *n, uint64_t seed, uint32_t offset)
{
	size_t	 i = names_slot(n, seed, n->text + offset);

	while (n->slots[i] != 0)
		i = (i + 1) & (n->nslots - 1);
	n->slots[i] = offset + 1;
}

/* Double the table when it is half full.  0, or -1 with errno. */
static int
names_grow(struct names *n, uint64_t seed)
{
	uint32_t	*slots;
	size_t		 nslots = n->nslots == 0 ? 1024 : 2 * n->nslots;
	size_t		 offset;

	if (2 * (n->count + 1) <= n->nslots)
		return 0;
	if ((slots = calloc(nslots, sizeof(*slots))) == NULL)
		return -1;
	free(n->slots);
	n->slots = slots;
	n->nslots = nslots;
	for (offset = 0; offset < n->len;
	    offset += strlen(n->text + offset) + 1)
		names_index(n, seed, (uint32_t)offset);
	return 0;
}

/* Keep a name.  0, or -1: there are too many, or no memory. */
static int
names_add(struct names *n, uint64_t seed, const char *name)
{
	size_t	 len = strlen(name) + 1, size = n->size;
	char	*text;

	if (n->len + len > SPELLING_NAMES)
		return -1;
	if (n->len + len > size) {
		size = size == 0 ? 16384 : 2 * size;
		if ((text = realloc(n->text, size)) == NULL)
			return -1;
		n->text = text;
		n->size = size;
	}
	if (names_grow(n, seed) == -1)
		return -1;
	memcpy(n->text + n->len, name, len);
	names_index(n, seed, (uint32_t)n->len);
	n->len += len;
	n->count++;
	return 0;
}

/* Does *now describe the directory that was read, and nothing has changed? */
static bool
is_unchanged(const struct fdb_stat *then, const struct fdb_stat *now)
{
	return then->dev_major == now->dev_major &&
	    then->dev_minor == now->dev_minor && then->ino == now->ino &&
	    then->mtime == now->mtime &&
	    then->mtime_nsec == now->mtime_nsec &&
	    then->ctime == now->ctime && then->ctime_nsec == now->ctime_nsec;
}

int
spelling_recall(const struct spelling *sp, const struct fdb_stat *dir,
    const char *name)
{
	const struct names	*n = &sp->names;

	if (!n->valid || !is_unchanged(&n->dir, dir))
		return -1;
	return names_have(n, sp->seed, name);
}

int
spelling_read(struct spelling *sp, const struct fdb_stat *dir, int fd,
    const char *name)
{
	const struct DENTS_ENTRY	*de;
	struct names			*n = &sp->names;
	bool				 found = false, keep = true;
	ssize_t				 len, pos;

	names_forget(n);
	n->dir = *dir;
	while ((len = dents_read(fd, sp->dents, sizeof(sp->dents))) > 0) {
		for (pos = 0; pos < len; pos += de->d_reclen) {
			de = (const void *)((const char *)sp->dents + pos);
			if (!dents_is_entry(de))
				continue;
			found = found || strcmp(de->d_name, name) == 0;
			keep = keep && names_add(n, sp->seed,
			    de->d_name) == 0;
		}
		if (found && !keep)
			return 1;
	}
	n->valid = len == 0 && keep;
	return len == -1 ? -1 : found;
}

void
spelling_set_missed(struct spelling *sp, bool missed)
{
	sp->missed = missed;
}

bool
spelling_was_missed(const struct spelling *sp)
{
	return sp->missed;
}

void
spelling_trust_nothing(struct spelling *sp)
{
	sp->trusts_nothing = true;
	memset(sp->known, 0, sizeof(sp->known));
}
