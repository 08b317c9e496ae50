/*
 * _types.h: empty; the compiler's <stddef.h> wants it where __FreeBSD__ is
 * defined.
 */
