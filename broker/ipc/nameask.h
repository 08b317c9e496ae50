/*
 * nameask.h: what the supervisor asks the names process about users and groups,
 * and the answers: records of fixed form, which both sides check.
 *
 * An answer with many groups comes in several messages, of which all but the
 * last say that more follow.  The names process passes questions and answers
 * on between the supervisor and its lookup processes in the same form.
 */

#ifndef NAMEASK_H
#define NAMEASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"

/* Bytes of a name, with its NUL. */
#define NAMEASK_NAME_MAX	256
/* Bytes of a home directory, likewise. */
#define NAMEASK_HOME_MAX	4096
/* Groups in one message, and in all messages of an answer (NGROUPS_MAX). */
#define NAMEASK_GIDS_MAX	8192
#define NAMEASK_GROUPS_MAX	65536
/* Questions of the supervisor without an answer. */
#define NAMEASK_OUTSTANDING	64
/* The names process answers after this time, whatever happens. */
#define NAMEASK_MS		5000
/* Bytes of the largest answer; a question is a MESSAGE_SHORT. */
#define NAMEASK_ANSWER_BYTES	(4 * NAMEASK_GIDS_MAX + NAMEASK_NAME_MAX + \
				    NAMEASK_HOME_MAX + 128)

enum nameask_kind {
	NAMEASK_GROUPS = 1,	/* of the user with a uid */
	NAMEASK_USER = 2,	/* the uid and gid of a name */
	NAMEASK_GROUP = 3,	/* the gid of a name */
	NAMEASK_PERSON = 4,	/* name and home of the user with a uid */
	NAMEASK_UIDS = 5,	/* the numbers of all users, as ranges */
	NAMEASK_GIDS = 6	/* the same of groups */
};

struct nameask {
	uint32_t	 id;		/* of the question and its answer */
	uint8_t		 kind;
	uint32_t	 uid;		/* for NAMEASK_GROUPS and _PERSON */
	char		 name[NAMEASK_NAME_MAX];	/* for the others */
};

struct nameanswer {
	uint32_t	 id;
	uint32_t	 error;		/* ENOENT, another errno, or 0 */
	uint32_t	 uid, gid;
	/* For NAMEASK_PERSON; else "". */
	char		 name[NAMEASK_NAME_MAX], home[NAMEASK_HOME_MAX];
	bool		 more;		/* another message follows */
	uint32_t	 gids[NAMEASK_GIDS_MAX];
	size_t		 ngids;
};

/* Is the question about a uid, or about a name?  Others are about all. */
bool	 nameask_is_of_uid(enum nameask_kind);
bool	 nameask_is_of_name(enum nameask_kind);
/* Has the answer a list, in gids?  Of ranges, each has two numbers in it. */
bool	 nameask_is_list(enum nameask_kind);
/* What is asked for, in a word or two for the log. */
const char *nameask_noun(enum nameask_kind);

/* An answer with this id, and nothing else. */
void	 nameask_answer_init(struct nameanswer *, uint32_t id);

void	 nameask_put(struct wire_out *, const struct nameask *);
/* Fails the wire_in for an unknown kind, or a name where none belongs. */
void	 nameask_get(struct wire_in *, struct nameask *);

/* Encode the answer, with these groups in place of its own. */
void	 nameask_put_answer(struct wire_out *, const struct nameanswer *,
	    const uint32_t *gids, size_t ngids);
/* Fails the wire_in for too many groups, or for groups of a failure. */
void	 nameask_get_answer(struct wire_in *, struct nameanswer *);

/*
 * Send a question, without waiting.  0, or -1 with errno: EAGAIN, or of
 * fdmsg_send().
 */
int	 nameask_send(int channel, const struct nameask *);

/* Send an answer, or one message of it; wait for room.  As below. */
int	 nameask_send_part(int channel, const struct nameanswer *);

/*
 * Send an answer with its groups, in as many messages as it takes; wait for
 * room where that is necessary.  a->more, a->gids and a->ngids are not used.
 * 0, or -1 with errno of fdmsg_send().
 */
int	 nameask_send_answer(int channel, const struct nameanswer *a,
	    const uint32_t *gids, size_t ngids);

#endif /* NAMEASK_H */
