/*
 * control.h: what fdbrokerctl(8) asks the daemon, and what it is told.
 *
 * One message is one request, and has one reply: a status and, for what is
 * large, a sealed memory file with records.  The socket is a sequenced-packet
 * one whose file's mode says who may connect.  The listener takes requests and
 * passes them on as fixed records; the supervisor answers.
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
	CONTROL_STATE = 1,	/* file: struct control_state */
	CONTROL_ROLE = 2,	/* file: role_decode(), with the peers */
	CONTROL_KILL = 3,	/* number: the session */
	CONTROL_RELOAD = 4,	/* text: what happened */
	CONTROL_LOG = 5,	/* number: 0 brief, 1 verbose */
	CONTROL_MONITOR = 6	/* lines follow, as MONITOR messages */
};

struct control_request {
	uint8_t		 command;
	uint32_t	 number;
	char		 role[FDB_ROLE_MAX + 1];	/* or "" */
};

struct control_reply {
	uint32_t	 error;		/* errno value, or 0 */
	uint64_t	 len;		/* of the file that comes with it */
	char		 text[PROTO_TEXT_MAX];
};

/* A session, as the supervisor knows it. */
struct control_session {
	uint32_t	 id, uid, gid;
	int32_t		 pid, opener;
	int64_t		 since;		/* seconds since the epoch */
	uint8_t		 started;
	uint32_t	 confined;	/* FDB_CONFINED_* of the opener */
	uint64_t	 refused;	/* requests, as its opener told */
	uint32_t	 tokens, bytes;	/* set aside for it */
	uint32_t	 opens;		/* a second, its share; 0: no limit */
	char		 role[FDB_ROLE_MAX + 1];
};

struct control_role {
	char		 name[FDB_ROLE_MAX + 1];
	char		 file[PROTO_PATH_MAX];
	uint32_t	 line, rules, peers, sessions, max_sessions;
	char		 as_user[64];	/* or "" */
	uint64_t	 limits[POLICY_LIMITS];
};

/* A process of the daemon itself. */
struct control_process {
	int32_t		 pid;
	uint32_t	 confined;	/* FDB_CONFINED_* */
};

/* The whole state, in one file, whole or not at all. */
struct control_state {
	uint64_t	 generation;
	int64_t		 now, since;	/* seconds since the epoch */
	uint32_t	 nofile, fit, max_sessions, max_per_uid;
	uint64_t	 limits[POLICY_LIMITS];	/* as configured */
	uint64_t	 admitted, refused, reloads, failed_reloads;
	uint64_t	 audit_written, audit_dropped, audit_failed, denied;
	uint8_t		 audit_mode;
	uint8_t		 confinement_required;
	struct control_process	 supervisor, listener;
	char		 rundir[DGRAM_PATH_MAX];
	char		 conf_file[PROTO_PATH_MAX];
	char		 audit_path[PROTO_PATH_MAX];	/* "": syslog(3) */

	struct control_session	*sessions;
	uint32_t		 nsessions;
	struct control_role	*roles;
	uint32_t		 nroles;
	struct audit_entry	*denials;	/* the oldest first */
	uint32_t		 ndenials;
};

/* Fails the wire_in for anything that is not a request. */
void	 control_put_request(struct wire_out *, const struct control_request *);
void	 control_get_request(struct wire_in *, struct control_request *);
void	 control_put_reply(struct wire_out *, const struct control_reply *);
void	 control_get_reply(struct wire_in *, struct control_reply *);

/* Bytes that control_put_state() needs at the most. */
size_t	 control_state_size(const struct control_state *);
void	 control_put_state(struct wire_out *, const struct control_state *);
/*
 * Decode a state; its arrays are freed with control_state_free().  0, or -1
 * with errno EPROTO or ENOMEM.
 */
int	 control_get_state(struct wire_in *, struct control_state *);
void	 control_state_free(struct control_state *);

#endif /* CONTROL_H */
