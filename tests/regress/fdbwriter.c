/*
 * fdbwriter.c: a worker that makes changes, for the test scripts.
 *
 * usage: fdbwriter [-c] socket role <commands
 *        fdbwriter -p [-c] [-s] opener directory <commands
 *        fdbwriter -x directory name name [text]
 *
 * Begins a session, with -p by a private opener that restores beneath a
 * directory, with -s also special things.  With -x it exchanges two names in a
 * directory until its standard input ends, and prints how often; with a text,
 * it makes the first one a directory and the second one a symbolic link again,
 * whatever somebody else makes of them.  Each line of standard input is a
 * command, whose words are separated by single spaces:
 *
 *	create NAME [mode=OCTAL] [text=TEXT]	make a file and write the text
 *	commit NAME [OVER] [META...]	commit the file that NAME created last
 *	commit@NAME2 NAME ...		the same, under another name
 *	abandon NAME
 *	put NAME [OVER] [META...] [text=TEXT]	create and commit
 *	mkdir NAME [OVER]
 *	token NAME			make it, and use it as the base from
 *					here on
 *	sweep NAME			make it, or remove what was left in it
 *	base				use / as the base from here on
 *	symlink NAME TEXT [OVER] [META...]
 *	link NAME TO [OVER]
 *	mknod NAME fifo|socket|char|block MAJOR MINOR OCTAL [OVER] [META...]
 *	setmeta NAME [META...]
 *	remove NAME, rmdir NAME
 *	try NAME ...			the same, and drop it if that fails
 *	many N NAME			create and commit N files NAME.0...
 *	limit RULE			narrow the policy of the session
 *	hold				print "holding", wait for a line "go"
 *
 * OVER is refuse, newer or replace.  META is mode=OCTAL, owner=UID:GID,
 * mtime=SECONDS[.NSEC], atime=..., xattr=NAME:VALUE.  In a name, "." is "".
 *
 * For each it prints "COMMAND NAME: ok", or the reason and the error, with
 * refused=BITS, and "made" if something was made all the same.
 */

#include "config.h"

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "opener/private.h"
#include "worker.h"

#define FILES	64
#define WORDS	40

/* A command, as it was read. */
struct command {
	char		*word[WORDS];
	int		 n;
	enum fdb_over	 over;
	struct fdb_meta	 meta;
	struct fdb_xattr xattrs[8];
	const char	*text;
	uint32_t	 mode;		/* of create */
};

static struct fdb_session	*session;
static uint32_t			 base;
static struct {
	char		 name[256];
	uint32_t	 pending;
	int		 fd;
} files[FILES];
static size_t			 nfiles;

static void
parse_time(const char *s, int64_t *sec, uint32_t *nsec)
{
	char	*end;

	*sec = strtoll(s, &end, 10);
	*nsec = *end == '.' ? (uint32_t)strtoul(end + 1, NULL, 10) : 0;
}

static void
parse_option(struct command *c, char *w)
{
	struct fdb_meta	*m = &c->meta;
	struct fdb_xattr *x = &c->xattrs[m->nxattrs];
	char		*colon;

	if (strcmp(w, "newer") == 0)
		c->over = FDB_OVER_NEWER;
	else if (strcmp(w, "replace") == 0)
		c->over = FDB_OVER_REPLACE;
	else if (strncmp(w, "mode=", 5) == 0) {
		m->mode = c->mode = (uint32_t)strtoul(w + 5, NULL, 8);
		m->set |= FDB_META_MODE;
	} else if (strncmp(w, "owner=", 6) == 0) {
		m->uid = (uint32_t)strtoul(w + 6, &colon, 10);
		m->gid = (uint32_t)strtoul(colon + 1, NULL, 10);
		m->set |= FDB_META_OWNER;
	} else if (strncmp(w, "mtime=", 6) == 0) {
		parse_time(w + 6, &m->mtime, &m->mtime_nsec);
		m->set |= FDB_META_MTIME;
	} else if (strncmp(w, "atime=", 6) == 0) {
		parse_time(w + 6, &m->atime, &m->atime_nsec);
		m->set |= FDB_META_ATIME;
	} else if (strncmp(w, "xattr=", 6) == 0 &&
	    (colon = strchr(w, ':')) != NULL) {
		*colon = '\0';
		x->name = w + 6;
		x->value = colon + 1;
		x->length = strlen(colon + 1);
		m->nxattrs++;
		m->set |= FDB_META_XATTR;
	} else if (strncmp(w, "text=", 5) == 0)
		c->text = w + 5;
	else if (strcmp(w, "refuse") != 0)
		errx(2, "%s: unknown", w);
}

