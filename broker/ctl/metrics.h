/*
 * metrics.h: "show metrics": numbers for a monitoring system.
 */

#ifndef CTL_METRICS_H
#define CTL_METRICS_H

#include <stdio.h>

#include "ipc/control.h"

/* Print them as OpenMetrics text. */
void	 metrics_print(FILE *, const struct control_state *);
/* Print the same numbers as JSON. */
void	 metrics_json(FILE *, const struct control_state *);

#endif /* CTL_METRICS_H */
