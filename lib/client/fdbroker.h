/*
 * fdbroker.h: the public interface of libfdbroker.
 *
 * A program that may open nothing asks a broker for files by name and receives
 * descriptors.  A session is one connected pair of datagram sockets; requests
 * on it are batched and pipelined, and their results come in the order of the
 * requests.
 *
 * A session is used by one thread at a time; different threads may use
 * different sessions.  No event loop is needed: poll the descriptors of
 * fdb_session_pollfds() and call fdb_next().
 */

#ifndef FDBROKER_H
#define FDBROKER_H

#include <sys/types.h>

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "fdbroker_types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum fdb_kind {
	FDB_RESULT_OPEN = 1,		/* fd, st */
	FDB_RESULT_STAT = 2,		/* st, link */
	FDB_RESULT_ENTRY = 3,		/* name, st, link: of a directory */
	FDB_RESULT_LIST = 4,		/* token: the end of a directory */
	/* of a walk, see fdb_walk() */
	FDB_RESULT_WALK_ENTRY = 5,	/* name, st, link, fd, flags, xattrs */
	FDB_RESULT_WALK_XATTR = 6,	/* name, value, length */
	FDB_RESULT_WALK_LEAVE = 7,	/* st, hidden: the end of a directory */
	FDB_RESULT_WALK_SKIPPED = 8,	/* name, skip, st */
	FDB_RESULT_WALK = 9,		/* the end of the walk */
	/* of changes, see fdb_create_at() */
	FDB_RESULT_CREATE = 10,		/* fd, st, pending */
	FDB_RESULT_COMMIT = 11,		/* refused */
	FDB_RESULT_ABANDON = 12,
	FDB_RESULT_MKDIR = 13,		/* token, made */
	FDB_RESULT_SYMLINK = 14,	/* refused, made */
	FDB_RESULT_LINK = 15,
	FDB_RESULT_MKNOD = 16,		/* refused, made */
	FDB_RESULT_SETMETA = 17,	/* refused */
	FDB_RESULT_REMOVE = 18,
	FDB_RESULT_PRESET = 19,		/* refused */
	/* of a watch, see fdb_watch() */
	FDB_RESULT_WATCHED = 20,	/* name, fd, st */
	FDB_RESULT_WATCH = 21,		/* the end of the watch */
	FDB_RESULT_LIMIT = 22		/* of fdb_limit(), which takes it */
};

/*
 * One result.  The strings belong to the session and live until the next
 * fdb_next() on it; the descriptor belongs to the caller.
 */
struct fdb_result {
	enum fdb_kind	 kind;
	uint64_t	 cookie;	/* as given with the request */
	int		 error;		/* 0, or an errno value */
	enum fdb_reason	 reason;	/* who refused, when error != 0 */
	int		 fd;		/* -1, or the caller's to close */
	uint32_t	 token;		/* LIST, MKDIR: names the directory */
	struct fdb_stat	 st;
	const char	*name;		/* ENTRY: one component */
	const char	*link;		/* target of a symbolic link, or "" */
	const char	*where;		/* the rule that refused, or "" */
	uint32_t	 id;		/* of the denial; or 0 */
	uint32_t	 pending;	/* CREATE: names the unfinished file */
	unsigned int	 refused;	/* FDB_META_* that could not be set */
	int		 made;		/* it was made, even if error is set */
	/* The rest is of a walk, and 0 otherwise. */
	unsigned int	 flags;		/* ENTRY: FDB_ENTRY_* */
	enum fdb_skip	 skip;		/* SKIPPED: why */
	unsigned int	 xattrs;	/* ENTRY: this many XATTR follow */
	const void	*value;		/* XATTR: of `length' bytes */
	size_t		 length;
	uint64_t	 hidden;	/* LEAVE: names that policy denies */
};

struct fdb_session;

/*
 * Ask the broker whose rendezvous socket is at path (and its socket for peers
 * at path with ".peers" appended) for a session in a role.
 * Waits timeout_ms milliseconds at most (-1: for ever).  0, or -1 with errno:
 * ECONNREFUSED or ENOENT (no broker there), EACCES (the broker refused),
 * ETIMEDOUT, ECONNRESET (the broker closed the connection), EPROTO (not a
 * broker), EPROTOTYPE (a broker of another version), EPERM (a broker that is
 * neither root's nor the caller's), ENAMETOOLONG, or of socket(2).  why, when
 * not NULL, has room for FDB_WHY_MAX bytes and gets the reason as a sentence:
 * it names the socket, or says why the broker refused.
 */