/* The options begin at word `from'. */
static void
parse_options(struct command *c, int from)
{
	int	 i;

	for (i = from; i < c->n; i++)
		parse_option(c, c->word[i]);
}

static void
show(const char *command, const char *name, const struct fdb_result *r)
{
	if (r->error == 0)
		(void)printf("%s %s: ok\n", command, name);
	else
		(void)printf("%s %s: %s%s", command, name, worker_failure(r),
		    r->made ? " made" : "");
	if (r->error != 0 && r->refused != 0)
		(void)printf(" refused=%#x\n", r->refused);
	else if (r->error != 0)
		(void)printf("\n");
}

/* The request was queued as ret says: wait for its result, and show it. */
static bool
answer(int ret, const char *command, const char *name, struct fdb_result *r)
{
	if (ret == -1 && errno != EPIPE) {
		(void)printf("%s %s: library %s\n", command, name,
		    strerrorname_np(errno));
		return false;
	}
	if (ret == -1 || fdb_wait(session, r, -1) != 1)
		errx(1, "%s", fdb_session_error(session));
	show(command, name, r);
	return r->error == 0;
}

static size_t
find(const char *name)
{
	size_t	 i;

	for (i = nfiles; i-- > 0;)
		if (strcmp(files[i].name, name) == 0)
			return i;
	errx(2, "%s: not created", name);
}

static bool
do_create(struct command *c, const char *name, bool quiet)
{
	struct fdb_result	 r;

	if (fdb_create_at(session, base, name, c->mode & 0777, 0) == -1 ||
	    fdb_wait(session, &r, -1) != 1) {
		if (errno == EPIPE)
			errx(1, "%s", fdb_session_error(session));
		(void)printf("create %s: library %s\n", name,
		    strerrorname_np(errno));
		return false;
	}
	if (!quiet || r.error != 0)
		show("create", name, &r);
	if (r.error != 0)
		return false;
	if (nfiles == FILES)
		nfiles = 0;
	(void)strlcpy(files[nfiles].name, name, sizeof(files[0].name));
	files[nfiles].pending = r.pending;
	files[nfiles].fd = r.fd;
	nfiles++;
	if (c->text != NULL && write(r.fd, c->text, strlen(c->text)) == -1)
		err(1, "write");
	return true;
}

static void
do_commit(struct command *c, const char *as, const char *name)
{
	struct fdb_result	 r;
	size_t			 i = find(name);

	if (answer(fdb_commit_at(session, files[i].pending, base, as, c->over,
	    &c->meta, 0), c->word[0], as, &r)) {
		close(files[i].fd);
		files[i].name[0] = '\0';
	}
}

static void
do_abandon(const char *name)
{
	struct fdb_result	 r;
	size_t			 i = find(name);

	if (answer(fdb_abandon(session, files[i].pending, 0), "abandon", name,
	    &r))
		close(files[i].fd);
}

/* Create and commit, and say nothing of dropping what could not be. */
static void
do_try(struct command *c, const char *name)
{
	struct fdb_result	 r;
	size_t			 i;

	if (!do_create(c, name, true))
		return;
	do_commit(c, name, name);
	i = nfiles - 1;
	if (files[i].name[0] == '\0')
		return;
	if (fdb_abandon(session, files[i].pending, 0) == -1 ||
	    fdb_wait(session, &r, -1) != 1)
		errx(1, "%s", fdb_session_error(session));
	close(files[i].fd);
	files[i].name[0] = '\0';
}

static void
do_mkdir(struct command *c, const char *name, unsigned int flags)
{
	struct fdb_result	 r;
	enum fdb_over		 over = c->over;

	if (answer(fdb_mkdir_at(session, base, name,
	    flags, over, 0), c->word[0], name, &r) &&
	    (flags & FDB_MKDIR_TOKEN))
		base = r.token;
}

