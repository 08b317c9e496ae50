/*
 * terminal.h: lines for the user: to standard output, standard error or the
 * log, written so that a signal that ends the run is not kept waiting.
 */

#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

#include "common/buf.h"

struct terminal {
	int		 fd;
	int		 error;		/* of write(2), or 0 */
	struct buf	 buf;
};

void	 terminal_init(struct terminal *, int fd);

/* What is there is thrown away. */
void	 terminal_clear(struct terminal *);

/*
 * Add bytes; they are written when there are enough of them.  0, or -1: it
 * failed, now or before, or a signal ends the run.
 */
int	 terminal_add(struct terminal *, const struct buf *);

/* Write all.  0, or -1 as above. */
int	 terminal_flush(struct terminal *);

#endif /* TERMINAL_H */
