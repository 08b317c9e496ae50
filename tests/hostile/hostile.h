/*
 * hostile.h: processes of ours that an attacker has taken over, and what they
 * try then.  badworker and badopener share all of this.
 *
 * An operation is tried in a child of its own, which first takes the position
 * of the attacked process with some set of the layers of confinement, and then
 * makes the calls.  The runner, as root, looks at what they really did.
 */

#ifndef HOSTILE_H
#define HOSTILE_H

#include <sys/types.h>
#include <sys/un.h>

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/confine/feature.h"

/* The layers, one bit each; runner.c has their letters. */
#define LAYER_NNP	0x01	/* N: no_new_privs */
#define LAYER_SECCOMP	0x02	/* S */
#define LAYER_LANDLOCK	0x04	/* L */
#define LAYER_CLONE	0x08	/* C: roots are mount clones */
#define LAYER_NODUMP	0x10	/* D: the targets are not dumpable */
#define LAYER_USER	0x20	/* U: the targets have another uid */
#define LAYER_PRIVS	0x40	/* P: uid and capabilities are dropped */
#define LAYER_ROOT	0x80	/* R: the root directory is empty */
#define LAYER_SPACES	0x100	/* M: namespaces, an empty root */
#define LAYER_LIMIT	0x200	/* T: RLIMIT_NPROC is 0 */
#define LAYERS		10

/* Who the attacker is: one bit each. */
#define WHO_WORKER	0x01
#define WHO_READER	0x02	/* an opener whose role reads */
#define WHO_WRITER	0x04	/* ... whose role appends and creates, too */
#define WHO_PRIVATE	0x08	/* ... that a user started */
#define WHO_RESTORER	0x10	/* ... whose role restores */
#define WHO_CONNECTOR	0x20	/* connects for a worker */
#define WHO_EMBEDDED	0x40	/* an opener that a program started */
#define WHO_OPENER	(WHO_READER | WHO_WRITER | WHO_USERS)
/* Those that have a user's own rights. */
#define WHO_USERS	(WHO_PRIVATE | WHO_EMBEDDED)
/* Those that root started. */
#define WHO_ROOTED	(WHO_READER | WHO_WRITER | WHO_RESTORER)
#define WHO_ALL		(WHO_WORKER | WHO_OPENER)
/* For what needs no more than a socket. */
#define WHO_EVERYBODY	(WHO_ALL | WHO_CONNECTOR)

/* What a try comes to: 0 (done), an errno value, or one of these. */
#define RUN_VAIN	250	/* all calls succeeded, to no effect */
#define RUN_UNSET	251	/* the position could not be taken */
#define RUN_KILLED	252	/* by SIGSYS */
#define RUN_FAULT	253	/* by another signal */

/* The status of a program that cannot be run on this system. */
#define CANNOT		77

#define HANDLE_MAX	128

struct world {
	char			 dir[64];	/* of the scene */
	uid_t			 uid;		/* the attacker's */

	/* What the attacker holds; -1: nothing. */
	int			 root;		/* directory, for reading */
	int			 inbox, made;	/* for appending, creating */
	/* The directory of files that rules name, to read and to append. */
	int			 single, noted;
	int			 kept;		/* directory elsewhere */
	int			 open;		/* file that all may write */
	int			 own;		/* file of its own */
	int			 program, suid;	/* can be executed */
	int			 out;		/* its output */
	int			 append;	/* opened for appending */
	int			 sock;		/* its session */

	/* Whom it can try to reach. */
	pid_t			 opener, listener, daemon;
	int			 secret;	/* a descriptor of theirs */
	struct sockaddr_in	 tcp, udp;
	struct sockaddr_un	 local, mail, abstract;
	socklen_t		 abstract_len;
	/* Of a file beside the roots: what name_to_handle_at(2) says. */
	_Alignas(8) unsigned char handle[HANDLE_MAX];

	/* The runner's own. */
	int			 tcp_sock, udp_sock;
	int			 local_sock, mail_sock, abstract_sock;
	int			 fifo;
	int			 lock;		/* own, as the runner has it */
	int			 peer;		/* of sock */
	int			 moved[2];	/* who goes on for it */
};

#define OP_NEEDS	3

struct op {
	const char	*name;
	/* 0 if it worked, as far as the attacker can tell. */
	int		(*run)(const struct world *);
	/* Did it really?  `claimed' is what run() says.  NULL: it counts. */
	bool		(*check)(const struct world *, bool claimed);
	unsigned int	 who;		/* tries it */
	unsigned int	 granted;	/* may do it: no promise is broken */
	/* What its row takes for granted of the kernel; or FEATURE_NONE. */
	enum feature	 needs[OP_NEEDS];
};

