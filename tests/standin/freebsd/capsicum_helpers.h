/*
 * capsicum_helpers.h: as capsicum_helpers(3) of FreeBSD documents it.
 */

#ifndef STANDIN_FREEBSD_CAPSICUM_HELPERS_H
#define STANDIN_FREEBSD_CAPSICUM_HELPERS_H

int	 caph_limit_stdio(void);

#endif /* STANDIN_FREEBSD_CAPSICUM_HELPERS_H */
