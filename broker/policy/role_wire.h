/*
 * role_wire.h: a role as bytes, and back.
 */

#ifndef POLICY_ROLE_WIRE_H
#define POLICY_ROLE_WIRE_H

#include <stddef.h>

#include "base/wire.h"

struct role;

/*
 * A role as a message and back, for the opener.  Encoding puts name, options,
 * limits, as_user and rules; not peers, nor the names of owners.  Decoding
 * checks all of it again; NULL with errno EPROTO or ENOMEM.  What follows the
 * role is left to the caller, who ends with wire_get_end().
 */
void		 role_encode(struct wire_out *, const struct role *);
struct role	*role_decode(struct wire_in *);
size_t		 role_encoded_size(const struct role *);

/*
 * Its peers in the same way, for fdbrokerctl(8) and not for an opener, which
 * has but one.  Decoding appends them to a role.  0, or -1 with errno EPROTO
 * or ENOMEM.
 */
void		 role_encode_peers(struct wire_out *, const struct role *);
int		 role_decode_peers(struct wire_in *, struct role *);
size_t		 role_encoded_peers_size(const struct role *);

#endif /* POLICY_ROLE_WIRE_H */
