/*
 * foldfs.c: a file system by fuse(4) that knows its files by many names, for
 * the test scripts.
 *
 * usage: foldfs [-l milliseconds] [-o log] directory
 *
 * It mounts itself on the directory, prints "mounted", and serves until it is
 * unmounted.  Names are compared without regard to the case of ASCII letters,
 * and dots at their end do not count.  It has
 *
 *	Public/file		"public\n"
 *	Secret/key		"denied\n"
 *	.snapshot/file		"snapshot\n"; .snapshot is not listed
 *	drop/			a directory in which files can be created;
 *				a write that begins with "EIO" fails with it
 *	many/			3,000 empty files, named by numbers
 *	texts/0 to texts/6	50 files each, named by numbers: file N of all
 *				has N times 211 bytes
 *	stir/			50 files, "stir\n"; the status of stir/20 has
 *				changed whenever it is asked for
 *	away/secret		"public\n".  Once away was read, secret is gone,
 *				and SECRET, "denied\n", is in its place
 *	back/SECRET		"denied\n".  When back is read, SECRET is gone,
 *				and secret, "public\n", is in its place
 *	lies/more, lies/zero	"holds more\n"; their sizes are 5 and 0
 *	lies/less		"holds less\n"; its size is 1,000,000
 *	lies/bad		"bad\n", behind which reading fails; its size is
 *				4096
 *
 *	slow/			300 files, named by numbers, no0 to no9 and out0
 *				to out9; these are in slow/no and slow/out, too
 *	slow/stuck/		20 files; whoever opens one waits until a signal
 *				comes
 *
 * With -l, each answer takes this time, and 16 are prepared at once, as by a
 * server on a network.  Nothing may be changed then.
 *
 * With -o, there is a line in the log for each name that is looked up, and for
 * each file or directory that is opened: how many of these requests are under
 * way, "lookup" or "open", and the name.
 *
 * A reader of away or back that asks for secret gets another file before the
 * directory is read than afterwards.
 */

#include "config.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <linux/fuse.h>

#define NMANY		3000
#define NDIRS		7
#define NTEXTS		50	/* in each of them */
#define TEXT_STEP	211
#define STIRRED		20
#define NSLOW		300
#define NFEW		10	/* of each other kind in slow */
#define NSTUCK		20
#define NNODES		(NMANY + (NDIRS + 1) * (NTEXTS + 1) + NSLOW + \
			    4 * NFEW + NSTUCK + 72)
#define MESSAGE_MAX	(256 * 1024)
#define SERVERS		16

struct node {
	uint64_t	 parent;	/* an inode number; 0: free */
	char		 name[256];
	const char	*text;		/* of a file */
	bool		 lies;		/* it has not the size of its text: */
	uint64_t	 size;
	int		 error;		/* of reading behind it, or 0 */
	mode_t		 mode;
	uint32_t	 uid, gid;
	bool		 hidden;
	bool		 stuck;		/* who opens it waits */
};

/* What all servers know. */
struct shared {
	atomic_uint	 asked;		/* lookups and opens under way */
	atomic_uint	 nstuck;
	atomic_ullong	 stuck[NSTUCK * 4];	/* requests */
};

/* Node i has the inode number i; 1 is the top. */
static struct node	 nodes[NNODES];
static uint64_t		 nnodes = 1;
static uint64_t		 away, back, away_file, back_file, stirred;
static int		 dev, logfd = -1;
static struct shared	*shared;

static uint64_t
node_add(uint64_t parent, const char *name, const char *text)
{
	struct node	*n = &nodes[nnodes];

	if (nnodes == NNODES)
		errx(1, "too many files");
	n->parent = parent;
	(void)snprintf(n->name, sizeof(n->name), "%s", name);
	n->text = text;
	n->mode = text != NULL ? S_IFREG | 0644 : S_IFDIR | 0755;
	return nnodes++;
}

static void
liar_add(uint64_t parent, const char *name, const char *text, uint64_t size,
    int error)
{
	struct node	*n = &nodes[node_add(parent, name, text)];

	n->lies = true;
	n->size = size;
	n->error = error;
}

