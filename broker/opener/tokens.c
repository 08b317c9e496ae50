/*
 * tokens.c: the directories that a session holds; see tokens.h.
 *
 * Runs in the opener.  Touches memory, and closes descriptors.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "opener/tokens.h"

int
tokens_init(struct tokens *t, size_t size)
{
	t->used = t->begun = t->reserved = t->bytes = 0;
	t->size = size;
	t->slots = reallocarray(NULL, size, sizeof(*t->slots));
	return t->slots != NULL ? 0 : -1;
}

static void
token_clear(struct token *tk)
{
	fd_close(&tk->fd);
	free(tk->path);
	free(tk->dents);
	memset(tk, 0, sizeof(*tk));
	tk->fd = -1;
}

void
tokens_free(struct tokens *t)
{
	size_t	 i;

	for (i = 0; i < t->begun; i++)
		token_clear(&t->slots[i]);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}

size_t
tokens_free_places(const struct tokens *t)
{
	return t->size - t->used - t->reserved;
}

/* Is there memory for one more path? */
static bool
has_room(const struct tokens *t, size_t len)
{
	size_t	 max = t->size * TOKENS_PATH_BYTES;

	if (max < TOKENS_BYTES_MIN)
		max = TOKENS_BYTES_MIN;
	return len <= max && t->bytes <= max - len;
}

static uint32_t
token_new(struct tokens *t, int fd, const char *path, bool clone, bool nodev,
    bool made)
{
	struct token	*tk;
	size_t		 i, len = strlen(path);

	if (tokens_free_places(t) == 0 || !has_room(t, len)) {
		fd_close(&fd);
		errno = EMFILE;
		return 0;
	}
	for (i = 0; i < t->begun && t->slots[i].fd != -1; i++)
		;
	tk = &t->slots[i];
	if (i == t->begun) {
		memset(tk, 0, sizeof(*tk));
		t->begun++;
	}
	tk->fd = fd;
	tk->clone = clone;
	tk->nodev = nodev;
	/* One that was made cannot be listed by its descriptor. */
	tk->made = tk->done = made;
	tk->path = strdup(path);
	tk->dents = made ? NULL : malloc(TOKEN_DENTS_SIZE);
	if (tk->path == NULL || (tk->dents == NULL && !made)) {
		token_clear(tk);
		errno = ENOMEM;
		return 0;
	}
	t->used++;
	t->bytes += len;
	return (uint32_t)i + 1;
}

uint32_t
tokens_add(struct tokens *t, int fd, const char *path, bool clone,
    bool nodev)
{
	return token_new(t, fd, path, clone, nodev, false);
}

uint32_t
tokens_add_made(struct tokens *t, int fd, const char *path, bool clone,
    bool nodev)
{
	return token_new(t, fd, path, clone, nodev, true);
}

struct token *
tokens_find(struct tokens *t, uint32_t token)
{
	if (token == 0 || token > t->begun || t->slots[token - 1].fd == -1)
		return NULL;
	return &t->slots[token - 1];
}

bool
tokens_remove(struct tokens *t, uint32_t token)
{
	struct token	*tk = tokens_find(t, token);

	if (tk == NULL)
		return false;
	t->bytes -= strlen(tk->path);
	token_clear(tk);
	t->used--;
	return true;
}
