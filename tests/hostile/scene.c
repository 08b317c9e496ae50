/*
 * scene.c: the files and sockets that are attacked; see hostile.h.
 *
 * Runs in the runner, as root, with mounts and a network of its own: all of it
 * goes away with the process.
 */

#include "config.h"

#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <net/if.h>

#include <linux/fs.h>
#include <linux/openat2.h>

#include "hostile.h"

#define TEXT	"as it was\n"
#define THEN	1000000000	/* the time that files have */

enum kind {
	DIRECTORY, FILE_OF_ROOT, FILE_OF_ATTACKER, PROGRAM, DEVICE, FIFO, LINK
};

/* Everything is such that modes alone do not stop the attacker. */
static const struct node {
	const char	*name;
	enum kind	 kind;
	mode_t		 mode;
} nodes[] = {
	{ "empty",		DIRECTORY,		0755 },
	{ "root",		DIRECTORY,		0755 },
	{ "root/denied",	FILE_OF_ROOT,		0644 },
	{ "root/open",		FILE_OF_ROOT,		0666 },
	{ "root/own",		FILE_OF_ATTACKER,	0644 },
	{ "root/program",	PROGRAM,		0755 },
	{ "root/suid",		PROGRAM,		04755 },
	{ "root/device",	DEVICE,			0666 },
	{ "root/fifo",		FIFO,			0666 },
	{ "root/link",		LINK,			0777 },
	{ "root/sub",		DIRECTORY,		0755 },
	{ "root/drop",		DIRECTORY,		01777 },
	{ "root/drop/file",	FILE_OF_ATTACKER,	0644 },
	{ "inbox",		DIRECTORY,		0777 },
	{ "inbox/log",		FILE_OF_ATTACKER,	0666 },
	{ "inbox/program",	PROGRAM,		0755 },
	{ "inbox/device",	DEVICE,			0666 },
	{ "made",		DIRECTORY,		0777 },
	{ "made/there",		FILE_OF_ATTACKER,	0666 },
	{ "single",		DIRECTORY,		0755 },
	{ "single/file",	FILE_OF_ROOT,		0644 },
	{ "single/log",		FILE_OF_ATTACKER,	0644 },
	{ "single/beside",	FILE_OF_ATTACKER,	0644 },
	{ "outside",		DIRECTORY,		0755 },
	{ "outside/secret",	FILE_OF_ROOT,		0644 },
	{ "outside/private",	FILE_OF_ROOT,		0600 },
	{ "outside/program",	PROGRAM,		0755 },
	{ "outside/suid",	PROGRAM,		04755 },
	{ "outside/link",	LINK,			0777 },
	{ "outside/out",	FILE_OF_ATTACKER,	0600 },
	{ "outside/drop",	DIRECTORY,		01777 },
	{ "outside/closed",	DIRECTORY,		0700 },
	{ "outside/closed/file", FILE_OF_ROOT,		0644 },
	{ "other",		DIRECTORY,		0755 },
};

/* What a try may make. */
static const char *const made[] = {
	"root/drop/new", "inbox/new", "single/new", "made/new",
	"outside/drop/new",
};

#define NNODES	(sizeof(nodes) / sizeof(nodes[0]))
#define NMADE	(sizeof(made) / sizeof(made[0]))

const char *
scene_path(const struct world *w, const char *name)
{
	static char	 path[2][sizeof(w->dir) + 64];
	static int	 i;

	i = !i;
	if ((size_t)snprintf(path[i], sizeof(path[i]), "%s/%s", w->dir,
	    name) >= sizeof(path[i]))
		errx(1, "%s/%s: too long", w->dir, name);
	return path[i];
}

int
scene_open(int dirfd, const char *name, uint64_t flags, uint64_t mode)
{
	struct open_how	 how;

	memset(&how, 0, sizeof(how));
	how.flags = flags | O_CLOEXEC;
	how.mode = mode;
	return (int)syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
}

/*
 * A program that needs nothing of its surroundings, so that only the execution
 * itself can fail: it exits with 0 if it is root, else with RUN_VAIN, or
 * always with 0.
 */
