/*
 * test_audit.c: what the audit writes about a request, at which rate, and to
 * which file.
 */

#include "config.h"

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/audit.h"
#include "ipc/event.h"
#include "policy/tables.h"
#include "tests/unit/util.h"

#define LINE	4096

static struct audit		 audit;
static struct audit_rate	 rate;
static struct audit_entry	 entry;
static char			 file[128];
/* What it remembers. */
static struct audit_entry	 remembered[AUDIT_REMEMBERED + AUDIT_MISSES];

/*
 * A parser for the part of JSON that the audit uses: one object, whose values
 * are strings and whole numbers.
 */
struct json {
	const char	*at;
	size_t		 members;
	const char	*want;		/* the member to find, or NULL */
	char		 value[LINE];	/* its value, decoded */
	bool		 found;
};

static bool
json_string(struct json *j, char *out, size_t size)
{
	size_t	 n = 0;

	if (*j->at++ != '"')
		return false;
	for (; *j->at != '"'; j->at++) {
		if ((unsigned char)*j->at < 0x20 || *j->at & 0x80)
			return false;
		if (*j->at == '\\' && *++j->at != '"' && *j->at != '\\')
			return false;
		if (n + 1 >= size)
			return false;
		out[n++] = *j->at;
	}
	out[n] = '\0';
	j->at++;
	return true;
}

/* An optional minus sign, then digits without leading zeros. */
static bool
json_number(struct json *j, char *out, size_t size)
{
	size_t	 n = 0;

	if (*j->at == '-')
		out[n++] = *j->at++;
	if (*j->at == '0' && isdigit((unsigned char)j->at[1]))
		return false;
	while (isdigit((unsigned char)*j->at) && n + 1 < size)
		out[n++] = *j->at++;
	out[n] = '\0';
	return n > 0 && out[n - 1] != '-';
}

static bool
json_object(struct json *j)
{
	char	 name[64], value[LINE];

	if (*j->at++ != '{')
		return false;
	for (;;) {
		if (!json_string(j, name, sizeof(name)) || *j->at++ != ':')
			return false;
		if (*j->at == '"' ? !json_string(j, value, sizeof(value)) :
		    !json_number(j, value, sizeof(value)))
			return false;
		j->members++;
		if (j->want != NULL && strcmp(j->want, name) == 0) {
			if (j->found)
				return false;
			j->found = true;
			(void)strlcpy(j->value, value, sizeof(j->value));
		}
		if (*j->at == '}')
			return *++j->at == '\0';
		if (*j->at++ != ',')
			return false;
	}
}

/* The value of a member of a line, "" if there is none. */
static const char *
member(const char *line, const char *name)
{
	static struct json	 j;

	memset(&j, 0, sizeof(j));
	j.at = line;
	j.want = name;
	if (!json_object(&j))
		fail_msg("not JSON: %s", line);
	return j.value;
}

static bool
has(const char *line, const char *name)
{
	struct json	 j = { .at = line, .want = name };

	return json_object(&j) && j.found;
}

static void
sample(void)
{
	memset(&entry, 0, sizeof(entry));
	entry.when.tv_sec = 1790000000;
	entry.when.tv_nsec = 123456789;
	entry.subject.session = 5;
	entry.subject.uid = 4294967294U;
	entry.subject.pid = 4711;
	(void)strlcpy(entry.subject.role, "nightly",
	    sizeof(entry.subject.role));
	entry.event.op = POLICY_OP_READ;
	entry.event.error = EACCES;
	entry.event.reason = FDB_REASON_POLICY;
	entry.event.policy = POLICY_DENIED;
	entry.event.id = 0x5001;
	entry.event.generation = 3;
	(void)strlcpy(entry.event.where, "fdbroker.conf:7 \"keys\"",
	    sizeof(entry.event.where));
	event_set_path(&entry.event, "/home/u/.ssh/id_rsa");
}

static const char *
format(void)
{
	static char	 line[LINE];
	size_t		 len;

	memset(line, 'x', sizeof(line));
	len = auditline_format(line, sizeof(line), &entry);
	assert_true(len > 0 && len == strlen(line));
	assert_null(strchr(line, '\n'));
	return line;
}

