/*
 * fuzz_extract.c: libFuzzer on what extract makes of an archive.
 *
 * The first byte of the input says how the rest is extracted: see the bits
 * below.  Worker and opener run here, the opener in a thread of its own, with
 * the role of a private one and without confinement: so only their own checks
 * keep an archive in the destination.  Beside it is a directory that must stay
 * as it is.  The channel to the controller is replaced: what is reported is
 * counted.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archives.h"
#include "base/dgram.h"
#include "base/fd.h"
#include "base/log.h"
#include "client/fdbroker.h"
#include "common/command.h"
#include "opener/serve.h"
#include "policy/role.h"
#include "policy/tables.h"
#include "sandbox/extract.h"
#include "sandbox/work.h"

#define CHECKSUMS	0x01	/* make those of tar right */
#define REPLACE		0x02	/* with NEWER: replace newer ones */
#define NEWER		0x04
#define KEEP		0x08	/* damaged files */
#define NO_DIGEST	0x10
#define STRIP		0x20	/* a component */
#define FAIL_FAST	0x40
#define LINKS		0x80	/* links out of the destination are there */

#define OPS		(POLICY_OP_CREATE | POLICY_OP_LIST | \
			    POLICY_OPS_RESTORING)

int	LLVMFuzzerInitialize(int *, char ***);
int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static char		 scratch[512], dest[600], outside[600];
static struct stat	 top, inner, file;	/* outside, as they were */
static unsigned int	 fatals;

/* In place of common/channel.c; archives.c has the rest. */

int
channel_put_report(struct channel *p, enum report_kind kind, const char *name,
    const char *text)
{
	(void)p;
	(void)name;
	(void)text;
	if (kind == REPORT_FATAL)
		fatals++;
	return 0;
}

int
channel_put_entry(struct channel *p, const struct entry *e)
{
	(void)p;
	(void)e;
	return 0;
}

/* The opener. */

struct opener {
	struct state	 state;
	struct serve	 sv;
	pthread_t	 thread;
};

static int
opener_wait(void *arg)
{
	struct opener	*o = arg;
	struct pollfd	 p[2] = {
		{ .fd = o->state.sock, .events = POLLOUT },
		{ .fd = o->sv.conn, .events = POLLIN }
	};

	return poll(p, 2, -1) > 0 && p[1].revents == 0 ? 0 : -1;
}

static void *
opener_main(void *arg)
{
	struct opener	*o = arg;
	struct pollfd	 p[2] = {
		{ .fd = o->state.sock, .events = POLLIN },
		{ .fd = o->sv.conn, .events = POLLIN }
	};

	while (poll(p, 2, -1) > 0 && p[1].revents == 0)
		while (serve_one(&o->sv) == 1)
			;
	return NULL;
}

static struct role *
make_role(void)
{
	struct rule_spec	 spec;
	struct role		*role;
	const char		*why;

	memset(&spec, 0, sizeof(spec));
	spec.action = POLICY_PERMIT;
	spec.ops = OPS;
	spec.pattern = dest;
	spec.file = "fuzz";
	spec.directory = true;
	policy_create_init(&spec.create);
	spec.create.choice = POLICY_CHOICE_ANY;
	if ((role = role_new("private", "fuzz", 0)) == NULL ||
	    role_add(role, &spec, &why) == -1)
		abort();
	return role;
}

static struct fdb_session *
opener_start(struct opener *o)
{
	static const struct state_calls	 none = { .wait = opener_wait };
	struct state_calls		 calls = none;
	struct fdb_session		*session;
	struct setup			 su;
	char				 path[PROTO_PATH_MAX];
	char				 why[FDB_WHY_MAX];
	int				 p[2], conn[2];

	calls.arg = o;
	setup_init(&su);
	su.role = make_role();
	su.private = true;
	su.info.id = 1;
	su.info.window = 8;
	su.info.batch = FDB_BATCH_MAX;
	su.info.bytes = PROTO_MAX;
	su.info.tokens = 256;
	(void)strlcpy(su.info.role, "private", sizeof(su.info.role));
	if (dgram_pair(p) == -1 || dgram_pair_seq(conn) == -1)
		err(1, "socketpair");
	su.sock = p[1];
	if (state_init(&o->state, &su, &calls) == -1 ||
	    state_open_roots(&o->state, false, path) == -1)
		err(1, "opener");
	setup_clear(&su);
	o->state.own_uid = geteuid();
	serve_init(&o->sv, &o->state, conn[1]);
	if (serve_welcome(&o->sv, p[0]) == -1)
		err(1, "welcome");
	close(p[0]);
	if (fdb_attach(&session, conn[0], 0, why) == -1)
		errx(1, "attach: %s", why);
	if (pthread_create(&o->thread, NULL, opener_main, o) != 0)
		errx(1, "pthread_create");
	return session;
}

static void
opener_end(struct opener *o, struct fdb_session *session)
{
	fdb_disconnect(session);
	if (pthread_join(o->thread, NULL) != 0)
		abort();
	serve_free(&o->sv);
	state_free(&o->state);
}

/* The tree. */

/* Before the others: let everything be listed, and removed. */
static int
open_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)f;
	if (!S_ISDIR(st->st_mode))
		return 0;
	if (chmod(path, 0700) == -1)
		return -1;
	return type == FTW_DNR ? nftw(path, open_one, 64, FTW_PHYS) : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)type;
	(void)f;
	return S_ISDIR(st->st_mode) ? rmdir(path) : unlink(path);
}

