/*
 * suggest.c: make rules from denials; see ctl/suggest.h.
 *
 * Runs in fdbrokerctl.  Reads the denials that the daemon remembers and
 * writes text; looks at paths only to see whether they are directories.  What
 * it writes is what clients asked for, even hostile ones, so it is only
 * printed: an administrator decides.  What would override a deny that somebody
 * took the care to label is a comment.
 */

#include "config.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ctl/denial.h"
#include "ctl/person.h"
#include "ctl/suggest.h"
#include "ctl/text.h"
#include "policy/ownrole.h"
#include "policy/role.h"
#include "policy/where.h"

/* One denial or refusal; several may end up in one line. */
struct item {
	const struct audit_entry *entry;
	enum denial_kind	 kind;
	int			 group;		/* 0: a rule can permit it */
	uint32_t		 ops;		/* for all with this path */
	char			*path;
	size_t			 dir;		/* length of its directory */
	const struct role	*role;		/* NULL: it was removed */
	const char		*home;		/* the user's, or NULL */
	/* The deny with a label that a permit would override, or NULL. */
	const struct rule	*labelled;
};

#define TOO_LONG	"the path is too long for a rule"

static const char *const	 why_not[] = {
	[DENIAL_RULE] = TOO_LONG,
	[DENIAL_NO_RULE] = TOO_LONG,
	[DENIAL_SPECIAL] = TOO_LONG,
	[DENIAL_ROOTS] = TOO_LONG,
	[DENIAL_OPTION] = "an option of the role denies it",
	[DENIAL_OBJECT] = "policy denies it because of the object",
	[DENIAL_LINK] = "a symbolic link; see explain",
	[DENIAL_OUTSIDE] = "it leads out of the root; see explain",
	[DENIAL_KERNEL] = "the kernel refused it",
	[DENIAL_LIMIT] = "a limit was reached",
	[DENIAL_TYPE] = "this type of file cannot be opened",
	[DENIAL_NAME] = "the request itself is not allowed"
};

/* A role as it is for one user. */
struct filled {
	const struct role	*of;
	uint32_t		 uid;
	bool			 failed;
	struct person		 person;
};

struct suggest {
	FILE			*f;
	struct json		*j;		/* NULL: text */
	struct item		*items;
	size_t			 n;
	size_t			 permitted;	/* by the policy in force */
	uint32_t		*sessions;	/* scratch, one for each item */
	struct filled		*filled;
	size_t			 nfilled;
};

static const char *
item_role(const struct item *it)
{
	return it->entry->subject.role;
}

static int
compare_dir(const struct item *a, const struct item *b)
{
	int	 n;

	if ((n = strcmp(item_role(a), item_role(b))) != 0)
		return n;
	if (a->group != b->group)
		return a->group - b->group;
	n = memcmp(a->path, b->path, a->dir < b->dir ? a->dir : b->dir);
	return n != 0 ? n : (a->dir > b->dir) - (a->dir < b->dir);
}

static int
compare_path(const void *va, const void *vb)
{
	const struct item	*a = va, *b = vb;
	int			 n = compare_dir(a, b);

	return n != 0 ? n : strcmp(a->path, b->path);
}

/* Within a directory, sort by operations before paths. */
static int
compare_line(const void *va, const void *vb)
{
	const struct item	*a = va, *b = vb;
	int			 n = compare_dir(a, b);

	if (n != 0)
		return n;
	if (a->ops != b->ops)
		return a->ops < b->ops ? -1 : 1;
	return strcmp(a->path, b->path);
}

