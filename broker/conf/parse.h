/*
 * parse.h: the grammar of fdbroker.conf(5).
 */

#ifndef CONFPARSE_H
#define CONFPARSE_H

#include <stddef.h>

struct confbuild;

/* Read all that the lexer has, and build it.  Faults are reported. */
void	 confparse(struct confbuild *);

/* Row i of the table of keywords, or NULL after the last. */
const char *confparse_keyword(size_t i);

#endif /* CONFPARSE_H */
