/*
 * json.h: write JSON.
 */

#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH	8	/* objects and arrays within each other */

/* Takes bytes of JSON.  0, or -1: they are lost. */
typedef int	 json_put(void *arg, const void *, size_t);

struct json {
	json_put	*put;
	void		*arg;
	bool		 line;		/* no newlines but the last */
	bool		 failed;	/* put() has, once */
	int		 depth;
	bool		 more[JSON_DEPTH];	/* it has a member already */
	char		 close[JSON_DEPTH];	/* the bracket that ends it */
};

/* Write to a stream, indented for people. */
void	 json_init(struct json *, FILE *);
/* Each object is one line. */
void	 json_init_lines(struct json *, json_put *, void *arg);

/* A member of an object has a name; for an element of an array, it is NULL. */
void	 json_object(struct json *, const char *name);
void	 json_array(struct json *, const char *name);
/* End the innermost one; a newline follows the outermost. */
void	 json_end(struct json *);

/* Bytes that are not ASCII become a backslash and three octal digits. */
void	 json_string(struct json *, const char *name, const char *value);
/*
 * A member of an object: a string of any bytes, as UTF-8.  What is not ASCII,
 * and what controls a terminal, is escaped, so that a reader gets the very
 * characters.  Bytes that are not UTF-8 become U+FFFD; then a second member,
 * whose name has "_base64" at its end, has all bytes.
 */
void	 json_bytes(struct json *, const char *name, const char *value);
void	 json_number(struct json *, const char *name, uint64_t value);
void	 json_int(struct json *, const char *name, int64_t value);
void	 json_bool(struct json *, const char *name, bool value);
/* The value is JSON already. */
void	 json_raw(struct json *, const char *name, const char *value);

#endif /* JSON_H */