static int
compare_u32(const void *a, const void *b)
{
	uint32_t	 x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The number of sessions that these items come from. */
static size_t
count_sessions(struct suggest *s, const struct item *items, size_t n)
{
	size_t	 i, count = 0;

	for (i = 0; i < n; i++)
		s->sessions[i] = items[i].entry->subject.session;
	qsort(s->sessions, n, sizeof(*s->sessions), compare_u32);
	for (i = 0; i < n; i++)
		count += i == 0 || s->sessions[i] != s->sessions[i - 1];
	return count;
}

static const struct role *
find_role(struct role *const *roles, size_t nroles, const char *name)
{
	size_t	 i;

	for (i = 0; i < nroles; i++) {
		if (strcmp(roles[i]->name, name) == 0)
			return roles[i];
	}
	return NULL;
}

/* Is the path known to be no directory, so that nothing is beneath it? */
static bool
has_nothing_beneath(const char *path)
{
	struct stat	 st;

	return lstat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* Which deny with a label would a permit of the item's path override? */
static const struct rule *
find_labelled(const struct item *it)
{
	const struct rule	*r;

	if (it->group != 0 || it->role == NULL)
		return NULL;
	r = denial_labelled(it->role, it->ops, it->path, false);
	if (r != NULL || has_nothing_beneath(it->path))
		return r;
	return denial_labelled(it->role, it->ops, it->path, true);
}

/* The role for the user of a record.  NULL: no memory. */
static const struct filled *
fill(struct suggest *s, const struct role *role, uint32_t uid)
{
	struct filled	*list, *f;
	size_t		 i;

	for (i = 0; i < s->nfilled; i++)
		if (s->filled[i].of == role && s->filled[i].uid == uid)
			return &s->filled[i];
	if ((list = reallocarray(s->filled, s->nfilled + 1,
	    sizeof(*list))) == NULL)
		return NULL;
	s->filled = list;
	f = &list[s->nfilled++];
	f->of = role;
	f->uid = uid;
	f->failed = person_fill(&f->person, role, uid) == -1;
	return f;
}

/* Add an item, unless its role permits it now.  0, or -1: no memory. */
static int
add(struct suggest *s, const struct audit_entry *a, const struct role *role)
{
	char		 path[EVENT_PATH_MAX];
	struct item	*it = &s->items[s->n];
	const struct filled *f;

	/* That something is not there is no denial. */
	if (!event_is_wanted(&a->event, AUDITMODE_DENIED))
		return 0;
	it->home = NULL;
	if (role != NULL && ownrole_vars(role) != 0) {
		if ((f = fill(s, role, a->subject.uid)) == NULL)
			return -1;
		/* Without its paths, nothing is known of the role. */
		role = f->failed ? NULL : f->person.role;
		it->home = f->person.home;
	}
	it->entry = a;
	it->kind = denial_kind(&a->event);
	it->ops = denial_wanted(&a->event);
	it->group = denial_wants_rule(it->kind) ? 0 : 1 + a->event.reason;
	if (it->group == 0 && denial_path(&a->event, path) == -1)
		it->group = 1;		/* too long for a rule */
	if (it->group == 0 && role != NULL &&
	    denial_decide_again(role, &a->event, path).permit) {
		s->permitted++;
		return 0;
	}
	it->path = strdup(it->group == 0 ? path : a->event.path);
	if (it->path == NULL)
		return -1;
	it->role = role;
	it->labelled = find_labelled(it);
	it->dir = strrchr(it->path, '/') == NULL ? 0 :
	    (size_t)(strrchr(it->path, '/') - it->path);
	s->n++;
	return 0;
}

/* Give all items with one path the operations of all of them. */
static void
join_operations(struct suggest *s)
{
	size_t		 i, k, end;
	uint32_t	 ops;

	qsort(s->items, s->n, sizeof(*s->items), compare_path);
	for (i = 0; i < s->n; i = end) {
		ops = 0;
		for (end = i; end < s->n && compare_path(&s->items[i],
		    &s->items[end]) == 0; end++)
			ops |= s->items[end].ops;
		/* A permit of read includes list. */
		if (ops & POLICY_OP_READ)
			ops &= ~(uint32_t)POLICY_OP_LIST;
		for (k = i; k < end; k++)
			s->items[k].ops = ops;
	}
	qsort(s->items, s->n, sizeof(*s->items), compare_line);
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Print "3 denials in 2 sessions". */
static void
print_counts(struct suggest *s, const char *noun, const struct item *items,
    size_t n)
{
	size_t	 sessions = count_sessions(s, items, n);

	(void)fprintf(s->f, "%zu %s%s in %zu session%s", n, noun, plural(n),
	    sessions, plural(sessions));
}

/* Begin an object: what was asked, and how often. */
static void
json_begin(struct suggest *s, const struct item *it, size_t n, const char *ops)
{
	json_object(s->j, NULL);
	json_string(s->j, "role", item_role(it));
	json_bool(s->j, "in_force", it->role != NULL);
	json_string(s->j, "operations", ops);
	json_number(s->j, "requests", n);
	json_number(s->j, "sessions", count_sessions(s, it, n));
}

static void
json_hopeless(struct suggest *s, const struct item *it, size_t n,
    const char *ops)
{
	json_begin(s, it, n, ops);
	json_string(s->j, "path", it->entry->event.path);
	json_string(s->j, "why", why_not[it->kind]);
	json_string(s->j, "errno", text_errno(it->entry->event.error));
	json_end(s->j);
}

/* Print what no rule can permit, as a comment. */
static void
print_hopeless(struct suggest *s, const struct item *it, size_t n)
{
	const struct event_record	*e = &it->entry->event;
	char				 ops[64];

	denial_ops(it->ops, ops, sizeof(ops));
	if (s->j != NULL) {
		json_hopeless(s, it, n, ops);
		return;
	}
	(void)fprintf(s->f, "\t# no rule is suggested for %s \"", ops);
	text_print(s->f, it->path);
	(void)fprintf(s->f, "\":\n\t# %s", why_not[it->kind]);
	if (e->where[0] != '\0') {
		(void)fputs(", ", s->f);
		text_print(s->f, e->where);
	}
	(void)fprintf(s->f, " (%s); ", text_errno(e->error));
	print_counts(s, "request", it, n);
	(void)fputc('\n', s->f);
}

/*
 * Is the rule for an item only a comment: it overrides a deny with a label, or
 * the role is gone, so that nobody knows whether the deny had one?
 */
static bool
is_commented(const struct item *it)
{
	return it->labelled != NULL ||
	    (it->role == NULL && it->kind == DENIAL_RULE);
}

static void
json_line(struct suggest *s, const struct item *it, size_t n, const char *ops,
    const char *pattern)
{
	static char	 rule[DENIAL_PATTERN_MAX + 80];
	char		 where[POLICY_WHERE_MAX];
	struct verdict	 v = { .reason = POLICY_DENIED, .rule = it->labelled };

	(void)snprintf(rule, sizeof(rule), "permit %s %s", ops, pattern);
	json_begin(s, it, n, ops);
	json_string(s->j, "rule", rule);
	json_bool(s->j, "commented", is_commented(it));
	if (it->labelled != NULL) {
		policy_where(it->role, v, where, sizeof(where));
		json_string(s->j, "overrides", where);
	}
	json_end(s->j);
}

/* Say which deny the rule for an item would override. */
static void
print_labelled(struct suggest *s, const struct item *it)
{
	char		 where[POLICY_WHERE_MAX];
	struct verdict	 v = { .reason = POLICY_DENIED, .rule = it->labelled };

	if (it->labelled == NULL)
		return;
	policy_where(it->role, v, where, sizeof(where));
	(void)fputs(";\n\t# this would override the deny at ", s->f);
	text_print(s->f, where);
}

/* Can one rule for a directory do without overriding a deny with a label? */
static bool
may_be_joined(const struct item *items, size_t n)
{
	char	 dir[EVENT_PATH_MAX];
	size_t	 i;

	for (i = 0; i < n; i++)
		if (is_commented(&items[i]))
			return false;
	(void)strlcpy(dir, items->path, sizeof(dir));
	dir[items->dir > 0 ? items->dir : 1] = '\0';
	return items->role == NULL ||
	    denial_labelled_in(items->role, items->ops, dir) == NULL;
}

/*
 * Print a rule for n items: for everything in their directory if files, their
 * number of different paths, is not 0; else for their one path.
 */
static void
print_line(struct suggest *s, const struct item *it, size_t n, size_t files)
{
	static char	 pattern[DENIAL_PATTERN_MAX];
	char		 path[EVENT_PATH_MAX], ops[64];
	bool		 any = false;

	(void)strlcpy(path, it->path, sizeof(path));
	if (files > 0)
		path[it->dir > 0 ? it->dir : 1] = '\0';
	if (it->group != 0 || denial_pattern_of(pattern, path, it->home,
	    files > 0, &any) == -1) {
		print_hopeless(s, it, n);
		return;
	}
	denial_ops(it->ops, ops, sizeof(ops));
	if (s->j != NULL) {
		json_line(s, it, n, ops, pattern);
		return;
	}
	(void)fputs("\t# ", s->f);
	if (files > 0)
		(void)fprintf(s->f, "%zu files, ", files);
	print_counts(s, "denial", it, n);
	if (files == 0 && it->kind == DENIAL_RULE) {
		(void)fputs("; denied by ", s->f);
		text_print(s->f, it->entry->event.where);
	}
	if (any)
		(void)fputs("; ? stands for a byte that cannot be printed",
		    s->f);
	print_labelled(s, it);
	(void)fprintf(s->f, "\n\t%spermit %s %s\n", is_commented(it) ? "# " :
	    "", ops, pattern);
}

static bool
same_line(const struct item *a, const struct item *b)
{
	return compare_dir(a, b) == 0 && a->ops == b->ops;
}

/* Print the items of one directory that have the same operations. */
static void
print_directory(struct suggest *s, const struct item *items, size_t n)
{
	size_t	 i, end, files = 0;

	for (i = 0; i < n; i++)
		files += i == 0 ||
		    strcmp(items[i].path, items[i - 1].path) != 0;
	if (items->group == 0 && files >= SUGGEST_MANY &&
	    may_be_joined(items, n)) {
		print_line(s, items, n, files);
		return;
	}
	for (i = 0; i < n; i = end) {
		for (end = i; end < n &&
		    strcmp(items[end].path, items[i].path) == 0;)
			end++;
		print_line(s, &items[i], end - i, 0);
	}
}

static void
print_items(struct suggest *s, const struct item *items, size_t n)
{
	size_t	 i, end;

	for (i = 0; i < n; i = end) {
		for (end = i; end < n && same_line(&items[i], &items[end]);)
			end++;
		print_directory(s, &items[i], end - i);
	}
}

static void
print_role(struct suggest *s, const struct item *items, size_t n,
    const struct role *role)
{
	(void)fputs("\n# ", s->f);
	print_counts(s, "request", items, n);
	if (role == NULL)
		(void)fputs("; the role is no longer in the configuration",
		    s->f);
	(void)fputs("\nrole \"", s->f);
	text_print(s->f, item_role(items));
	(void)fputs("\" {\n", s->f);
	print_items(s, items, n);
	(void)fputs("}\n", s->f);
}

static void
print_all(struct suggest *s, struct role *const *roles, size_t nroles)
{
	const char	*name;
	size_t		 i, end;

	(void)fputs(s->n > 0 ?
	    "# These rules would have permitted what was denied.  Clients "
	    "asked for these paths,\n# hostile ones too: read each rule before "
	    "you adopt it.  Nothing was changed: to\n# adopt a rule, append it "
	    "to its role in fdbroker.conf, and reload.  A client that\n# was "
	    "denied listing may be denied reading next: read includes list.\n" :
	    "# There is nothing to suggest.\n", s->f);
	for (i = 0; i < s->n; i = end) {
		name = item_role(&s->items[i]);
		for (end = i; end < s->n &&
		    strcmp(item_role(&s->items[end]), name) == 0;)
			end++;
		print_role(s, &s->items[i], end - i,
		    find_role(roles, nroles, name));
	}
	if (s->permitted > 0)
		(void)fprintf(s->f, "\n# %zu denial%s left out: the policy "
		    "in force permits this now.\n", s->permitted,
		    plural(s->permitted));
}

static void
print_json(struct suggest *s)
{
	struct json	 j;

	json_init(&j, s->f);
	s->j = &j;
	json_object(&j, NULL);
	json_array(&j, "suggestions");
	print_items(s, s->items, s->n);
	json_end(&j);
	json_number(&j, "permitted_now", s->permitted);
	json_end(&j);
	s->j = NULL;
}

int
suggest_print(const struct ctl *ctl, const struct control_state *st,
    const char *name, struct role *const *roles, size_t nroles)
{
	const struct audit_entry	*a;
	struct suggest			 s;
	uint32_t			 i;
	int				 ret = -1;

	memset(&s, 0, sizeof(s));
	s.f = ctl->out;
	s.items = calloc((size_t)st->ndenials + 1, sizeof(*s.items));
	s.sessions = calloc((size_t)st->ndenials + 1, sizeof(*s.sessions));
	if (s.items == NULL || s.sessions == NULL)
		goto out;
	for (i = 0; i < st->ndenials; i++) {
		a = &st->denials[i];
		if (name != NULL && strcmp(name, a->subject.role) != 0)
			continue;
		if (add(&s, a, find_role(roles, nroles,
		    a->subject.role)) == -1)
			goto out;
	}
	join_operations(&s);
	if (ctl->json)
		print_json(&s);
	else
		print_all(&s, roles, nroles);
	ret = 0;
out:
	for (i = 0; i < s.n; i++)
		free(s.items[i].path);
	while (s.nfilled > 0)
		person_clear(&s.filled[--s.nfilled].person);
	free(s.filled);
	free(s.sessions);
	free(s.items);
	return ret;
}