/* The text of file n in texts. */
static const char *
text_make(int n)
{
	size_t	 i, len = (size_t)n * TEXT_STEP;
	char	*text = malloc(len + 1);

	if (text == NULL)
		err(1, NULL);
	for (i = 0; i < len; i++)
		text[i] = (char)('!' + ((size_t)n * 7 + i) % 89);
	text[len] = '\0';
	return text;
}

static void
texts_make(void)
{
	char		 name[16];
	uint64_t	 top = node_add(1, "texts", NULL), dir = 0;
	int		 i;

	for (i = 0; i < NDIRS * NTEXTS; i++) {
		(void)snprintf(name, sizeof(name), "%d", i / NTEXTS);
		if (i % NTEXTS == 0)
			dir = node_add(top, name, NULL);
		(void)snprintf(name, sizeof(name), "%d", i);
		(void)node_add(dir, name, text_make(i));
	}
	dir = node_add(1, "stir", NULL);
	for (i = 0; i < NTEXTS; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		(void)node_add(dir, name, "stir\n");
		if (i == STIRRED)
			stirred = nnodes - 1;
	}
}

/* Files whose names are a word and a number. */
static void
files_add(uint64_t dir, const char *word, int n, bool stuck)
{
	char	 name[16];
	int	 i;

	for (i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%s%d", word, i);
		nodes[node_add(dir, name, "slow\n")].stuck = stuck;
	}
}

static void
slow_make(void)
{
	uint64_t	 top = node_add(1, "slow", NULL);

	files_add(top, "", NSLOW, false);
	files_add(top, "no", NFEW, false);
	files_add(top, "out", NFEW, false);
	files_add(node_add(top, "no", NULL), "no", NFEW, false);
	files_add(node_add(top, "out", NULL), "out", NFEW, false);
	files_add(node_add(top, "stuck", NULL), "stuck", NSTUCK, true);
}

static void
nodes_make(void)
{
	char		 name[16];
	uint64_t	 dir;
	int		 i;

	(void)node_add(1, "", NULL);
	(void)node_add(node_add(1, "Public", NULL), "file", "public\n");
	(void)node_add(node_add(1, "Secret", NULL), "key", "denied\n");
	dir = node_add(1, ".snapshot", NULL);
	nodes[dir].hidden = true;
	(void)node_add(dir, "file", "snapshot\n");
	(void)node_add(1, "drop", NULL);
	away = node_add(1, "away", NULL);
	away_file = node_add(away, "secret", "public\n");
	back = node_add(1, "back", NULL);
	back_file = node_add(back, "SECRET", "denied\n");
	dir = node_add(1, "lies", NULL);
	liar_add(dir, "more", "holds more\n", 5, 0);
	liar_add(dir, "zero", "holds more\n", 0, 0);
	liar_add(dir, "less", "holds less\n", 1000000, 0);
	liar_add(dir, "bad", "bad\n", 4096, EIO);
	dir = node_add(1, "many", NULL);
	for (i = 0; i < NMANY; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		(void)node_add(dir, name, "");
	}
	texts_make();
	slow_make();
}

/* Put another file in the place of one. */
static void
node_exchange(uint64_t *old, const char *name, const char *text)
{
	uint64_t	 dir = nodes[*old].parent;

	if (*old == 0 || strcmp(nodes[*old].name, name) == 0)
		return;
	nodes[*old].parent = 0;
	*old = node_add(dir, name, text);
}

static size_t
length(const char *name)
{
	size_t	 len = strlen(name);

	while (len > 0 && name[len - 1] == '.')
		len--;
	return len;
}

/* The file of this name, in whatever spelling; or 0. */
static uint64_t
node_find(uint64_t dir, const char *name)
{
	uint64_t	 i;

	for (i = 2; i < nnodes; i++)
		if (nodes[i].parent == dir &&
		    length(nodes[i].name) == length(name) &&
		    strncasecmp(nodes[i].name, name, length(name)) == 0)
			return i;
	return 0;
}

/* A line of the log. */
static void
note(const char *what, const char *name)
{
	char	 line[300];
	int	 n;

	if (logfd == -1)
		return;
	n = snprintf(line, sizeof(line), "%u %s %s\n",
	    atomic_load(&shared->asked), what, name);
	/* One write, so that lines of several servers do not mix. */
	if (write(logfd, line, (size_t)n) != n)
		err(1, "log");
}