static void
do_mknod(struct command *c, const char *name)
{
	static const struct {
		const char	*name;
		uint32_t	 type;
	} types[] = {
		{ "fifo", S_IFIFO }, { "socket", S_IFSOCK },
		{ "char", S_IFCHR }, { "block", S_IFBLK }
	};
	struct fdb_result	 r;
	uint32_t		 mode;
	size_t			 i;

	for (i = 0; strcmp(types[i].name, c->word[2]) != 0; i++)
		;
	parse_options(c, 6);
	mode = types[i].type | (uint32_t)strtoul(c->word[5], NULL, 8);
	(void)answer(fdb_mknod_at(session, base, name, mode,
	    (uint32_t)atoi(c->word[3]), (uint32_t)atoi(c->word[4]), c->over,
	    &c->meta, 0), "mknod", name, &r);
}

/* Results of many(), in their order: CREATE, then COMMIT. */
static void
do_many(int n, const char *prefix)
{
	struct fdb_result	 r;
	struct fdb_meta		 m = {
		.set = FDB_META_MODE | FDB_META_MTIME, .mode = 0640, .mtime = 9
	};
	char			 name[64];
	int			 queued = 0, done = 0, bad = 0;

	while (done < n) {
		(void)snprintf(name, sizeof(name), "%s.%d", prefix, queued);
		if (queued < n && queued - done < 64 && fdb_create_at(session,
		    base, name, 0640, (uint64_t)queued) == 0) {
			queued++;
			continue;
		}
		if (fdb_wait(session, &r, -1) != 1)
			errx(1, "%s", fdb_session_error(session));
		if (r.kind == FDB_RESULT_COMMIT || r.error != 0) {
			done++;
			bad += r.error != 0;
			continue;
		}
		(void)snprintf(name, sizeof(name), "%s.%d", prefix,
		    (int)r.cookie);
		if (write(r.fd, name, strlen(name)) == -1)
			err(1, "write");
		close(r.fd);
		while (fdb_commit_at(session, r.pending, base, name,
		    FDB_OVER_REFUSE, &m, r.cookie) == -1)
			if (errno != EAGAIN)
				errx(1, "%s", fdb_session_error(session));
			else if (fdb_flush(session) == -1)
				errx(1, "%s", fdb_session_error(session));
	}
	(void)printf("many %s: %d, %d failed\n", prefix, done, bad);
}

static void
do_hold(void)
{
	char	 line[80];

	(void)printf("holding\n");
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (strcmp(line, "go\n") == 0)
			break;
}

/* The words are one rule. */
static void
do_limit(struct command *c)
{
	char	 policy[1024] = "";
	int	 i;

	for (i = 1; i < c->n; i++) {
		(void)strlcat(policy, c->word[i], sizeof(policy));
		(void)strlcat(policy, " ", sizeof(policy));
	}
	if (fdb_limit(session, policy) == 0)
		(void)printf("limit: ok\n");
	else
		(void)printf("limit: %s\n", fdb_session_error(session));
}

static bool
do_node(struct command *c)
{
	const char		*what = c->word[0], *name = c->word[1];
	struct fdb_result	 r;

	if (strcmp(what, "symlink") == 0) {
		parse_options(c, 3);
		(void)answer(fdb_symlink_at(session, base, name, c->word[2],
		    c->over, &c->meta, 0), what, name, &r);
	} else if (strcmp(what, "link") == 0) {
		parse_options(c, 3);
		(void)answer(fdb_link_at(session, base, name, base,
		    c->word[2], c->over, 0), what, name, &r);
	} else if (strcmp(what, "mknod") == 0)
		do_mknod(c, name);
	else if (strcmp(what, "setmeta") == 0) {
		parse_options(c, 2);
		(void)answer(fdb_setmeta_at(session, base, strcmp(name,
		    ".") == 0 ? "" : name, &c->meta, 0), what, name, &r);
	} else if (strcmp(what, "remove") == 0 || strcmp(what, "rmdir") == 0)
		(void)answer(fdb_remove_at(session, base, name,
		    what[1] == 'm' ? FDB_REMOVE_DIR : 0, 0), what, name, &r);
	else
		return false;
	return true;
}

