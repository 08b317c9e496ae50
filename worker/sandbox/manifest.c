/*
 * manifest.c: lines of the manifest; see sandbox/manifest.h.
 *
 * Runs in the worker.  Touches nothing but memory.
 */

#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/manifest.h"

#define TYPE_KEYWORD	" type="
#define DIGEST_KEYWORD	"sha256digest="

/*
 * What mtree(5) has no keyword for is in tags, which its readers ignore: a
 * digest of a file with holes, the file that a hard link belongs to, and a
 * digest of extended attributes.
 */
#define SPARSE_KEYWORD	"tags=sparse:"
#define LINK_KEYWORD	"tags=hardlink:"
#define ATTR_KEYWORD	"tags=attributes:"
/* The state of the file when it was read: a line that has it ends in it. */
#define CTIME_KEYWORD	"tags=ctime:"
#define INODE_KEYWORD	"tags=inode:"
#define BTIME_KEYWORD	"tags=btime:"

#define HEAD_FORMAT	"format="
#define HEAD_BEGAN	" began="
#define HEAD_SINCE	" since="

/* What we write and compare; the rest is ignored. */
static const struct keyword {
	const char	*text;
	bool		 of_file;	/* not repeated for a hard link */
	bool		 is_digest;	/* there may be none */
} keywords[] = {
	{ "type=", true, false },
	{ "mode=", false, false },
	{ "uid=", false, false },
	{ "gid=", false, false },
	{ "uname=", false, false },
	{ "gname=", false, false },
	{ "size=", true, false },
	{ "time=", false, false },
	{ "link=", true, false },
	{ "device=", true, false },
	{ DIGEST_KEYWORD, true, true },
	{ SPARSE_KEYWORD, true, true },
	{ "flags=", true, false },
	{ ATTR_KEYWORD, true, false },
	{ LINK_KEYWORD, false, false }
};

#define NKEYWORDS	(sizeof(keywords) / sizeof(keywords[0]))

/* True if a byte needs no encoding in a name or a value. */
static bool
is_plain(unsigned char c)
{
	switch (c) {
	case '-': case '.': case '_': case '/': case '+': case ',':
	case ':': case '@': case '%': case '~': case '^':
		return true;
	default:
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');
	}
}

/*
 * Append a number after a keyword, with this many digits at least.  There are
 * tens of thousands of lines: printf(3) is slow, and so is a division by what
 * is no constant.
 */
