/*
 * layers.h: the layers of confinement, as a table.
 *
 * To add a layer, give it a bit in base/fdbroker_types.h and a row in layers.c,
 * and put it in place in confine_SYSTEM.c of each system that has it.
 */

#ifndef LAYERS_H
#define LAYERS_H

#include "confine/confine.h"

/* Sets of kinds of process have a bit for each kind. */
#define LAYERS_WHO(who)	(1U << (who))

struct layer {
	unsigned int	 bit;		/* FDB_CONFINED_* */
	const char	*label;		/* for people */
	const char	*key;		/* in JSON */
	unsigned int	 has;		/* kinds that have it, LAYERS_WHO() */
	unsigned int	 may_have;	/* kinds that have it where they can */
};

/*
 * In the order in which a process puts them in place, and in which people and
 * programs are told of them.  Ends with bit 0.
 */
extern const struct layer	 layers_table[];

#endif /* LAYERS_H */
