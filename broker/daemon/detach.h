/*
 * detach.h: go into the background, and tell whoever waits in the foreground
 * how the start went.
 */

#ifndef DETACH_H
#define DETACH_H

/*
 * Fork.  The child returns: it has a session of its own, "/" as its directory,
 * /dev/null as its standard descriptors, and logs to syslog(3), and to the
 * standard error of before, too, until detach_done().  The parent waits and
 * exits: with 0 after detach_done(), otherwise with the status of the child,
 * which has said why.
 */
void	 detach_begin(const char *name, int verbose);

/* The daemon is at work.  Nothing without detach_begin(). */
void	 detach_done(void);

#endif /* DETACH_H */
