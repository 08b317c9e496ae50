/*
 * json.h: write JSON.
 */

#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH	8	/* objects and arrays within each other */

struct json {
	FILE	*f;
	int	 depth;
	bool	 more[JSON_DEPTH];	/* it has a member already */
	char	 close[JSON_DEPTH];	/* the bracket that ends it */
};

void	 json_init(struct json *, FILE *);

/* A member of an object has a name; for an element of an array, it is NULL. */
void	 json_object(struct json *, const char *name);
void	 json_array(struct json *, const char *name);
/* End the innermost one; a newline follows the outermost. */
void	 json_end(struct json *);

/* Bytes that are not ASCII become a backslash and three octal digits. */
void	 json_string(struct json *, const char *name, const char *value);
void	 json_number(struct json *, const char *name, uint64_t value);
void	 json_int(struct json *, const char *name, int64_t value);
void	 json_bool(struct json *, const char *name, bool value);
/* The value is JSON already. */
void	 json_raw(struct json *, const char *name, const char *value);

#endif /* CTL_JSON_H */
