/*
 * explain.c: explain one denial or refusal; see ctl/explain.h.
 *
 * Runs in fdbrokerctl.  Reads one record and writes text.  A denial by policy,
 * a refusal by the kernel, and a limit need different remedies, so they must
 * not read alike.
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ctl/denial.h"
#include "ctl/explain.h"
#include "ctl/text.h"
#include "policy/role.h"
#include "policy/where.h"

/* Room for a sentence with a path in it. */
#define SENTENCE_MAX	(EVENT_PATH_MAX + 1024)

/* What a system call that failed means here. */
static const struct {
	int		 error;
	const char	*means;
} kernel_means[] = {
	{ EACCES, "The opener itself has no right to it.  In a role with "
	    "\"as user\" it has only the rights of that user: change the "
	    "mode or owner of the file, or of a directory above it." },
	{ EPERM, "The opener itself has no right to do this." },
	{ EEXIST, "It exists already, and the client asked for a new file." },
	{ EISDIR, "It is a directory, and the client asked for a file." },
	{ EMFILE, "The opener has as many descriptors as RLIMIT_NOFILE "
	    "allows." },
	{ ENFILE, "The system has as many open files as it allows." },
	{ ENOENT, "It does not exist." },
	{ ENOMEM, "The system is out of memory." },
	{ ENOTDIR, "A component of the path is not a directory." },
	{ ENXIO, "It is a socket, or a device without a driver." },
	{ EROFS, "It is on a read-only file system." },
	{ ETOOMANYREFS, "Too many descriptors were sent that no process has "
	    "received yet." }
};