static void
program_write(int fd, bool suid)
{
#ifdef __x86_64__
	static const unsigned char	 code[] = {
		0xb8, 107, 0, 0, 0,		/* mov	geteuid, eax */
		0x0f, 0x05,			/* syscall */
		0x85, 0xc0,			/* test	eax, eax */
		0xbf, 0, 0, 0, 0,		/* mov	0, edi */
		0x74, 5,			/* jz	over the next */
		0xbf, RUN_VAIN, 0, 0, 0,	/* mov	RUN_VAIN, edi */
		0xb8, 60, 0, 0, 0,		/* mov	exit, eax */
		0x0f, 0x05			/* syscall */
	};
	struct {
		Elf64_Ehdr	 eh;
		Elf64_Phdr	 ph;
		unsigned char	 code[sizeof(code)];
	} elf;

	memset(&elf, 0, sizeof(elf));
	memcpy(elf.eh.e_ident, ELFMAG, SELFMAG);
	elf.eh.e_ident[EI_CLASS] = ELFCLASS64;
	elf.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.eh.e_ident[EI_VERSION] = EV_CURRENT;
	elf.eh.e_type = ET_EXEC;
	elf.eh.e_machine = EM_X86_64;
	elf.eh.e_version = EV_CURRENT;
	elf.eh.e_phoff = offsetof(__typeof__(elf), ph);
	elf.eh.e_ehsize = sizeof(elf.eh);
	elf.eh.e_phentsize = sizeof(elf.ph);
	elf.eh.e_phnum = 1;
	elf.ph.p_type = PT_LOAD;
	elf.ph.p_flags = PF_R | PF_X;
	elf.ph.p_vaddr = 0x400000;
	elf.ph.p_filesz = elf.ph.p_memsz = sizeof(elf);
	elf.ph.p_align = 0x1000;
	memcpy(elf.code, code, sizeof(code));
	if (!suid)
		elf.code[17] = 0;
	elf.eh.e_entry = elf.ph.p_vaddr + offsetof(__typeof__(elf), code);
	if (write(fd, &elf, sizeof(elf)) != sizeof(elf))
		err(1, "program");
#else
	/* None is known for this machine: FEATURE_PROGRAM. */
	(void)suid;
	if (write(fd, "\177ELF", 4) != 4)
		err(1, "program");
#endif
}

static void
node_make(const struct world *w, const struct node *n)
{
	const char	*path = scene_path(w, n->name);
	int		 fd;

	switch (n->kind) {
	case DIRECTORY:
		if (mkdir(path, n->mode) == -1 || chmod(path, n->mode) == -1)
			err(1, "%s", path);
		break;
	case FILE_OF_ROOT:
	case FILE_OF_ATTACKER:
	case PROGRAM:
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd == -1)
			err(1, "%s", path);
		if (n->kind == PROGRAM)
			program_write(fd, (n->mode & S_ISUID) != 0);
		if (fchmod(fd, n->mode) == -1)
			err(1, "%s", path);
		close(fd);
		break;
	case DEVICE:
		if (mknod(path, S_IFCHR | n->mode, makedev(1, 3)) == -1 ||
		    chmod(path, n->mode) == -1)
			err(CANNOT, "%s", path);
		break;
	case FIFO:
		if (mkfifo(path, n->mode) == -1)
			err(1, "%s", path);
		break;
	case LINK:
		if (symlink("../outside/secret", path) == -1)
			err(1, "%s", path);
		break;
	}
}

static void
file_reset(const struct world *w, const struct node *n)
{
	const struct timespec	 then[2] = { { THEN, 0 }, { THEN, 0 } };
	const char		*path = scene_path(w, n->name);
	uid_t			 uid;
	int			 fd, flags = 0;

	uid = n->kind == FILE_OF_ATTACKER ? w->uid : 0;
	/*
	 * A lease that a try left would make this wait.  O_CREAT is for what is
	 * gone only: with fs.protected_regular nobody may give it for another
	 * user's file in a sticky directory.
	 */
	fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	/* Flags and attributes: on new kernels only. */
	if (fd != -1)
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	if (fd == -1 ||
	    write(fd, TEXT, sizeof(TEXT) - 1) != sizeof(TEXT) - 1 ||
	    fchown(fd, uid, 0) == -1 || fchmod(fd, n->mode) == -1)
		err(1, "%s", path);
	(void)fremovexattr(fd, "user.hostile");
	if (futimens(fd, then) == -1)
		err(1, "%s", path);
	close(fd);
}

void
scene_reset(const struct world *w)
{
	size_t	 i;

	if (w->lock != -1) {
		struct flock	 fl = { .l_type = F_UNLCK };

		(void)flock(w->lock, LOCK_UN);
		(void)fcntl(w->lock, F_OFD_SETLK, &fl);
		(void)fcntl(w->lock, F_SETLEASE, F_UNLCK);
	}
	for (i = 0; i < NMADE; i++)
		if (unlink(scene_path(w, made[i])) == -1 && errno == EISDIR)
			(void)rmdir(scene_path(w, made[i]));
	for (i = 0; i < NNODES; i++)
		if (nodes[i].kind == FILE_OF_ROOT ||
		    nodes[i].kind == FILE_OF_ATTACKER)
			file_reset(w, &nodes[i]);
	if (w->append != -1)
		(void)fcntl(w->append, F_SETFL, O_APPEND);
}

