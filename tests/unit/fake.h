/*
 * fake.h: the other end of a session, for tests of the library: an opener
 * that answers as it is told, right or wrong.
 */

#ifndef FAKE_H
#define FAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "base/wire.h"
#include "client/fdbroker.h"

struct fake {
	struct fdb_session	*s;
	int			 sock;		/* the opener's end */
	int			 conn;		/* closed: the opener is dead */

	/* The request that came last. */
	struct proto_header	 h;
	struct wire_in		 in;
	uint8_t			 inbuf[PROTO_MAX];

	/* The reply that is being made; the descriptors are its own. */
	struct proto_header	 reply;
	struct wire_out		 out;
	int			 fds[FDMSG_MAXFD];
	uint8_t			 outbuf[PROTO_MAX];
};

/* What an opener says of itself, if nothing else is asked for. */
void	 fake_info(struct fdb_session_info *);

/* Send WELCOME on a connection; closes the worker's end of the session. */
void	 fake_welcome(int conn, const struct fdb_session_info *, int client);

/* Begin a session of a library and a fake opener; info may be NULL. */
void	 fake_attach(struct fake *, const struct fdb_session_info *);
/* The same with the kind of socket that a private opener has. */
void	 fake_attach_private(struct fake *);
/* End it on both sides, whatever is left of it. */
void	 fake_end(struct fake *);
/* Die without a word. */
void	 fake_die(struct fake *);

/* Receive the next request.  Its type, or 0 if there is none. */
unsigned int fake_request(struct fake *);
/* The same, and it must be of that type. */
void	 fake_expect(struct fake *, unsigned int type);

/* Begin the reply to the request that came last. */
void	 fake_reply(struct fake *, unsigned int type);
/* Put what is in front of a directory's entries. */
void	 fake_put_list(struct fake *, uint32_t error, uint32_t token, int eof);
/* Put one item; open takes the descriptor over. */
void	 fake_put_open(struct fake *, int fd);
void	 fake_put_stat(struct fake *, uint64_t size, const char *link);
void	 fake_put_entry(struct fake *, const char *name);
void	 fake_put_error(struct fake *, uint32_t error, enum fdb_reason,
	    const char *where);
/* Send it, with flags, and close its descriptors. */
void	 fake_send(struct fake *, uint32_t flags);

/* Receive one request and answer all of it: /dev/null, a size of 1. */
void	 fake_answer(struct fake *);

/* A descriptor of /dev/null. */
int	 fake_null(void);
/* Let the library ask for n items of a type, and receive that request. */
void	 fake_ask(struct fake *, unsigned int type, int n);
/* Begin the reply to an OPEN: so many items, so many descriptors. */
void	 fake_reply_open(struct fake *, int items, int fds);
/*
 * The library's next result, which must be of that kind, cookie and error;
 * its descriptor is closed.
 */
void	 fake_next(struct fake *, struct fdb_result *, enum fdb_kind,
	    uint64_t cookie, int error);
/*
 * There is none, now and from then on: fdb_next() gives the error first, and
 * the session says the text.
 */
void	 fake_over(struct fake *, int error, const char *text);

#endif /* FAKE_H */