static void	say(const struct ctl *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* Print a sentence, wrapped. */
static void
say(const struct ctl *ctl, const char *fmt, ...)
{
	char	 text[SENTENCE_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_wrap(ctl->out, ctl->width, 0, text);
}

int
explain_parse_id(const char *s, uint32_t *id)
{
	size_t	 len = strlen(s);

	if (len == 0 || len > 8 ||
	    strspn(s, "0123456789abcdefABCDEF") != len)
		return -1;
	*id = (uint32_t)strtoul(s, NULL, 16);
	return *id != 0 ? 0 : -1;
}

const struct audit_entry *
explain_find(const struct control_state *st, uint32_t id)
{
	uint32_t	 i;

	for (i = st->ndenials; i > 0; i--) {
		if (st->denials[i - 1].event.id == id)
			return &st->denials[i - 1];
	}
	return NULL;
}

/* Policy denies; the kernel and limits refuse. */
static const char *
noun_of(const struct event_record *e)
{
	return e->reason == FDB_REASON_KERNEL ||
	    e->reason == FDB_REASON_LIMIT ? "refusal" : "denial";
}

static void
print_record(const struct ctl *ctl, const struct audit_entry *a)
{
	const struct event_record	*e = &a->event;
	char				 when[TEXT_SHORT], user[TEXT_SHORT];
	FILE				*f = ctl->out;

	text_time(when, a->when.tv_sec);
	text_user(user, a->subject.uid);
	(void)fprintf(f, "%s %x\n", noun_of(e), e->id);
	(void)fprintf(f, "  when    %s, generation %u of the policy\n", when,
	    e->generation);
	(void)fprintf(f, "  who     user %s, uid %u, pid %d, session %u\n",
	    user, a->subject.uid, (int)a->subject.pid, a->subject.session);
	(void)fputs("  role    ", f);
	text_print(f, a->subject.role);
	(void)fprintf(f, "\n  what    %s \"", event_op(e));
	text_print(f, e->path);
	(void)fputs("\"\n  how     ", f);
	text_mark(f, ctl->colour, TEXT_BAD, event_verdict(e));
	(void)fprintf(f, ": %s, %s\n", event_reason(e),
	    text_errno(e->error));
	if (e->where[0] != '\0') {
		(void)fputs(denial_kind(e) == DENIAL_RULE ?
		    "  rule    " : "  why     ", f);
		text_print(f, e->where);
		(void)fputc('\n', f);
	}
	(void)fputc('\n', f);
}

/* What is said of the type, or a default. */
static const char *
type_of(const struct event_record *e, const char *other)
{
	return e->reason == FDB_REASON_TYPE && e->where[0] != '\0' ?
	    e->where : other;
}

static void
say_kernel(const struct ctl *ctl, const struct event_record *e)
{
	const char	*means = "";
	size_t		 i;

	for (i = 0; i < sizeof(kernel_means) / sizeof(kernel_means[0]); i++) {
		if (kernel_means[i].error == (int)e->error)
			means = kernel_means[i].means;
	}
	say(ctl, "Refused by the kernel: policy permits the request, but the "
	    "system call failed: %s.  %s", strerror((int)e->error), means);
}

static void
say_object(const struct ctl *ctl, const struct event_record *e)
{
	if (e->policy == POLICY_NO_ACCOUNT)
		say(ctl, "Denied by policy because of a number: %s.", e->where);
	else if (e->policy == POLICY_WRONG_OWNER)
		say(ctl, "Denied by policy because of an owner: the rule at %s "
		    "permits the path, but not to give this object to whom "
		    "the client asked for, or not to change what belongs to "
		    "somebody else.", e->where);
	else
		say(ctl, "Denied by policy because of the object: %s.",
		    e->where);
}

/* Say what it means. */
static void
say_meaning(const struct ctl *ctl, const struct audit_entry *a)
{
	const struct event_record	*e = &a->event;

	switch (denial_kind(e)) {
	case DENIAL_RULE:
		say(ctl, "Denied by policy: the rule at %s is the last one "
		    "that matches, and it denies the request.", e->where);
		break;
	case DENIAL_NO_RULE:
		say(ctl, "Denied by policy: no rule of role \"%s\" matches, "
		    "and what no rule permits is denied.", a->subject.role);
		break;
	case DENIAL_SPECIAL:
		say(ctl, "Denied by policy: it is %s.  The rules permit the "
		    "path, but role \"%s\" does not permit special there.",
		    type_of(e, "a FIFO or a device"), a->subject.role);
		break;
	case DENIAL_ROOTS:
		say(ctl, "Denied by policy: it is above everything that role "
		    "\"%s\" may open, and only leads there.",
		    a->subject.role);
		break;
	case DENIAL_OPTION:
		say(ctl, "Denied by policy: the rules permit the path, but "
		    "role \"%s\" has an option that the object does not "
		    "comply with.", a->subject.role);
		break;
	case DENIAL_OBJECT:
		say_object(ctl, e);
		break;
	case DENIAL_LINK:
		say(ctl, "A component of the path is a symbolic link, and it "
		    "was not followed.");
		break;
	case DENIAL_OUTSIDE:
		say(ctl, "The path leads out of the role's root, by a "
		    "symbolic link, or through a mount that is not part of "
		    "the root.");
		break;
	case DENIAL_KERNEL:
		say_kernel(ctl, e);
		break;
	case DENIAL_LIMIT:
		say(ctl, "A limit of the session was reached%s%s.  Policy "
		    "does not deny the request.",
		    e->where[0] != '\0' ? ": " : "", e->where);
		break;
	case DENIAL_TYPE:
		say(ctl, "It is %s.  %s", type_of(e, "no regular file"),
		    e->error == EISDIR ? "A directory can be listed, but not "
		    "opened." : "This type of file cannot be opened.");
		break;
	case DENIAL_NAME:
		say(ctl, "The request itself is not allowed: its name has an "
		    "empty, \".\" or \"..\" component or is too long, it "
		    "asks for an impossible access, or the client does not "
		    "hold the directory.");
		break;
	}
}

/* Print a rule, and what it permits besides. */
static void
print_rule(const struct ctl *ctl, uint32_t op, const char *ops,
    const char *pattern, bool any)
{
	(void)fprintf(ctl->out, "\n\tpermit %s %s\n", ops, pattern);
	if (any || op == POLICY_OP_LIST)
		(void)fputc('\n', ctl->out);
	if (any)
		say(ctl, "A \"?\" stands for a byte that cannot be printed; it "
		    "matches any one byte.");
	if (op == POLICY_OP_LIST)
		say(ctl, "This permits listing it, and everything beneath it "
		    "if it is a directory.  To permit reading as well, write "
		    "read, which includes list.");
}

/* May it be a rule that the client has added, which is in no file? */
static bool
is_clients(const char *where)
{
	/* As opener/policytext.c calls it. */
	static const char	 name[] = "policy";

	return strncmp(where, name, sizeof(name) - 1) == 0 &&
	    strchr(": ", where[sizeof(name) - 1]) != NULL;
}

static bool
is_narrowed(const struct event_record *e)
{
	return denial_kind(e) == DENIAL_RULE && is_clients(e->where);
}

/* Say what the rules in force say now.  True if they permit it. */
static bool
say_now(const struct ctl *ctl, const struct event_record *e,
    const char *path, uint64_t generation, const struct role *role)
{
	char		 where[POLICY_WHERE_MAX];
	struct verdict	 v;

	v = denial_decide_again(role, e, path);
	policy_where(role, v, where, sizeof(where));
	if (v.permit && is_narrowed(e) &&
	    (uint32_t)generation == e->generation) {
		say(ctl, "The role permits it, by %s.  The client itself gave "
		    "up this right with fdb_limit(3), until its session ends.",
		    where);
		return true;
	}
	if (v.permit) {
		say(ctl, "The rules in force now, generation %llu, permit "
		    "it: %s.", (unsigned long long)generation, where);
		return true;
	}
	if ((uint32_t)generation != e->generation)
		say(ctl, "The rules in force now, generation %llu, also deny "
		    "it: %s.", (unsigned long long)generation, where);
	return false;
}

/* Say which deny with a label the suggested rule would override. */
static void
say_overridden(const struct ctl *ctl, const struct role *role,
    const struct event_record *e, const char *path)
{
	char			 where[POLICY_WHERE_MAX];
	const struct rule	*r;
	struct verdict		 v = { .reason = POLICY_DENIED };

	r = denial_labelled(role, denial_wanted(e), path, true);
	if (r == NULL)
		return;
	v.rule = r;
	policy_where(role, v, where, sizeof(where));
	(void)fputc('\n', ctl->out);
	say(ctl, "Think twice: this rule overrides the deny at %s%s.", where,
	    denial_labelled(role, denial_wanted(e), path, false) == NULL ?
	    ", if it is a directory" : "");
}

/* What to do about a denial that a rule can change. */
static void
say_remedy_rule(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	static char			 pattern[DENIAL_PATTERN_MAX];
	const struct event_record	*e = &a->event;
	char				 path[EVENT_PATH_MAX], ops[64];
	bool				 any;

	if (role == NULL) {
		say(ctl, "Role \"%s\" is no longer in the configuration.",
		    a->subject.role);
		return;
	}
	if (denial_path(e, path) == -1) {
		say(ctl, "The path is too long to suggest a rule for it.");
		return;
	}
	if (say_now(ctl, e, path, generation, role))
		return;
	if (denial_pattern_of(pattern, path, ctl->home, false, &any) == -1) {
		say(ctl, "No rule can be written for this path.");
		return;
	}
	say(ctl, "To permit it, append to role \"%s\" in fdbroker.conf, and "
	    "reload:", a->subject.role);
	denial_ops(denial_wanted(e), ops, sizeof(ops));
	print_rule(ctl, e->op, ops, pattern, any);
	if (denial_kind(e) == DENIAL_SPECIAL &&
	    (role->options & POLICY_REGULAR_ONLY)) {
		(void)fputc('\n', ctl->out);
		say(ctl, "The role cannot have this rule and option "
		    "regular-only: remove the option.");
	}
	say_overridden(ctl, role, e, path);
}

static void
say_remedy_link(const struct ctl *ctl, const char *name,
    const struct role *role)
{
	if (role->options & POLICY_FOLLOW)
		say(ctl, "Role \"%s\" follows links, but the client asked "
		    "for the link itself, or there are more than 40 links.",
		    name);
	else
		say(ctl, "To permit it, let the client ask for the real path, "
		    "which realpath(1) prints; or give role \"%s\" option "
		    "follow, and permit what the link leads to, too.", name);
}

static void
say_remedy_outside(const struct ctl *ctl, const char *name,
    const struct role *role)
{
	if (role->options & POLICY_FOLLOW)
		say(ctl, "To permit it, permit in role \"%s\" a directory "
		    "that holds both the path and what the link leads to, "
		    "which realpath(1) prints: links are followed within one "
		    "root only.", name);
	else
		say(ctl, "To permit it, permit the mount point by a rule of "
		    "its own in role \"%s\", or begin a new session if it was "
		    "mounted during this one.", name);
}

static void
say_remedy_limit(const struct ctl *ctl, const struct audit_entry *a)
{
	if (a->event.error == EMFILE)
		say(ctl, "To avoid it, raise limit tokens in role \"%s\", or "
		    "limit tokens per uid if that is less; or let the client "
		    "hold fewer directories, pending files and watches at "
		    "once.", a->subject.role);
	else if (a->event.error == ENOMEM)
		say(ctl, "To avoid it, give the opener more memory, or let "
		    "the client ask for less at once.");
	else
		say(ctl, "To avoid it, let the client ask for less; no "
		    "setting changes this limit.");
}

static void
say_remedy_object(const struct ctl *ctl, const struct event_record *e)
{
	if (e->policy == POLICY_WRONG_OWNER && is_clients(e->where)) {
		say(ctl, "The client itself gave up this right with "
		    "fdb_limit(3), until its session ends.");
		return;
	}
	switch (e->policy) {
	case POLICY_EXISTS:
		say(ctl, "To permit it, remove exclusive from the rule.");
		break;
	case POLICY_NO_ACCOUNT:
		say(ctl, "To permit it, give the number an account, and run "
		    "fdbrokerctl reload: the daemon lists the accounts when it "
		    "reads its configuration.  Accounts that getent passwd and "
		    "getent group do not list without a name do not count; "
		    "write owner any if the client may choose them.");
		break;
	case POLICY_WRONG_OWNER:
		say(ctl, "To permit it, write owner by-name, owner any or "
		    "another owner into the rule; or let the client leave the "
		    "owner out, as fdbackup does with --no-owner.");
		break;
	default:
		say(ctl, "No rule changes that.");
	}
}

/* What to do about any other; role: NULL if it was removed. */
static void
say_remedy(const struct ctl *ctl, const struct audit_entry *a,
    const struct role *role)
{
	const struct event_record	*e = &a->event;
	enum denial_kind		 kind = denial_kind(e);

	if (role == NULL && (kind == DENIAL_LINK || kind == DENIAL_OUTSIDE)) {
		say(ctl, "Role \"%s\" is no longer in the configuration.",
		    a->subject.role);
		return;
	}
	switch (kind) {
	case DENIAL_LINK:
		say_remedy_link(ctl, a->subject.role, role);
		break;
	case DENIAL_OUTSIDE:
		say_remedy_outside(ctl, a->subject.role, role);
		break;
	case DENIAL_OPTION:
		say(ctl, "To permit it, remove the option from the role, or "
		    "use another role.");
		break;
	case DENIAL_LIMIT:
		say_remedy_limit(ctl, a);
		break;
	case DENIAL_OBJECT:
		say_remedy_object(ctl, e);
		break;
	default:
		say(ctl, "No rule changes that.");
	}
}

static void
say_cure(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	if (denial_wants_rule(denial_kind(&a->event)))
		say_remedy_rule(ctl, a, generation, role);
	else
		say_remedy(ctl, a, role);
}

int
explain_json(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	char		 line[AUDITLINE_MAX];
	struct ctl	 to = { .width = SENTENCE_MAX };
	char		*text = NULL, *p, *next;
	struct json	 j;
	size_t		 len, meaning;

	if ((to.out = open_memstream(&text, &len)) == NULL)
		return -1;
	say_meaning(&to, a);
	meaning = fflush(to.out) == 0 ? len : 0;
	say_cure(&to, a, generation, role);
	if (fclose(to.out) == EOF || meaning == 0) {
		free(text);
		return -1;
	}
	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_number(&j, "generation", generation);
	if (auditline_format(line, sizeof(line), a) > 0)
		json_raw(&j, "refusal", line);
	text[meaning - 1] = '\0';
	json_string(&j, "meaning", text);
	json_array(&j, "remedy");
	for (p = text + meaning; (next = strchr(p, '\n')) != NULL;
	    p = next + 1) {
		*next = '\0';
		p += strspn(p, "\t");
		if (*p != '\0')
			json_string(&j, NULL, p);
	}
	json_end(&j);
	json_end(&j);
	free(text);
	return 0;
}

void
explain_print(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	print_record(ctl, a);
	say_meaning(ctl, a);
	(void)fputc('\n', ctl->out);
	say_cure(ctl, a, generation, role);
}