int	 fdb_connect(struct fdb_session **, const char *path,
	    const char *role, int timeout_ms, char *why);

/*
 * Begin a session on a connection to an opener, for a program that has started
 * a private one: a sequenced-packet socket, on which the opener welcomes.  The
 * descriptor becomes the session's; after a failure it is closed.  Errors as
 * fdb_connect().
 */
int	 fdb_attach(struct fdb_session **, int sock, int timeout_ms, char *why);

/*
 * Begin a session with an opener of one's own, without a daemon, before this
 * process gives up its rights: a program that is executed, and has the user and
 * the rights of the caller, confined to what the policy names.  It ends with
 * the session.
 *
 * The policy is what stands in a role of fdbroker.conf(5): permit (not of
 * operations that restore), deny, option and limit.  Or the path of a file,
 * which begins with "/", that has these lines.  At most FDB_POLICY_MAX bytes.
 * Errors as fdb_connect(), also EINVAL: the policy is wrong, and why names the
 * line.
 */
#define FDB_POLICY_MAX	57344
int	 fdb_private(struct fdb_session **, const char *policy, int timeout_ms,
	    char *why);

/*
 * Narrow the policy of a session, of a daemon's role or a private one, until it
 * ends: from the next request on, these rules must permit, too.  The policy
 * consists of permit and deny; what it does not permit, it denies.  Options,
 * limits, modes, and the owner of what is made stay those of the role; `owner'
 * in a rule narrows whom the client can choose as an owner.
 *
 * 0, or -1 with errno: EINVAL (fdb_session_error() names the line), E2BIG (more
 * than eight times, or FDB_POLICY_MAX bytes), EBUSY (requests are outstanding),
 * ENOENT (`owner by-name', and the machine's accounts could not be listed),
 * EOPNOTSUPP (the opener could not tell spellings of names apart), EPIPE.
 */
int	 fdb_limit(struct fdb_session *, const char *policy);

/*
 * Prepare to begin sessions anew in a process that will be confined, and then
 * can make no sockets: after the daemon was started again, the session was
 * killed, or its role was changed.  Makes a process, which is confined, too,
 * and connects to this broker for this role when it is told to.  Call it before
 * fdb_confine(), before threads are started, and as the user who has the role.
 * 0, or -1 with errno: EINVAL (the role), ENOMEM, or of fork(2); ECONNRESET
 * (the process could not be confined).
 */
struct fdb_reconnect;
int	 fdb_reconnect_prepare(struct fdb_reconnect **, const char *path,
	    const char *role);

/*
 * Begin another session; the old one has ended, or goes on.  As fdb_connect();
 * ECONNRESET: the process that connects is gone; EMFILE: this process has no
 * room for the connection.  Nothing that the old session had comes back:
 * tokens, watches, narrower policies.
 */
int	 fdb_reconnect(struct fdb_reconnect *, struct fdb_session **,
	    int timeout_ms, char *why);

/* End the process.  NULL is ignored. */
void	 fdb_reconnect_end(struct fdb_reconnect *);

/* End the session, close what it holds, free it.  NULL is ignored. */
void	 fdb_disconnect(struct fdb_session *);

/*
 * What to poll for before the next fdb_next(): fills fds[0] and fds[1] with
 * descriptors, which stay the session's, and events.  There are two: a
 * datagram socket does not report that its peer is gone, the connection does.
 */
#define FDB_POLLFDS		2
void	 fdb_session_pollfds(const struct fdb_session *,
	    struct pollfd fds[FDB_POLLFDS]);

const struct fdb_session_info *fdb_session_info(const struct fdb_session *);

/*
 * Why the session ended, or why the last call on it that failed did, as a
 * sentence; "" if nothing has failed.  Belongs to the session, and lives until
 * the next call.
 */
const char *fdb_session_error(const struct fdb_session *);

/*
 * Who refused the last fdb_open(), fdb_lstat(), fdb_stat() or fdb_realpath():
 * NULL if it succeeded, or if it failed on this side.  Belongs to the session,
 * and lives until the next call.
 */
struct fdb_refusal {
	int		 error;		/* an errno value */
	enum fdb_reason	 reason;
	uint32_t	 id;		/* for fdbrokerctl explain; or 0 */
	char		 where[FDB_WHY_MAX];	/* the rule, or "" */
};
const struct fdb_refusal *fdb_session_refusal(const struct fdb_session *);