static void
make_dest(bool links)
{
	char	 path[700];

	if (access(dest, F_OK) == 0 && (nftw(dest, open_one, 64, FTW_PHYS) ==
	    -1 || nftw(dest, remove_one, 64, FTW_DEPTH | FTW_PHYS) == -1))
		err(1, "%s", dest);
	if (mkdir(dest, 0755) == -1)
		err(1, "%s", dest);
	if (!links)
		return;
	(void)snprintf(path, sizeof(path), "%s/link", dest);
	if (symlink("../outside", path) == -1)
		err(1, "%s", path);
	(void)snprintf(path, sizeof(path), "%s/to", dest);
	if (symlink("../outside/file", path) == -1)
		err(1, "%s", path);
}

static void
unchanged(const char *name, const struct stat *was, unsigned int links)
{
	struct stat	 st;
	char		 path[700];

	(void)snprintf(path, sizeof(path), "%s%s", scratch, name);
	if (lstat(path, &st) == -1 || st.st_ino != was->st_ino ||
	    st.st_mode != was->st_mode || st.st_uid != was->st_uid ||
	    st.st_gid != was->st_gid || st.st_size != was->st_size ||
	    st.st_nlink != links ||
	    st.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != was->st_mtim.tv_nsec ||
	    st.st_ctim.tv_sec != was->st_ctim.tv_sec ||
	    st.st_ctim.tv_nsec != was->st_ctim.tv_nsec) {
		warnx("%s: it was changed", path);
		abort();
	}
}

/* Names in a directory. */
static unsigned int
count(const char *dir)
{
	unsigned int	 n = 0;
	DIR		*d;

	if ((d = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* The opener tells a client that breaks the protocol, and there is none. */
static void
say_nothing(void *arg, int priority, const char *text)
{
	(void)arg;
	(void)priority;
	(void)text;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char	 path[700];
	FILE	*fp;

	(void)argc;
	(void)argv;
	log_set_sink(say_nothing, NULL);
	if (getcwd(scratch, sizeof(scratch) - 32) == NULL ||
	    strlcat(scratch, "/scratch", sizeof(scratch)) >= sizeof(scratch))
		err(1, "getcwd");
	(void)snprintf(dest, sizeof(dest), "%s/dest", scratch);
	(void)snprintf(outside, sizeof(outside), "%s/outside", scratch);
	(void)snprintf(path, sizeof(path), "%s/file", outside);
	if (mkdir(scratch, 0755) == -1 || mkdir(outside, 0755) == -1 ||
	    (fp = fopen(path, "w")) == NULL || fputs("outside", fp) == EOF ||
	    fclose(fp) == EOF ||
	    lstat(path, &file) == -1 || lstat(outside, &inner) == -1)
		err(1, "%s", path);
	return 0;
}

static void
run(unsigned int flags, int archive)
{
	static struct opener	 opener;
	static const struct command	 command = {
		.name = "extract", .restores = true
	};
	static struct work	 w;
	struct options		 o;
	struct job		 job;
	int			 ret;

	memset(&w, 0, sizeof(w));
	memset(&o, 0, sizeof(o));
	memset(&job, 0, sizeof(job));
	o.command = &command;
	o.archive = "a";
	o.numeric = true;
	o.max_size = 1024 * 1024;
	o.overwrite = flags & NEWER ? flags & REPLACE ? FDB_OVER_REPLACE :
	    FDB_OVER_NEWER : FDB_OVER_REFUSE;
	o.keep_damaged = (flags & KEEP) != 0;
	o.no_digest = (flags & NO_DIGEST) != 0;
	o.strip = flags & STRIP ? 1 : 0;
	o.fail_fast = (flags & FAIL_FAST) != 0;
	job.options = &o;
	job.dest = dest;
	job.uid = geteuid();
	job.gid = getegid();
	job.spools[0] = memfd_create("a", MFD_CLOEXEC);
	job.spools[1] = memfd_create("b", MFD_CLOEXEC);
	w.job = &job;
	w.archive = archive;
	reporter_init(&w.rep, -1, &o);
	fatals = 0;
	w.session = opener_start(&opener);
	if (extract_prepare(&w) == -1 || extract_start(&w) == -1)
		abort();
	ret = extract_run(&w);
	extract_release(&w);
	/* A failure is told, and what is told fails. */
	if ((ret == -1) != (fatals > 0))
		abort();
	opener_end(&opener, w.session);
	reporter_clear(&w.rep);
	close(job.spools[0]);
	close(job.spools[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t		*copy;
	unsigned int	 fds;
	int		 fd;

	if (size < 1)
		return 0;
	make_dest((data[0] & LINKS) != 0);
	if (lstat(scratch, &top) == -1)
		err(1, "%s", scratch);
	fds = count("/proc/self/fd");
	/* The very size, so that nothing can be read beyond it. */
	if ((copy = malloc(size)) == NULL)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & CHECKSUMS)
		archives_repair(copy, size - 1);
	if ((fd = memfd_create("archive", MFD_CLOEXEC)) == -1 ||
	    write(fd, copy, size - 1) != (ssize_t)(size - 1) ||
	    lseek(fd, 0, SEEK_SET) != 0)
		err(1, "memfd");
	free(copy);
	run(data[0], fd);
	close(fd);
	if (count("/proc/self/fd") != fds || count(scratch) != 4 ||
	    count(outside) != 3)
		abort();
	unchanged("", &top, 4);
	unchanged("/outside", &inner, 2);
	unchanged("/outside/file", &file, 1);
	return 0;
}
