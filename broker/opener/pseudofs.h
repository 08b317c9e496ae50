/*
 * pseudofs.h: file systems that show what the kernel knows and store no files.
 */

#ifndef PSEUDOFS_H
#define PSEUDOFS_H

#include <stdbool.h>

/* True if the descriptor is of a file on a pseudo file system. */
bool	 pseudofs_has(int fd);

#endif /* PSEUDOFS_H */
