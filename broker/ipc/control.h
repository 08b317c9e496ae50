/*
 * control.h: what fdbrokerctl(8) asks the daemon, and what the daemon answers.
 *
 * One message is one request and has one reply: a status, and a sealed memory
 * file if the answer is large.  The control socket is one of sequenced packets;
 * the mode of its file decides who may connect.  The listener checks requests
 * and passes them on as fixed records, and the supervisor answers them.
 *
 * Who vouches for what in CONTROL_ASK, which passes a request on:
 *
 *	connection	the kernel: it was accepted from the control socket, and
 *			this process connected
 *	client		the listener: the number to which the answer goes
 *	request		the listener.  One that was taken over can ask for
 *			anything, but only while somebody is connected who may
 */

#ifndef CONTROL_H
#define CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "base/dgram.h"
#include "base/fdbroker_types.h"
#include "base/proto.h"
#include "ipc/auditline.h"
#include "policy/tables.h"

#define CONTROL_SOCKET	"control.sock"

enum control_command {
	CONTROL_STATE = 1,	/* answer: a file, struct control_state */
	CONTROL_ROLE = 2,	/* answer: a file, the role with its peers */
	CONTROL_KILL = 3,	/* number: the session */
	/* number: 0 or CONTROL_RELOAD_DRY; answer: a text, a file of lines */
	CONTROL_RELOAD = 4,
	CONTROL_LOG = 5,	/* number: 0 for brief, 1 for verbose */
	CONTROL_MONITOR = 6,	/* MONITOR messages follow the answer */
	CONTROL_REOPEN = 7,	/* answer: a text, what happened */
	CONTROL_STOP = 8,	/* the daemon ends once it has answered */
	CONTROL_CONFIG = 9,	/* answer: a file, the configuration as text */
	CONTROL_LAST = CONTROL_CONFIG
};

/* Only say what a reload would change. */
#define CONTROL_RELOAD_DRY	1

struct control_request {
	uint8_t		 command;
	uint32_t	 number;
	char		 role[FDB_ROLE_MAX + 1];	/* or "" */
};

struct control_reply {
	uint32_t	 error;		/* errno value, or 0 */
	uint64_t	 len;		/* bytes in the file sent with it */
	char		 text[PROTO_TEXT_MAX];
};

/* A session, as the supervisor knows it. */
struct control_session {
	uint32_t	 id, uid, gid;
	int32_t		 pid, opener;
	int64_t		 since;		/* seconds since the epoch */
	uint8_t		 started;
	uint32_t	 confined;	/* FDB_CONFINED_* of the opener */
	uint64_t	 refused;	/* requests, as its opener reports */
	uint32_t	 tokens, bytes;	/* reserved for it */
	uint32_t	 opens;		/* its share per second; 0: no limit */
	char		 role[FDB_ROLE_MAX + 1];
};

struct control_role {
	char		 name[FDB_ROLE_MAX + 1];
	char		 file[PROTO_PATH_MAX];
	uint32_t	 line, rules, peers, sessions, max_sessions;
	char		 as_user[64];	/* or "" */
	uint64_t	 limits[POLICY_LIMITS];
};

/* A session that was refused. */
struct control_refusal {
	int64_t		 when;		/* the last time; since the epoch */
	uint64_t	 count;
	uint32_t	 uid;
	int32_t		 pid;
	uint32_t	 error;		/* errno value */
	char		 role[FDB_ROLE_MAX + 1];
	char		 why[PROTO_TEXT_MAX];
};

/* A process of the daemon itself. */
struct control_process {
	int32_t		 pid;
	uint32_t	 confined;	/* FDB_CONFINED_* */
};

/* The state of the daemon at one moment, which travels as one file. */
struct control_state {
	uint64_t	 generation;
	int64_t		 now, since;	/* seconds since the epoch */
	uint32_t	 nofile, fit, max_sessions, max_per_uid;
	uint64_t	 limits[POLICY_LIMITS];	/* as configured */
	uint64_t	 admitted, refused, reloads, failed_reloads;
	uint64_t	 audit_written, audit_dropped, audit_failed, denied;
	/* Of the name service: asked, remembered, without an answer. */
	uint64_t	 names_asked, names_remembered, names_failed;
	uint8_t		 audit_mode;
	uint8_t		 confinement_required;
	struct control_process	 supervisor, listener, names;
	char		 rundir[DGRAM_PATH_MAX];
	char		 conf_file[PROTO_PATH_MAX];
	char		 audit_path[PROTO_PATH_MAX];	/* "": syslog(3) */

	struct control_session	*sessions;
	uint32_t		 nsessions;
	struct control_role	*roles;
	uint32_t		 nroles;
	struct audit_entry	*denials;	/* the oldest first */
	uint32_t		 ndenials;
	struct control_refusal	*refusals;	/* the oldest first */
	uint32_t		 nrefusals;
};

void	 control_put_request(struct wire_out *, const struct control_request *);
/* Fails the wire_in for an unknown command, or a role where none belongs. */
void	 control_get_request(struct wire_in *, struct control_request *);
void	 control_put_reply(struct wire_out *, const struct control_reply *);
void	 control_get_reply(struct wire_in *, struct control_reply *);

/* The most bytes that control_put_state() writes for this state. */
size_t	 control_state_size(const struct control_state *);
void	 control_put_state(struct wire_out *, const struct control_state *);
/*
 * Decode a state; its arrays are freed with control_state_free().  0, or -1
 * with errno EPROTO or ENOMEM.
 */
int	 control_get_state(struct wire_in *, struct control_state *);
void	 control_state_free(struct control_state *);

#endif /* CONTROL_H */