/*
 * Queue a request.  base is FDB_TOKEN_ROOT, for a path from "/", or a token
 * that a LIST returned, for a name beneath that directory.  Names are clean
 * relative paths: no empty component, no "." or "..", no "/" at either end;
 * with FDB_TOKEN_ROOT a single leading "/" is allowed, and "/" itself names
 * the top.  cookie comes back in the result.
 *
 * 0, or -1 with errno: EAGAIN (the window is full: call fdb_next() and ask
 * again), ENAMETOOLONG, EINVAL (a name that no broker would take), EPIPE (the
 * session has ended, see fdb_session_error()).
 */
int	 fdb_open_at(struct fdb_session *, uint32_t base, const char *name,
	    unsigned int access, uint64_t cookie);
int	 fdb_stat_at(struct fdb_session *, uint32_t base, const char *name,
	    uint64_t cookie);

/*
 * List a directory.  Its entries come as FDB_RESULT_ENTRY, without "." and
 * "..", in no order, and one FDB_RESULT_LIST ends them: with the token that
 * names the directory from then on, or with an error, which may also come
 * after some entries.  The token is 0 when error is set.  A large directory
 * comes in parts, and results of what was asked for after it come between
 * them.
 */
int	 fdb_list_at(struct fdb_session *, uint32_t base, const char *name,
	    uint64_t cookie);

/*
 * What to walk, and how.  All zeros but the name: everything beneath it that
 * the policy permits.
 */
struct fdb_walk {
	uint32_t	 base;		/* FDB_TOKEN_ROOT, or a token */
	const char	*name;		/* of a directory, or of any object */
	unsigned int	 flags;		/* FDB_WALK_* */

	/* With FDB_WALK_SINCE: seconds and nanoseconds since the epoch. */
	int64_t		 since;
	uint32_t	 since_nsec;

	/*
	 * What to leave out: patterns with the wildcards of fdbroker.conf(5).
	 * A pattern with a leading "/" is compared with the path that begins
	 * at the start of the walk; one without matches at any depth, as if it
	 * began with "**" and a slash.  A trailing "/" restricts a pattern to
	 * directories.  What is beneath an excluded directory is left out, too.
	 */
	const char *const *exclude;
	size_t		 nexclude;

	/*
	 * The contents of a directory that has an entry with one of these
	 * names, single components, are left out, except for that entry.
	 */
	const char *const *if_present;
	size_t		 nif_present;

	/*
	 * How far the broker may be ahead of the caller: bytes of messages, at
	 * least 65536, and descriptors.  0: 1 MiB, 512 descriptors.
	 */
	uint32_t	 bytes;
	uint32_t	 fds;
};

