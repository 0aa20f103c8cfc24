/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_saved.h - struct sandbox as bytes and back
 *
 * One table says what the struct holds; a unit test fails when a field is
 * missing in it.
 */
#ifndef ABI_SANDBOX_SAVED_H
#define ABI_SANDBOX_SAVED_H

#include "abi/sandbox.h"
#include "base/bytes.h"

struct arena;

void sandbox_save(const struct sandbox *box, struct str *out);

/*
 * False when the bytes can't be what sandbox_save() gave.  Texts stay in
 * them, lists are the arena's.  Spans must lie in one of the sources.
 */
bool sandbox_restore(struct bytes *in, struct arena *arena,
		     const uint32_t *lengths, uint32_t nsources,
		     struct sandbox *box);
/* One span, put as three numbers; none, and bad, where it lies in no source. */
struct span saved_span(struct bytes *in, const uint32_t *lengths, uint32_t n);

/* Sets each byte of *box that the table knows to 0xff; for its test. */
void sandbox_saved_mark(struct sandbox *box);
/* The same for an element of the list whose pointer is at the offset. */
size_t sandbox_saved_mark_item(size_t list, void *item, size_t size);

#endif
