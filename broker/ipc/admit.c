/*
 * admit.c: the record that goes from the listener to the supervisor.
 *
 * Runs in both.  Pure.
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ipc/admit.h"
#include "policy/role.h"

int
admit_name_from_hex(uint8_t name[ADMIT_NAME_BYTES], const char *hex)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*hi, *lo;
	size_t			 i;

	if (strlen(hex) != DGRAM_NAME_LEN)
		return -1;
	for (i = 0; i < ADMIT_NAME_BYTES; i++) {
		hi = strchr(digits, hex[2 * i]);
		lo = strchr(digits, hex[2 * i + 1]);
		if (hi == NULL || lo == NULL)
			return -1;
		name[i] = (uint8_t)((hi - digits) << 4 | (lo - digits));
	}
	return 0;
}

void
admit_name_to_hex(char hex[DGRAM_NAME_LEN + 1],
    const uint8_t name[ADMIT_NAME_BYTES])
{
	size_t	 i;

	for (i = 0; i < ADMIT_NAME_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", name[i]);
}

void
admit_put(struct wire_out *w, const struct admit *a)
{
	wire_put_bytes(w, a->name, sizeof(a->name));
	wire_put_u32(w, a->uid);
	wire_put_u32(w, a->gid);
	wire_put_u32(w, (uint32_t)a->pid);
	wire_put_str(w, a->role);
}

void
admit_get(struct wire_in *w, struct admit *a)
{
	wire_get_bytes(w, a->name, sizeof(a->name));
	a->uid = wire_get_u32(w);
	a->gid = wire_get_u32(w);
	a->pid = (int32_t)wire_get_u32(w);
	wire_get_str(w, a->role, sizeof(a->role));
	if (a->pid <= 0 || !role_name_is_valid(a->role))
		wire_get_fail(w);
}