/*
 * Walk a tree: the broker sends, without being asked for each, what lies at and
 * beneath a name and what the policy permits, with an open descriptor of each
 * regular file.  base and name are as in fdb_list_at(); keep the token until
 * the first result.  Symbolic links are described, not followed, also in a role
 * with option follow.  FIFOs, sockets and devices are never opened.
 *
 * The results, all with the cookie, come depth first:
 *
 * FDB_RESULT_WALK_ENTRY  An object: name is one component, "" for the start of
 *	the walk; st, with st.attributes; link.  flags tells more.  fd is open
 *	for reading if it is not -1 (FDB_ENTRY_FD), and the caller's to close.
 *	A regular file has no descriptor with FDB_WALK_NO_OPEN, if it is
 *	FDB_ENTRY_UNCHANGED, or if error is set: it could not be opened.  If
 *	error is set, st is all zeros (st.mode is 0) when not even that could be
 *	found out.  xattrs is the number of FDB_RESULT_WALK_XATTR that follow at
 *	once; an unchanged file has none.  After FDB_ENTRY_ENTERED come the
 *	objects in this directory, and its FDB_RESULT_WALK_LEAVE.  A directory
 *	without FDB_ENTRY_ENTERED has an error.
 * FDB_RESULT_WALK_XATTR  An extended attribute of the entry before: its name,
 *	and the whole value, at `value' and with `length' bytes.  Or an error:
 *	the value could not be read; with name "", the names could not.
 * FDB_RESULT_WALK_LEAVE  The end of the directory that was entered last.  st
 *	describes it once more: other times than in its entry show that it
 *	changed meanwhile.  error is set if it was not read to its end.  hidden
 *	counts the names in it that the policy denies.
 * FDB_RESULT_WALK_SKIPPED  An object that was left out, for the reason in
 *	skip.  st describes a mount point (FDB_SKIP_ONE_FS, FDB_SKIP_PSEUDO),
 *	and is all zeros otherwise.  name "" with FDB_SKIP_TAGGED: the rest of
 *	the directory that was entered last, except for its tag, which came as
 *	an entry before if it is no directory.
 * FDB_RESULT_WALK  The end of the walk.  error is set if it could not begin, or
 *	was broken off; ECANCELED after fdb_walk_cancel().
 *
 * Each entry has been looked up once.  Objects that vanish during the walk are
 * left out.  In a directory, what is no directory comes before what is in
 * subdirectories, but very large directories are read in parts, each of which
 * has this order.
 *
 * With FDB_WALK_SINCE, a file is opened if its time of modification or of
 * status change is not before `since'.  With FDB_WALK_CACHEDIR, a directory
 * with a valid CACHEDIR.TAG is treated as one that has a name of if_present.
 * With FDB_WALK_ONE_FS, mount points are skipped.  Without FDB_WALK_PSEUDO,
 * pseudo file systems (proc, sysfs, cgroup, and so on) are skipped when the
 * walk comes to them from another file system.
 *
 * The broker is ahead of the caller by the credit in bytes and fds at most; as
 * results are taken, the library grants more.  A caller that takes no results
 * stops the walk, and only that.  Results of other requests may come between
 * those of a walk; several walks are done one after the other.
 *
 * 0, or -1 with errno as above; also EINVAL (flags, a time, a credit, or a text
 * that no broker would take), E2BIG (more than 16384 patterns, 32 names, or
 * FDB_WALK_PATTERNS_MAX bytes).  What *options points to is copied.  A pattern
 * that the broker cannot use ends the walk with EINVAL and FDB_REASON_NAME.
 */
int	 fdb_walk(struct fdb_session *, const struct fdb_walk *options,
	    uint64_t cookie);

/*
 * Break off the walks that have the cookie.  Results that are on their way
 * still come, and FDB_RESULT_WALK.  0, or -1 with errno: ENOENT (no such walk),
 * EPIPE.
 */
int	 fdb_walk_cancel(struct fdb_session *, uint64_t cookie);

/*
 * Watch a name: the broker sends a descriptor of the file that stands there,
 * and another one whenever another file stands there: renamed over it, made
 * anew, or where a link leads to by then, in a role with option follow.  path
 * is absolute; access is as in fdb_open_at(), without FDB_CREATE,
 * FDB_EXCLUSIVE and FDB_TRUNCATE.  The policy is asked each time.
 *
 * The results, all with the cookie and with the path, without its "/", as name:
 *
 * FDB_RESULT_WATCHED  What stands there now: fd, the caller's to close, and st;
 *	or an error: nothing stands there (ENOENT), or it cannot be opened, for
 *	the reason in `reason' and `where'.  The first one comes at once.  An
 *	error comes once, and the watch goes on.  EMFILE with FDB_REASON_LIMIT:
 *	this process has too many descriptors and lost one; watch anew.
 * FDB_RESULT_WATCH  The end of the watch: ECANCELED after fdb_watch_cancel(),
 *	or why it could not begin: EMFILE (the session holds as many tokens,
 *	pending files and watches together as it may).
 *
 * A file that is written to or truncated is the same file.  With
 * FDB_WATCH_WRITTEN in flags, its descriptor is also sent anew when it was
 * closed by a writer, or is found to have another size or time of modification.
 *
 * Several changes in a short time are one.  The next result of a watch is not
 * sent before the last was taken, so a caller that takes none stops its watches
 * and nothing else.  Results may come between those of other requests, but
 * never from fdb_open() and fdb_lstat(), which leave them to fdb_next().
 * fdb_outstanding() does not count watches; fdb_wait() waits for them.
 *
 * 0, or -1 with errno as fdb_open_at(); also EINVAL (access or flags), EMFILE
 * (FDB_WATCH_MAX watches).
 */
int	 fdb_watch(struct fdb_session *, const char *path, unsigned int access,
	    unsigned int flags, uint64_t cookie);

/*
 * End the watches that have the cookie.  A result that is on its way may still
 * come, and FDB_RESULT_WATCH comes.  0, or -1 with errno: ENOENT (no such
 * watch), EPIPE.
 */
int	 fdb_watch_cancel(struct fdb_session *, uint64_t cookie);

