/*
 * table.h: aligned tables that fit a terminal.
 */

#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS	10

struct table_column {
	const char	*title;
	bool		 right;		/* aligned there, as numbers are */
	bool		 cut;		/* the first to be cut */
};

struct table {
	const struct table_column *columns;
	size_t			 ncolumns;
	char			**cells;	/* row by row */
	size_t			 ncells;
	bool			 failed;	/* no memory */
};

/* The columns, TABLE_COLUMNS at most, stay the caller's. */
void	 table_init(struct table *, const struct table_column *, size_t n);
void	 table_free(struct table *);

/* The next cell, from left to right and from top to bottom. */
void	 table_add(struct table *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * Print the titles and the rows in `width' columns, 0: as many as it takes.
 * What is too long is cut and then ends in "...".  0, or -1: no memory.
 */
int	 table_print(const struct table *, FILE *, size_t width);

#endif /* CTL_TABLE_H */
