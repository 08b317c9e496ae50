/*
 * follow.h: follow the links in a path as far as the user can.
 */

#ifndef FOLLOW_H
#define FOLLOW_H

/*
 * The absolute, clean path with the links followed in the longest part of it,
 * from its beginning, that realpath(3) can follow.  The rest is as it was: the
 * user may not search a directory there, or it does not exist.  The caller
 * frees it.  NULL: ENOMEM.
 */
char	*follow_path(const char *path);

#endif /* FOLLOW_H */