/*
 * Metadata to give to an object: what `set' names, one bit FDB_META_* each; the
 * rest is not looked at.  Times are seconds and nanoseconds since the epoch.
 * mode is 07777 at the most.  xattrs are nxattrs extended attributes, ACLs
 * among them (system.posix_acl_access); what they point to is copied.  The
 * broker sets the owner first, then mode, attributes, and times.
 */
struct fdb_meta {
	unsigned int	 set;
	uint32_t	 mode;
	uint32_t	 uid, gid;
	int64_t		 mtime, atime;
	uint32_t	 mtime_nsec, atime_nsec;
	const struct fdb_xattr *xattrs;
	size_t		 nxattrs;	/* FDB_XATTRS_MAX at most */
};

/*
 * Changes: make, fill, replace and remove objects, in a role that permits it.
 *
 * base and name are as in fdb_open_at(), and a name may have several
 * components; each directory on the way must exist and be no link.  Nothing
 * follows a link, and nothing that exists is written to or truncated: a file
 * gets its name when it is complete.  All kinds of changes share one batch and
 * are carried out in the order in which they were queued.  So a change may
 * rely on one that was queued before it, without waiting for its result: make
 * a directory, and by its path a file in it.
 *
 * 0, or -1 with errno as fdb_open_at(); also EINVAL (a flag, a mode, a time or
 * an attribute's name that no broker would take), E2BIG (more attributes than
 * one message holds: info->bytes, less the names).  Nothing was queued then.
 *
 * The errors in results, beside those of the system calls:
 *
 *	EACCES	FDB_REASON_POLICY: a rule denies it; `where' names the rule.  If
 *		`refused' is not 0, it denies only this metadata, and nothing
 *		was changed: ask again without it.
 *	EEXIST	something is there and was left as it is: with FDB_OVER_REFUSE,
 *		or with FDB_OVER_NEWER because it is not older
 *	EISDIR	a directory is there: only fdb_remove_at() removes it
 *	ENOTDIR, ELOOP	a component on the way is no directory, or a link
 *	ESTALE	the directory of the token is no longer at its path
 *	EMFILE	FDB_REASON_LIMIT: the session holds as many tokens and pending
 *		files as it may, info->tokens together
 *	EOPNOTSUPP  this file system or this kernel cannot do it safely
 *
 * If the kernel refuses metadata, `refused' says which, error is its errno, and
 * what was set before stays set; `made' tells whether the object is there.
 */

/*
 * Make a regular file without a name, in the directory in which base and name
 * say that it will be, and open it for writing.  The result has the descriptor,
 * which is the caller's to close, and the number of the pending file, which
 * counts as a token does until the file is committed or abandoned.  The file
 * has these permission bits, 0777 at the most, and belongs to the broker's
 * user.  It disappears if the session ends.  Needs `create' and `setmeta'.
 *
 * If the result is EMFILE with `pending' not 0, only the descriptor was lost on
 * its way, since this process has too many: abandon the file.
 */
int	 fdb_create_at(struct fdb_session *, uint32_t base, const char *name,
	    uint32_t mode, uint64_t cookie);

/*
 * Give a pending file its metadata, owner first and times last, and then its
 * name, which must be in the directory for which it was made.  Without
 * FDB_META_OWNER it gets the owner that the rule gives.  With FDB_OVER_NEWER,
 * the time of modification of what is there is compared with meta->mtime.
 * Needs `create' and `setmeta', and `replace' to replace.
 *
 * If the result has an error, the file stays pending, and can be committed
 * again (with less metadata, another rule, another name) or abandoned; it may
 * have part of the metadata by then.  If it has none, the number is free.  The
 * descriptor goes on working: close it before, unless the file is still to be
 * written; what is written after the commit changes its time.
 */
int	 fdb_commit_at(struct fdb_session *, uint32_t pending, uint32_t base,
	    const char *name, enum fdb_over, const struct fdb_meta *meta,
	    uint64_t cookie);

/*
 * Set attributes of a pending file that one message has no room for together,
 * before it is committed under this name: meta->set is FDB_META_XATTR.  The
 * owner, which fdb_commit_at() sets, takes attributes of `security' away again.
 * Needs what fdb_commit_at() needs.
 */
int	 fdb_preset_at(struct fdb_session *, uint32_t pending, uint32_t base,
	    const char *name, const struct fdb_meta *meta, uint64_t cookie);