static void
reply(const struct fuse_in_header *in, int error, const void *data,
    size_t len)
{
	static char		 buf[MESSAGE_MAX];
	struct fuse_out_header	 out;

	memset(&out, 0, sizeof(out));
	out.len = (uint32_t)(sizeof(out) + len);
	out.error = -error;
	out.unique = in->unique;
	memcpy(buf, &out, sizeof(out));
	if (len > 0)
		memcpy(buf + sizeof(out), data, len);
	if (write(dev, buf, out.len) == -1 && errno != ENOENT)
		err(1, "reply");
}

static void
attr_fill(struct fuse_attr *a, uint64_t ino)
{
	const struct node	*n = &nodes[ino];
	struct timespec		 now;

	memset(a, 0, sizeof(*a));
	if (ino == stirred && clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
		a->ctime = (uint64_t)now.tv_sec;
		a->ctimensec = (uint32_t)now.tv_nsec;
	}
	a->ino = ino;
	a->size = n->lies ? n->size : n->text != NULL ? strlen(n->text) : 0;
	a->blocks = (a->size + 511) / 512;
	a->mode = n->mode;
	a->nlink = 1;
	a->uid = n->uid;
	a->gid = n->gid;
	a->blksize = 4096;
}

static void
entry_fill(struct fuse_entry_out *e, uint64_t ino)
{
	memset(e, 0, sizeof(*e));
	e->nodeid = ino;
	attr_fill(&e->attr, ino);
}

static void
do_init(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_init_in	*i = arg;
	struct fuse_init_out		 out;

	memset(&out, 0, sizeof(out));
	out.major = FUSE_KERNEL_VERSION;
	out.minor = FUSE_KERNEL_MINOR_VERSION;
	if (i->minor < out.minor)
		out.minor = i->minor;
	out.max_write = 4096;
	/* Several lookups in one directory. */
	out.flags = i->flags & FUSE_PARALLEL_DIROPS;
	reply(in, 0, &out, sizeof(out));
}

static void
do_lookup(const struct fuse_in_header *in, const void *arg)
{
	struct fuse_entry_out	 out;
	uint64_t		 ino = node_find(in->nodeid, arg);

	note("lookup", arg);
	if (ino == 0) {
		reply(in, ENOENT, NULL, 0);
		return;
	}
	entry_fill(&out, ino);
	reply(in, 0, &out, sizeof(out));
}

static void
do_getattr(const struct fuse_in_header *in, const void *arg)
{
	struct fuse_attr_out	 out;

	(void)arg;
	memset(&out, 0, sizeof(out));
	attr_fill(&out.attr, in->nodeid);
	reply(in, 0, &out, sizeof(out));
}

static void
do_setattr(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_setattr_in	*s = arg;

	if (s->valid & FATTR_UID)
		nodes[in->nodeid].uid = s->uid;
	if (s->valid & FATTR_GID)
		nodes[in->nodeid].gid = s->gid;
	do_getattr(in, arg);
}

static void
do_open(const struct fuse_in_header *in, const void *arg)
{
	struct fuse_open_out	 out;
	unsigned int		 i;

	(void)arg;
	note("open", nodes[in->nodeid].name);
	if (nodes[in->nodeid].stuck) {
		i = atomic_fetch_add(&shared->nstuck, 1);
		if (i >= sizeof(shared->stuck) / sizeof(shared->stuck[0]))
			errx(1, "too many requests that wait");
		atomic_store(&shared->stuck[i], in->unique);
		return;
	}
	memset(&out, 0, sizeof(out));
	/* Otherwise the kernel reads no more than the size says. */
	if (nodes[in->nodeid].lies)
		out.open_flags = FOPEN_DIRECT_IO;
	reply(in, 0, &out, sizeof(out));
}

