/*
 * explain.c: why something was refused; see ctl/explain.h.
 *
 * Runs in fdbrokerctl.  Reads one record and writes text.  A denial by
 * policy, a refusal of the kernel, and a limit need different remedies, so
 * they must not read alike.
 */

#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/denial.h"
#include "ctl/explain.h"
#include "ctl/text.h"
#include "policy/where.h"

/* Room for a sentence that has a path in it. */
#define SENTENCE_MAX	(EVENT_PATH_MAX + 1024)

static const struct {
	int		 error;
	const char	*means;
} kernel_means[] = {
	{ EACCES, "The opener itself has no right to it.  In a role with "
	    "\"as user\" it has the rights of that user and no more; the "
	    "mode or owner of the file, or of a directory above it, is what "
	    "to change." },
	{ EPERM, "The opener itself has no right to it." },
	{ EEXIST, "It is there already, and was to be made anew." },
	{ EISDIR, "It is a directory, and was to be opened as a file." },
	{ ELOOP, "A component of the path is a symbolic link, and links are "
	    "not followed: the client must ask for the real path." },
	{ EMFILE, "The opener has as many descriptors as RLIMIT_NOFILE "
	    "allows." },
	{ ENFILE, "The system has as many open files as it may have." },
	{ ENOENT, "Nothing is there." },
	{ ENOMEM, "The system had no memory for it." },
	{ ENOTDIR, "A component of the path is no directory." },
	{ ENXIO, "It is a socket, or a device that is not there." },
	{ EROFS, "It is on a file system that is read-only." },
	{ ETOOMANYREFS, "Too many descriptors are under way and were not "
	    "received." },
	{ EXDEV, "The path leads out of the role's root, or through a mount "
	    "that is not part of it." }
};

