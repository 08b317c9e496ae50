/*
 * digest.c: SHA-256 with libcrypto; see sandbox/digest.h.
 *
 * Runs in the worker.  libcrypto may load an algorithm from a file, so
 * digest_new() fetches it before the process is confined.
 */

#include "config.h"

#include <openssl/evp.h>

#include <stdlib.h>

#include "sandbox/digest.h"

struct digest {
	EVP_MD		*md;
	EVP_MD_CTX	*ctx;
};

struct digest *
digest_new(void)
{
	struct digest	*d;
	uint8_t		 out[ENTRY_DIGEST_LEN];

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	d->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->ctx = EVP_MD_CTX_new();
	/* A first digest loads whatever is not loaded yet. */
	if (d->md == NULL || d->ctx == NULL || digest_begin(d) == -1 ||
	    digest_end(d, out) == -1) {
		digest_free(d);
		return NULL;
	}
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->md);
	free(d);
}

int
digest_begin(struct digest *d)
{
	return EVP_DigestInit_ex2(d->ctx, d->md, NULL) == 1 ? 0 : -1;
}

int
digest_add(struct digest *d, const void *p, size_t len)
{
	return EVP_DigestUpdate(d->ctx, p, len) == 1 ? 0 : -1;
}

int
digest_end(struct digest *d, uint8_t out[ENTRY_DIGEST_LEN])
{
	unsigned int	 len = 0;

	if (EVP_DigestFinal_ex(d->ctx, out, &len) != 1)
		return -1;
	return len == ENTRY_DIGEST_LEN ? 0 : -1;
}
