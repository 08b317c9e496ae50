/*
 * supervisor.h: the daemon's privileged process.
 */

#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "conf/conf.h"
#include "conf/load.h"

struct supervisor_args {
	const char		*conf_file;
	const struct conf_macro	*macros;
	const char		*opener_path;
	struct conf		*conf;		/* loaded; taken over */
	int			 foreground;
	int			 verbose;
};

/* Runs until a signal ends it.  The exit status of the daemon. */
int	 supervisor_main(const struct supervisor_args *);

#endif /* SUPERVISOR_H */
