/*
 * prototable.c: check a table of messages; see prototable.h.
 */

#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/prototable.h"
#include "tests/unit/util.h"

/* Parse a header as given with nfds descriptors; NULL or what is wrong. */
static const char *
fault(const struct prototable *table, const struct util_header *uh, size_t nfds)
{
	static uint8_t		 buf[PROTO_HEADER];
	struct proto_header	 h;
	struct wire_in		 in;
	const char		*why = "untouched";
	size_t			 len;

	len = util_message(buf, sizeof(buf), uh, NULL, 0);
	errno = 0;
	if (table->parse(buf, len, nfds, &h, &in, &why) == -1) {
		assert_int_equal(errno, EPROTO);
		assert_non_null(why);
		return why;
	}
	assert_null(why);
	assert_int_equal(h.type, uh->type);
	assert_int_equal(h.id, uh->id);
	assert_int_equal(h.items, uh->items);
	assert_int_equal(h.fds, uh->fds);
	assert_int_equal(h.flags, uh->flags);
	assert_int_equal(h.generation, uh->generation);
	assert_int_equal(wire_get_end(&in), 0);
	return NULL;
}

static const char *
fault_of(const struct prototable *table, const struct prototable_row *row,
    unsigned int items, unsigned int fds, uint32_t flags)
{
	struct util_header	 h;

	h.type = (uint16_t)row->type;
	h.id = 0xfeedbeef;
	h.items = (uint16_t)items;
	h.fds = (uint16_t)fds;
	h.flags = flags;
	h.generation = row->generation ? 0xcafef00d : 0;
	return fault(table, &h, fds);
}

void
prototable_check_items(const struct prototable *table)
{
	static const char		 why[] = "wrong number of items";
	const struct prototable_row	*row;
	size_t				 i;

	for (i = 0; i < table->nrows; i++) {
		row = &table->rows[i];
		assert_null(fault_of(table, row, row->min_items,
		    row->min_fds, 0));
		assert_null(fault_of(table, row, row->max_items,
		    row->min_fds, 0));
		if (row->min_items > 0)
			assert_string_equal(fault_of(table, row,
			    row->min_items - 1, row->min_fds, 0), why);
		if (row->max_items < UINT16_MAX) {
			assert_string_equal(fault_of(table, row,
			    row->max_items + 1, row->min_fds, 0), why);
			assert_string_equal(fault_of(table, row, UINT16_MAX,
			    row->min_fds, 0), why);
		}
	}
}

void
prototable_check_descriptors(const struct prototable *table)
{
	static const char		 why[] = "wrong number of descriptors";
	const struct prototable_row	*row;
	struct util_header		 h;
	size_t				 i;

	for (i = 0; i < table->nrows; i++) {
		row = &table->rows[i];
		assert_null(fault_of(table, row, row->min_items,
		    row->max_fds, 0));
		if (row->min_fds > 0)
			assert_string_equal(fault_of(table, row,
			    row->min_items, row->min_fds - 1, 0), why);
		assert_string_equal(fault_of(table, row, row->min_items,
		    row->max_fds + 1, 0), why);
		/* Announced and sent differ, either way. */
		memset(&h, 0, sizeof(h));
		h.type = (uint16_t)row->type;
		h.items = (uint16_t)row->min_items;
		h.fds = (uint16_t)row->min_fds;
		assert_non_null(fault(table, &h, row->min_fds + 1U));
		h.fds++;
		assert_non_null(fault(table, &h, row->min_fds));
	}
}

void
prototable_check_flags(const struct prototable *table)
{
	const struct prototable_row	*row;
	size_t				 i;
	int				 bit;

	for (i = 0; i < table->nrows; i++) {
		row = &table->rows[i];
		for (bit = 0; bit < 32; bit++) {
			if (row->flags & (1U << bit))
				assert_null(fault_of(table, row,
				    row->min_items, row->min_fds, 1U << bit));
			else
				assert_string_equal(fault_of(table, row,
				    row->min_items, row->min_fds, 1U << bit),
				    "reserved bits are set");
		}
	}
}

void
prototable_check_generation(const struct prototable *table)
{
	const struct prototable_row	*row;
	struct util_header		 h;
	const char			*why;
	size_t				 i;
	int				 bit;

	for (i = 0; i < table->nrows; i++) {
		row = &table->rows[i];
		memset(&h, 0, sizeof(h));
		h.type = (uint16_t)row->type;
		h.items = (uint16_t)row->min_items;
		h.fds = (uint16_t)row->min_fds;
		for (bit = 0; bit < 32; bit++) {
			h.generation = 1U << bit;
			why = fault(table, &h, row->min_fds);
			if (row->generation) {
				assert_null(why);
				continue;
			}
			assert_non_null(why);
			assert_string_equal(why, "reserved bits are set");
		}
	}
}

static const struct prototable_row *
row_of(const struct prototable *table, unsigned int type)
{
	size_t	 i;

	for (i = 0; i < table->nrows; i++)
		if (table->rows[i].type == type)
			return &table->rows[i];
	return NULL;
}

void
prototable_check_types(const struct prototable *table)
{
	const struct prototable_row	*row;
	struct util_header		 h;
	unsigned int			 type;

	memset(&h, 0, sizeof(h));
	h.items = 1;
	for (type = 0; type <= UINT16_MAX; type++) {
		h.type = (uint16_t)type;
		if ((row = row_of(table, type)) != NULL) {
			assert_string_equal(table->name(type), row->name);
			continue;
		}
		assert_string_equal(table->name(type), "unknown");
		assert_string_equal(fault(table, &h, 0), "unknown type");
	}
	assert_string_equal(table->name(65536 + table->rows[0].type),
	    "unknown");
}
