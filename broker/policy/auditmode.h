/*
 * auditmode.h: which requests the audit records: the values that are kept and
 * sent, and the words of fdbroker.conf(5) for them.
 */

#ifndef AUDITMODE_H
#define AUDITMODE_H

/* The numbers are part of messages. */
enum audit_mode {
	AUDITMODE_NONE = 0,
	AUDITMODE_DENIED = 1,	/* those that were not permitted */
	AUDITMODE_ALL = 2,
	AUDITMODE_LOSSLESS = 3	/* all; a session waits, and none is dropped */
};

/* "none", "denied", "all" or "all lossless"; "unknown" for another number. */
const char *auditmode_name(unsigned int mode);

/* The mode for a word.  0, or -1: it is no such word. */
int	 auditmode_from_name(const char *name, enum audit_mode *);

#endif /* AUDITMODE_H */