struct stage {
	unsigned int	 who;		/* one bit */
	const char	*name;
	unsigned int	 layers;	/* that it has */
	unsigned int	 absent;	/* that this system cannot have */
	char		 why[FEATURE_WHY];	/* it cannot */
	/* In the runner, before tries with these layers, and after. */
	int		(*prepare)(struct world *, unsigned int layers);
	void		(*clear)(struct world *);
	/* In the child: take the position.  0, or -1 with errno. */
	int		(*enter)(struct world *, unsigned int layers);
};

/* scene.c */
int		 scene_make(struct world *, const char *dir);
/* Undo whatever a try did to the files. */
void		 scene_reset(const struct world *);
/* A path in the scene; the last two of them are valid. */
const char	*scene_path(const struct world *, const char *name);
/* openat2(2) without any restriction: a descriptor or -1. */
int		 scene_open(int dirfd, const char *name, uint64_t flags,
		    uint64_t mode);

/* The checks: true if the file is not as scene_reset() makes it. */
bool		 check_open(const struct world *, bool);	/* contents */
bool		 check_own(const struct world *, bool);		/* anything */
bool		 check_inbox(const struct world *, bool);
bool		 check_made(const struct world *, bool);
bool		 check_beside(const struct world *, bool);
bool		 check_file(const struct world *, bool);	/* is gone */
bool		 check_new(const struct world *, bool);		/* is there */
bool		 check_suid(const struct world *, bool);	/* root's */
bool		 check_suid_filled(const struct world *, bool);
bool		 check_locked(const struct world *, bool);
bool		 check_tcp(const struct world *, bool);
bool		 check_udp(const struct world *, bool);
bool		 check_local(const struct world *, bool);
bool		 check_mail(const struct world *, bool);
bool		 check_abstract(const struct world *, bool);

/* target.c: processes to be attacked. */
void		 targets_make(struct world *, uid_t uid, bool dumpable);
void		 targets_end(void);
bool		 check_opener_dead(const struct world *, bool);
bool		 check_listener_dead(const struct world *, bool);
bool		 check_daemon_dead(const struct world *, bool);
/* Start those again that a try ended. */
void		 targets_mend(struct world *);

/* What came of the operations of a stage, with some sets of layers. */
#define TABLE_OPS_MAX	192

struct table {
	const struct stage	*stage;
	const struct op		*ops[TABLE_OPS_MAX];
	size_t			 nops;
	uint8_t			 all[TABLE_OPS_MAX], none[TABLE_OPS_MAX];
	uint8_t			 alone[LAYERS][TABLE_OPS_MAX];
	uint8_t			 off[LAYERS][TABLE_OPS_MAX];
	/* To compare `alone' with: what that cannot do without. */
	uint8_t			 base[LAYERS][TABLE_OPS_MAX];
};

/* runner.c */
const char	*outcome_name(int);
/* Try everything that the stage has, or what is named in a list up to NULL. */
void		 table_make(struct table *, const struct stage *,
		    struct world *, char *const *names);
/*
 * Print it, for table.awk to read.  One line is the heading, one what an
 * attempt to start without no_new_privs comes to, and one each operation: what
 * comes of it with all layers, with none, and a mark for each layer.  Where
 * the kernel at hand cannot say, a "?" stands there, and at the end of the
 * line what the kernel lacks.
 */
void		 table_print(const struct table *, struct world *);
/*
 * Warn of what works and is not granted, or is and does not, on a kernel that
 * has what it needs; their number.
 */
int		 table_check(const struct table *, const struct world *);
/* Can it be entered with some layers? */
bool		 stage_can(const struct stage *, struct world *,
		    unsigned int set);

/* The operations; *n gets their number. */
const struct op	*ops_file(size_t *n);	/* through descriptors */
const struct op	*ops_path(size_t *n);	/* by names */
const struct op	*ops_write(size_t *n);	/* beneath roots for writing */
const struct op	*ops_restore(size_t *n);	/* what restoring adds */
const struct op	*ops_net(size_t *n);	/* sockets */
const struct op	*ops_proc(size_t *n);	/* other processes */
const struct op	*ops_sys(size_t *n);	/* the rest of the kernel */

/* 0, or what a call says is wrong. */
int		 result(long ret);

#endif /* HOSTILE_H */
