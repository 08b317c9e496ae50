/*
 * table.c: aligned tables; see ctl/table.h.
 *
 * Runs in fdbrokerctl.  Touches memory and a stream.
 */

#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/table.h"
#include "ctl/text.h"

#define GAP		2	/* blanks between columns */
#define CUT_MIN		8	/* least width of a column to cut first */
#define OTHER_MIN	3	/* least width of any other */
#define CELL_MAX	4500	/* bytes in a cell, with NUL */

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->ncolumns = n;
}

void
table_free(struct table *t)
{
	size_t	 i;

	for (i = 0; i < t->ncells; i++)
		free(t->cells[i]);
	free(t->cells);
	table_init(t, t->columns, t->ncolumns);
}

void
table_add(struct table *t, const char *fmt, ...)
{
	char	 raw[CELL_MAX], safe[CELL_MAX], **cells;
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_copy(safe, sizeof(safe), raw);
	if ((t->ncells & (t->ncells - 1)) == 0) {
		cells = reallocarray(t->cells, t->ncells == 0 ? 1 :
		    t->ncells * 2, sizeof(*cells));
		if (cells == NULL) {
			t->failed = true;
			return;
		}
		t->cells = cells;
	}
	if ((t->cells[t->ncells] = strdup(safe)) == NULL)
		t->failed = true;
	else
		t->ncells++;
}

/* Which columns may be cut, in stages. */
enum stage {
	STAGE_CUT,		/* those marked as cut */
	STAGE_TEXT,		/* all but numbers */
	STAGE_ALL
};

static bool
may_cut(const struct table_column *c, enum stage stage)
{
	return c->cut || stage == STAGE_ALL ||
	    (stage == STAGE_TEXT && !c->right);
}

/* Narrow the widest column, one by one, until all fit. */
static void
shrink(const struct table *t, size_t *widths, size_t total, size_t width,
    enum stage stage)
{
	size_t	 i, widest, min = stage == STAGE_CUT ? CUT_MIN : OTHER_MIN;

	while (total > width) {
		widest = t->ncolumns;
		for (i = 0; i < t->ncolumns; i++) {
			if (may_cut(&t->columns[i], stage) &&
			    widths[i] > min && (widest == t->ncolumns ||
			    widths[i] > widths[widest]))
				widest = i;
		}
		if (widest == t->ncolumns)
			return;
		widths[widest]--;
		total--;
	}
}

static size_t
sum(const struct table *t, const size_t *widths, size_t gap)
{
	size_t	 i, n = 0;

	for (i = 0; i < t->ncolumns; i++)
		n += widths[i] + (i > 0 ? gap : 0);
	return n;
}

/* Set the width of each column.  The width of the gaps between them. */
static size_t
measure(const struct table *t, size_t *widths, size_t width)
{
	size_t	 i, len;

	for (i = 0; i < t->ncolumns; i++)
		widths[i] = strlen(t->columns[i].title);
	for (i = 0; i < t->ncells; i++) {
		len = strlen(t->cells[i]);
		if (len > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = len;
	}
	if (width == 0)
		return GAP;
	shrink(t, widths, sum(t, widths, GAP), width, STAGE_CUT);
	if (sum(t, widths, GAP) <= width)
		return GAP;
	shrink(t, widths, sum(t, widths, 1), width, STAGE_TEXT);
	shrink(t, widths, sum(t, widths, 1), width, STAGE_ALL);
	return 1;
}

/* Write a cell in its width; text that is too long ends in dots. */
static void
format_cell(char *dst, const char *cell, size_t width, bool right)
{
	size_t	 len = strlen(cell), dots;

	if (len <= width) {
		memset(dst, ' ', width);
		memcpy(dst + (right ? width - len : 0), cell, len);
	} else {
		dots = width < 3 ? width : 3;
		memcpy(dst, cell, width - dots);
		memset(dst + width - dots, '.', dots);
	}
	dst[width] = '\0';
}

/*
 * Print one row, or the titles if cells is NULL: without blanks at the end,
 * and never wider than the terminal, however narrow it is.
 */
static void
print_row(const struct table *t, char **cells, const size_t *widths,
    size_t gap, FILE *f, size_t width)
{
	static char	 line[TABLE_COLUMNS * (CELL_MAX + GAP) + 1];
	const char	*cell;
	size_t		 i, n = 0;

	for (i = 0; i < t->ncolumns; i++) {
		if (i > 0) {
			memset(line + n, ' ', gap);
			n += gap;
		}
		cell = cells != NULL ? cells[i] : t->columns[i].title;
		format_cell(line + n, cell, widths[i], t->columns[i].right);
		n += widths[i];
	}
	if (width > 0 && n > width)
		n = width;
	while (n > 0 && line[n - 1] == ' ')
		n--;
	(void)fprintf(f, "%.*s\n", (int)n, line);
}

int
table_print(const struct table *t, FILE *f, size_t width)
{
	size_t	 widths[TABLE_COLUMNS], gap, i;

	if (t->failed)
		return -1;
	gap = measure(t, widths, width);
	print_row(t, NULL, widths, gap, f, width);
	for (i = 0; i + t->ncolumns <= t->ncells; i += t->ncolumns)
		print_row(t, t->cells + i, widths, gap, f, width);
	return 0;
}