/* Drop a pending file.  The result is EBADF if there is none. */
int	 fdb_abandon(struct fdb_session *, uint32_t pending, uint64_t cookie);

/*
 * Make a directory, mode 0700, with the owner that the rule gives.  If a
 * directory is there already, it is taken as it is (`made' is 0), whatever
 * `over' says; with FDB_OVER_REPLACE, anything else there is removed first.
 * With FDB_MKDIR_TOKEN, the result has a token, for changes beneath it and for
 * fdb_forget(); also for all requests that read, where the role permits them,
 * but not for walks (EOPNOTSUPP).  With FDB_MKDIR_SWEEP, temporary names that
 * sessions which were killed have left in a directory that is there are
 * removed, where the role permits `replace' or `remove'; this never fails, and
 * leaves what it cannot remove.  Give it its metadata when everything in it
 * is there: fdb_setmeta_at().  Needs `mkdir', and `replace' to replace.
 */
int	 fdb_mkdir_at(struct fdb_session *, uint32_t base, const char *name,
	    unsigned int flags, enum fdb_over, uint64_t cookie);

/*
 * Make a symbolic link that holds this text, which is neither resolved nor
 * checked.  Of its metadata, owner and times can be set; meta may be NULL.
 * Needs `symlink', `setmeta' for metadata, `replace' to replace.
 */
int	 fdb_symlink_at(struct fdb_session *, uint32_t base, const char *name,
	    const char *text, enum fdb_over, const struct fdb_meta *meta,
	    uint64_t cookie);

/*
 * Give a regular file that exists, at tobase and toname, another name.  Needs
 * `link' for both names; unless the rule says `owner any' or `owner by-name',
 * the file must belong to the owner that the rule gives.
 */
int	 fdb_link_at(struct fdb_session *, uint32_t base, const char *name,
	    uint32_t tobase, const char *toname, enum fdb_over,
	    uint64_t cookie);

/*
 * Make a FIFO (mode has S_IFIFO), a socket, or a device.  Extended attributes
 * cannot be set.  Needs `create' and `setmeta', and `special' for all but a
 * FIFO.
 */
int	 fdb_mknod_at(struct fdb_session *, uint32_t base, const char *name,
	    uint32_t mode, uint32_t major, uint32_t minor, enum fdb_over,
	    const struct fdb_meta *meta, uint64_t cookie);

/*
 * Set metadata of a directory; with a token, name may be "" for the token's
 * directory.  Unless the rule says `owner any' or `owner by-name', the
 * directory must belong to the owner that the rule gives.  Needs `setmeta'.
 */
int	 fdb_setmeta_at(struct fdb_session *, uint32_t base, const char *name,
	    const struct fdb_meta *meta, uint64_t cookie);

/*
 * Remove a name that is no directory, or with FDB_REMOVE_DIR an empty
 * directory.  Needs `remove'.
 */
int	 fdb_remove_at(struct fdb_session *, uint32_t base, const char *name,
	    unsigned int flags, uint64_t cookie);

/* Let the broker drop a token.  There is no result.  Errors as above. */
int	 fdb_forget(struct fdb_session *, uint32_t token);

/* Send what is queued, as far as the window allows.  0, or -1: EPIPE. */
int	 fdb_flush(struct fdb_session *);

/*
 * The next result: 1 and *r is filled; 0, none has arrived (what is queued
 * has been sent as far as the window allows); -1 with errno: EPIPE (the
 * session has ended), EPROTO (the broker broke the protocol, the session has
 * ended).  Never blocks.
 */
int	 fdb_next(struct fdb_session *, struct fdb_result *r);

/*
 * As fdb_next(), but waits for a result for timeout_ms milliseconds (-1: for
 * ever).  0 after the time, or at once if nothing is outstanding and nothing is
 * watched.
 */
int	 fdb_wait(struct fdb_session *, struct fdb_result *r, int timeout_ms);

/* How many items have results that were not taken; LIST and walk are one.  No
 * watches. */
size_t	 fdb_outstanding(const struct fdb_session *);

/*
 * True for a combination of FDB_READ... that fdb_open_at() accepts: at least
 * one of READ, WRITE and APPEND; not WRITE with APPEND; CREATE with WRITE or
 * APPEND, EXCLUSIVE with CREATE, TRUNCATE with WRITE.
 */
int	 fdb_access_is_valid(unsigned int access);

