/*
 * notify.h: tell the service manager, if there is one, what the daemon does:
 * the protocol of sd_notify(3).
 */

#ifndef NOTIFY_H
#define NOTIFY_H

/*
 * Connect to the socket that NOTIFY_SOCKET in the environment names, and take
 * the variable away.  A failure is logged.  Without the variable, nothing
 * happens here, and in the functions below.
 */
void	 notify_open(void);

/*
 * The daemon is at work, reads its configuration anew, or ends.  status is a
 * line for people.  Never waits.
 */
void	 notify_ready(const char *status);
void	 notify_reloading(void);
void	 notify_stopping(void);

#endif /* NOTIFY_H */