static void
do_command(struct command *c)
{
	const char	*what = c->word[0];
	const char	*name = c->n > 1 ? c->word[1] : "";

	if (strcmp(what, "hold") == 0)
		do_hold();
	else if (strcmp(what, "limit") == 0)
		do_limit(c);
	else if (strcmp(what, "base") == 0)
		base = FDB_TOKEN_ROOT;
	else if (strcmp(what, "many") == 0)
		do_many(atoi(name), c->word[2]);
	else if (strcmp(what, "abandon") == 0)
		do_abandon(name);
	else if (!do_node(c)) {
		parse_options(c, 2);
		if (strcmp(what, "create") == 0)
			(void)do_create(c, name, false);
		else if (strcmp(what, "put") == 0) {
			if (do_create(c, name, true))
				do_commit(c, name, name);
		} else if (strcmp(what, "try") == 0)
			do_try(c, name);
		else if (strcmp(what, "commit") == 0)
			do_commit(c, name, name);
		else if (strncmp(what, "commit@", 7) == 0)
			do_commit(c, what + 7, name);
		else if (strcmp(what, "mkdir") == 0)
			do_mkdir(c, name, 0);
		else if (strcmp(what, "sweep") == 0)
			do_mkdir(c, name, FDB_MKDIR_SWEEP);
		else if (strcmp(what, "token") == 0)
			do_mkdir(c, name, FDB_MKDIR_TOKEN);
		else
			errx(2, "%s: unknown command", what);
	}
	(void)fflush(stdout);
}

static void
do_lines(void)
{
	struct command	 c;
	char		*line = NULL, *p;
	size_t		 size = 0;

	while (getline(&line, &size, stdin) != -1) {
		line[strcspn(line, "\n")] = '\0';
		memset(&c, 0, sizeof(c));
		c.mode = 0600;
		c.meta.xattrs = c.xattrs;
		p = line;
		while (c.n < WORDS && (c.word[c.n] = strsep(&p, " ")) != NULL)
			c.n++;
		if (c.word[0][0] != '\0')
			do_command(&c);
	}
	free(line);
}

static bool
is_type(int dir, const char *name, mode_t type)
{
	struct stat	 st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mode & S_IFMT) == type;
}

/* Let the two names be a directory and a symbolic link. */
static void
lay_bait(int dir, const char *place, const char *bait, const char *text)
{
	char	 away[32];

	(void)mkdirat(dir, place, 0777);
	if (!is_type(dir, bait, S_IFLNK) && !is_type(dir, place, S_IFLNK)) {
		(void)snprintf(away, sizeof(away), "away%08x",
		    (unsigned int)arc4random());
		(void)renameat(dir, bait, dir, away);
		if (symlinkat(text, dir, bait) == -1 && errno != EEXIST)
			err(1, "%s", bait);
	}
}

/* Print how often, in the end. */
static int
exchange(char *argv[])
{
	struct pollfd	 in = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned long	 n = 0, done = 0;
	int		 dir;

	umask(0);
	if ((dir = open(argv[0], O_RDONLY | O_DIRECTORY)) == -1)
		err(1, "%s", argv[0]);
	(void)printf("exchanging\n");
	(void)fflush(stdout);
	do {
		if (argv[3] != NULL && n % 8 == 0)
			lay_bait(dir, argv[1], argv[2], argv[3]);
		if (renameat2(dir, argv[1], dir, argv[2],
		    RENAME_EXCHANGE) == 0)
			done++;
		else if (argv[3] == NULL || errno != ENOENT)
			err(1, "exchange");
	} while (++n % 64 != 0 || poll(&in, 1, 0) == 0);
	(void)printf("%lu exchanges\n", done);
	close(dir);
	return 0;
}

static void
begin(char *argv[], bool is_private, bool special)
{
	struct private_opener	 po;
	char			 why[FDB_WHY_MAX];

	if (!is_private) {
		session = worker_connect(argv[0], argv[1]);
		return;
	}
	if (private_prepare(&po) == -1 || private_start_restoring(argv[0],
	    argv[1], special, false, false, &po) == -1)
		err(1, "private opener");
	if (fdb_attach(&session, po.sock, 10000, why) == -1)
		errx(1, "%s", why);
}

int
main(int argc, char *argv[])
{
	bool	 confine = false, is_private = false, special = false;
	bool	 exchanges = false;
	int	 ch;

	while ((ch = getopt(argc, argv, "cpsx")) != -1) {
		if (ch == 'c')
			confine = true;
		else if (ch == 'p')
			is_private = true;
		else if (ch == 's')
			special = true;
		else if (ch == 'x')
			exchanges = true;
		else
			return 2;
	}
	if (exchanges && (argc - optind == 3 || argc - optind == 4))
		return exchange(argv + optind);
	if (argc - optind != 2)
		return 2;
	begin(argv + optind, is_private, special);
	if (confine)
		worker_confine(session);
	do_lines();
	fdb_disconnect(session);
	return 0;
}
