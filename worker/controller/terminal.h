/*
 * terminal.h: lines for standard output, standard error or the log, written so
 * that a signal that ends the run is handled without delay.
 */

#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

#include "common/buf.h"

#define TERMINAL_BATCH		32768	/* bytes that are written together */

struct terminal {
	int		 fd;
	int		 error;		/* errno of write(2), or 0 */
	struct buf	 buf;
};

void	 terminal_init(struct terminal *, int fd);

/* Free the buffer; lines that were not written are lost. */
void	 terminal_clear(struct terminal *);

/*
 * Append bytes, which are written when the buffer is full.  0, or -1: writing
 * failed, now or earlier, or a signal ends the run.
 */
int	 terminal_add(struct terminal *, const struct buf *);

/* Write all bytes.  0, or -1 as above. */
int	 terminal_flush(struct terminal *);

/* True if a line can be written without waiting. */
bool	 terminal_is_ready(const struct terminal *);

/* The columns of a terminal, now; 80 if it does not say. */
unsigned int terminal_columns(const struct terminal *);

#endif /* TERMINAL_H */