static void
test_format(void **state)
{
	const char	*line;

	(void)state;
	sample();
	line = format();
	assert_string_equal(line, "{\"time\":\"2026-09-21T14:13:20.123456Z\","
	    "\"generation\":3,\"session\":5,\"uid\":4294967294,\"pid\":4711,"
	    "\"role\":\"nightly\",\"operation\":\"read\","
	    "\"path\":\"/home/u/.ssh/id_rsa\",\"verdict\":\"denied\","
	    "\"reason\":\"policy\",\"policy\":\"denied\","
	    "\"errno\":\"EACCES\",\"id\":\"5001\","
	    "\"rule\":\"fdbroker.conf:7 \\\"keys\\\"\"}");
	/* A file that was opened is named by its inode; no rule is named. */
	entry.event.reason = FDB_REASON_NONE;
	entry.event.error = entry.event.id = 0;
	entry.event.where[0] = '\0';
	entry.event.dev_major = 8;
	entry.event.dev_minor = 17;
	entry.event.ino = UINT64_MAX;
	line = format();
	assert_string_equal(member(line, "verdict"), "permitted");
	assert_string_equal(member(line, "dev"), "8:17");
	assert_string_equal(member(line, "ino"), "18446744073709551615");
	assert_false(has(line, "reason"));
	assert_false(has(line, "errno"));
	assert_false(has(line, "id"));
	assert_false(has(line, "rule"));
	assert_false(has(line, "policy"));
}

static void
test_verdicts(void **state)
{
	static const char *const	 verdicts[] = {
		"permitted", "denied", "refused", "limited", "denied",
		"denied"
	};
	const char			*line;
	uint8_t				 reason;

	(void)state;
	sample();
	for (reason = 0; reason <= FDB_REASON_NAME; reason++) {
		entry.event.reason = reason;
		entry.event.error = reason == 0 ? 0 : ENOENT;
		line = format();
		assert_string_equal(member(line, "verdict"),
		    verdicts[reason]);
		assert_int_equal(has(line, "reason"), reason != 0);
		assert_string_equal(member(line, "errno"),
		    reason == 0 ? "" : "ENOENT");
	}
	/* An error or operation that has no name. */
	entry.event.error = 100000;
	assert_string_equal(member(format(), "errno"), "unknown");
	entry.event.error = UINT32_MAX;
	assert_string_equal(member(format(), "errno"), "unknown");
	entry.event.op = 0x40000000;
	assert_string_equal(member(format(), "operation"), "unknown");
	entry.event.op = POLICY_OP_LIST;
	assert_string_equal(member(format(), "operation"), "list");
}

/* The earliest time, and one that no date can express. */
static void
test_times(void **state)
{
	(void)state;
	sample();
	entry.when.tv_sec = 0;
	entry.when.tv_nsec = 999;
	assert_string_equal(member(format(), "time"),
	    "1970-01-01T00:00:00.000000Z");
	entry.when.tv_nsec = 999999999;
	assert_string_equal(member(format(), "time"),
	    "1970-01-01T00:00:00.999999Z");
	entry.when.tv_sec = (time_t)INT64_MAX;
	entry.when.tv_nsec = 0;
	assert_string_equal(member(format(), "time"),
	    "1970-01-01T00:00:00.000000Z");
}

/* Any path that a client can send, as the opener encodes it. */
static void
test_hostile_paths(void **state)
{
	char	 path[512];
	int	 i, k, n;

	(void)state;
	sample();
	event_set_path(&entry.event, "/a\"b\\c\nd\",\"uid\":0,\"x\":\"\xff");
	assert_string_equal(member(format(), "path"), entry.event.path);
	assert_string_equal(member(format(), "uid"), "4294967294");
	assert_false(has(format(), "x"));
	for (i = 0; i < 20000; i++) {
		n = (int)util_random(sizeof(path) - 1);
		for (k = 0; k < n; k++)
			path[k] = (char)(util_random(3) == 0 ?
			    "\"\\\n{}:,"[util_random(7)] :
			    (int)util_random(255) + 1);
		path[n] = '\0';
		event_set_path(&entry.event, path);
		assert_string_equal(member(format(), "path"),
		    entry.event.path);
	}
}

