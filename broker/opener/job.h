/*
 * job.h: one change while it is carried out.
 */

#ifndef JOB_H
#define JOB_H

#include "base/changewire.h"
#include "opener/state.h"
#include "opener/status.h"
#include "opener/target.h"

struct parent_cache;

struct job {
	struct state			*s;
	const struct changewire_item	*it;
	struct target			 t;	/* base and name of the item */
	struct parent_cache		*cache;	/* of the message */
	struct status			 st;
	struct changewire_result	 res;	/* without the status */
	int				 fd;	/* to send, of s->pending */
};

#endif /* JOB_H */
