/*
 * json.h: write JSON.
 */

#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH	8

struct json {
	FILE	*f;
	int	 depth;
	bool	 more[JSON_DEPTH];	/* something is there already */
	char	 close[JSON_DEPTH];
};

void	 json_init(struct json *, FILE *);

/* A member of an object has a name; an element of an array has NULL. */
void	 json_object(struct json *, const char *name);
void	 json_array(struct json *, const char *name);
/* The end of the last one; of the outermost, with a newline. */
void	 json_end(struct json *);

/* Of the string's bytes, those that are no ASCII are written as octal. */
void	 json_string(struct json *, const char *name, const char *value);
void	 json_number(struct json *, const char *name, uint64_t value);
void	 json_int(struct json *, const char *name, int64_t value);
void	 json_bool(struct json *, const char *name, bool value);
/* A value that is JSON already. */
void	 json_raw(struct json *, const char *name, const char *value);

#endif /* CTL_JSON_H */
