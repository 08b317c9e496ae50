/*
 * unistd.h: what FreeBSD's has and this system's has not, as in issetugid(2).
 */

#include_next <unistd.h>

#ifndef STANDIN_FREEBSD_UNISTD_H
#define STANDIN_FREEBSD_UNISTD_H

int	 issetugid(void);

#endif /* STANDIN_FREEBSD_UNISTD_H */