static int
add_number(struct buf *b, const char *keyword, uint64_t v, size_t digits)
{
	char	 text[24];
	size_t	 i = sizeof(text);

	do {
		text[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (sizeof(text) - i < digits)
		text[--i] = '0';
	if (buf_puts(b, keyword) == -1)
		return -1;
	return buf_add(b, text + i, sizeof(text) - i);
}

/* The same in octal, with exactly this many digits, at most four. */
static int
add_octal(struct buf *b, const char *keyword, uint32_t v, size_t digits)
{
	char	 text[4];
	size_t	 i;

	for (i = digits; i > 0; v >>= 3)
		text[--i] = (char)('0' + (v & 7));
	if (buf_puts(b, keyword) == -1)
		return -1;
	return buf_add(b, text, digits);
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
		if (*s != '\0' &&
		    add_octal(b, "\\", (unsigned char)*s++, 3) == -1)
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
	if (buf_puts(b, keyword) == -1)
		return -1;
	return add_encoded(b, value);
}

static int
add_time(struct buf *b, const char *keyword, int64_t seconds, uint32_t nsec)
{
	uint64_t	 v = (uint64_t)seconds;

	if (seconds < 0)
		v = 0 - v;
	if (buf_puts(b, keyword) == -1 ||
	    add_number(b, seconds < 0 ? "-" : "", v, 1) == -1)
		return -1;
	return add_number(b, ".", nsec, 9);
}

int
manifest_begin(struct buf *b, const struct manifest_head *h)
{
	size_t	 start = b->len;

	if (buf_printf(b, MANIFEST_MTREE "\n" MANIFEST_HEAD HEAD_FORMAT "%d",
	    MANIFEST_FORMAT) == 0 &&
	    add_time(b, HEAD_BEGAN, h->began, h->began_nsec) == 0 &&
	    (!h->has_since || add_time(b, HEAD_SINCE, h->since,
	    h->since_nsec) == 0) && buf_puts(b, "\n. type=dir\n") == 0)
		return 0;
	buf_cut(b, start);
	return -1;
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
add_digest(struct buf *b, const char *keyword, const uint8_t *digest)
{
	static const char	 digits[] = "0123456789abcdef";
	char			 hex[2 * ENTRY_DIGEST_LEN];
	size_t			 i;

	for (i = 0; i < ENTRY_DIGEST_LEN; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0xf];
	}
	if (buf_putc(b, ' ') == -1 || buf_puts(b, keyword) == -1)
		return -1;
	return buf_add(b, hex, sizeof(hex));
}

/* The contents of a regular file. */
static int
add_contents(struct buf *b, const struct entry *e)
{
	if (add_number(b, " size=", e->size, 1) == -1)
		return -1;
	return e->has_digest ? add_digest(b, e->sparse ? SPARSE_KEYWORD :
	    DIGEST_KEYWORD, e->digest) : 0;
}

static int
add_flags(struct buf *b, uint32_t flags)
{
	const char	*name, *keyword = " flags=";
	uint32_t	 flag;
	size_t		 i;

	for (i = 0; (name = entry_flag(i, &flag)) != NULL; i++) {
		if (!(flags & flag))
			continue;
		if (add_string(b, keyword, name) == -1)
			return -1;
		keyword = ",";
	}
	return 0;
}

/* Append the keywords that only some types have. */
static int
add_special(struct buf *b, const struct entry *e)
{
	if (S_ISREG(e->mode) && add_contents(b, e) == -1)
		return -1;
	if (S_ISLNK(e->mode) && add_string(b, " link=", e->link) == -1)
		return -1;
	if ((S_ISCHR(e->mode) || S_ISBLK(e->mode)) &&
	    (add_number(b, " device=native,", e->rdev_major, 1) == -1 ||
	    add_number(b, ",", e->rdev_minor, 1) == -1))
		return -1;
	if (e->flags != 0 && add_flags(b, e->flags) == -1)
		return -1;
	if (e->attributes_len > 0 &&
	    add_digest(b, ATTR_KEYWORD, e->attributes_digest) == -1)
		return -1;
	if (e->hardlink[0] == '\0')
		return 0;
	return buf_puts(b, " " LINK_KEYWORD) == -1 ? -1 :
	    add_name(b, e->hardlink);
}

/* What no archive has, so it comes last: see manifest_len(). */
static int
add_state(struct buf *b, const struct entry *e)
{
	if (add_time(b, " " CTIME_KEYWORD, e->ctime, e->ctime_nsec) == -1 ||
	    add_number(b, " " INODE_KEYWORD, e->ino, 1) == -1)
		return -1;
	return e->btime_nsec == UINT32_MAX ? 0 :
	    add_time(b, " " BTIME_KEYWORD, e->btime, e->btime_nsec);
}

int
manifest_add(struct buf *b, const struct entry *e)
{
	size_t	 start = b->len;

	if (add_name(b, e->name) == -1 || buf_puts(b, TYPE_KEYWORD) == -1 ||
	    buf_puts(b, type_name(e->mode)) == -1 ||
	    add_octal(b, " mode=", e->mode & 07777, 4) == -1 ||
	    add_number(b, " uid=", e->uid, 1) == -1 ||
	    add_number(b, " gid=", e->gid, 1) == -1 ||
	    add_time(b, " time=", e->mtime, e->mtime_nsec) == -1)
		goto fail;
	if (e->uname[0] != '\0' && add_string(b, " uname=", e->uname) == -1)
		goto fail;
	if (e->gname[0] != '\0' && add_string(b, " gname=", e->gname) == -1)
		goto fail;
	if (add_special(b, e) == -1 || (e->has_state &&
	    add_state(b, e) == -1) || buf_putc(b, '\n') == -1)
		goto fail;
	return 0;

fail:
	buf_cut(b, start);
	return -1;
}

/* True if a directory, the first len bytes of name, has a line or is above. */
static bool
is_known(const struct buf *known, const char *name, size_t len)
{
	return known->len >= len && memcmp(known->data, name, len) == 0 &&
	    (known->len == len || known->data[len] == '/');
}

int
manifest_parents(struct buf *b, struct buf *known, const struct entry *e)
{
	const char	*slash = strchr(e->name, '/');
	size_t		 len = 0, start = b->len;

	for (; slash != NULL; slash = strchr(slash + 1, '/')) {
		len = (size_t)(slash - e->name);
		if (is_known(known, e->name, len))
			continue;
		buf_cut(known, 0);
		if (buf_add(known, e->name, len) == -1 ||
		    add_name(b, buf_str(known)) == -1 ||
		    buf_puts(b, TYPE_KEYWORD "dir\n") == -1)
			goto fail;
	}
	if (S_ISDIR(e->mode))
		len = strlen(e->name);
	buf_cut(known, 0);
	if (buf_add(known, e->name, len) == 0)
		return 0;
fail:
	buf_cut(b, start);
	return -1;
}

/* Append what add_encoded() has made.  0, or -1 with errno. */
static int
add_decoded(struct buf *b, const char *p, size_t len)
{
	size_t	 i;
	char	 c;

	for (i = 0; i < len; i++) {
		c = p[i];
		if (c == '\\') {
			if (strspn(p + i + 1, "01234567") < 3 ||
			    p[i + 1] > '3') {
				errno = EINVAL;
				return -1;
			}
			c = (char)(((p[i + 1] - '0') << 6) |
			    ((p[i + 2] - '0') << 3) | (p[i + 3] - '0'));
			i += 3;
		}
		if (buf_putc(b, c) == -1)
			return -1;
	}
	return 0;
}

size_t
manifest_name_len(const char *line)
{
	size_t	 len = strcspn(line, " ");

	if (line[0] != '.' || strcmp(line + len, TYPE_KEYWORD "dir") == 0)
		return 0;
	return len;
}

int
manifest_encode(struct buf *b, const char *name)
{
	size_t	 start = b->len;

	if (add_name(b, name) == 0)
		return 0;
	buf_cut(b, start);
	return -1;
}

int
manifest_name(struct buf *b, const char *line)
{
	size_t	 len = manifest_name_len(line);

	if (len == 1)
		return buf_putc(b, '.');
	if (len < 2 || line[1] != '/') {
		errno = EINVAL;
		return -1;
	}
	return add_decoded(b, line + 2, len - 2);
}

int
manifest_removed(struct buf *b, const char *line, bool *dir)
{
	const char	*name = line + strlen(MANIFEST_REMOVED);
	size_t		 len = strcspn(name, " ");

	*dir = strcmp(name + len, TYPE_KEYWORD "dir") == 0;
	if (strncmp(name, "./", 2) != 0 || (!*dir && name[len] != '\0')) {
		errno = EINVAL;
		return -1;
	}
	return add_decoded(b, name + 2, len - 2);
}

/*
 * Find "keyword=value" in a line; keyword has the "=".  Its length, or 0: it
 * is not there.
 */
static size_t
find_keyword(const char *line, const char *keyword, const char **found)
{
	size_t	 len = strlen(keyword);

	line += strcspn(line, " ");
	while (*line == ' ') {
		line++;
		if (strncmp(line, keyword, len) == 0) {
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

	len = find_keyword(line, "type=", &found);
	if (len != strlen("type=file") ||
	    memcmp(found, "type=file", len) != 0 ||
	    find_keyword(line, LINK_KEYWORD, &found) > 0)
		return false;
	return find_keyword(line, DIGEST_KEYWORD, &found) == 0 &&
	    find_keyword(line, SPARSE_KEYWORD, &found) == 0;
}

bool
manifest_is_held(const char *line)
{
	size_t	 len = manifest_state_len(line);

	return line[len] == '\0';
}

size_t
manifest_len(const char *line)
{
	const char	*state = strstr(line, " " CTIME_KEYWORD);

	return state != NULL ? (size_t)(state - line) :
	    manifest_state_len(line);
}

size_t
manifest_state_len(const char *line)
{
	size_t	 len = strlen(line);

	/* Blanks in names and values are encoded. */
	if (strstr(line, MANIFEST_UNCHANGED) != NULL)
		len = (size_t)(strstr(line, MANIFEST_UNCHANGED) - line);
	else if (strstr(line, MANIFEST_UNSEEN) != NULL)
		len = (size_t)(strstr(line, MANIFEST_UNSEEN) - line);
	return len;
}

bool
manifest_is_same(const char *now, const char *earlier)
{
	static const char *const	 same[] = {
		"type=", "uid=", "gid=", "time=", "size=", "link=", "device=",
		CTIME_KEYWORD, INODE_KEYWORD, BTIME_KEYWORD
	};
	const char	*a, *b;
	size_t		 i, alen, blen;

	if (find_keyword(now, CTIME_KEYWORD, &a) == 0)
		return false;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		alen = find_keyword(now, same[i], &a);
		blen = find_keyword(earlier, same[i], &b);
		if (alen != blen || memcmp(a, b, alen) != 0)
			return false;
	}
	return true;
}

bool
manifest_is_directory(const char *line)
{
	const char	*found;
	size_t		 len = find_keyword(line, "type=", &found);

	return len == strlen("type=dir") && memcmp(found, "type=dir", len) == 0;
}

const char *
manifest_hardlink(const char *line, size_t *len)
{
	const char	*found;
	size_t		 n = find_keyword(line, LINK_KEYWORD, &found);

	if (n <= strlen(LINK_KEYWORD))
		return NULL;
	*len = n - strlen(LINK_KEYWORD);
	return found + strlen(LINK_KEYWORD);
}

const char *
manifest_attributes(const char *line, size_t *len)
{
	const char	*found;

	*len = find_keyword(line, ATTR_KEYWORD, &found);
	return *len > 0 ? found : NULL;
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

/* Seconds, a dot, and nine digits; *end is behind them. */
static bool
get_head_time(const char *p, int64_t *seconds, uint32_t *nsec,
    const char **end)
{
	char	 text[64];
	size_t	 len = strspn(p, "0123456789.");

	*end = p + len;
	if (len + sizeof("time=") > sizeof(text))
		return false;
	memcpy(text, "time=", strlen("time="));
	memcpy(text + strlen("time="), p, len);
	return get_time(text, len + strlen("time="), seconds, nsec);
}

int
manifest_head(struct manifest_head *h, const char *line)
{
	const char	*p;
	size_t		 digits;

	memset(h, 0, sizeof(*h));
	errno = EINVAL;
	if (strncmp(line, MANIFEST_HEAD HEAD_FORMAT,
	    strlen(MANIFEST_HEAD HEAD_FORMAT)) != 0)
		return -1;
	p = line + strlen(MANIFEST_HEAD HEAD_FORMAT);
	if ((digits = strspn(p, "0123456789")) == 0)
		return -1;
	if (digits != 1 || *p != '0' + MANIFEST_FORMAT) {
		errno = ENOTSUP;
		return -1;
	}
	p += digits;
	errno = EINVAL;
	if (strncmp(p, HEAD_BEGAN, strlen(HEAD_BEGAN)) != 0 ||
	    !get_head_time(p + strlen(HEAD_BEGAN), &h->began, &h->began_nsec,
	    &p)) {
		errno = EINVAL;
		return -1;
	}
	if (*p == '\0')
		return 0;
	h->has_since = true;
	if (strncmp(p, HEAD_SINCE, strlen(HEAD_SINCE)) == 0 &&
	    get_head_time(p + strlen(HEAD_SINCE), &h->since, &h->since_nsec,
	    &p) && *p == '\0')
		return 0;
	errno = EINVAL;
	return -1;
}

/* Decode the value of a keyword.  1; 0: the line lacks it; -1. */
static int
get_string(struct buf *b, const char *line, const char *keyword)
{
	const char	*found;
	size_t		 len = find_keyword(line, keyword, &found);

	buf_cut(b, 0);
	if (len == 0)
		return 0;
	return add_decoded(b, found + strlen(keyword), len -
	    strlen(keyword)) == -1 ? -1 : 1;
}

static bool
get_number(const char *line, const char *keyword, unsigned int base,
    uint64_t max, uint64_t *v)
{
	const char	*found;
	size_t		 i, len = find_keyword(line, keyword, &found);

	*v = 0;
	if (len == strlen(keyword) || len == 0)
		return false;
	for (i = strlen(keyword); i < len; i++) {
		if (found[i] < '0' || found[i] >= (char)('0' + base) ||
		    *v > (max - (uint64_t)(found[i] - '0')) / base)
			return false;
		*v = *v * base + (uint64_t)(found[i] - '0');
	}
	return true;
}

static bool
get_digest(const char *line, const char *keyword, uint8_t *digest)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*found, *p;
	size_t			 i, len = find_keyword(line, keyword, &found);

	if (len != strlen(keyword) + 2 * ENTRY_DIGEST_LEN)
		return false;
	memset(digest, 0, ENTRY_DIGEST_LEN);
	for (i = 0; i < 2 * ENTRY_DIGEST_LEN; i++) {
		p = strchr(digits, found[strlen(keyword) + i]);
		if (p == NULL || *p == '\0')
			return false;
		digest[i / 2] = (uint8_t)(digest[i / 2] << 4 | (p - digits));
	}
	return true;
}

int
manifest_parse(struct entry *e, const char *line, struct buf *uname,
    struct buf *gname)
{
	const char	*found;
	uint64_t	 mode, uid, gid, size = 0;
	size_t		 len;

	errno = EINVAL;
	len = find_keyword(line, "time=", &found);
	if (!get_number(line, "mode=", 8, 07777, &mode) ||
	    !get_number(line, "uid=", 10, UINT32_MAX, &uid) ||
	    !get_number(line, "gid=", 10, UINT32_MAX, &gid) || len == 0 ||
	    !get_time(found, len, &e->mtime, &e->mtime_nsec))
		return -1;
	(void)get_number(line, "size=", 10, INT64_MAX, &size);
	e->mode = (e->mode & S_IFMT) | (uint32_t)mode;
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->size = size;
	e->sparse = get_digest(line, SPARSE_KEYWORD, e->digest);
	e->has_digest = e->sparse || get_digest(line, DIGEST_KEYWORD,
	    e->digest);
	if (get_string(uname, line, "uname=") == -1 ||
	    get_string(gname, line, "gname=") == -1)
		return -1;
	e->uname = buf_str(uname);
	e->gname = buf_str(gname);
	return 0;
}

/* True if nobody needs to know that a keyword has these two values. */
static bool
is_excused(const struct keyword *k, bool is_link, const char *a, size_t alen,
    const char *r, size_t rlen)
{
	/* tar stores a hard link with the name of the file and little more. */
	if (is_link && k->of_file)
		return true;
	if (strcmp(k->text, "time=") == 0 && is_misread(a, alen, r, rlen))
		return true;
	/* An archive may be made without digests. */
	return k->is_digest && rlen == 0;
}

int
manifest_differ(struct buf *text, const char *archived, const char *recorded)
{
	const struct keyword	*k;
	const char		*a, *r;
	size_t			 alen, rlen, start = text->len;
	bool			 is_link;

	if (strcmp(archived, recorded) == 0)
		return 0;
	is_link = find_keyword(archived, LINK_KEYWORD, &a) > 0 &&
	    find_keyword(recorded, LINK_KEYWORD, &r) > 0;
	for (k = keywords; k < keywords + NKEYWORDS; k++) {
		alen = find_keyword(archived, k->text, &a);
		rlen = find_keyword(recorded, k->text, &r);
		if (alen == rlen && memcmp(a, r, alen) == 0)
			continue;
		if (is_excused(k, is_link, a, alen, r, rlen))
			continue;
		if (text->len > start && buf_puts(text, "; ") == -1)
			return -1;
		if (add_difference(text, a, alen, r, rlen) == -1)
			return -1;
	}
	return text->len > start ? 1 : 0;
}

/* How manifest_changes() calls the keywords; the others are not compared. */
static const struct {
	const char	*keyword;
	const char	*name;
	bool		 optional;	/* either may lack it */
	bool		 hidden;	/* its values say nothing to people */
} changes[] = {
	{ "type=", "type", false, false },
	{ "mode=", "mode", false, false },
	{ "uid=", "uid", false, false },
	{ "gid=", "gid", false, false },
	{ "size=", "size", false, false },
	{ "time=", "mtime", false, false },
	{ "link=", "link", false, false },
	{ "device=", "device", false, false },
	{ "flags=", "flags", false, false },
	{ DIGEST_KEYWORD, "contents", true, true },
	{ SPARSE_KEYWORD, "contents or holes", true, true },
	{ ATTR_KEYWORD, "extended attributes", false, true }
};

/*
 * Is a time that another program stored the same?  It may have no fraction; and
 * 7-zip counts tenths of a microsecond, as floating-point numbers do.
 */
static bool
is_coarse(const char *a, size_t alen, const char *b, size_t blen)
{
	int64_t		 as, bs;
	uint32_t	 an, bn;

	if (!get_time(a, alen, &as, &an) || !get_time(b, blen, &bs, &bn) ||
	    as != bs)
		return false;
	return an == 0 || (an < bn ? bn - an : an - bn) < 1000;
}

/* Append one change.  0, or -1: ENOMEM. */
static int
add_change(struct buf *text, size_t i, const char *a, size_t alen,
    const char *b, size_t blen)
{
	size_t	 skip = strlen(changes[i].keyword);

	if (changes[i].hidden)
		return buf_printf(text, "%s", changes[i].name);
	if (buf_printf(text, "%s ", changes[i].name) == -1 ||
	    (alen > skip ? buf_add(text, a + skip, alen - skip) :
	    buf_puts(text, "none")) == -1 || buf_puts(text, " -> ") == -1)
		return -1;
	return blen > skip ? buf_add(text, b + skip, blen - skip) :
	    buf_puts(text, "none");
}

int
manifest_changes(struct buf *text, const char *earlier, const char *now,
    bool coarse)
{
	const char	*a, *b;
	size_t		 i, alen, blen, start = text->len;
	bool		 is_link;

	/* tar says little of a hard link that is not in our manifest. */
	is_link = coarse && find_keyword(earlier, LINK_KEYWORD, &a) > 0;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		alen = find_keyword(earlier, changes[i].keyword, &a);
		blen = find_keyword(now, changes[i].keyword, &b);
		if (alen == blen && memcmp(a, b, alen) == 0)
			continue;
		if ((changes[i].optional && (alen == 0 || blen == 0)) ||
		    (is_link && strcmp(changes[i].keyword, "mode=") != 0))
			continue;
		if (coarse && strcmp(changes[i].keyword, "time=") == 0 &&
		    is_coarse(a, alen, b, blen))
			continue;
		if ((text->len > start && buf_puts(text, ", ") == -1) ||
		    add_change(text, i, a, alen, b, blen) == -1)
			return -1;
		/* Nothing else can be compared. */
		if (i == 0)
			break;
	}
	return text->len > start ? 1 : 0;
}
