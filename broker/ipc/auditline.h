/*
 * auditline.h: one record of the audit, and its form as a line of JSON.  The
 * supervisor writes these lines to the audit, and fdbrokerctl(8) prints the
 * records that the supervisor remembers in the same form.
 */

#ifndef AUDITLINE_H
#define AUDITLINE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "ipc/event.h"

/* Room for a line, with NUL. */
#define AUDITLINE_MAX		4096
/* The most bytes in a MONITOR message, which carries one line. */
#define AUDITLINE_MESSAGE	(PROTO_HEADER + 2 + AUDITLINE_MAX)

/* Who asked: what the supervisor itself knows about the session. */
struct audit_subject {
	uint32_t	 session;
	uint32_t	 uid;
	pid_t		 pid;
	char		 role[FDB_ROLE_MAX + 1];
};

struct audit_entry {
	struct timespec		 when;
	struct audit_subject	 subject;
	struct event_record	 event;
};

/*
 * Write a record as a JSON object without a newline.  Its length, or 0 if it
 * does not fit.
 */
size_t	 auditline_format(char *buf, size_t size, const struct audit_entry *);

/* Write an object that says how many records were not written. */
size_t	 auditline_format_dropped(char *buf, size_t size,
	    const struct timespec *when, const struct audit_subject *,
	    uint64_t dropped);

/* What a session did, for the record of its end. */
#define AUDITLINE_RULES	8

struct audit_summary {
	bool			 counted;	/* the next two are known */
	uint64_t		 names, opened;
	uint64_t		 denied, refused, dropped;
	const char		*ended;		/* why, or NULL */
	/* The rules that denied most, and how often; the rest in others. */
	struct {
		char		 where[PROTO_TEXT_MAX];
		uint64_t	 n;
	} rules[AUDITLINE_RULES];
	size_t			 nrules;
	uint64_t		 others;
};

/* Write it as a JSON object.  Its length, or 0 if it does not fit. */
size_t	 auditline_format_summary(char *buf, size_t size,
	    const struct timespec *when, const struct audit_subject *,
	    const struct audit_summary *);

/*
 * What happens besides requests, for fdbrokerctl(8) monitor.  Write it as a
 * JSON object: its name, the session, unless subject is NULL, and why, unless
 * that is NULL.  Bytes of why that are not printable ASCII become "?".
 */
size_t	 auditline_format_event(char *buf, size_t size,
	    const char *event, const struct audit_subject *, const char *why);

/* The same for lines that a monitor has missed, without a time. */
size_t	 auditline_format_lost(char *buf, size_t size, uint64_t lines);

#endif /* AUDITLINE_H */
