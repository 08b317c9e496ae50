/*
 * unistd.h: adds what only OpenBSD's has, as pledge(2), unveil(2) and
 * issetugid(2) document it.
 */

#include_next <unistd.h>

#ifndef STANDIN_OPENBSD_UNISTD_H
#define STANDIN_OPENBSD_UNISTD_H

int	 issetugid(void);
int	 pledge(const char *promises, const char *execpromises);
int	 unveil(const char *path, const char *permissions);

#endif /* STANDIN_OPENBSD_UNISTD_H */
