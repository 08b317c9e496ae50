/*
 * auditmode.c: the names of the audit's modes; see auditmode.h.
 *
 * Runs in the supervisor, the opener and fdbrokerctl.  Pure.
 */

#include "config.h"

#include <stddef.h>
#include <string.h>

#include "policy/auditmode.h"

static const char	*const names[] = {
	[AUDITMODE_NONE] = "none",
	[AUDITMODE_DENIED] = "denied",
	[AUDITMODE_ALL] = "all",
	[AUDITMODE_LOSSLESS] = "all lossless"
};

#define NNAMES	(sizeof(names) / sizeof(names[0]))

const char *
auditmode_name(unsigned int mode)
{
	return mode < NNAMES ? names[mode] : "unknown";
}

int
auditmode_from_name(const char *name, enum audit_mode *mode)
{
	size_t	 i;

	for (i = 0; i < NNAMES; i++) {
		if (strcmp(names[i], name) == 0) {
			*mode = (enum audit_mode)i;
			return 0;
		}
	}
	return -1;
}
