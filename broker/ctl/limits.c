/*
 * limits.c: limits, and how much of them is in use; see ctl/limits.h.
 *
 * Runs in fdbrokerctl.  Reads the state and writes text.  The daemon says what
 * each session has; the sums for each user are calculated here.
 */

#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "ctl/limits.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "policy/tables.h"

/* What all sessions of a user have together. */
struct use {
	uint32_t	 uid;
	uint64_t	 of[POLICY_LIMITS];	/* set for limits per uid */
};

/* The users that have sessions, in one role or in any. */
struct uses {
	struct use	*users;
	size_t		 n;
};

static int
compare_uid(const void *a, const void *b)
{
	uint32_t	 x = ((const struct use *)a)->uid;
	uint32_t	 y = ((const struct use *)b)->uid;

	return (x > y) - (x < y);
}

static void
use_add(struct use *u, const struct control_session *s)
{
	u->of[LIMIT_SESSIONS_PER_UID]++;
	u->of[LIMIT_TOKENS_PER_UID] += s->tokens;
	u->of[LIMIT_OPENS_PER_UID] += s->opens;
	u->of[LIMIT_BYTES_PER_UID] += s->bytes;
}

/*
 * Add up the sessions of one role or, NULL, of all.  The caller frees
 * us->users.  0, or -1: no memory.
 */
static int
uses_get(struct uses *us, const struct control_state *st, const char *role)
{
	const struct control_session	*s;
	uint32_t			 i;
	size_t				 k;

	us->n = 0;
	us->users = calloc((size_t)st->nsessions + 1, sizeof(*us->users));
	if (us->users == NULL)
		return -1;
	for (i = 0; i < st->nsessions; i++) {
		s = &st->sessions[i];
		if (role != NULL && strcmp(s->role, role) != 0)
			continue;
		for (k = 0; k < us->n && us->users[k].uid != s->uid; k++)
			;
		if (k == us->n)
			us->users[us->n++].uid = s->uid;
		use_add(&us->users[k], s);
	}
	qsort(us->users, us->n, sizeof(*us->users), compare_uid);
	return 0;
}

static void
add_limit(struct table *t, const char *what, uint64_t used, uint64_t limit)
{
	table_add(t, "%s", what);
	table_add(t, "%" PRIu64, used);
	table_add(t, "%" PRIu64, limit);
}

/*
 * Add the limits per uid of a role or, NULL, of the daemon, and what each user
 * has of them.  0, or -1: no memory.
 */
static int
add_per_uid(struct table *t, const struct control_state *st,
    const uint64_t *limits, const char *role)
{
	const struct policy_limit_row	*row;
	char				 in[FDB_ROLE_MAX + 16] = "";
	char				 user[TEXT_SHORT];
	struct uses			 us;
	size_t				 k;
	int				 i;

	if (uses_get(&us, st, role) == -1)
		return -1;
	if (role != NULL)
		(void)snprintf(in, sizeof(in), " in role %s", role);
	for (i = 0; i < POLICY_LIMITS; i++) {
		row = policy_limit_row(i);
		if (!row->per_uid || limits[i] == 0)
			continue;
		table_add(t, "%s of each user%s", row->word, in);
		table_add(t, "-");
		table_add(t, "%" PRIu64, limits[i]);
		for (k = 0; k < us.n; k++) {
			text_user(user, us.users[k].uid);
			table_add(t, "%s of user %s%s", row->word, user, in);
			table_add(t, "%" PRIu64, us.users[k].of[i]);
			table_add(t, "%" PRIu64, limits[i]);
		}
	}
	free(us.users);
	return 0;
}

static int
add_role(struct table *t, const struct control_state *st,
    const struct control_role *r)
{
	char	 what[FDB_ROLE_MAX + 32];

	if (r->max_sessions > 0) {
		(void)snprintf(what, sizeof(what), "sessions of role %s",
		    r->name);
		add_limit(t, what, r->sessions, r->max_sessions);
	}
	return add_per_uid(t, st, r->limits, r->name);
}

