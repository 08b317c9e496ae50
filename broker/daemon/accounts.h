/*
 * accounts.h: who users and groups are, as the names process says: ask it, and
 * remember its answers for a while.
 *
 * Nothing here waits.  A function either knows, or has asked and says so; the
 * owner is told when something was answered, and calls it again.  Each question
 * is answered in the end, if only by a failure.
 */

#ifndef ACCOUNTS_H
#define ACCOUNTS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/nameask.h"

/*
 * Answers that are remembered and questions without one; all groups in them.
 */
#define ACCOUNTS_MAX		512
#define ACCOUNTS_GIDS_MAX	(16 * NAMEASK_GROUPS_MAX)
/* Questions about uids without an answer; what else is asked needs a few. */
#define ACCOUNTS_UIDS_ASKED	(NAMEASK_OUTSTANDING * 3 / 4)
/* How long an answer is remembered; and a failure. */
#define ACCOUNTS_MS		10000
#define ACCOUNTS_FAILURE_MS	3000
/* Later than the names process answers: it is stuck. */
#define ACCOUNTS_STUCK_MS	(NAMEASK_MS + 2000)

struct event;
struct event_base;
struct spawned;

/* An answer, or a question. */
struct account {
	uint8_t		 kind;		/* enum nameask_kind; 0: free */
	uint32_t	 key;		/* the uid that is asked about */
	char		*name;		/* or the name */
	uint32_t	 id;		/* of the question; 0: answered */
	int64_t		 until;		/* clock_ms(): then it is forgotten */
	bool		 stale;		/* ask again: accounts_flush() */
	bool		 fresh;		/* the answer was not used yet */
	int		 error;		/* ENOENT, another errno, or 0 */
	uint32_t	 uid, gid;
	uint32_t	*gids;
	size_t		 ngids;
	char		*person, *home;		/* NULL: not asked for */
};

struct accounts {
	int		 channel;	/* -1: the names process is gone */
	pid_t		 pid;		/* -1: it has ended */
	uint32_t	 confined;	/* FDB_CONFINED_*, if it has started */
	bool		 started;
	struct event_base *base;
	struct event	*event, *timer;
	struct account	 table[ACCOUNTS_MAX];
	size_t		 ngids;		/* in all answers */
	size_t		 nasked, nuids;	/* without an answer; about uids */
	uint32_t	 last_id;
	uint64_t	 asked, remembered, failed;	/* since the start */
	/* Something was answered. */
	void		(*changed)(void *arg);
	/* The names process is at work; or is gone.  Each is called once. */
	void		(*ready)(void *arg);
	void		(*gone)(void *arg);
	void		*arg;
};

/* What is known. */
enum accounts_answer {
	ACCOUNTS_KNOWN,		/* the answer is filled in */
	ACCOUNTS_ASKED,		/* changed() will be called */
	ACCOUNTS_BUSY,		/* too much is asked; as ACCOUNTS_ASKED */
	ACCOUNTS_FAILED		/* errno says why; ENOENT: there is none */
};

void	 accounts_init(struct accounts *);

/*
 * Ask the names process over the channel, which is the module's from here on.
 * changed, ready, gone and arg are set.  0, or -1 with errno.
 */
int	 accounts_start(struct accounts *, struct event_base *,
	    const struct spawned *);

/* Close the channel, which ends the names process, and forget everything. */
void	 accounts_stop(struct accounts *);

/* The names process was reaped. */
void	 accounts_reaped(struct accounts *, int status);

/*
 * The groups of the user with a uid: its login group, and those of which it is
 * a member.  The list is valid until the next call of any of these functions.
 */
enum accounts_answer accounts_groups(struct accounts *, uint32_t uid,
	    uint32_t *gid, const uint32_t **gids, size_t *ngids);

/*
 * The name and the home directory of the user with a uid, as the name service
 * says: nobody has checked them.  They are valid as long.
 */
enum accounts_answer accounts_person(struct accounts *, uint32_t uid,
	    const char **name, const char **home);

/* A user or group by its name or, if there is none, by the number. */
enum accounts_answer accounts_user(struct accounts *, const char *name,
	    uint32_t *uid, uint32_t *gid);
enum accounts_answer accounts_group(struct accounts *, const char *name,
	    uint32_t *gid);

/*
 * The numbers of all users, or of all groups, as ranges: the first and last of
 * each.  Nobody has checked them.  They are valid as long.
 */
enum accounts_answer accounts_numbers(struct accounts *, bool groups,
	    const uint32_t **ends, size_t *nranges);

/*
 * Forget all answers.  What is being asked is asked again when the answer
 * comes, which may be as old as the others.
 */
void	 accounts_flush(struct accounts *);

#endif /* ACCOUNTS_H */