static void	say(const struct ctl *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

/* A sentence, wrapped. */
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

static void
print_record(const struct ctl *ctl, const struct audit_entry *a)
{
	const struct event_record	*e = &a->event;
	char				 when[TEXT_SHORT], user[TEXT_SHORT];
	FILE				*f = ctl->out;

	text_time(when, a->when.tv_sec);
	text_user(user, a->subject.uid);
	(void)fprintf(f, "denial %x\n", e->id);
	(void)fprintf(f, "  when    %s, generation %u of the policy\n", when,
	    e->generation);
	(void)fprintf(f, "  who     user %s, uid %u, pid %d, session %u\n",
	    user, a->subject.uid, (int)a->subject.pid, a->subject.session);
	(void)fputs("  role    ", f);
	text_print(f, a->subject.role);
	(void)fprintf(f, "\n  what    %s \"", event_op(e));
	text_print(f, e->path);
	(void)fprintf(f, "\"\n  how     %s: %s, %s\n", event_verdict(e),
	    event_reason(e), text_errno(e->error));
	if (e->where[0] != '\0') {
		(void)fputs(denial_kind(e) == DENIAL_RULE ?
		    "  rule    " : "  why     ", f);
		text_print(f, e->where);
		(void)fputc('\n', f);
	}
	(void)fputc('\n', f);
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
	say(ctl, "Refused by the kernel: policy permitted it, and then the "
	    "system call failed: %s.  %s", strerror((int)e->error), means);
}

/* What it means. */
static void
say_meaning(const struct ctl *ctl, const struct audit_entry *a)
{
	const struct event_record	*e = &a->event;

	switch (denial_kind(e)) {
	case DENIAL_RULE:
		say(ctl, "Denied by policy: the rule at %s is the last that "
		    "is about it, and it says no.", e->where);
		break;
	case DENIAL_NO_RULE:
		say(ctl, "Denied by policy: role \"%s\" has no rule that is "
		    "about it, and what no rule permits is denied.",
		    a->subject.role);
		break;
	case DENIAL_SPECIAL:
		say(ctl, "Denied by policy: it is a FIFO or a device.  The "
		    "rules permit the path, but role \"%s\" does not permit "
		    "special there.", a->subject.role);
		break;
	case DENIAL_ROOTS:
		say(ctl, "Denied by policy: it is above everything that role "
		    "\"%s\" may open, and is only a way there.",
		    a->subject.role);
		break;
	case DENIAL_OPTION:
		say(ctl, "Denied by policy: the rules permit the path, but "
		    "role \"%s\" has an option that what is there does not "
		    "comply with.", a->subject.role);
		break;
	case DENIAL_OBJECT:
		say(ctl, "Denied by policy for what is there: %s.", e->where);
		break;
	case DENIAL_KERNEL:
		say_kernel(ctl, e);
		break;
	case DENIAL_LIMIT:
		say(ctl, "A limit of the session was reached%s%s.  Policy has "
		    "nothing against it; nothing was refused for what it is.",
		    e->where[0] != '\0' ? ": " : "", e->where);
		break;
	case DENIAL_TYPE:
		say(ctl, "What is there is of a type that is not opened: it "
		    "can never be opened in that way, as a socket cannot.");
		break;
	case DENIAL_NAME:
		say(ctl, "The client asked in a way that no client may: by a "
		    "name with an empty, \".\" or \"..\" component, by one "
		    "that is too long, or in a directory that it does not "
		    "hold.");
		break;
	}
}

/* A rule that would permit it.  False: there is none to be written. */
static bool
print_rule(const struct ctl *ctl, const struct event_record *e,
    const char *path, const char *ops)
{
	static char	 pattern[DENIAL_PATTERN_MAX];
	bool		 any;

	if (denial_pattern(pattern, path, false, &any) == -1)
		return false;
	(void)fprintf(ctl->out, "\n\tpermit %s %s\n", ops, pattern);
	if (any || e->op == POLICY_OP_LIST)
		(void)fputc('\n', ctl->out);
	if (any)
		say(ctl, "A \"?\" stands for a byte that cannot be printed, "
		    "and matches any one byte.");
	if (e->op == POLICY_OP_LIST)
		say(ctl, "That lets it be seen, with all that is beneath it "
		    "if it is a directory.  To read it as well, permit read, "
		    "which includes list.");
	return true;
}

/* What the role says now.  True if it permits it. */
static bool
say_now(const struct ctl *ctl, const struct event_record *e,
    const char *path, uint64_t generation, const struct role *role)
{
	char		 where[POLICY_WHERE_MAX];
	struct verdict	 v;

	v = denial_decide_again(role, e, path);
	policy_where(role, v, where, sizeof(where));
	if (v.permit) {
		say(ctl, "The rules in force now, generation %llu, permit "
		    "it: %s.", (unsigned long long)generation, where);
		return true;
	}
	if ((uint32_t)generation != e->generation)
		say(ctl, "The rules in force now, generation %llu, deny "
		    "it, too: %s.", (unsigned long long)generation, where);
	return false;
}

/* What would permit something that a rule can permit. */
static void
say_remedy_rule(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	const struct event_record	*e = &a->event;
	char				 path[EVENT_PATH_MAX], ops[64];

	if (role == NULL) {
		say(ctl, "Role \"%s\" is not in the configuration any more.",
		    a->subject.role);
		return;
	}
	if (denial_path(e, path) == -1) {
		say(ctl, "The path is too long to suggest a rule for it.");
		return;
	}
	if (say_now(ctl, e, path, generation, role))
		return;
	say(ctl, "What would permit it is a rule after all others of role "
	    "\"%s\" in fdbroker.conf, and a reload:", a->subject.role);
	denial_ops(denial_wanted(e), ops, sizeof(ops));
	if (!print_rule(ctl, e, path, ops))
		say(ctl, "(none can be written for this path)");
}

/* Of other kinds: in words. */
static void
say_remedy(const struct ctl *ctl, const struct event_record *e)
{
	switch (denial_kind(e)) {
	case DENIAL_OPTION:
		say(ctl, "What would permit it is the role without that "
		    "option, or another role.");
		break;
	case DENIAL_LIMIT:
		say(ctl, "What would permit it is a client that holds or asks "
		    "for less at once, or a higher limit.");
		break;
	default:
		say(ctl, "No rule changes that.");
	}
}

void
explain_print(const struct ctl *ctl, const struct audit_entry *a,
    uint64_t generation, const struct role *role)
{
	print_record(ctl, a);
	say_meaning(ctl, a);
	(void)fputc('\n', ctl->out);
	if (denial_wants_rule(denial_kind(&a->event)))
		say_remedy_rule(ctl, a, generation, role);
	else
		say_remedy(ctl, &a->event);
}
