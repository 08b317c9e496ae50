/*
 * role_wire.h: a role as a message, for the opener and for fdbrokerctl.
 */

#ifndef POLICY_ROLE_WIRE_H
#define POLICY_ROLE_WIRE_H

#include <stddef.h>

#include "base/wire.h"

struct role;

/*
 * Encode a role: its name, options, limits, as_user, rules, and the accounts
 * that it knows, but neither its peers nor the names of owners and groups.
 * role_encoded_size() is the number of bytes.
 *
 * Decoding checks everything again.  NULL with errno EPROTO or ENOMEM.  The
 * caller decodes what follows the role, and ends with wire_get_end().
 */
void		 role_encode(struct wire_out *, const struct role *);
struct role	*role_decode(struct wire_in *);
size_t		 role_encoded_size(const struct role *);

/*
 * The same for the peers of a role.  fdbrokerctl(8) is told the peers; an
 * opener, which serves one peer, is not.  Decoding appends them to the role.
 * 0, or -1 with errno EPROTO or ENOMEM.
 */
void		 role_encode_peers(struct wire_out *, const struct role *);
int		 role_decode_peers(struct wire_in *, struct role *);
size_t		 role_encoded_peers_size(const struct role *);

#endif /* POLICY_ROLE_WIRE_H */
