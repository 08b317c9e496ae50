/*
 * conf.c: the configuration in memory; see conf.h.
 *
 * Runs in the supervisor and in fdbrokerctl.  Touches nothing but memory.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "policy/role.h"

struct conf *
conf_new(void)
{
	struct conf	*conf;
	int		 i;

	if ((conf = calloc(1, sizeof(*conf))) == NULL)
		return NULL;
	conf->rundir = strdup(RUNDIR);
	conf->user = strdup(PRIVSEP_USER);
	if (conf->rundir == NULL || conf->user == NULL) {
		conf_free(conf);
		return NULL;
	}
	conf->confinement_required = true;
	conf->audit = AUDITMODE_DENIED;
	conf->audit_rate = AUDIT_RATE;
	for (i = 0; i < POLICY_LIMITS; i++)
		conf->limits[i] = policy_limit_row(i)->of_daemon;
	return conf;
}

void
conf_free(struct conf *conf)
{
	size_t	 i;

	if (conf == NULL)
		return;
	for (i = 0; i < conf->nroles; i++)
		role_free(conf->roles[i]);
	free(conf->roles);
	free(conf->control_group);
	free(conf->audit_path);
	free(conf->worker_user);
	free(conf->user);
	free(conf->rundir);
	free(conf);
}

struct role *
conf_role(const struct conf *conf, const char *name)
{
	size_t	 i;

	for (i = 0; i < conf->nroles; i++) {
		if (strcmp(conf->roles[i]->name, name) == 0)
			return conf->roles[i];
	}
	return NULL;
}

const char *
conf_user_name(const struct conf *conf, uint32_t uid)
{
	const struct peer	*p, *end;
	size_t			 i;

	for (i = 0; i < conf->nroles; i++) {
		p = conf->roles[i]->peers;
		for (end = p + conf->roles[i]->npeers; p < end; p++) {
			if (p->kind == PEER_USER && p->id == uid &&
			    p->name[strspn(p->name, "0123456789")] != '\0')
				return p->name;
		}
	}
	return NULL;
}
