/*
 * reload.h: read the configuration again while the daemon runs.
 */

#ifndef RELOAD_H
#define RELOAD_H

#include <stddef.h>

#include "conf/conf.h"
#include "conf/load.h"

/*
 * Load a configuration that is to replace `old', and log its faults.  NULL if
 * it cannot: the first fault is then in why.  Freed with conf_free().
 */
struct conf	*reload_conf(const char *file, const struct conf_macro *,
		    const struct conf *old, char *why, size_t size);

#endif /* RELOAD_H */
