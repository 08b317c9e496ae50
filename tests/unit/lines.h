/*
 * lines.h: what a test has seen: lines, which can be sorted and compared.
 */

#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char	**list;
	size_t	  n, size;
};

void	 lines_add(struct lines *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	 lines_free(struct lines *);
void	 lines_sort(struct lines *);
bool	 lines_have(const struct lines *, const char *line);
/* Print them, each after this word. */
void	 lines_print(const char *what, const struct lines *);
/* Fail and print the lines, unless this one is there. */
void	 lines_expect(const struct lines *, const char *line);

#endif /* LINES_H */
