/*
 * pump.h: move bytes between the channel of a command, the streams of its
 * relay, and the descriptors at this end.
 */

#ifndef PUMP_H
#define PUMP_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/fdbroker.h"
#include "client/relay.h"

/* The channel both ways, a descriptor that wakes, and one for each stream. */
#define PUMP_POLLFDS	(3 + RELAY_STREAMS)

#define PUMP_HANDOFF_MS	30000	/* the near end must hand over by then */

/* Who waits for the result of a stream, at the near end. */
struct pump_wait {
	bool			 waiting;
	int			 result;	/* 0, or an errno value */
	char			 address[FDB_ADDRESS_MAX];	/* or "" */
};

/* What is at this end of a stream. */
struct pump_stream {
	int			 fd;		/* -1: nothing */
	bool			 is_sock;
	bool			 reset;		/* close(2) makes ECONNRESET */
	bool			 shut;		/* for writing */
	struct fdb_handoff	*handoff;	/* far end: is awaited */
	int64_t			 deadline;	/* of that */
	/* near end: */
	struct pump_wait	*wait;		/* until the result is there */
	bool			 abandoned;	/* nobody wants it any more */
};

struct pump {
	struct relay		 relay;
	int			 in, out;	/* may be one descriptor */
	bool			 in_is_sock, out_is_sock;
	int			 wake;		/* -1: none */
	fdb_command_take	 take;		/* far end */
	void			*arg;
	const sigset_t		*mask;		/* while take() runs */
	struct pump_stream	 streams[RELAY_STREAMS];
	bool			 eof;		/* the other end is gone */
	bool			 unread;	/* nobody reads the output */
	int			 error;		/* the first of any stream */
};

/* The channel becomes the pump's. */
void	 pump_init(struct pump *, bool near, int in, int out);

/* Close all that is left: what is under way is broken off. */
void	 pump_clear(struct pump *);

/*
 * The near end: begin a stream for a descriptor, or -1 for a hand-off, which
 * becomes the pump's on success.  The address and the result go to *w, which
 * lives until w->waiting is false or pump_abandon().  Its number, or -1:
 * EAGAIN.
 */
int	 pump_open(struct pump *, int fd, unsigned int access,
	    struct pump_wait *w);

/* The near end: nobody waits for the result of a stream any more. */
void	 pump_abandon(struct pump *, unsigned int stream);

/*
 * One round: prepare; poll(2) the descriptors of pfd, of which there are
 * PUMP_POLLFDS, as long as pump_timeout() says; handle what has come.
 * pump_handle() returns 0, or -1 with errno: the relay is over, EPIPE (the
 * other end is gone), EPROTO, EPROTONOSUPPORT, ENOMEM, or of read(2) and
 * write(2).
 */
void	 pump_prepare(struct pump *, struct pollfd *pfd);
int	 pump_timeout(const struct pump *);	/* -1: no limit */
int	 pump_handle(struct pump *, const struct pollfd *pfd);

/*
 * Are bytes of a stream under way?  Is any stream in use, or output left?  Is a
 * hand-off awaited?
 */
bool	 pump_relays(const struct pump *);
bool	 pump_is_busy(const struct pump *);
bool	 pump_awaits(const struct pump *);

#endif /* PUMP_H */