/*
 * As open(2), for an absolute path; flags are one of O_RDONLY, O_WRONLY and
 * O_RDWR, and O_APPEND, O_CREAT, O_EXCL, O_TRUNC, with O_CLOEXEC implied.
 * Policy sets the mode and the owner of a file that is created.  Waits for the
 * answer.  A descriptor, or -1 with errno: as the broker's open(2), EACCES if
 * policy denied it (fdb_session_error() names the rule), EINVAL for other
 * flags, EBUSY while batched requests are outstanding, EPIPE when the session
 * has ended.
 */
int	 fdb_open(struct fdb_session *, const char *path, int flags);

/* As lstat(2), for an absolute path.  Errors as fdb_open(). */
int	 fdb_lstat(struct fdb_session *, const char *path, struct fdb_stat *);

/*
 * As stat(2) and realpath(3), for an absolute path, which need not be clean;
 * resolved has room for FDB_PATH_MAX bytes.  The library reads each link with a
 * request like fdb_lstat(), so the policy must permit to list the links, too.
 * The tree may change meanwhile: open with fdb_open(), and ask fstat(2) what
 * that is.  Errors as fdb_lstat(); also ELOOP (more than 40 links), ENOTDIR,
 * ENAMETOOLONG.
 */
int	 fdb_stat(struct fdb_session *, const char *path, struct fdb_stat *);
int	 fdb_realpath(struct fdb_session *, const char *path, char *resolved);

/*
 * Hand a descriptor to another process of the same user, in four steps:
 *
 *  1. the receiver binds a temporary socket: fdb_handoff_listen();
 *  2. it tells the sender the address, fdb_handoff_address(), by any means;
 *  3. the sender sends one descriptor to it: fdb_handoff_send();
 *  4. the receiver takes it: fdb_handoff_receive(), which closes and removes
 *     the socket whatever the outcome.
 *
 * dir is a directory in which the receiver may create files; NULL is
 * $TMPDIR, or /tmp.  The socket's mode is 0600 and its name random; a
 * message that did not come from a process of the receiver's uid, or of
 * root, is refused (EPERM), and so is, by the sender, an address that belongs
 * to another uid.  address has room for FDB_ADDRESS_MAX bytes.
 *
 * A receiver that can be ended by a signal blocks it from step 1 to step 4 and
 * waits with ppoll(2) until fdb_handoff_fd() is readable; nothing else may be
 * done with that descriptor.  What a receiver leaves that was killed, is
 * removed by the next fdb_handoff_listen() in the same directory that comes a
 * minute later.
 */
struct fdb_handoff;
#define FDB_ADDRESS_MAX		108

int	 fdb_handoff_listen(struct fdb_handoff **, const char *dir);
const char *fdb_handoff_address(const struct fdb_handoff *);
int	 fdb_handoff_fd(const struct fdb_handoff *);
int	 fdb_handoff_send(const char *address, int fd);
int	 fdb_handoff_receive(struct fdb_handoff *, int timeout_ms);
void	 fdb_handoff_cancel(struct fdb_handoff *);

/*
 * A command takes a descriptor: to use it as its log, for example.  The caller
 * hands it over in the same way wherever the command runs:
 *
 * fdb_command_object()   in this process: `take' is called at once
 * fdb_command_thread()   in this process, on a thread that is made for it
 * fdb_command_process()  in another process of the same user on this machine:
 *	it gets the descriptor by a hand-off.  sock is a stream socket, whose
 *	other end is the helper's in fdb_command_serve().
 * fdb_command_remote()   where no descriptor can be passed, as on another
 *	machine: it gets a stream socket, and a thread of this process relays
 *	the bytes.  `in' and `out' lead to fdb_command_serve() and may be one
 *	descriptor: the pipes of an ssh(1), for example.
 *
 * The descriptors become the command's; after a failure they are closed.  0, or
 * -1 with errno: ENOMEM, EAGAIN (no thread), EMFILE, ENFILE, EPROTOTYPE (sock
 * is no local stream socket), EBADF.  Not for a process that is confined.
 *
 * take(arg, fd) owns fd from then on, whatever it returns: 0, or -1 with errno,
 * which the sender gets.  It returns soon, and leaves reading and writing for
 * later: nothing is relayed to or from a remote command while it runs.
 */
struct fdb_command;
typedef int	(*fdb_command_take)(void *arg, int fd);

int	 fdb_command_object(struct fdb_command **, fdb_command_take, void *arg);
int	 fdb_command_thread(struct fdb_command **, fdb_command_take, void *arg);
int	 fdb_command_process(struct fdb_command **, int sock);
int	 fdb_command_remote(struct fdb_command **, int in, int out);

