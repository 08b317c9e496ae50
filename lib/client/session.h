/*
 * session.h: a session as the library keeps it.
 *
 * Each file uses those above it in this list only: ring.c, walks.c and
 * watched.c keep the requests outstanding, session.c begins and ends the
 * session, send.c sends messages, walk.c and watch.c do what concerns walks and
 * watches, batch.c sends other requests, change.c asks for changes, reply.c
 * receives replies, next.c hands out results, blocking.c asks for one thing and
 * waits for it, realpath.c resolves links.
 */

#ifndef SESSION_H
#define SESSION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/changewire.h"
#include "base/fdmsg.h"
#include "base/message.h"
#include "base/proto.h"
#include "base/walkwire.h"
#include "base/wire.h"
#include "client/fdbroker.h"
#include "client/ring.h"
#include "client/walks.h"

/*
 * The reply that answers a request, its result, and what each of its items
 * carries besides a status.  Only LIST has other results, too: its entries.
 */
struct reply_kind {
	uint16_t	 request, reply;
	enum fdb_kind	 result;
	bool		 st, link, fd;
};

/* One item of a reply, decoded. */
struct reply_item {
	struct proto_status	 status;
	struct fdb_stat		 st;
	char			 name[NAME_MAX + 1];
	char			 link[PROTO_PATH_MAX];
	struct changewire_result change;	/* of CHANGED */
};

struct fdb_session {
	int			 sock;		/* connected to the opener */
	int			 conn;		/* ends with the opener */
	int			 dead;		/* errno, once it has ended */
	struct fdb_session_info	 info;
	char			 error[FDB_WHY_MAX];
	const char		*text;	/* error, or why a call failed */
	struct fdb_refusal	 refusal;	/* of the last blocking call */

	struct ring		 ring;		/* of info.window requests */
	uint32_t		 next_id;

	/* The batch that is being collected; items 0: none. */
	struct request		 build;
	struct message		 out;
	uint8_t			 outbuf[PROTO_MAX];
	bool			 blocked;	/* the socket took no more */

	struct walks		 walks;		/* beside the ring */
	struct walkwire_record	 record;	/* backs a result of a walk */

	struct watched		*watches;	/* see watch.h */
	struct watched		*watch_taken;	/* ended: backs a result */

	uint32_t		 forget[FDB_BATCH_MAX];
	uint16_t		 nforget;

	/* The reply whose items are being taken. */
	struct proto_header	 head;
	const struct reply_kind	*kind;
	struct wire_in		 in;
	struct fdmsg		 msg;
	uint8_t			 inbuf[PROTO_MAX];
	uint32_t		 reply_len;
	uint16_t		 items_left;
	size_t			 fds_taken;
	bool			 fds_lost;	/* on the way */
	bool			 have_reply;
	bool			 list_eof;
	uint32_t		 list_token;
	struct proto_status	 list_status;

	/* A request whose descriptors were lost: all its items fail. */
	bool			 lost;
	bool			 skip_lost;	/* rest of its reply follows */
	uint32_t		 lost_id;
	enum fdb_kind		 lost_kind;

	struct reply_item	 item;		/* backs a result's strings */
};

/*
 * End the session: note the error and the reason, the first ones only, and drop
 * the reply at hand with its descriptors.
 */
void	 session_end(struct fdb_session *, int error, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/*
 * A call fails with this errno, for this reason, which is a literal: -1.  The
 * reason for a session's end stays.
 */
int	 session_fail(struct fdb_session *, int error, const char *text);

/*
 * Connect to a broker and ask for a role.  The connection, or -1 with errno and
 * why as fdb_connect().
 */
int	 session_dial(const char *path, const char *role, int timeout_ms,
	    char *why);

/*
 * Begin a session on a connection on which a broker was asked for a role.  The
 * descriptor is taken over.  As fdb_connect().
 */
int	 session_begin(struct fdb_session **, int conn, const char *role,
	    const char *who, int64_t deadline, char *why);

/* True if the opener is dead; messages of it may still be queued. */
bool	 session_peer_is_gone(const struct fdb_session *);

#endif /* SESSION_H */