/* As on vfat, a name loses the dots at its end. */
static void
do_create(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_create_in	*c = arg;
	struct {
		struct fuse_entry_out	 entry;
		struct fuse_open_out	 open;
	}				 out;
	uint64_t			 ino;

	if (node_find(in->nodeid, (const char *)(c + 1)) != 0) {
		reply(in, EEXIST, NULL, 0);
		return;
	}
	memset(&out, 0, sizeof(out));
	ino = node_add(in->nodeid, (const char *)(c + 1), "");
	nodes[ino].name[length(nodes[ino].name)] = '\0';
	nodes[ino].mode = S_IFREG | (c->mode & 0777);
	entry_fill(&out.entry, ino);
	reply(in, 0, &out, sizeof(out));
}

static void
do_read(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_read_in	*r = arg;
	const char			*text = nodes[in->nodeid].text;
	size_t				 len = strlen(text);

	if (r->offset >= len) {
		reply(in, nodes[in->nodeid].error, NULL, 0);
		return;
	}
	len -= r->offset;
	reply(in, 0, text + r->offset, len < r->size ? len : r->size);
}

/* What is written is forgotten, and a file that begins with "EIO" fails. */
static void
do_write(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_write_in	*w = arg;
	struct fuse_write_out		 out;

	if (w->size >= 3 && memcmp(w + 1, "EIO", 3) == 0) {
		reply(in, EIO, NULL, 0);
		return;
	}
	memset(&out, 0, sizeof(out));
	out.size = w->size;
	reply(in, 0, &out, sizeof(out));
}

static void
do_readdir(const struct fuse_in_header *in, const void *arg)
{
	static char			 buf[65536];
	const struct fuse_read_in	*r = arg;
	struct fuse_dirent		*de;
	uint64_t			 i;
	size_t				 len = 0, size;

	if (in->nodeid == back)
		node_exchange(&back_file, "secret", "public\n");
	for (i = r->offset < 2 ? 2 : r->offset; i < nnodes; i++) {
		if (nodes[i].parent != in->nodeid || nodes[i].hidden)
			continue;
		size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET +
		    strlen(nodes[i].name));
		if (len + size > r->size || len + size > sizeof(buf))
			break;
		de = (void *)(buf + len);
		memset(de, 0, size);
		de->ino = i;
		de->off = i + 1;
		de->namelen = (uint32_t)strlen(nodes[i].name);
		de->type = nodes[i].mode >> 12;
		memcpy(de->name, nodes[i].name, de->namelen);
		len += size;
	}
	reply(in, 0, buf, len);
	if (in->nodeid == away)
		node_exchange(&away_file, "SECRET", "denied\n");
}

static void
do_unlink(const struct fuse_in_header *in, const void *arg)
{
	uint64_t	 ino = node_find(in->nodeid, arg);

	if (ino != 0)
		nodes[ino].parent = 0;
	reply(in, ino != 0 ? 0 : ENOENT, NULL, 0);
}

static void
do_rename2(const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_rename2_in	*r = arg;
	const char			*from = (const char *)(r + 1);
	const char			*to = from + strlen(from) + 1;
	uint64_t			 ino = node_find(in->nodeid, from);
	uint64_t			 old = node_find(r->newdir, to);

	if (ino == 0 || (old != 0 && r->flags != 0)) {
		reply(in, ino == 0 ? ENOENT : EEXIST, NULL, 0);
		return;
	}
	if (old != 0)
		nodes[old].parent = 0;
	nodes[ino].parent = r->newdir;
	(void)snprintf(nodes[ino].name, sizeof(nodes[ino].name), "%s", to);
	reply(in, 0, NULL, 0);
}

static void
do_statfs(const struct fuse_in_header *in, const void *arg)
{
	struct fuse_statfs_out	 out;

	(void)arg;
	memset(&out, 0, sizeof(out));
	out.st.bsize = 4096;
	out.st.namelen = 255;
	reply(in, 0, &out, sizeof(out));
}

static void
do_nothing(const struct fuse_in_header *in, const void *arg)
{
	(void)arg;
	reply(in, 0, NULL, 0);
}

/* Whoever waits for this request got a signal. */
static void
do_interrupt(const void *arg)
{
	const struct fuse_interrupt_in	*i = arg;
	const struct fuse_in_header	 in = { .unique = i->unique };
	unsigned int			 k, n = atomic_load(&shared->nstuck);

	for (k = 0; k < n; k++)
		if (atomic_load(&shared->stuck[k]) == i->unique)
			reply(&in, EINTR, NULL, 0);
}

