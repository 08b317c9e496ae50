/*
 * relay.h: what two processes say to each other on the channel of a command:
 * frames, and the state of each stream of bytes that they carry.
 *
 * The near end has a descriptor to hand over, the far end runs the command.
 * The channel is a stream of bytes, which may lead to another machine.  What
 * arrives on it is not trusted: a frame that does not decode, or may not come
 * now, ends the relay.
 *
 * Nothing here makes a system call: client/pump.c moves the bytes.
 */

#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dgram.h"

#define RELAY_STREAMS	8	/* descriptors at a time, on one channel */
#define RELAY_HEADER	8	/* bytes */
#define RELAY_DATA_MAX	16384	/* bytes in one frame */
#define RELAY_WINDOW	65536	/* bytes that may be sent unacknowledged */
#define RELAY_VERSION	1

/* What the far end does with a descriptor. */
#define RELAY_READ	0x1
#define RELAY_WRITE	0x2
#define RELAY_LOCAL	0x4	/* it gets the descriptor by a hand-off */

/*
 * A frame is a header, of the type, the stream, two bytes of zero and the
 * length as 32 bits, most significant byte first, and the payload.
 */
enum relay_type {
	RELAY_HELLO = 1,	/* both ends, first: "FDBCMD", the version */
	RELAY_OPEN = 2,		/* near: what the far end will do, one byte */
	RELAY_ADDRESS = 3,	/* far: where it waits for the hand-off */
	RELAY_RESULT = 4,	/* far: what the command returned, an error */
	RELAY_DATA = 5,
	RELAY_ACK = 6,		/* this many bytes of DATA are delivered */
	RELAY_END = 7,		/* no more DATA; 0, or why it is incomplete */
	RELAY_STOP = 8		/* after END: 0; before: why DATA is unwanted */
};

struct relay_frame {
	enum relay_type	 type;
	unsigned int	 stream;
	uint32_t	 value;		/* ACK: bytes; OPEN: access */
	int		 error;		/* RESULT, END, STOP: 0 or an errno */
	const uint8_t	*data;		/* DATA, ADDRESS: in the input */
	size_t		 len;
};

enum relay_phase {
	RELAY_FREE,
	RELAY_OPENING,		/* until RESULT */
	RELAY_RUNNING
};

struct relay_stream {
	enum relay_phase phase;
	unsigned int	 access;
	bool		 sends, receives;	/* DATA, seen from here */
	bool		 addressed;		/* ADDRESS was put or came */
	/* DATA from here */
	uint32_t	 credit;	/* bytes that may still be sent */
	bool		 ended;		/* END is put, or owed */
	bool		 stopped;	/* STOP has come */
	/* DATA to here */
	uint8_t		*ring;		/* of RELAY_WINDOW bytes */
	size_t		 at, len;	/* what is not delivered yet */
	uint32_t	 allowed;	/* bytes that may still come */
	uint32_t	 ack;		/* bytes to acknowledge */
	bool		 in_ended;	/* END has come */
	int		 in_error;	/* with this error */
	bool		 unwanted;	/* STOP is put, or owed */
	/* frames that are owed */
	bool		 owes_open, owes_address, owes_result, owes_end;
	bool		 owes_stop;
	int		 result, end_error, stop_error;
	char		 address[DGRAM_PATH_MAX];
	int		 error;		/* the first that either end had */
};

struct relay {
	bool		 near;
	bool		 hello_put, greeted;
	struct relay_stream streams[RELAY_STREAMS];
	uint8_t		 in[RELAY_HEADER + RELAY_DATA_MAX];
	size_t		 in_len, taken;	/* taken: the frame returned last */
	uint8_t		 out[4 * (RELAY_HEADER + RELAY_DATA_MAX)];
	size_t		 out_at, out_len;
};

void	 relay_init(struct relay *, bool near);
void	 relay_clear(struct relay *);

/*
 * Where input goes: the address, and in *size the room there; then
 * relay_added() says how much was put there.
 */
uint8_t	*relay_space(struct relay *, size_t *size);
void	 relay_added(struct relay *, size_t n);

/*
 * Take the next frame of the input, checked, and done in the streams.  1 and *f
 * until the next call; 0: nothing is complete; -1 with errno: EPROTO (the other
 * end does not keep to the protocol), EPROTONOSUPPORT (it has another version),
 * ENOMEM.
 */
int	 relay_next(struct relay *, struct relay_frame *f);

/* The near end: begin a stream.  Its number, or -1: EAGAIN, all are in use. */
int	 relay_open(struct relay *, unsigned int access);

/* The near end: the result is not waited for any more. */
void	 relay_cancel(struct relay *, unsigned int stream);

/*
 * The far end: say where it waits, or what the command returned.  0, or -1:
 * ENOMEM.
 */
void	 relay_address(struct relay *, unsigned int stream, const char *path);
int	 relay_result(struct relay *, unsigned int stream, int error);

/* Bytes of DATA that the stream may send now; then send n of them. */
size_t	 relay_room(const struct relay *, unsigned int stream);
void	 relay_data(struct relay *, unsigned int stream, const void *,
	    size_t n);

/* No more DATA from here: all was sent (0), or the error that broke it off. */
void	 relay_end(struct relay *, unsigned int stream, int error);

/* What is to be delivered here, in one piece; then n bytes of it are. */
size_t	 relay_pending(const struct relay *, unsigned int stream,
	    const uint8_t **);
void	 relay_delivered(struct relay *, unsigned int stream, size_t n);

/* DATA is not wanted: it came to its end and is delivered (0), or an error. */
void	 relay_stop(struct relay *, unsigned int stream, int error);

/* Put the frames that are owed into the output, and free finished streams. */
void	 relay_fill(struct relay *);

/* The first error of a stream, or 0; it stays until the next relay_open(). */
int	 relay_error(const struct relay *, unsigned int stream);

#endif /* RELAY_H */
