/*
 * confine.h: give up every right that a process of ours does not need.
 *
 * layers.c has the table of layers, confine.c puts them in place and describes
 * them, and one file per system says how: confine_linux.c (no_new_privs,
 * Landlock, seccomp), confine_openbsd.c (unveil, pledge), confine_freebsd.c
 * (Capsicum), confine_none.c.  A new kind of process gets a row in each, and
 * one in the tests of each.
 */

#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum confine_who {
	CONFINE_WORKER,		/* opens nothing */
	CONFINE_LISTENER,	/* opens nothing, receives at the rendezvous */
	CONFINE_OPENER,		/* opens for reading, beneath its roots */
	CONFINE_WRITER,		/* an opener that opens for writing, too */
	CONFINE_RESTORER,	/* a writer that makes and replaces, too */
	CONFINE_SETID_RESTORER,	/* one that sets set-user-ID bits, too */
	CONFINE_PRIVATE,	/* an opener without a daemon */
	CONFINE_PRIVATE_RESTORER, /* one that restores */
	CONFINE_PRIVATE_SETID,	/* one that sets set-user-ID bits, too */
	CONFINE_CONTROLLER,	/* fdbackup: has the user's rights */
	CONFINE_SUPERVISOR,	/* has root's, and starts openers */
	CONFINE_NAMES,		/* starts lookup processes */
	CONFINE_LOOKUP,		/* calls the modules of the name service */
	CONFINE_CONNECTOR	/* connects for a worker, see fdb_reconnect() */
};

#define CONFINE_NWHO	(CONFINE_CONNECTOR + 1)

/* A directory beneath which an opener may do something. */
struct confine_root {
	int		 fd;
	unsigned int	 may;	/* RIGHTS_* */
	const char	*path;	/* where systems confine by name */
};

/* unveil(2) looks names up: an empty root directory would hide them. */
#ifdef __OpenBSD__
#define CONFINE_BY_NAME	true
#else
#define CONFINE_BY_NAME	false
#endif

struct confine {
	enum confine_who		 who;
	const struct confine_root	*roots;
	size_t				 nroots;
	/* It is no error if a layer is missing. */
	bool				 optional;
	/*
	 * FDB_CONFINED_* of layers to leave out, for tests that show what the
	 * others stop.  No program sets it: lint.t sees to that.
	 */
	unsigned int			 omit;
	/* For a worker that is root: the user to become; 0: none. */
	uint32_t			 uid, gid;
	bool				 die;	/* when the parent does */
	/*
	 * Start the threads of the process, once all layers but the last are in
	 * place: they inherit those, and the last covers them.  0, or -1 with
	 * errno.  May be NULL.
	 */
	int				(*threads)(void *arg);
	void				*arg;	/* passed to threads */
};

/*
 * Put every layer in place that the system has, and try whether it holds.  One
 * that is in place and does not hold is an error even if it is optional
 * (EPERM).  *done gets the FDB_CONFINED_* bits of the layers in place.  0, or
 * -1 with errno when a layer fails that this kind must have (`has' in layers.h)
 * and that is not optional; *layer is then its name.
 */
int	 confine_enter(const struct confine *, unsigned int *done,
	    const char **layer);

/* The layers that a kind of process has on this system if none is missing. */
unsigned int confine_full(enum confine_who);

/* The layers that it has besides, if its user and the system allow them. */
unsigned int confine_extra(enum confine_who);

/* Log which layers a process of ours lacks, if any. */
void	 confine_warn(enum confine_who, unsigned int done);

/* "no_new_privs, landlock, seccomp" for a set of FDB_CONFINED_* bits. */
void	 confine_describe(unsigned int bits, char *buf, size_t size);

#endif /* CONFINE_H */