static int
limits_table(const struct ctl *ctl, const struct control_state *st)
{
	static const struct table_column	 columns[] = {
		{ "LIMIT", false, true }, { "USED", true, false },
		{ "OF", true, false }
	};
	struct table				 t;
	uint32_t				 i;
	int					 ret;

	table_init(&t, columns, sizeof(columns) / sizeof(columns[0]));
	t.colour = ctl->colour;
	add_limit(&t, "sessions", st->nsessions, st->max_sessions);
	add_limit(&t, "sessions that RLIMIT_NOFILE is enough for",
	    st->nsessions, st->fit);
	table_add(&t, "RLIMIT_NOFILE");
	table_add(&t, "-");
	table_add(&t, "%u", st->nofile);
	ret = add_per_uid(&t, st, st->limits, NULL);
	for (i = 0; i < st->nroles && ret == 0; i++)
		ret = add_role(&t, st, &st->roles[i]);
	if (ret == 0)
		ret = table_print(&t, ctl->out, ctl->width);
	table_free(&t);
	return ret;
}

/* Write "max_tokens_per_uid" and so on, for each limit that is set. */
static void
json_per_uid(struct json *j, const uint64_t *limits)
{
	char	 name[64];
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		if (!policy_limit_row(i)->per_uid || limits[i] == 0)
			continue;
		(void)snprintf(name, sizeof(name), "max_%s_per_uid",
		    policy_limit_row(i)->word);
		json_number(j, name, limits[i]);
	}
}

static int
json_users(struct json *j, const struct control_state *st, const char *role)
{
	char		 user[TEXT_SHORT];
	struct uses	 us;
	size_t		 k;
	int		 i;

	if (uses_get(&us, st, role) == -1)
		return -1;
	json_array(j, "users");
	for (k = 0; k < us.n; k++) {
		json_object(j, NULL);
		text_user(user, us.users[k].uid);
		json_string(j, "user", user);
		json_number(j, "uid", us.users[k].uid);
		for (i = 0; i < POLICY_LIMITS; i++) {
			if (policy_limit_row(i)->per_uid)
				json_number(j, policy_limit_row(i)->word,
				    us.users[k].of[i]);
		}
		json_end(j);
	}
	json_end(j);
	free(us.users);
	return 0;
}

static bool
is_limited(const struct control_role *r)
{
	int	 i;

	for (i = 0; i < POLICY_LIMITS; i++) {
		if (policy_limit_row(i)->per_uid && r->limits[i] != 0)
			return true;
	}
	return r->max_sessions != 0;
}

static int
limits_json(const struct ctl *ctl, const struct control_state *st)
{
	const struct control_role	*r;
	struct json			 j;
	uint32_t			 i;

	json_init(&j, ctl->out);
	json_object(&j, NULL);
	json_number(&j, "generation", st->generation);
	json_int(&j, "time", st->now);
	json_number(&j, "sessions", st->nsessions);
	json_number(&j, "max_sessions", st->max_sessions);
	json_number(&j, "max_sessions_of_descriptors", st->fit);
	json_number(&j, "rlimit_nofile", st->nofile);
	json_per_uid(&j, st->limits);
	if (json_users(&j, st, NULL) == -1)
		return -1;
	json_array(&j, "roles");
	for (i = 0; i < st->nroles; i++) {
		r = &st->roles[i];
		if (!is_limited(r))
			continue;
		json_object(&j, NULL);
		json_string(&j, "role", r->name);
		json_number(&j, "sessions", r->sessions);
		if (r->max_sessions != 0)
			json_number(&j, "max_sessions", r->max_sessions);
		json_per_uid(&j, r->limits);
		if (json_users(&j, st, r->name) == -1)
			return -1;
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return 0;
}

int
limits_show(const struct ctl *ctl, const struct control_state *st)
{
	return ctl->json ? limits_json(ctl, st) : limits_table(ctl, st);
}
