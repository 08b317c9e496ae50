/*
 * metrics.c: numbers for a monitoring system; see ctl/metrics.h.
 *
 * Runs in fdbrokerctl.  Reads the state and writes text in the exposition
 * format of OpenMetrics 1.0: the name of a counter's sample is the name of its
 * family and "_total", and a name ends in its unit if it has one.
 */

#include "config.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "ctl/metrics.h"
#include "ctl/text.h"

enum metric_type { GAUGE, SECONDS, COUNTER };	/* SECONDS is a gauge */

/* One row each: the metric, and which number of a record it is. */
struct metric {
	const char		*name;
	enum metric_type	 type;
	size_t			 offset, size;
	const char		*help;
};

#define OF_STATE(field)	offsetof(struct control_state, field), \
			    sizeof(((struct control_state *)0)->field)
#define OF_ROLE(field)	offsetof(struct control_role, field), \
			    sizeof(((struct control_role *)0)->field)

static const struct metric of_daemon[] = {
	{ "fdbroker_start_time_seconds", SECONDS, OF_STATE(since),
	    "When the daemon was started, since the epoch." },
	{ "fdbroker_policy_generation", GAUGE, OF_STATE(generation),
	    "Generation of the policy in force." },
	{ "fdbroker_reloads", COUNTER, OF_STATE(reloads),
	    "Configurations that were loaded." },
	{ "fdbroker_reloads_refused", COUNTER, OF_STATE(failed_reloads),
	    "Configurations that had an error and were not loaded." },
	{ "fdbroker_roles", GAUGE, OF_STATE(nroles),
	    "Roles in the configuration." },
	{ "fdbroker_sessions", GAUGE, OF_STATE(nsessions),
	    "Sessions that exist." },
	{ "fdbroker_sessions_limit", GAUGE, OF_STATE(max_sessions),
	    "Sessions that the configuration allows." },
	{ "fdbroker_sessions_of_user_limit", GAUGE, OF_STATE(max_per_uid),
	    "Sessions that the configuration allows one user." },
	{ "fdbroker_sessions_of_descriptors_limit", GAUGE, OF_STATE(fit),
	    "Sessions that RLIMIT_NOFILE is enough for." },
	{ "fdbroker_descriptors_limit", GAUGE, OF_STATE(nofile),
	    "RLIMIT_NOFILE of the daemon." },
	{ "fdbroker_sessions_admitted", COUNTER, OF_STATE(admitted),
	    "Sessions that were admitted." },
	{ "fdbroker_sessions_refused", COUNTER, OF_STATE(refused),
	    "Sessions that were not admitted." },
	{ "fdbroker_requests_refused", COUNTER, OF_STATE(denied),
	    "Requests that policy denied, or the kernel or a limit refused." },
	{ "fdbroker_audit_records", COUNTER, OF_STATE(audit_written),
	    "Audit records that were written." },
	{ "fdbroker_audit_records_dropped", COUNTER, OF_STATE(audit_dropped),
	    "Audit records beyond the rate limit of their session." },
	{ "fdbroker_audit_records_failed", COUNTER, OF_STATE(audit_failed),
	    "Audit records that could not be written." },
	{ "fdbroker_names_asked", COUNTER, OF_STATE(names_asked),
	    "Questions to the name service." },
	{ "fdbroker_names_failed", COUNTER, OF_STATE(names_failed),
	    "Questions to the name service that got no answer." },
	{ "fdbroker_names_remembered", COUNTER, OF_STATE(names_remembered),
	    "Answers of the name service that were used again." },
	{ "fdbroker_confinement_required", GAUGE,
	    OF_STATE(confinement_required),
	    "1 if a process that cannot confine itself completely ends." }
};

static const struct metric of_roles[] = {
	{ "fdbroker_role_sessions", GAUGE, OF_ROLE(sessions),
	    "Sessions that exist in the role." },
	{ "fdbroker_role_sessions_limit", GAUGE, OF_ROLE(max_sessions),
	    "Sessions that the configuration allows in the role, 0: any." },
	{ "fdbroker_role_rules", GAUGE, OF_ROLE(rules),
	    "Rules of the role." }
};

#define NOF_DAEMON	(sizeof(of_daemon) / sizeof(of_daemon[0]))
#define NOF_ROLES	(sizeof(of_roles) / sizeof(of_roles[0]))

/* The number in a record: unsigned, or a time. */
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
	if (m->type == SECONDS)
		(void)fprintf(f, "# UNIT %s seconds\n", m->name);
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
			/* No name of a role has other characters. */
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