static int
listen_inet(struct sockaddr_in *sin, int type)
{
	socklen_t	 len = sizeof(*sin);
	int		 fd;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)sin, len) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 16) == -1) ||
	    getsockname(fd, (struct sockaddr *)sin, &len) == -1)
		err(1, "loopback");
	return fd;
}

static bool
has(enum feature f)
{
	char	 why[FEATURE_WHY];

	return feature_has(f, 0, why);
}

static int
listen_local(const struct sockaddr_un *sun, socklen_t len, int type)
{
	int	 fd;

	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind(fd, (const struct sockaddr *)sun, len) == -1 ||
	    (type == SOCK_STREAM && listen(fd, 16) == -1))
		err(1, "local socket");
	return fd;
}

/* A socket with a file that all may write to. */
static int
listen_path(const struct world *w, const char *name, struct sockaddr_un *sun,
    int type)
{
	const char	*path = scene_path(w, name);
	int		 fd;

	sun->sun_family = AF_UNIX;
	if (strlcpy(sun->sun_path, path, sizeof(sun->sun_path)) >=
	    sizeof(sun->sun_path))
		errx(1, "%s: too long", path);
	fd = listen_local(sun, sizeof(*sun), type);
	if (chmod(path, 0777) == -1)
		err(1, "%s", path);
	return fd;
}

static void
sockets_make(struct world *w)
{
	int	 n;

	/* Who attacks what is missing is not listened to. */
	w->tcp_sock = w->udp_sock = w->abstract_sock = -1;
	if (has(FEATURE_INET)) {
		w->tcp_sock = listen_inet(&w->tcp, SOCK_STREAM);
		w->udp_sock = listen_inet(&w->udp, SOCK_DGRAM);
	}
	w->local_sock = listen_path(w, "outside/sock", &w->local,
	    SOCK_STREAM);
	w->mail_sock = listen_path(w, "outside/mail", &w->mail, SOCK_DGRAM);
	w->abstract.sun_family = AF_UNIX;
	n = snprintf(w->abstract.sun_path + 1,
	    sizeof(w->abstract.sun_path) - 1, "fdbroker-hostile.%d",
	    (int)getpid());
	w->abstract_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    1 + (size_t)n);
	if (has(FEATURE_ABSTRACT))
		w->abstract_sock = listen_local(&w->abstract,
		    w->abstract_len, SOCK_DGRAM);
}

static void
handle_make(struct world *w)
{
	struct file_handle	*fh = (struct file_handle *)w->handle;
	const char		*path = scene_path(w, "outside/private");
	int			 id;

	if (!has(FEATURE_HANDLES))
		return;
	fh->handle_bytes = sizeof(w->handle) - sizeof(*fh);
	if (name_to_handle_at(AT_FDCWD, path, fh, &id, 0) == -1)
		err(1, "%s: handle", path);
}

/* The system's device, if there is one, for everybody. */
static void
fuse_make(const struct world *w)
{
	const char	*path = scene_path(w, "outside/fuse");
	struct stat	 st;

	if (stat("/dev/fuse", &st) == 0 &&
	    (mknod(path, S_IFCHR, st.st_rdev) == -1 ||
	    chmod(path, 0666) == -1))
		err(CANNOT, "%s", path);
}

/*
 * A network of our own, in which nobody else's abstract sockets are either, if
 * it can be had.
 */
