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
#define INDENT		2	/* of lines beneath a row */
#define CUT_MIN		3	/* least width of a column that is cut */
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

/* How a table is laid out. */
struct layout {
	size_t	 width;				/* of the terminal; 0: any */
	size_t	 gap;
	size_t	 widths[TABLE_COLUMNS];
	bool	 moved[TABLE_COLUMNS];		/* beneath the row */
};

/* The width of the columns in the row, and of the gaps between them. */
static size_t
sum(const struct table *t, const struct layout *l)
{
	size_t	 i, n = 0;

	for (i = 0; i < t->ncolumns; i++)
		if (!l->moved[i])
			n += l->widths[i] + (n > 0 ? l->gap : 0);
	return n;
}

/* The widest column in the row, or ncolumns if there is none to choose. */
static size_t
find_widest(const struct table *t, const struct layout *l,
    bool (*may)(const struct table_column *), size_t min)
{
	size_t	 i, widest = t->ncolumns;

	for (i = 0; i < t->ncolumns; i++) {
		if (!l->moved[i] && may(&t->columns[i]) &&
		    l->widths[i] > min && (widest == t->ncolumns ||
		    l->widths[i] > l->widths[widest]))
			widest = i;
	}
	return widest;
}

static bool
may_move(const struct table_column *c)
{
	return c->move;
}

static bool
is_text(const struct table_column *c)
{
	return !c->right;
}

static bool
is_any(const struct table_column *c)
{
	(void)c;
	return true;
}

/* Narrow the widest of these columns, again and again, until all fit. */
static void
shrink(const struct table *t, struct layout *l,
    bool (*may)(const struct table_column *))
{
	size_t	 i;

	while (sum(t, l) > l->width &&
	    (i = find_widest(t, l, may, CUT_MIN)) < t->ncolumns)
		l->widths[i]--;
}

/* Find the place and the width of each column. */
static void
measure(const struct table *t, struct layout *l, size_t width)
{
	size_t	 i, len;

	memset(l, 0, sizeof(*l));
	l->width = width;
	l->gap = GAP;
	for (i = 0; i < t->ncolumns; i++)
		l->widths[i] = strlen(t->columns[i].title);
	for (i = 0; i < t->ncells; i++) {
		len = strlen(t->cells[i]);
		if (len > l->widths[i % t->ncolumns])
			l->widths[i % t->ncolumns] = len;
	}
	if (width == 0)
		return;
	while (sum(t, l) > width &&
	    (i = find_widest(t, l, may_move, 0)) < t->ncolumns)
		l->moved[i] = true;
	if (sum(t, l) <= width)
		return;
	l->gap = 1;
	shrink(t, l, is_text);
	shrink(t, l, is_any);
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

static const char *
get_cell(const struct table *t, char **cells, size_t i)
{
	return cells != NULL ? cells[i] : t->columns[i].title;
}

/*
 * Print the columns that stay in the row: without blanks at the end, and never
 * wider than the terminal, however narrow it is.
 */
static void
print_row(const struct table *t, char **cells, const struct layout *l, FILE *f)
{
	static char	 line[TABLE_COLUMNS * (CELL_MAX + GAP) + 1];
	size_t		 i, n = 0;

	for (i = 0; i < t->ncolumns; i++) {
		if (l->moved[i])
			continue;
		if (n > 0) {
			memset(line + n, ' ', l->gap);
			n += l->gap;
		}
		format_cell(line + n, get_cell(t, cells, i), l->widths[i],
		    t->columns[i].right);
		n += l->widths[i];
	}
	if (l->width > 0 && n > l->width)
		n = l->width;
	while (n > 0 && line[n - 1] == ' ')
		n--;
	if (n > 0)
		(void)fprintf(f, "%.*s\n", (int)n, line);
}

/* Print a cell beneath its row, in as many lines as it needs. */
static void
print_beneath(const char *cell, const struct layout *l, FILE *f)
{
	size_t	 indent = l->width > 2 * INDENT ? INDENT : 0;
	size_t	 room = l->width - indent;

	do {
		(void)fprintf(f, "%*s%.*s\n", (int)indent, "", (int)room, cell);
		cell += strnlen(cell, room);
	} while (*cell != '\0');
}

/* Print one row, or the titles if cells is NULL. */
static void
print_all(const struct table *t, char **cells, const struct layout *l, FILE *f)
{
	size_t	 i;

	print_row(t, cells, l, f);
	for (i = 0; i < t->ncolumns; i++)
		if (l->moved[i])
			print_beneath(get_cell(t, cells, i), l, f);
}

int
table_print(const struct table *t, FILE *f, size_t width)
{
	struct layout	 l;
	size_t		 i;

	if (t->failed)
		return -1;
	measure(t, &l, width);
	if (t->colour)
		(void)fputs(TEXT_TITLE, f);
	print_all(t, NULL, &l, f);
	if (t->colour)
		(void)fputs(TEXT_PLAIN, f);
	for (i = 0; i + t->ncolumns <= t->ncells; i += t->ncolumns)
		print_all(t, t->cells + i, &l, f);
	return 0;
}
