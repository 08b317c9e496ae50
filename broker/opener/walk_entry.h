/*
 * walk_entry.h: one object of a walk: look it up, judge it, and put its record.
 */

#ifndef WALK_ENTRY_H
#define WALK_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/proto.h"
#include "opener/resolve.h"
#include "opener/state.h"
#include "opener/status.h"
#include "opener/walk_run.h"

/* The operations of a walk's cursor. */
enum { WALK_ENTRY_LIST, WALK_ENTRY_READ, WALK_ENTRY_OPS };
extern const uint32_t	 walk_entry_ops[WALK_ENTRY_OPS];

/*
 * An object, at which the cursors are.  rel is its path beneath at->dirfd, and
 * name what the worker is told: "" for the start of the walk.
 */
struct walk_entry {
	const struct resolve_at	*at;
	const char		*rel, *name;
	uint8_t			 type;		/* DT_*, as it was read */
};

enum walk_entry_result {
	WALK_ENTRY_DONE,	/* there is a record, or it has vanished */
	WALK_ENTRY_OTHER,	/* it is (no) directory: nothing was done */
	WALK_ENTRY_ENTERED	/* it is the last directory now */
};

/*
 * The type of an object whose directory does not tell it, as DT_*; DT_UNKNOWN
 * if it cannot be looked at, or if the policy denies that whatever it is.
 */
uint8_t	 walk_entry_type(const struct walk *, const struct walk_entry *);

/*
 * May the worker know that it is there, and does it want to?  False if not;
 * then it was counted, or there is a record.
 */
bool	 walk_entry_admit(struct walk *, const char *name, bool dir);

/* An object that is not a directory.  There is room for an ENTRY. */
enum walk_entry_result walk_entry_file(struct walk *, struct state *,
	    const struct walk_entry *);

/* A directory: enter it.  There is room for an ENTRY. */
enum walk_entry_result walk_entry_dir(struct walk *, struct state *,
	    const struct walk_entry *);

/* An entry whose name is too long for any request. */
void	 walk_entry_long(struct walk *, const char *name);

/* Put an ENTRY that only has an error. */
void	 walk_entry_failed(struct walk *, const char *name, int error,
	    enum fdb_reason);

#endif /* WALK_ENTRY_H */