/*
 * Hand fd over, and wait timeout_ms milliseconds at most (-1: for ever) until
 * the command has taken it.  access says what the command does with it:
 * FDB_READ, FDB_WRITE, or both.  fd stays the caller's.  Threads may share a
 * command.  0, or -1 with errno: what `take' returned; or
 *
 *	EBADF		fd is not open, or not for that access
 *	EINVAL		access has other bits, or none
 *	ETIMEDOUT	no answer in time; the command may still take it
 *	EPIPE		the other end is gone
 *	EPROTO		the other end does not keep to the protocol
 *	EPROTONOSUPPORT	it has another version
 *	EAGAIN		process, remote: eight are under way
 *	EISDIR, EOPNOTSUPP  remote: a directory; reading and writing of a file
 *			that has one offset
 *	EXDEV		thread, remote: a child of the process that made it
 *
 * or of the hand-off.  What a remote command gets is a socket: lseek(2) fails
 * with ESPIPE, ftruncate(2) with EINVAL, mmap(2) with ENODEV, fstat(2) and
 * locks are of that socket.  End of file, half-close and back-pressure are kept
 * both ways.  If reading breaks off, read(2) gives what came before and then
 * ECONNRESET (0 if access was both); if writing does, write(2) gives EPIPE.
 */
int	 fdb_command_send(struct fdb_command *, int fd, unsigned int access,
	    int timeout_ms);

/*
 * Wait until a remote command has closed what it was handed and everything is
 * relayed; for others there is nothing to wait for.  0, or -1 with errno:
 * ETIMEDOUT, EXDEV, or the first error since the last call, of either end:
 * EPIPE (a reader closed too early, or the channel broke), ENOSPC, and so on.
 */
int	 fdb_command_finish(struct fdb_command *, int timeout_ms);

/*
 * A text that stands for the command: no blanks, less than FDB_REFERENCE_MAX
 * bytes.  Whoever has it can do nothing with it but return it to this process,
 * where fdb_command_decode() gives the command, which then has one more user
 * and is freed once more.  A program that confines itself encodes before.  0,
 * or -1 with errno:
 *
 *	EINVAL	this is no reference
 *	EREMOTE	of another machine, or from before it was started
 *	EPERM	of another user
 *	EXDEV	of another process, or (encode) of its parent
 *	ESTALE	the command has been freed, or the text was changed
 */
#define FDB_REFERENCE_MAX	160

int	 fdb_command_encode(struct fdb_command *, char *reference);
int	 fdb_command_decode(struct fdb_command **, const char *reference);

/*
 * One user less.  After the last one, the command's thread ends, the channel is
 * closed, and what fdb_command_finish() would wait for is broken off.  Waits
 * for a `take' that is running, and is not called by it.  NULL is ignored.
 */
void	 fdb_command_free(struct fdb_command *);

/*
 * In the helper: call take(arg, fd) for each descriptor that comes, and relay,
 * until the other end is gone or a signal is caught.  `in' and `out' become the
 * function's.  0: the other end has closed the channel, and nothing was under
 * way; or -1 with errno: EPIPE (something was), EINTR, EPROTO, EPROTONOSUPPORT,
 * ENOMEM, or of a system call.  Signals are blocked while a hand-off is
 * awaited, 30 seconds at most; they are as before while `take' runs.
 */
int	 fdb_command_serve(int in, int out, fdb_command_take, void *arg);

/*
 * Give up all capabilities, and the right to open, connect, execute, signal or
 * trace anything: from here on the process computes, and reads and writes the
 * descriptors that it has or is handed.  Cannot be undone.  Call it with a
 * single thread, after the session and the outputs are there.  *done, when
 * not NULL, gets the layers in place.  0, or -1 with errno when a layer is
 * missing (ENOSYS, EOPNOTSUPP) or does not hold (EPERM); the caller should
 * then exit.  Sets TZ in the environment if it is not set, so that localtime(3)
 * works.
 */
int	 fdb_confine(unsigned int *done);

/*
 * The same; but a process of root first becomes the user that the broker of
 * the session wants workers to be, if it names one, and drops its groups.
 * *done then has FDB_CONFINED_UID.  With NULL it is fdb_confine().
 */
int	 fdb_confine_session(const struct fdb_session *, unsigned int *done);

#ifdef __cplusplus
}
#endif

#endif /* FDBROKER_H */
