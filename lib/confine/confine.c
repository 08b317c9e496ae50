/*
 * confine.c: put the layers in place, and say which are: what is the same on
 * every system.
 *
 * Runs in each kind of process after it has all that it will ever hold; in the
 * supervisor and the controller before they hear of anybody.  What a layer is
 * made of is in confine_SYSTEM.c.
 */

#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/fdbroker_types.h"
#include "base/log.h"
#include "confine/confine.h"
#include "confine/layers.h"
#include "confine/system.h"

static const char *const kinds[CONFINE_NWHO] = {
	[CONFINE_WORKER] = "worker",
	[CONFINE_LISTENER] = "listener",
	[CONFINE_OPENER] = "opener",
	[CONFINE_WRITER] = "opener",
	[CONFINE_RESTORER] = "opener",
	[CONFINE_SETID_RESTORER] = "opener",
	[CONFINE_PRIVATE] = "opener",
	[CONFINE_PRIVATE_RESTORER] = "opener",
	[CONFINE_PRIVATE_SETID] = "opener",
	[CONFINE_CONTROLLER] = "controller",
	[CONFINE_SUPERVISOR] = "supervisor",
	[CONFINE_NAMES] = "names process",
	[CONFINE_LOOKUP] = "lookup process",
	[CONFINE_CONNECTOR] = "connector"
};

/* What this system has for a layer, or NULL. */
static const struct system_layer *
layer_here(const struct layer *l)
{
	size_t	 i;

	for (i = 0; i < confine_system.nlayers; i++)
		if (confine_system.layers[i].bit == l->bit)
			return &confine_system.layers[i];
	return NULL;
}

/* The same, but NULL if confine_enter() has nothing to do for it. */
static const struct system_layer *
layer_to_enter(const struct layer *l, enum confine_who who)
{
	const struct system_layer	*here = layer_here(l);

	if (here == NULL || here->enter == NULL ||
	    !((l->has | l->may_have) & LAYERS_WHO(who)) ||
	    (here->not_for & LAYERS_WHO(who)))
		return NULL;
	return here;
}

/* A process of this kind lacks something without it: see layers.h. */
static bool
layer_required(const struct layer *l, enum confine_who who)
{
	return (l->has & LAYERS_WHO(who)) != 0;
}

static const char *
layer_label(const struct layer *l, const struct system_layer *here)
{
	return here->label != NULL ? here->label : l->label;
}

/* One layer.  1: it is in place, and was seen to hold; 0: missing; -1. */
static int
layer_enter(const struct layer *l, const struct system_layer *here,
    const struct confine *c)
{
	if (here->enter(c) == -1)
		return layer_required(l, c->who) && !c->optional ? -1 : 0;
	if (here->verify == NULL || here->verify(c) == 0)
		return 1;
	errno = EPERM;
	return -1;
}

static int
layers_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	const struct system_layer	*here;
	const struct layer		*l;
	int				 n;

	for (l = layers_table; l->bit != 0; l++) {
		/* This layer covers all threads, and permits no new ones. */
		if (l->bit == FDB_CONFINED_SYSCALLS && c->threads != NULL &&
		    c->threads(c->arg) == -1) {
			*layer = "threads";
			return -1;
		}
		here = layer_to_enter(l, c->who);
		if (here == NULL || (c->omit & l->bit))
			continue;
		if ((n = layer_enter(l, here, c)) == -1) {
			*layer = layer_label(l, here);
			return -1;
		}
		if (n == 1)
			*done |= l->bit;
	}
	return 0;
}

int
confine_enter(const struct confine *c, unsigned int *done, const char **layer)
{
	int	 ret;

	*done = 0;
	if (kinds[c->who] == NULL) {
		*layer = "a kind of process that is known";
		errno = EINVAL;
		return -1;
	}
	if (confine_system.begin != NULL &&
	    confine_system.begin(c, done, layer) == -1)
		return -1;
	ret = layers_enter(c, done, layer);
	if (confine_system.settle != NULL)
		*done = confine_system.settle(c->who, *done);
	return ret;
}

unsigned int
confine_full(enum confine_who who)
{
	const struct system_layer	*here;
	const struct layer		*l;
	unsigned int			 bits = 0;

	for (l = layers_table; l->bit != 0; l++) {
		here = layer_here(l);
		if (here != NULL && (l->has & LAYERS_WHO(who)) &&
		    !(here->not_for & LAYERS_WHO(who)))
			bits |= l->bit;
	}
	return bits;
}

unsigned int
confine_extra(enum confine_who who)
{
	const struct layer	*l;
	unsigned int		 bits = 0;

	for (l = layers_table; l->bit != 0; l++)
		if (layer_here(l) != NULL && (l->may_have & LAYERS_WHO(who)))
			bits |= l->bit;
	return bits;
}

void
confine_warn(enum confine_who who, unsigned int done)
{
	const struct system_layer	*here;
	const struct layer		*l;
	bool				 any = false;

	for (l = layers_table; l->bit != 0; l++) {
		here = layer_to_enter(l, who);
		if (here == NULL || !layer_required(l, who))
			continue;
		any = true;
		if (!(done & l->bit))
			log_warnx("the %s lacks a layer of confinement: %s",
			    kinds[who], layer_label(l, here));
	}
	if (!any)
		log_warnx("the %s is not confined at all", kinds[who]);
}

void
confine_describe(unsigned int bits, char *buf, size_t size)
{
	const struct system_layer	*here;
	const struct layer		*l;

	buf[0] = '\0';
	for (l = layers_table; l->bit != 0; l++) {
		here = layer_here(l);
		if (here == NULL || !(bits & l->bit))
			continue;
		if (buf[0] != '\0')
			(void)strlcat(buf, ", ", size);
		(void)strlcat(buf, layer_label(l, here), size);
	}
	if (buf[0] == '\0')
		(void)strlcpy(buf, "nothing", size);
}
