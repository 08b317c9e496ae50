/*
 * manifest.c: lines of the manifest; see sandbox/manifest.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/manifest.h"

#define DIGEST_KEYWORD	"sha256digest"

/* The keywords that we write and compare; others are ignored. */
static const char *const keywords[] = {
	"type", "mode", "uid", "gid", "uname", "gname", "size", "time",
	"link", "contents", "device", DIGEST_KEYWORD
};

#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

/* True if a byte needs no encoding in a name or a value. */
static bool
is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' &&
	    strchr("-._/+,:@%~^", c) != NULL);
}

/* Append a string; bytes that are special in mtree(5) become \ooo. */
static int
add_encoded(struct buf *b, const char *s)
{
	size_t	 n;

	while (*s != '\0') {
		for (n = 0; is_plain((unsigned char)s[n]); n++)
			;
		if (buf_add(b, s, n) == -1)
			return -1;
		s += n;
		if (*s != '\0' && buf_printf(b, "\\%03o",
		    (unsigned int)(unsigned char)*s++) == -1)
			return -1;
	}
	return 0;
}

/* Names begin with "./": mtree(5) reads a name without "/" differently. */
static int
add_name(struct buf *b, const char *name)
{
	if (strcmp(name, ".") == 0)
		return buf_putc(b, '.');
	if (buf_puts(b, "./") == -1)
		return -1;
	return add_encoded(b, name);
}

static int
add_string(struct buf *b, const char *keyword, const char *value)
{
	if (buf_printf(b, " %s=", keyword) == -1)
		return -1;
	return add_encoded(b, value);
}

static const char *
type_name(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "dir";
	case S_IFLNK:
		return "link";
	case S_IFIFO:
		return "fifo";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	default:
		return "unknown";
	}
}

