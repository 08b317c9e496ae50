/*
 * lines.c: what a test has seen; see tests/unit/lines.h.
 */

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lines.h"

void
lines_add(struct lines *l, const char *fmt, ...)
{
	va_list	 ap;

	if (l->n == l->size) {
		l->size = l->size * 2 + 64;
		l->list = reallocarray(l->list, l->size, sizeof(*l->list));
		assert_non_null(l->list);
	}
	va_start(ap, fmt);
	assert_true(vasprintf(&l->list[l->n++], fmt, ap) >= 0);
	va_end(ap);
}

void
lines_free(struct lines *l)
{
	while (l->n > 0)
		free(l->list[--l->n]);
	free(l->list);
	memset(l, 0, sizeof(*l));
}

static int
line_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
lines_sort(struct lines *l)
{
	if (l->n > 0)
		qsort(l->list, l->n, sizeof(*l->list), line_compare);
}

bool
lines_have(const struct lines *l, const char *line)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->list[i], line) == 0)
			return true;
	return false;
}

void
lines_print(const char *what, const struct lines *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		print_message("# %s: %s\n", what, l->list[i]);
}

void
lines_expect(const struct lines *l, const char *line)
{
	if (lines_have(l, line))
		return;
	lines_print("got", l);
	fail_msg("no \"%s\"", line);
}
