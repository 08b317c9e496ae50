/*
 * digest.c: SHA-256 with libcrypto; see sandbox/digest.h.
 *
 * Runs in the worker.  The functions for just this algorithm need no set-up; to
 * initialise libcrypto for EVP_DigestInit(3) takes as long as tar(1) for a
 * whole file.
 */

#include "config.h"

/* They are what OpenSSL 3 calls deprecated, and still has. */
#define OPENSSL_API_COMPAT	0x10100000L

#include <openssl/sha.h>

#include <stdlib.h>

#include "sandbox/digest.h"

struct digest {
	SHA256_CTX	 ctx;
};

struct digest *
digest_new(void)
{
	return calloc(1, sizeof(struct digest));
}

void
digest_free(struct digest *d)
{
	free(d);
}

int
digest_begin(struct digest *d)
{
	return SHA256_Init(&d->ctx) == 1 ? 0 : -1;
}

int
digest_add(struct digest *d, const void *p, size_t len)
{
	return SHA256_Update(&d->ctx, p, len) == 1 ? 0 : -1;
}

int
digest_end(struct digest *d, uint8_t out[ENTRY_DIGEST_LEN])
{
	return SHA256_Final(out, &d->ctx) == 1 ? 0 : -1;
}
