/*
 * damage.h: compare what was restored with the manifest of the archive.
 *
 * The manifest is the last member, so files are in their places when it comes.
 * Those that turn out to be damaged are removed then.
 */

#ifndef DAMAGE_H
#define DAMAGE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/entry.h"
#include "sandbox/selection.h"
#include "sandbox/work.h"

struct damage;

/* The caller keeps work and selection.  NULL: it failed, which was reported. */
struct damage	*damage_new(struct work *, const struct selection *);
void		 damage_free(struct damage *);

/* The functions below return -1 if the run fails, which was reported. */

/* Begin with another archive. */
int		 damage_again(struct damage *);

/* So much of the archive was read: temporary files may be in proportion. */
void		 damage_bound(struct damage *, uint64_t consumed);
/* How many bytes each of them may take by now.  In a thread. */
uint64_t	 damage_room(struct damage *);

/* Add a member, with the digests that were computed.  In a thread. */
int		 damage_add(struct damage *, const struct entry *);

/* Keep a member that is the manifest, unless another one follows. */
int		 damage_begin_file(struct damage *, const struct entry *);
int		 damage_add_file(struct damage *, const void *, size_t);

/*
 * Another one follows: get it back, and its contents.  1; 0: there is none; the
 * number of bytes, 0 at the end.
 */
int		 damage_take_file(struct damage *, struct entry *);
ssize_t		 damage_read_file(struct damage *, void *, size_t);
int		 damage_drop_file(struct damage *);

/*
 * The archive was read to its end: report what differs, and call remove for
 * each file whose contents do, and for hard links to it.
 */
int		 damage_find(struct damage *,
		    int (*remove)(void *, const char *member), void *arg);

#endif /* DAMAGE_H */
