/*
 * system.h: what confine.c needs from each system: confine_SYSTEM.c defines
 * confine_system, and nothing else.
 */

#ifndef SYSTEM_H
#define SYSTEM_H

#include <stddef.h>

#include "confine/confine.h"

/* One of the layers of layers.c, as the system has it. */
struct system_layer {
	unsigned int	 bit;		/* FDB_CONFINED_* */
	const char	*label;		/* NULL: as in layers.c */
	/*
	 * Put it in place: 0, or -1 with errno.  NULL if another module has
	 * done so before confine_enter().
	 */
	int		(*enter)(const struct confine *);
	/* Try whether it holds: 0, or -1.  NULL if that cannot be tried. */
	int		(*verify)(const struct confine *);
	/* LAYERS_WHO() of kinds for which enter() is not to be called. */
	unsigned int	 not_for;
};

struct confine_system {
	const struct system_layer	*layers;
	size_t				 nlayers;
	/*
	 * What comes before the layers, or NULL: adds the bits of what it has
	 * put in place to *done.  0, or -1 with errno and *layer.
	 */
	int		(*begin)(const struct confine *, unsigned int *done,
			    const char **layer);
	/* What the layers in place amount to together, or NULL. */
	unsigned int	(*settle)(enum confine_who, unsigned int done);
};

extern const struct confine_system	 confine_system;

#endif /* SYSTEM_H */
