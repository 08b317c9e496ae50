/*
 * client.h: a worker's end of a session, message by message, for tests of the
 * opener, which runs in the same process.
 */

#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fdmsg.h"
#include "base/proto.h"
#include "opener/serve.h"
#include "opener/state.h"
#include "policy/role.h"

struct client {
	struct state		 state;		/* the opener's */
	struct serve		 sv;
	int			 sock;		/* the worker's end */
	int			 conn;		/* the worker's connection */
	int			 conn_opener;	/* its other end */
	int			 sock_sent;	/* the worker's end, to send */
	int			 waits;		/* the opener waited for it */
	bool			 reads_late;	/* when it is waited for */

	/* The records for the audit. */
	struct event_record	 told;		/* the last */
	unsigned int		 ntold;
	bool			 deaf;		/* records cannot be sent */

	/* The request that is being made. */
	struct proto_header	 h;
	struct wire_out		 out;
	uint8_t			 outbuf[PROTO_MAX];

	/* The reply that is being read. */
	struct proto_header	 reply;
	struct wire_in		 in;
	struct fdmsg		 msg;
	size_t			 fds_taken;
	uint16_t		 left;
	unsigned int		 parts;
	uint8_t			 inbuf[PROTO_MAX];

	/* The head of a LIST_REPLY. */
	struct proto_status	 list;
	uint32_t		 token;
	bool			 eof;
};

/* One item of a reply. */
struct answer {
	struct proto_status	 status;
	struct fdb_stat		 st;
	char			 name[256];
	char			 link[PROTO_PATH_MAX];
	int			 fd;		/* -1, or the caller's */
};

/*
 * Make a role with rules for paths in the test's directory: "+a" permits to
 * read a, "-a" denies a; "+" and "-" are about the directory itself.  Patterns
 * that begin with "/" or "**" are used as they are.  Rule i is in line i + 1 of
 * test.conf.
 */
struct role	*client_role(const char *const *rules);

/* Openers take every directory for one that must be read to check names. */
extern bool	 client_trusts_nothing;

/* Begin a session with an opener of this role, which is taken over. */
void		 client_start(struct client *, struct role *, bool clone);
/* The same in steps; between them the state may be changed. */
void		 client_make(struct client *, struct role *, bool clone);
void		 client_attach(struct client *);
void		 client_end(struct client *);
/* Let the opener have threads, which are those of all tests of a program. */
void		 client_threads(struct client *);

/*
 * Make a request, item by item; send it; let the opener serve it.  An item of
 * an OPEN is for reading unless it is made for another access.
 */
void		 client_begin(struct client *, unsigned int type);
void		 client_item(struct client *, uint32_t base, const char *name);
void		 client_item_for(struct client *, uint32_t base,
		    const char *name, uint8_t access);
void		 client_token(struct client *, uint32_t token);
int		 client_call(struct client *);
/* Send the request, or any bytes, and let the opener serve nothing. */
void		 client_send(struct client *);
void		 client_send_raw(struct client *, const void *, size_t,
		    const int *fds, size_t nfds);

/* Get the next item of the reply, in all its parts.  False at the end. */
bool		 client_next(struct client *, struct answer *);

/* Ask for one item, and get its answer.  The error. */
int		 client_open(struct client *, uint32_t base, const char *name,
		    struct answer *);
/* The same with another access than FDB_READ. */
int		 client_access(struct client *, uint32_t base,
		    const char *name, uint8_t access, struct answer *);
int		 client_stat(struct client *, uint32_t base, const char *name,
		    struct answer *);
/* Begin to list, or go on (name ""); client_next() gets the entries. */
int		 client_list(struct client *, uint32_t base, const char *name);

/* A path in the test's directory without its leading "/". */
const char	*client_path(const char *name);

/* Check that the worker was told that the session ended, and this text. */
void		 client_expect_ended(struct client *, const char *text);

/* A role for a tree of two files, one of which it denies; made once. */
struct role	*client_small_role(void);

#endif /* CLIENT_H */
