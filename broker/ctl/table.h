/*
 * table.h: print aligned tables that fit the terminal.
 */

#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS	10

struct table_column {
	const char	*title;
	bool		 right;		/* aligned to the right: numbers */
	bool		 move;		/* to a line of its own */
};

struct table {
	const struct table_column *columns;
	size_t			 ncolumns;
	char			**cells;	/* row by row */
	size_t			 ncells;
	bool			 failed;	/* out of memory */
	bool			 colour;	/* of the titles */
};

/* The columns, TABLE_COLUMNS at most, are not copied. */
void	 table_init(struct table *, const struct table_column *, size_t n);
void	 table_free(struct table *);

/* Add a cell: row by row, from left to right. */
void	 table_add(struct table *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Print the titles and the rows within `width' columns, 0: without a limit.  If
 * they do not fit, columns that may move go to lines of their own beneath their
 * row, the widest first, and nothing of them is lost.  If the others still do
 * not fit, their text is cut and ends in "...".  0, or -1: no memory.
 */
int	 table_print(const struct table *, FILE *, size_t width);

#endif /* CTL_TABLE_H */
