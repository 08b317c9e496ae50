/*
 * place.c: where a member goes; see sandbox/place.h.
 *
 * Runs in the worker, confined.  Touches nothing but memory.  The opener judges
 * names again; what is refused here would be refused there.
 */

#include "config.h"

#include <string.h>

#include "sandbox/place.h"

/* Append a component.  0, or -1: ENOMEM. */
static int
add_component(struct buf *b, const char *p, size_t len)
{
	if (b->len > 0 && buf_putc(b, '/') == -1)
		return -1;
	return buf_add(b, p, len);
}

enum place
place_name(struct buf *b, const char *member, size_t strip, const char **why)
{
	const char	*p;
	size_t		 len, stripped = 0;

	buf_cut(b, 0);
	*why = "it has no name";
	if (member[0] == '\0')
		return PLACE_REFUSED;
	*why = "its name has \"..\" and could lead out of the destination";
	for (p = member; *p != '\0'; p += len + (p[len] == '/')) {
		len = strcspn(p, "/");
		if (len == 0 || (len == 1 && p[0] == '.'))
			continue;
		if (len == 2 && p[0] == '.' && p[1] == '.')
			return PLACE_REFUSED;
		if (stripped < strip)
			stripped++;
		else if (add_component(b, p, len) == -1)
			return PLACE_NO_MEMORY;
	}
	if (b->len > 0)
		return PLACE_OK;
	if (strip > 0)
		return PLACE_NOWHERE;
	return buf_putc(b, '.') == 0 ? PLACE_OK : PLACE_NO_MEMORY;
}

size_t
place_parent(const char *name)
{
	const char	*slash = strrchr(name, '/');

	return slash != NULL ? (size_t)(slash - name) : 0;
}