static bool
is_counted(const struct fuse_in_header *in)
{
	return in->opcode == FUSE_LOOKUP || in->opcode == FUSE_OPEN ||
	    in->opcode == FUSE_OPENDIR;
}

static const struct {
	uint32_t	 opcode;
	void		(*serve)(const struct fuse_in_header *, const void *);
} rows[] = {
	{ FUSE_INIT, do_init }, { FUSE_LOOKUP, do_lookup },
	{ FUSE_GETATTR, do_getattr }, { FUSE_SETATTR, do_setattr },
	{ FUSE_OPEN, do_open }, { FUSE_OPENDIR, do_open },
	{ FUSE_CREATE, do_create }, { FUSE_READ, do_read },
	{ FUSE_WRITE, do_write }, { FUSE_UNLINK, do_unlink },
	{ FUSE_RENAME2, do_rename2 },
	{ FUSE_READDIR, do_readdir }, { FUSE_STATFS, do_statfs },
	{ FUSE_RELEASE, do_nothing }, { FUSE_RELEASEDIR, do_nothing }
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static void
serve(const struct fuse_in_header *in, const void *arg)
{
	size_t	 i;

	if (in->opcode == FUSE_INTERRUPT)
		do_interrupt(arg);
	if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET ||
	    in->opcode == FUSE_INTERRUPT)
		return;		/* not answered */
	for (i = 0; i < NROWS; i++) {
		if (rows[i].opcode == in->opcode) {
			rows[i].serve(in, arg);
			return;
		}
	}
	reply(in, ENOSYS, NULL, 0);
}

/* Serve until the file system is unmounted. */
static void
serve_all(long delay)
{
	static uint64_t		 buf[MESSAGE_MAX / sizeof(uint64_t)];
	struct fuse_in_header	*in = (void *)buf;
	struct timespec		 pause;
	ssize_t			 n;
	bool			 counted;

	pause.tv_sec = delay / 1000;
	pause.tv_nsec = delay % 1000 * 1000000;
	for (;;) {
		n = read(dev, buf, sizeof(buf));
		if (n == -1 && (errno == EINTR || errno == ENOENT))
			continue;
		if (n == -1 && errno == ENODEV)
			return;
		if (n == -1)
			err(1, "/dev/fuse");
		counted = is_counted(in);
		if (counted)
			atomic_fetch_add(&shared->asked, 1);
		if (delay > 0)
			(void)nanosleep(&pause, NULL);
		serve(in, in + 1);
		if (counted)
			atomic_fetch_sub(&shared->asked, 1);
	}
}

int
main(int argc, char *argv[])
{
	const char	*error = NULL;
	char		 options[128];
	long		 delay = 0;
	pid_t		 pid = 1;
	int		 i, ch;

	while ((ch = getopt(argc, argv, "l:o:")) != -1) {
		if (ch == 'l') {
			delay = (long)strtonum(optarg, 1, 1000, &error);
			if (error != NULL)
				errx(2, "-l %s: %s", optarg, error);
		} else if (ch != 'o') {
			return 2;
		} else if ((logfd = open(optarg, O_WRONLY | O_CREAT | O_APPEND |
		    O_CLOEXEC, 0644)) == -1) {
			err(1, "%s", optarg);
		}
	}
	if (argc - optind != 1)
		return 2;
	argv += optind - 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	nodes_make();
	if ((dev = open("/dev/fuse", O_RDWR | O_CLOEXEC)) == -1)
		err(1, "/dev/fuse");
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,"
	    "user_id=0,group_id=0,allow_other", dev);
	if (mount("foldfs", argv[1], "fuse.foldfs", MS_NOSUID | MS_NODEV,
	    options) == -1)
		err(1, "%s", argv[1]);
	/* The children end when it is unmounted, as we do. */
	for (i = 1; delay > 0 && pid > 0 && i < SERVERS; i++)
		if ((pid = fork()) == -1)
			err(1, "fork");
	if (pid > 0) {
		(void)printf("mounted\n");
		(void)fflush(stdout);
	}
	serve_all(delay);
	return 0;
}
