/*
 * metrics.c: numbers for a monitoring system; see ctl/metrics.h.
 *
 * Runs in fdbrokerctl.  Reads the state and writes text: the exposition
 * format of OpenMetrics 1.0, in which a counter's sample has the name of its
 * family and "_total", and a unit is the last part of the name.
 */

#include "config.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "ctl/json.h"
#include "ctl/metrics.h"
#include "ctl/text.h"

enum metric_type { GAUGE, COUNTER };

struct metric {
	const char		*name;
	enum metric_type	 type;
	const char		*unit;		/* or NULL */
	const char		*help;
	size_t			 offset;	/* in the state or the role */
	size_t			 size;		/* of the number there */
};

#define FIELD(s, f)	offsetof(struct s, f), sizeof(((struct s *)0)->f)

static const struct metric of_daemon[] = {
	{ "fdbroker_start_time_seconds", GAUGE, "seconds",
	    "When the daemon was started, since the epoch.",
	    FIELD(control_state, since) },
	{ "fdbroker_policy_generation", GAUGE, NULL,
	    "Generation of the policy in force.",
	    FIELD(control_state, generation) },
	{ "fdbroker_reloads", COUNTER, NULL,
	    "Configurations that were taken over.",
	    FIELD(control_state, reloads) },
	{ "fdbroker_reloads_refused", COUNTER, NULL,
	    "Configurations with a fault, that were not taken over.",
	    FIELD(control_state, failed_reloads) },
	{ "fdbroker_roles", GAUGE, NULL,
	    "Roles of the configuration.", FIELD(control_state, nroles) },
	{ "fdbroker_sessions", GAUGE, NULL,
	    "Sessions that live.", FIELD(control_state, nsessions) },
	{ "fdbroker_sessions_limit", GAUGE, NULL,
	    "Sessions that the configuration allows.",
	    FIELD(control_state, max_sessions) },
	{ "fdbroker_sessions_of_user_limit", GAUGE, NULL,
	    "Sessions that the configuration allows to one user.",
	    FIELD(control_state, max_per_uid) },
	{ "fdbroker_sessions_of_descriptors_limit", GAUGE, NULL,
	    "Sessions that RLIMIT_NOFILE is enough for.",
	    FIELD(control_state, fit) },
	{ "fdbroker_descriptors_limit", GAUGE, NULL,
	    "RLIMIT_NOFILE of the daemon.", FIELD(control_state, nofile) },
	{ "fdbroker_sessions_admitted", COUNTER, NULL,
	    "Sessions that were admitted.", FIELD(control_state, admitted) },
	{ "fdbroker_sessions_refused", COUNTER, NULL,
	    "Sessions that were asked for and refused.",
	    FIELD(control_state, refused) },
	{ "fdbroker_requests_refused", COUNTER, NULL,
	    "Requests that policy, the kernel or a limit refused.",
	    FIELD(control_state, denied) },
	{ "fdbroker_audit_records", COUNTER, NULL,
	    "Audit records that were written.",
	    FIELD(control_state, audit_written) },
	{ "fdbroker_audit_records_dropped", COUNTER, NULL,
	    "Audit records beyond the rate of their session.",
	    FIELD(control_state, audit_dropped) },
	{ "fdbroker_audit_records_failed", COUNTER, NULL,
	    "Audit records that could not be written.",
	    FIELD(control_state, audit_failed) },
	{ "fdbroker_confinement_required", GAUGE, NULL,
	    "1 if no process runs without all of its confinement.",
	    FIELD(control_state, confinement_required) }
};

static const struct metric of_roles[] = {
	{ "fdbroker_role_sessions", GAUGE, NULL,
	    "Sessions that live, of the role.",
	    FIELD(control_role, sessions) },
	{ "fdbroker_role_sessions_limit", GAUGE, NULL,
	    "Sessions that the configuration allows in the role, 0: any.",
	    FIELD(control_role, max_sessions) },
	{ "fdbroker_role_rules", GAUGE, NULL,
	    "Rules of the role.", FIELD(control_role, rules) }
};

#define NOF_DAEMON	(sizeof(of_daemon) / sizeof(of_daemon[0]))
#define NOF_ROLES	(sizeof(of_roles) / sizeof(of_roles[0]))

/* The number in a record; all of them are unsigned, or a time. */
static uint64_t
value_of(const struct metric *m, const void *record)
{
	const char	*p = (const char *)record + m->offset;
	uint64_t	 u64;
	uint32_t	 u32;

	switch (m->size) {
	case sizeof(u64):
		memcpy(&u64, p, sizeof(u64));
		return u64;
	case sizeof(u32):
		memcpy(&u32, p, sizeof(u32));
		return u32;
	default:
		return *(const uint8_t *)p;
	}
}

static void
print_head(FILE *f, const struct metric *m)
{
	(void)fprintf(f, "# TYPE %s %s\n", m->name,
	    m->type == COUNTER ? "counter" : "gauge");
	if (m->unit != NULL)
		(void)fprintf(f, "# UNIT %s %s\n", m->name, m->unit);
	(void)fprintf(f, "# HELP %s %s\n", m->name, m->help);
}

static void
print_sample(FILE *f, const struct metric *m, const char *role,
    const void *record)
{
	(void)fprintf(f, "%s%s", m->name,
	    m->type == COUNTER ? "_total" : "");
	if (role != NULL) {
		(void)fputs("{role=\"", f);
		for (; *role != '\0'; role++) {
			/* No name of a role has such characters. */
			if (*role != '"' && *role != '\\' && *role >= 0x20 &&
			    *role <= 0x7e)
				(void)fputc(*role, f);
		}
		(void)fputs("\"}", f);
	}
	(void)fprintf(f, " %" PRIu64 "\n", value_of(m, record));
}

void
metrics_print(FILE *f, const struct control_state *st)
{
	size_t		 k;
	uint32_t	 i;

	for (k = 0; k < NOF_DAEMON; k++) {
		print_head(f, &of_daemon[k]);
		print_sample(f, &of_daemon[k], NULL, st);
	}
	for (k = 0; k < NOF_ROLES; k++) {
		print_head(f, &of_roles[k]);
		for (i = 0; i < st->nroles; i++)
			print_sample(f, &of_roles[k], st->roles[i].name,
			    &st->roles[i]);
	}
	(void)fputs("# EOF\n", f);
}

void
metrics_json(FILE *f, const struct control_state *st)
{
	struct json	 j;
	size_t		 k;
	uint32_t	 i;

	json_init(&j, f);
	json_object(&j, NULL);
	for (k = 0; k < NOF_DAEMON; k++)
		json_number(&j, of_daemon[k].name, value_of(&of_daemon[k],
		    st));
	for (k = 0; k < NOF_ROLES; k++) {
		json_object(&j, of_roles[k].name);
		for (i = 0; i < st->nroles; i++)
			json_number(&j, st->roles[i].name,
			    value_of(&of_roles[k], &st->roles[i]));
		json_end(&j);
	}
	json_end(&j);
}