/* The largest record fits; with one byte less, nothing is written. */
static void
test_room(void **state)
{
	char	 path[PROTO_PATH_MAX], line[LINE];
	size_t	 whole, n;

	(void)state;
	sample();
	memset(path, '"', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	event_set_path(&entry.event, path);
	memset(entry.event.where, '\\', sizeof(entry.event.where) - 1);
	memset(entry.subject.role, 'r', sizeof(entry.subject.role) - 1);
	entry.subject.session = entry.event.generation = UINT32_MAX;
	entry.event.dev_major = entry.event.dev_minor = UINT32_MAX;
	entry.event.ino = UINT64_MAX;
	entry.event.id = UINT32_MAX;
	(void)member(format(), "path");
	whole = strlen(format());
	assert_true(whole < LINE - 1);
	for (n = 1; n <= whole; n++)
		assert_int_equal(auditline_format(line, n, &entry), 0);
	assert_int_equal(auditline_format(line, whole + 1, &entry), whole);
}

static void
begin(enum audit_mode mode)
{
	(void)strlcpy(file, util_path("audit"), sizeof(file));
	memset(&rate, 0, sizeof(rate));
	sample();
	audit_init(&audit);
	assert_int_equal(audit_configure(&audit, mode, file), 0);
}

static const char *
record(void)
{
	return audit_record(&audit, &rate, &entry.subject, &entry.event);
}

/*
 * Check that all of a file is lines of JSON, and put the last one into line,
 * of LINE bytes, unless it is NULL.  Their number.
 */
static size_t
lines_of(const char *path, char *line)
{
	char	 buf[LINE + 1];
	size_t	 n = 0;
	FILE	*fp;

	if ((fp = fopen(path, "re")) == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	while (fgets(buf, sizeof(buf), fp) != NULL) {
		assert_true(buf[strlen(buf) - 1] == '\n');
		buf[strlen(buf) - 1] = '\0';
		(void)member(buf, "time");
		if (line != NULL)
			(void)strlcpy(line, buf, LINE);
		n++;
	}
	fclose(fp);
	return n;
}

/* Is this in the file, whatever its lines are? */
static bool
has_line(const char *path, const char *text)
{
	char	 buf[8 * LINE];
	size_t	 n;
	FILE	*fp;

	if ((fp = fopen(path, "re")) == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	n = fread(buf, 1, sizeof(buf) - 1, fp);
	fclose(fp);
	buf[n] = '\0';
	return strstr(buf, text) != NULL;
}

static void
test_file(void **state)
{
	char		 line[LINE];
	struct stat	 st;

	(void)state;
	(void)umask(0);
	begin(AUDITMODE_DENIED);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(util_is_cloexec(audit.fd));
	assert_true(fcntl(audit.fd, F_GETFL) & O_APPEND);
	assert_int_equal(fcntl(audit.fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	assert_non_null(record());
	assert_int_equal(lines_of(file, line), 1);
	assert_string_equal(member(line, "path"), "/home/u/.ssh/id_rsa");
	/* Whatever the offset is, earlier lines stay. */
	assert_int_equal(lseek(audit.fd, 0, SEEK_SET), 0);
	(void)record();
	assert_int_equal(lines_of(file, NULL), 2);
	audit_close(&audit);
	assert_int_equal(audit.fd, -1);
	assert_null(audit.path);
	/* They stay after a restart, too. */
	begin(AUDITMODE_DENIED);
	(void)record();
	assert_int_equal(lines_of(file, NULL), 3);
	assert_true(audit.written == 1);
	audit_close(&audit);
}

/* The mode decides what is written; every refusal is remembered. */
static void
test_modes(void **state)
{
	const struct {
		enum audit_mode	 mode;
		size_t		 lines;
	} cases[] = {
		{ AUDITMODE_NONE, 0 },
		{ AUDITMODE_DENIED, 1 },
		{ AUDITMODE_ALL, 3 }
	};
	size_t	 i, before = 0;

	(void)state;
	for (i = 0; i < 3; i++) {
		begin(cases[i].mode);
		assert_non_null(strstr(record(), "EACCES"));
		entry.event.reason = FDB_REASON_KERNEL;
		entry.event.error = ENOENT;
		assert_non_null(strstr(record(), "ENOENT"));
		entry.event.reason = FDB_REASON_NONE;
		entry.event.error = 0;
		assert_non_null(strstr(record(), "permitted"));
		assert_int_equal(lines_of(file, NULL), before +
		    cases[i].lines);
		before += cases[i].lines;
		assert_true(audit.written == cases[i].lines);
		assert_true(audit.denied == 2);
		assert_int_equal(audit.refusals.used, 1);
		assert_int_equal(audit.misses.used, 1);
		audit_close(&audit);
	}
}

static void
expect_no_file(const char *path, int error)
{
	assert_int_equal(audit_configure(&audit, AUDITMODE_ALL, path), -1);
	if (error != 0)
		assert_int_equal(errno, error);
	assert_non_null(strstr(util_logged(), path));
}

/*
 * Only a regular file under its own name is written to.  A configuration that
 * cannot be applied changes nothing.
 */
static void
test_no_file(void **state)
{
	char	 path[128];
	size_t	 fds;
	int	 fd, old;

	(void)state;
	begin(AUDITMODE_DENIED);
	old = audit.fd;
	fds = util_count_fds();
	util_write_file(util_path("target"), "");
	(void)strlcpy(path, util_path("link"), sizeof(path));
	assert_int_equal(symlink("target", path), 0);
	expect_no_file(path, ELOOP);
	(void)strlcpy(path, util_path("dangling"), sizeof(path));
	assert_int_equal(symlink("new", path), 0);
	expect_no_file(path, ELOOP);
	assert_false(util_exists(util_path("new")));
	(void)strlcpy(path, util_path("dir"), sizeof(path));
	assert_int_equal(mkdir(path, 0755), 0);
	expect_no_file(path, EISDIR);
	(void)strlcpy(path, util_path("no/dir"), sizeof(path));
	expect_no_file(path, ENOENT);
	/* A FIFO without a reader does not hang; with one it is refused. */
	(void)strlcpy(path, util_path("fifo"), sizeof(path));
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_no_file(path, ENXIO);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	expect_no_file(path, 0);
	close(fd);
	expect_no_file("/dev/null", 0);

	assert_int_equal(audit.fd, old);
	assert_string_equal(audit.path, file);
	assert_int_equal(audit.mode, AUDITMODE_DENIED);
	assert_int_equal(util_count_fds(), fds);
	(void)record();
	assert_int_equal(lines_of(file, NULL), 1);
	audit_close(&audit);
}

/* The same file again, another file, syslog(3), and back. */
static void
test_configure(void **state)
{
	char	 other[128];
	int	 fd;

	(void)state;
	begin(AUDITMODE_DENIED);
	(void)record();
	fd = audit.fd;
	/* The file stays open although it was renamed. */
	assert_int_equal(rename(file, util_path("moved")), 0);
	assert_int_equal(audit_configure(&audit, AUDITMODE_ALL, file), 0);
	assert_int_equal(audit.fd, fd);
	assert_int_equal(audit.mode, AUDITMODE_ALL);
	assert_false(util_exists(file));
	(void)record();
	assert_int_equal(lines_of(util_path("moved"), NULL), 2);

	(void)strlcpy(other, util_path("other"), sizeof(other));
	assert_int_equal(audit_configure(&audit, AUDITMODE_DENIED, other), 0);
	(void)record();
	assert_int_equal(lines_of(other, NULL), 1);
	assert_int_equal(lines_of(util_path("moved"), NULL), 2);
	assert_int_equal(audit.refusals.used, 3);

	assert_int_equal(audit_configure(&audit, AUDITMODE_DENIED, NULL), 0);
	assert_int_equal(audit.fd, -1);
	assert_null(audit.path);
	assert_int_equal(audit_reopen(&audit), 0);
	(void)record();
	closelog();
	assert_true(audit.written == 4);
	assert_int_equal(lines_of(other, NULL), 1);
	/* And back. */
	assert_int_equal(audit_configure(&audit, AUDITMODE_DENIED, other), 0);
	(void)record();
	assert_int_equal(lines_of(other, NULL), 2);
	audit_close(&audit);
}

static void
test_reopen(void **state)
{
	char	 moved[128];
	size_t	 fds;

	(void)state;
	begin(AUDITMODE_DENIED);
	fds = util_count_fds();
	(void)strlcpy(moved, util_path("audit.0"), sizeof(moved));
	assert_int_equal(rename(file, moved), 0);
	(void)record();
	assert_int_equal(lines_of(moved, NULL), 1);
	assert_int_equal(audit_reopen(&audit), 0);
	(void)record();
	assert_int_equal(lines_of(moved, NULL), 1);
	assert_int_equal(lines_of(file, NULL), 1);
	/* If it cannot be reopened, the old file stays in use. */
	assert_int_equal(rename(file, moved), 0);
	assert_int_equal(symlink("audit.0", file), 0);
	assert_int_equal(audit_reopen(&audit), -1);
	(void)record();
	assert_int_equal(lines_of(moved, NULL), 2);
	assert_int_equal(util_count_fds(), fds);
	audit_close(&audit);
}

/* Leave no permit, and let no time pass that refills the bucket. */
static void
use_up(struct bucket *b)
{
	b->left = 0;
	b->at_ms = INT64_MAX;
}

/*
 * Records beyond the rate are counted, and their number is written when the
 * rate allows a record again.
 */
static void
test_rate(void **state)
{
	struct audit_rate	 other;
	char			 line[LINE];
	size_t			 n, written;

	(void)state;
	begin(AUDITMODE_DENIED);
	for (n = 0; n < 3 * AUDIT_BURST; n++)
		if (record() == NULL)
			break;
	/* The bucket was refilled meanwhile: a few more than the burst. */
	assert_in_range(n, AUDIT_BURST, 2 * AUDIT_BURST);
	for (n = 0; n < 5; n++) {
		use_up(&rate.denials);
		assert_null(record());
	}
	assert_true(audit.dropped == rate.dropped);
	assert_in_range(rate.dropped, 5, 6);
	written = lines_of(file, NULL);
	assert_true(audit.written == written);
	/* Another session has a rate of its own. */
	memset(&other, 0, sizeof(other));
	assert_non_null(audit_record(&audit, &other, &entry.subject,
	    &entry.event));
	assert_int_equal(lines_of(file, line), written + 1);
	assert_true(has(line, "path"));
	/* A second later: the number that was dropped, then the record. */
	n = (size_t)rate.dropped;
	rate.denials.at_ms -= 1000;
	assert_non_null(record());
	assert_int_equal(lines_of(file, line), written + 3);
	assert_true(has(line, "path"));
	assert_true(rate.dropped == 0);
	assert_true(audit.dropped == n);
	audit_close(&audit);
}

/* Requests that are permitted, or find nothing, leave denials their rate. */
static void
test_rate_of_denials(void **state)
{
	struct event_record	 denied;
	char			 line[LINE];
	size_t			 n;

	(void)state;
	begin(AUDITMODE_ALL);
	denied = entry.event;
	entry.event.error = ENOENT;
	entry.event.reason = FDB_REASON_KERNEL;
	for (n = 0; record() != NULL; n++)
		assert_in_range(n, 0, 2 * AUDIT_BURST);
	entry.event.error = 0;
	entry.event.reason = FDB_REASON_NONE;
	for (n = 0; record() != NULL; n++)
		assert_in_range(n, 0, 2 * AUDIT_BURST);
	assert_in_range(rate.dropped, 2, 2 * AUDIT_BURST);
	entry.event = denied;
	n = (size_t)audit.denied;
	assert_non_null(record());
	assert_true(audit.denied == n + 1);
	(void)lines_of(file, line);
	assert_string_equal(member(line, "verdict"), "denied");
	audit_recall(&audit, remembered);
	assert_true(remembered[audit_remembered(&audit) - 1].event.reason ==
	    denied.reason);
	/* A denial beyond the rate is still counted. */
	use_up(&rate.denials);
	assert_null(record());
	assert_true(audit.denied == n + 2);
	audit_close(&audit);
}

static void
test_dropped(void **state)
{
	char	 line[LINE];

	(void)state;
	begin(AUDITMODE_DENIED);
	/* The opener could not send four records. */
	entry.event.lost = 4;
	(void)record();
	assert_int_equal(lines_of(file, NULL), 2);
	assert_true(audit.dropped == 4);
	assert_true(rate.dropped == 0);
	entry.event.lost = 0;
	audit_end(&audit, &rate, &entry.subject);
	assert_int_equal(lines_of(file, NULL), 2);
	/* At the end of a session the number is written once. */
	rate.dropped = 12345678901234567890U;
	audit_end(&audit, &rate, &entry.subject);
	audit_end(&audit, &rate, &entry.subject);
	assert_int_equal(lines_of(file, line), 3);
	assert_string_equal(member(line, "dropped"), "12345678901234567890");
	assert_string_equal(member(line, "session"), "5");
	assert_string_equal(member(line, "role"), "nightly");
	assert_string_equal(member(line, "pid"), "4711");
	audit_close(&audit);
}

/* Let the file grow by `more' bytes and no further; -1 undoes that. */
static void
limit_file(long more)
{
	static struct rlimit	 old;
	struct rlimit		 rl;
	struct stat		 st;

	if (more == -1) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		(void)signal(SIGXFSZ, SIG_DFL);
		return;
	}
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(fstat(audit.fd, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	rl = old;
	rl.rlim_cur = (rlim_t)(st.st_size + more);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &rl), 0);
}

/* A line that cannot be written is counted and logged. */
static void
test_full(void **state)
{
	(void)state;
	begin(AUDITMODE_DENIED);
	(void)record();
	limit_file(0);
	(void)record();
	(void)record();
	limit_file(-1);
	assert_true(audit.failed == 2);
	assert_true(audit.written == 1);
	assert_non_null(strstr(util_logged(), file));
	/* The session's next record says how many are missing. */
	assert_true(rate.dropped == 2 && rate.summary.dropped == 2);
	(void)record();
	assert_true(audit.written == 3);
	assert_int_equal(lines_of(file, NULL), 3);
	assert_true(has_line(file, "\"dropped\":2}"));
	assert_true(rate.dropped == 0 && audit.dropped == 0);
	assert_int_equal(audit.refusals.used, 4);
	audit_close(&audit);
}

/* Nor does one that is in the file when it is opened. */
static void
test_half_line_before(void **state)
{
	(void)state;
	util_write_file(util_path("audit"), "{\"cut");
	begin(AUDITMODE_DENIED);
	(void)record();
	assert_true(has_line(file, "{\"cut\n{"));
	/* A file that is new or whole gets no empty line. */
	limit_file(20);
	(void)record();
	limit_file(-1);
	assert_true(audit.torn);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(audit_reopen(&audit), 0);
	assert_false(audit.torn);
	(void)record();
	assert_int_equal(lines_of(file, NULL), 2);
	assert_true(has_line(file, "\"dropped\":1}"));
	assert_int_equal(audit_reopen(&audit), 0);
	assert_false(audit.torn);
	audit_close(&audit);
}

/* The file may grow again. */
static void
make_room(int sig)
{
	struct rlimit	 rl;

	(void)sig;
	if (getrlimit(RLIMIT_FSIZE, &rl) == -1)
		abort();
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_FSIZE, &rl) == -1)
		abort();
}

/*
 * Nor does it if the disk is full when the line is to be ended, and no longer
 * full when the next one is written.
 */
static void
test_half_line_full(void **state)
{
	(void)state;
	begin(AUDITMODE_DENIED);
	limit_file(20);
	(void)record();
	limit_file(-1);
	limit_file(0);
	(void)signal(SIGXFSZ, make_room);
	(void)record();
	limit_file(-1);
	assert_true(audit.failed == 2 && audit.written == 0);
	assert_true(audit.torn);
	(void)record();
	assert_true(audit.written == 2);
	assert_true(has_line(file, "T\n{"));
	assert_true(has_line(file, "\"dropped\":2}\n{"));
	audit_close(&audit);
}

/* A line that was cut off does not spoil the next one. */
static void
test_half_line(void **state)
{
	char	 buf[LINE], *last;
	ssize_t	 n;
	int	 fd;

	(void)state;
	begin(AUDITMODE_DENIED);
	limit_file(20);
	(void)record();
	limit_file(-1);
	assert_true(audit.failed == 1);
	(void)record();
	assert_true(audit.written == 2);
	assert_return_code(fd = open(file, O_RDONLY | O_CLOEXEC), errno);
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	assert_true(n > 1 && buf[n - 1] == '\n');
	buf[n - 1] = '\0';
	last = strrchr(buf, '\n');
	(void)member(last != NULL ? last + 1 : buf, "time");
	audit_close(&audit);
}

/* The last refusals are remembered; the next one replaces the oldest. */
static void
test_ring(void **state)
{
	size_t	 i, k;

	(void)state;
	begin(AUDITMODE_NONE);
	assert_int_equal(audit.refusals.used, 0);
	for (i = 1; i <= 2 * AUDIT_REMEMBERED + 7; i++) {
		memset(&rate, 0, sizeof(rate));
		entry.event.id = (uint32_t)i;
		entry.subject.session = (uint32_t)i + 5;
		(void)record();
		/* A permitted request is not remembered. */
		entry.event.reason = FDB_REASON_NONE;
		(void)record();
		entry.event.reason = FDB_REASON_LIMIT;
		assert_int_equal(audit.refusals.used, i < AUDIT_REMEMBERED ? i :
		    AUDIT_REMEMBERED);
		assert_true(audit.denied == i);
		audit_recall(&audit, remembered);
		for (k = 0; k < audit.refusals.used && i % 100 == 0; k++)
			assert_int_equal(remembered[audit.refusals.used - 1 -
			    k].event.id, i - k);
	}
	assert_int_equal(audit_remembered(&audit), AUDIT_REMEMBERED);
	assert_int_equal(remembered[0].event.id, AUDIT_REMEMBERED + 8);
	assert_int_equal(remembered[0].subject.session, AUDIT_REMEMBERED + 13);
	assert_string_equal(remembered[0].subject.role, "nightly");
	assert_true(remembered[0].when.tv_sec > 0);
	assert_true(audit.written == 0);
	audit_close(&audit);
	assert_null(audit.refusals.entries);
}

/* Names that do not exist push out no refusal, and come in their order. */
static void
test_misses(void **state)
{
	size_t	 i;

	(void)state;
	begin(AUDITMODE_NONE);
	entry.event.id = 1;
	(void)record();
	entry.event.reason = FDB_REASON_KERNEL;
	entry.event.policy = POLICY_PERMITTED;
	entry.event.error = ENOENT;
	for (i = 2; i < 2 + 2 * AUDIT_MISSES; i++) {
		memset(&rate, 0, sizeof(rate));
		entry.event.id = (uint32_t)i;
		(void)record();
	}
	entry.event.error = EACCES;
	entry.event.id = (uint32_t)i;
	(void)record();
	assert_int_equal(audit_remembered(&audit), AUDIT_MISSES + 2);
	audit_recall(&audit, remembered);
	assert_int_equal(remembered[0].event.id, 1);
	for (i = 1; i <= AUDIT_MISSES + 1; i++)
		assert_int_equal(remembered[i].event.id, AUDIT_MISSES + 1 + i);
	audit_close(&audit);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		UTIL_TEST(test_format),
		UTIL_TEST(test_verdicts),
		UTIL_TEST(test_times),
		UTIL_TEST(test_hostile_paths),
		UTIL_TEST(test_room),
		UTIL_TEST(test_file),
		UTIL_TEST(test_modes),
		UTIL_TEST(test_no_file),
		UTIL_TEST(test_configure),
		UTIL_TEST(test_reopen),
		UTIL_TEST(test_rate),
		UTIL_TEST(test_rate_of_denials),
		UTIL_TEST(test_dropped),
		UTIL_TEST(test_full),
		UTIL_TEST(test_half_line),
		UTIL_TEST(test_half_line_full),
		UTIL_TEST(test_half_line_before),
		UTIL_TEST(test_ring),
		UTIL_TEST(test_misses)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
