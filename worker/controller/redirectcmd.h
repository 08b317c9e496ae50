/*
 * redirectcmd.h: the command fdbackup redirect.
 */

#ifndef REDIRECTCMD_H
#define REDIRECTCMD_H

/*
 * Run it; argv[0] is its name.  closed: the standard streams that were closed,
 * by bit.  The exit status.
 */
int	 redirectcmd_main(int argc, char **argv, unsigned int closed);

#endif /* REDIRECTCMD_H */
