/*
 * link.h: the stream of bytes between fdbackup here and "fdbackup serve" on
 * another machine: frames, and the archive that some of them carry.
 *
 * A frame is a type, three bytes of zero, the length of what follows as 32
 * bits, most significant byte first, and that.  What arrives is not trusted.
 *
 *	HELLO	both, first: link_hello()
 *	REQUEST	the client: whether it wants LINK_WATCHED, and the words of
 *		the command, each with its NUL
 *	DATA	bytes of the archive, from whoever has it
 *	END	that was the whole archive
 *	RECORDS	the server: records of its worker, as in common/channel.h
 *	EXIT	the server, last: the exit status
 */

#ifndef LINK_H
#define LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_HEADER	8
#define LINK_MAX	262144		/* bytes in one frame */
#define LINK_DATA_MAX	65536		/* bytes of DATA in one frame */
#define LINK_HELLO_LEN	13
#define LINK_WATCHED	0x1		/* somebody watches the progress */

enum link_type {
	LINK_HELLO = 1,
	LINK_REQUEST,
	LINK_DATA,
	LINK_END,
	LINK_RECORDS,
	LINK_EXIT
};

/* What has failed. */
enum link_part { LINK_NOTHING, LINK_SOURCE, LINK_SINK };

struct link_frame {
	enum link_type	 type;
	const uint8_t	*data;		/* until the next link_next() */
	size_t		 len;
};

/* The descriptors are the caller's. */
struct link {
	int		 in, out;
	int		 source;	/* DATA is read from it, or -1 */
	int		 sink;		/* DATA is written to it, or -1 */
	size_t		 sink_max;	/* bytes that it takes at a time */
	bool		 takes;		/* DATA may come now */
	bool		 source_ended;	/* everything of it is in frames */
	bool		 sink_closed;	/* nobody wants more: DATA is lost */
	bool		 in_ended;	/* the other end is gone */
	bool		 out_ended;	/* it reads no more */
	enum link_part	 failed;
	size_t		 left;		/* of DATA that is to be written */
	size_t		 taken;		/* the frame returned last */
	size_t		 in_at, in_len, out_at, out_len;
	uint8_t		 in_buf[2 * (LINK_HEADER + LINK_MAX)];
	uint8_t		 out_buf[2 * (LINK_HEADER + LINK_MAX)];
};

#define LINK_POLLFDS	4

/*
 * in and out become non-blocking.  Signals do not interrupt what follows.  0,
 * or -1 with errno.
 */
int	 link_init(struct link *, int in, int out);

/* Say what is to be waited for, and do what poll(2) says is possible. */
void	 link_prepare(const struct link *, struct pollfd pfd[LINK_POLLFDS]);
/* 0, or -1 with errno: l->failed says what has failed. */
int	 link_work(struct link *, const struct pollfd pfd[LINK_POLLFDS]);

/* Is there room for a frame with a payload of this length? */
bool	 link_has_room(const struct link *, size_t len);
/* Send a frame, for which there is room. */
void	 link_put(struct link *, enum link_type, const void *, size_t len);
/* Is there nothing left to send? */
bool	 link_is_flushed(const struct link *);

/*
 * Take the next frame that is not DATA, once all DATA before it is written.  1;
 * 0: there is none yet; -1: the other end does not keep to the protocol.
 */
int	 link_next(struct link *, struct link_frame *);

/* Make the payload of HELLO, or check it: true if both ends can talk. */
void	 link_hello(uint8_t hello[LINK_HELLO_LEN]);
bool	 link_check_hello(const struct link_frame *);

#endif /* LINK_H */
