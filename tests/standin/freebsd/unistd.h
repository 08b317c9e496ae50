/*
 * unistd.h: adds what only FreeBSD's has, as issetugid(2) documents it.
 */

#include_next <unistd.h>

#ifndef STANDIN_FREEBSD_UNISTD_H
#define STANDIN_FREEBSD_UNISTD_H

int	 issetugid(void);

#endif /* STANDIN_FREEBSD_UNISTD_H */
