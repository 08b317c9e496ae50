/*
 * session.h: a session as the library keeps it.  session.c begins and ends
 * it, batch.c sends requests, reply.c takes their results.
 */

#ifndef SESSION_H
#define SESSION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/wire.h"
#include "client/fdbroker.h"

#define SESSION_WINDOW_MAX	64	/* requests; proto_get_info() checks */

/* A request that was sent, or is being put together. */
struct request {
	uint32_t	 id;
	uint16_t	 type;
	uint16_t	 items;
	uint16_t	 answered;
	/*
	 * Not sent yet: the next part of this directory.  It has its place
	 * in the window from the start, since it is asked for when a part
	 * was taken, whether the socket takes it or not.
	 */
	uint32_t	 more_token;
	uint64_t	 cookies[FDB_BATCH_MAX];
};

/* One item of a reply, decoded. */
struct reply_item {
	struct proto_status	 status;
	struct fdb_stat		 st;
	char			 name[NAME_MAX + 1];
	char			 link[PROTO_PATH_MAX];
};

struct fdb_session {
	int			 sock;		/* connected to the opener */
	int			 peer_alive;	/* EOF: the opener is gone */
	int			 self_alive;	/* ours, for it to watch */
	int			 dead;		/* errno, once it has ended */
	struct fdb_session_info	 info;
	char			 error[FDB_WHY_MAX];

	/* Requests outstanding, oldest first, in a ring of info.window. */
	struct request		*ring;
	size_t			 first, sent;
	size_t			 parts;		/* the last, not sent yet */
	uint32_t		 next_id;

	/* The request that is being put together; items 0: none. */
	struct request		 build;
	struct wire_out		 out;
	uint8_t			 outbuf[PROTO_MAX];
	bool			 blocked;	/* the socket took no more */

	uint32_t		 forget[FDB_BATCH_MAX];
	uint16_t		 nforget;

	/* The reply whose items are being taken. */
	struct proto_header	 head;
	struct wire_in		 in;
	struct fdmsg		 msg;
	uint8_t			 inbuf[PROTO_MAX];
	uint16_t		 items_left;
	size_t			 fds_taken;
	bool			 have_reply;
	bool			 list_eof;
	uint32_t		 list_token;
	struct proto_status	 list_status;

	/* A request whose descriptors were lost: all its items fail. */
	bool			 lost;
	bool			 skip_lost;	/* rest of its reply follows */
	uint32_t		 lost_id;

	struct reply_item	 item;		/* backs a result's strings */
};

/* Note why the session ended, once, and close its descriptors' use. */
void	 session_end(struct fdb_session *, int error, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* The oldest request outstanding, or NULL. */
struct request	*session_oldest(struct fdb_session *);

/* Room for one more in the ring, which is not full. */
struct request	*session_push(struct fdb_session *);

/* True if the opener is dead; what it had sent may still be there. */
bool	 session_peer_is_gone(const struct fdb_session *);

#endif /* SESSION_H */
