/*
 * named.c: which numbers are accounts of this machine; see policy/named.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.  Touches nothing but
 * memory.  A confined opener cannot ask the name service, so the numbers come
 * with its role.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/named.h"
#include "policy/role.h"
#include "policy/tables.h"

void
named_free(struct named *named)
{
	if (named == NULL)
		return;
	idset_free(&named->users);
	idset_free(&named->groups);
	free(named);
}

struct named *
named_copy(const struct named *from)
{
	struct named	*named;

	if ((named = calloc(1, sizeof(*named))) == NULL)
		return NULL;
	if (idset_take(&named->users, from->users.ends, from->users.n) == 0 &&
	    idset_take(&named->groups, from->groups.ends, from->groups.n) == 0)
		return named;
	named_free(named);
	return NULL;
}

bool
named_equal(const struct named *a, const struct named *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return idset_equal(&a->users, &b->users) &&
	    idset_equal(&a->groups, &b->groups);
}

bool
named_has(const struct named *named, bool group, uint32_t id)
{
	return named != NULL && id != UINT32_MAX &&
	    idset_has(group ? &named->groups : &named->users, id);
}

enum named_need
named_need(const struct role *role)
{
	const struct rule	*r;
	enum named_need		 need = NAMED_NOT;
	size_t			 i;

	for (i = 0; i < role->nrules; i++) {
		r = &role->rules[i];
		if (r->action != POLICY_PERMIT ||
		    !(r->ops & (POLICY_OP_SETMETA | POLICY_OP_LINK)))
			continue;
		if (r->create.choice == POLICY_CHOICE_NAMED)
			return NAMED_NEEDED;
		if (r->create.choice == POLICY_CHOICE_ANY)
			need = NAMED_MAYBE;
	}
	return need;
}

void
named_put(struct wire_out *w, const struct named *named)
{
	wire_put_u8(w, named != NULL);
	if (named == NULL)
		return;
	idset_put(w, &named->users);
	idset_put(w, &named->groups);
}

size_t
named_size(const struct named *named)
{
	return sizeof(uint8_t) + (named == NULL ? 0 :
	    idset_size(&named->users) + idset_size(&named->groups));
}

int
named_get(struct wire_in *w, struct named **out)
{
	struct named	*named;
	uint8_t		 there = wire_get_u8(w);
	int		 saved;

	*out = NULL;
	if (there == 0 && !w->failed)
		return 0;
	if (there != 1) {
		wire_get_fail(w);
		errno = EPROTO;
		return -1;
	}
	if ((named = calloc(1, sizeof(*named))) == NULL)
		return -1;
	if (idset_get(w, &named->users) == 0 &&
	    idset_get(w, &named->groups) == 0) {
		*out = named;
		return 0;
	}
	saved = errno;
	named_free(named);
	errno = saved;
	return -1;
}
