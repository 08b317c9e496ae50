/*
 * layers.c: the table of the layers; see layers.h.
 *
 * Runs in every process.  Constant data.
 */

#include "config.h"

#include <stddef.h>

#include "base/fdbroker_types.h"
#include "confine/layers.h"

#define WORKER		LAYERS_WHO(CONFINE_WORKER)
#define LISTENER	LAYERS_WHO(CONFINE_LISTENER)
/* Openers that the daemon starts. */
#define OPENER		(LAYERS_WHO(CONFINE_OPENER) | \
			    LAYERS_WHO(CONFINE_WRITER) | \
			    LAYERS_WHO(CONFINE_RESTORER) | \
			    LAYERS_WHO(CONFINE_SETID_RESTORER))
#define PRIVATE		(LAYERS_WHO(CONFINE_PRIVATE) | \
			    LAYERS_WHO(CONFINE_PRIVATE_RESTORER) | \
			    LAYERS_WHO(CONFINE_PRIVATE_SETID))
#define CONTROLLER	LAYERS_WHO(CONFINE_CONTROLLER)
#define SUPERVISOR	LAYERS_WHO(CONFINE_SUPERVISOR)
/* The names process, and its children, which inherit from it. */
#define NAMES		(LAYERS_WHO(CONFINE_NAMES) | \
			    LAYERS_WHO(CONFINE_LOOKUP))
#define CONNECTOR	LAYERS_WHO(CONFINE_CONNECTOR)
#define EVERYBODY	(LAYERS_WHO(CONFINE_NWHO) - 1)

const struct layer	 layers_table[] = {
	{ FDB_CONFINED_NNP, "no_new_privs", "no_new_privs", EVERYBODY, 0 },
	{ FDB_CONFINED_NODUMP, "not dumpable", "not_dumpable", EVERYBODY, 0 },
	/* The controller and the supervisor open what the user and root may. */
	{ FDB_CONFINED_PATHS, "restricted paths", "paths",
	    WORKER | LISTENER | OPENER | PRIVATE | NAMES | CONNECTOR, 0 },
	{ FDB_CONFINED_SYSCALLS, "restricted system calls", "system_calls",
	    EVERYBODY, 0 },
	/* Only root can clone mounts and drop capabilities. */
	{ FDB_CONFINED_CLONE, "read-only mount clones", "read_only_clones",
	    OPENER, PRIVATE },
	{ FDB_CONFINED_CAPS, "capabilities dropped", "capabilities",
	    WORKER | LISTENER | OPENER | SUPERVISOR | NAMES | CONNECTOR,
	    PRIVATE },
	{ FDB_CONFINED_UID, "own user", "own_user",
	    LISTENER | OPENER | NAMES, WORKER },
	{ FDB_CONFINED_NAMESPACES, "namespaces", "namespaces", 0, WORKER },
	{ 0, NULL, NULL, 0, 0 }
};
