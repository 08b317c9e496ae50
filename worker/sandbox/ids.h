/*
 * ids.h: numbers of users and groups by their names, for a process that cannot
 * read files.
 */

#ifndef IDS_H
#define IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/reporter.h"

struct ids;

/* numeric: names do not count.  NULL: no memory. */
struct ids	*ids_new(struct reporter *, int numeric);
void		 ids_free(struct ids *);

/*
 * Replace *id by the number of the user or group with this name, if it has one
 * here.  0, or -1 with errno: ENOMEM, or the controller is gone.
 */
int		 ids_number(struct ids *, enum channel_owner, const char *name,
		    uint32_t *id);

/* The same, for struct attributes_ids with the ids. */
int		 ids_find(void *, bool group, const char *name, uint32_t *id);

#endif /* IDS_H */
