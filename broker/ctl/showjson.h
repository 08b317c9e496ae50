/*
 * showjson.h: the daemon's state as JSON: an object for each word after "show".
 */

#ifndef CTL_SHOWJSON_H
#define CTL_SHOWJSON_H

#include <stdbool.h>
#include <stdio.h>

#include "ipc/control.h"

/* Each 0, or -1: no memory. */
int	 showjson_sessions(FILE *, const struct control_state *);
int	 showjson_roles(FILE *, const struct control_state *);
int	 showjson_denied(FILE *, const struct control_state *, bool all);
int	 showjson_refused(FILE *, const struct control_state *);
int	 showjson_stats(FILE *, const struct control_state *);
int	 showjson_confinement(FILE *, const struct control_state *);

#endif /* CTL_SHOWJSON_H */
