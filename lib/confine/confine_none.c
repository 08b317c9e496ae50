/*
 * confine_none.c: a system without any of the layers that we know.
 *
 * Nothing is put in place: a start that requires confinement fails here.
 */

#include "config.h"

#include <errno.h>
#include <stddef.h>

#include "base/fdbroker_types.h"
#include "confine/confine.h"
#include "confine/system.h"

static int
none_begin(const struct confine *c, unsigned int *done, const char **layer)
{
	(void)done;
	if (c->optional)
		return 0;
	*layer = "any confinement on this system";
	errno = ENOSYS;
	return -1;
}

static const struct system_layer	 none_layers[] = {
	/* By privdrop(). */
	{ FDB_CONFINED_CAPS, "privileges dropped", NULL, NULL, 0 }
};

const struct confine_system	 confine_system = {
	.layers = none_layers,
	.nlayers = sizeof(none_layers) / sizeof(none_layers[0]),
	.begin = none_begin
};
