/*
 * layers.h: the layers of confinement, as a table.
 *
 * To add a layer, give it a bit in base/fdbroker_types.h and a row in layers.c,
 * and put it in place in confine_SYSTEM.c of each system that has it.
 * CONTRIBUTING.md has the steps.
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
	/*
	 * LAYERS_WHO() of kinds that have it.  A process in `has' does not go
	 * on without it, unless its layers are optional; one in `may_have'
	 * tries to put it in place and goes on if that fails.
	 */
	unsigned int	 has, may_have;
};

/*
 * In the order in which a process puts them in place, and in which people and
 * programs are told of them.  Ends with bit 0.
 */
extern const struct layer	 layers_table[];

#endif /* LAYERS_H */