static int
add_digest(struct buf *b, const uint8_t *digest)
{
	static const char	 digits[] = "0123456789abcdef";
	char			 hex[2 * ENTRY_DIGEST_LEN];
	size_t			 i;

	for (i = 0; i < ENTRY_DIGEST_LEN; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	if (buf_puts(b, " " DIGEST_KEYWORD "=") == -1)
		return -1;
	return buf_add(b, hex, sizeof(hex));
}

/* Append the keywords that only some types have. */
static int
add_special(struct buf *b, const struct entry *e)
{
	/* tar stores a hard link with the name of the file and no more. */
	if (e->hardlink[0] != '\0')
		return buf_puts(b, " contents=") == -1 ? -1 :
		    add_name(b, e->hardlink);
	if (S_ISREG(e->mode) &&
	    buf_printf(b, " size=%" PRIu64, e->size) == -1)
		return -1;
	if (S_ISLNK(e->mode))
		return add_string(b, "link", e->link);
	if (S_ISCHR(e->mode) || S_ISBLK(e->mode))
		return buf_printf(b, " device=native,%" PRIu32 ",%" PRIu32,
		    e->rdev_major, e->rdev_minor);
	return e->has_digest ? add_digest(b, e->digest) : 0;
}

int
manifest_add(struct buf *b, const struct entry *e)
{
	size_t	 start = b->len;

	if (add_name(b, e->name) == -1)
		goto fail;
	if (e->hardlink[0] == '\0' &&
	    buf_printf(b, " type=%s", type_name(e->mode)) == -1)
		goto fail;
	if (buf_printf(b, " mode=%04o uid=%" PRIu32 " gid=%" PRIu32
	    " time=%" PRId64 ".%09" PRIu32, (unsigned int)(e->mode & 07777),
	    e->uid, e->gid, e->mtime, e->mtime_nsec) == -1)
		goto fail;
	if (e->uname[0] != '\0' && add_string(b, "uname", e->uname) == -1)
		goto fail;
	if (e->gname[0] != '\0' && add_string(b, "gname", e->gname) == -1)
		goto fail;
	if (add_special(b, e) == -1 || buf_putc(b, '\n') == -1)
		goto fail;
	return 0;

fail:
	buf_cut(b, start);
	return -1;
}

size_t
manifest_name_len(const char *line)
{
	if (line[0] != '.')
		return 0;
	return strcspn(line, " ");
}

int
manifest_name(struct buf *b, const char *line)
{
	size_t	 i, len = manifest_name_len(line);
	char	 c;

	if (len == 1)
		return buf_putc(b, '.');
	if (len < 2 || line[1] != '/') {
		errno = EINVAL;
		return -1;
	}
	for (i = 2; i < len; i++) {
		c = line[i];
		if (c == '\\') {
			if (strspn(line + i + 1, "01234567") < 3 ||
			    line[i + 1] > '3') {
				errno = EINVAL;
				return -1;
			}
			c = (char)(((line[i + 1] - '0') << 6) |
			    ((line[i + 2] - '0') << 3) | (line[i + 3] - '0'));
			i += 3;
		}
		if (buf_putc(b, c) == -1)
			return -1;
	}
	return 0;
}

/* Find "keyword=value" in a line.  Its length, or 0: it is not there. */
static size_t
find_keyword(const char *line, const char *keyword, const char **found)
{
	size_t	 len = strlen(keyword);

	line += strcspn(line, " ");
	while (*line == ' ') {
		line++;
		if (strncmp(line, keyword, len) == 0 && line[len] == '=') {
			*found = line;
			return strcspn(line, " ");
		}
		line += strcspn(line, " ");
	}
	*found = line;
	return 0;
}

bool
manifest_lacks_digest(const char *line)
{
	const char	*found;
	size_t		 len;

	len = find_keyword(line, "type", &found);
	if (len != strlen("type=file") || memcmp(found, "type=file", len) != 0)
		return false;
	return find_keyword(line, DIGEST_KEYWORD, &found) == 0;
}

/* Append how a keyword differs; length 0 means that a line lacks it. */
static int
add_difference(struct buf *text, const char *a, size_t alen, const char *r,
    size_t rlen)
{
	if (alen == 0)
		return buf_printf(text, "%.*s is missing", (int)rlen, r);
	if (rlen == 0)
		return buf_printf(text, "%.*s is not in the manifest",
		    (int)alen, a);
	return buf_printf(text, "%.*s, not %.*s", (int)alen, a, (int)rlen, r);
}

/* "time=-6.300000000": seconds, rounded down, and what is to be added. */
static bool
get_time(const char *p, size_t len, int64_t *seconds, uint32_t *nsec)
{
	char		 text[64], *dot, *end;
	const char	*digits = text + strlen("time=");

	if (len >= sizeof(text))
		return false;
	memcpy(text, p, len);
	text[len] = '\0';
	errno = 0;
	*seconds = strtoll(digits, &dot, 10);
	if (errno != 0 || *dot != '.' || strlen(dot + 1) != 9 ||
	    strspn(dot + 1, "0123456789") != 9)
		return false;
	*nsec = (uint32_t)strtoul(dot + 1, &end, 10);
	return true;
}

/*
 * True if libarchive reads the recorded time, which is before 1970, as the
 * other one: -5.7 as -5 seconds with 0.7 to be added, and -0.5 as 0.5.
 */
static bool
is_misread(const char *a, size_t alen, const char *r, size_t rlen)
{
	int64_t		 as, rs;
	uint32_t	 an, rn;

	return get_time(a, alen, &as, &an) && get_time(r, rlen, &rs, &rn) &&
	    rs < 0 && rn > 0 && as == rs + 1 && an == 1000000000U - rn;
}

int
manifest_differ(struct buf *text, const char *archived, const char *recorded)
{
	const char	*a, *r;
	size_t		 alen, rlen, i, start = text->len;

	if (strcmp(archived, recorded) == 0)
		return 0;
	for (i = 0; i < NKEYWORDS; i++) {
		alen = find_keyword(archived, keywords[i], &a);
		rlen = find_keyword(recorded, keywords[i], &r);
		if (alen == rlen && memcmp(a, r, alen) == 0)
			continue;
		if (strcmp(keywords[i], "time") == 0 &&
		    is_misread(a, alen, r, rlen))
			continue;
		/* An archive may be made without digests. */
		if (rlen == 0 && strcmp(keywords[i], DIGEST_KEYWORD) == 0)
			continue;
		if (text->len > start && buf_puts(text, "; ") == -1)
			return -1;
		if (add_difference(text, a, alen, r, rlen) == -1)
			return -1;
	}
	return text->len > start ? 1 : 0;
}