static void
network_make(void)
{
	struct ifreq	 ifr;
	int		 fd;

	if (unshare(CLONE_NEWNET) == -1)
		return;
	/* FEATURE_INET says the rest. */
	memset(&ifr, 0, sizeof(ifr));
	(void)strlcpy(ifr.ifr_name, "lo", sizeof(ifr.ifr_name));
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return;
	(void)ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

int
scene_make(struct world *w, const char *dir)
{
	const char	*path;
	size_t		 i;
	int		 fd;

	if (strlcpy(w->dir, dir, sizeof(w->dir)) >= sizeof(w->dir))
		errx(1, "%s: too long", dir);
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", dir, "tmpfs", 0, "mode=0755") == -1)
		return -1;
	network_make();
	(void)umask(0);
	for (i = 0; i < NNODES; i++)
		node_make(w, &nodes[i]);
	fuse_make(w);
	path = scene_path(w, "other");
	if (mount("none", path, "tmpfs", 0, "mode=0755") == -1)
		return -1;
	path = scene_path(w, "other/secret");
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) == -1)
		return -1;
	close(fd);
	path = scene_path(w, "outside/closed/file");
	if ((w->secret = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	/* Whoever opens it to write finds a reader. */
	path = scene_path(w, "root/fifo");
	if ((w->fifo = open(path, O_RDWR | O_CLOEXEC)) == -1)
		return -1;
	sockets_make(w);
	handle_make(w);
	return 0;
}

/* True unless the file is as file_reset() makes it. */
static bool
is_changed(const struct world *w, const char *name, bool anything)
{
	char		 text[64];
	struct stat	 st;
	ssize_t		 n;
	int		 fd, flags = 0;
	bool		 changed;

	fd = open(scene_path(w, name), O_RDONLY | O_CLOEXEC | O_NOATIME);
	if (fd == -1)
		return true;
	n = read(fd, text, sizeof(text));
	changed = n != sizeof(TEXT) - 1 || memcmp(text, TEXT, (size_t)n) != 0;
	if (anything && (fstat(fd, &st) == -1 || st.st_mtime != THEN ||
	    st.st_atime != THEN || st.st_gid != 0 || st.st_uid != w->uid ||
	    st.st_nlink != 1 || (st.st_mode & 0111) != 0 ||
	    fgetxattr(fd, "user.hostile", NULL, 0) != -1 ||
	    (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && flags != 0)))
		changed = true;
	close(fd);
	return changed;
}

bool
check_open(const struct world *w, bool claimed)
{
	(void)claimed;
	return is_changed(w, "root/open", false);
}

bool
check_own(const struct world *w, bool claimed)
{
	(void)claimed;
	return is_changed(w, "root/own", true);
}

bool
check_inbox(const struct world *w, bool claimed)
{
	(void)claimed;
	return is_changed(w, "inbox/log", true);
}

bool
check_beside(const struct world *w, bool claimed)
{
	(void)claimed;
	return is_changed(w, "single/beside", true);
}

bool
check_made(const struct world *w, bool claimed)
{
	(void)claimed;
	return is_changed(w, "made/there", true);
}

bool
check_file(const struct world *w, bool claimed)
{
	(void)claimed;
	return access(scene_path(w, "root/drop/file"), F_OK) == -1;
}

bool
check_new(const struct world *w, bool claimed)
{
	struct stat	 st;
	size_t		 i;

	(void)claimed;
	for (i = 0; i < NMADE; i++)
		if (lstat(scene_path(w, made[i]), &st) == 0)
			return true;
	return false;
}

bool
check_suid(const struct world *w, bool claimed)
{
	struct stat	 st;

	(void)claimed;
	return lstat(scene_path(w, "made/new"), &st) == 0 && st.st_uid == 0 &&
	    (st.st_mode & S_ISUID) != 0;
}

bool
check_suid_filled(const struct world *w, bool claimed)
{
	struct stat	 st;

	(void)claimed;
	return lstat(scene_path(w, "made/new"), &st) == 0 &&
	    (st.st_mode & S_ISUID) != 0 && st.st_size > 0;
}

/* True if the attacker's open file keeps others from locking or writing. */
bool
check_locked(const struct world *w, bool claimed)
{
	struct flock	 fl = { .l_type = F_WRLCK };
	bool		 locked = true;
	int		 fd;

	(void)claimed;
	fd = open(scene_path(w, "root/own"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return errno == EWOULDBLOCK;
	locked = flock(fd, LOCK_EX | LOCK_NB) == -1 ||
	    fcntl(fd, F_OFD_SETLK, &fl) == -1;
	close(fd);
	return locked;
}

static bool
accepted(int sock)
{
	int	 fd = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

bool
check_tcp(const struct world *w, bool claimed)
{
	struct pollfd	 pfd = { .fd = w->tcp_sock, .events = POLLIN };

	/* What was connected is in the queue, but for the last packet. */
	if (claimed)
		(void)poll(&pfd, 1, 2000);
	return accepted(w->tcp_sock);
}

bool
check_udp(const struct world *w, bool claimed)
{
	char	 c;

	(void)claimed;
	return recv(w->udp_sock, &c, sizeof(c), 0) == 1;
}

bool
check_local(const struct world *w, bool claimed)
{
	(void)claimed;
	return accepted(w->local_sock);
}

bool
check_mail(const struct world *w, bool claimed)
{
	char	 c;

	(void)claimed;
	return recv(w->mail_sock, &c, sizeof(c), 0) == 1;
}

bool
check_abstract(const struct world *w, bool claimed)
{
	char	 c;

	(void)claimed;
	return recv(w->abstract_sock, &c, sizeof(c), 0) == 1;
}
