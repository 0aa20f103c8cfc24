/* SPDX-License-Identifier: Apache-2.0 */
/*
 * build_id.c - the note that the linker put into this program
 *
 * It is a hash of everything that the program consists of, tables and
 * built-in profiles among them.
 */
#include <elf.h>
#include <link.h>
#include <string.h>

#include "cli/cache.h"

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static bool find_note(const char *note, size_t left, const void **bytes,
		      size_t *len)
{
	ElfW(Nhdr) head;

	while (left >= sizeof(head)) {
		const char *name = note + sizeof(head);
		size_t size;

		memcpy(&head, note, sizeof(head));
		size = sizeof(head) + padded(head.n_namesz) +
		       padded(head.n_descsz);
		if (size > left)
			return false;
		if (head.n_type == NT_GNU_BUILD_ID && head.n_descsz &&
		    head.n_namesz == 4 && !memcmp(name, "GNU", 4)) {
			*bytes = name + padded(head.n_namesz);
			*len = head.n_descsz;
			return true;
		}
		note += size;
		left -= size;
	}
	return false;
}

bool build_id(const void **bytes, size_t *len)
{
	const ElfW(Ehdr) *head = &__ehdr_start;
	const char *base = (const char *)head;
	const ElfW(Phdr) *list = (const void *)(base + head->e_phoff);

	for (unsigned i = 0; i < head->e_phnum; i++)
		if (list[i].p_type == PT_NOTE &&
		    find_note(base + list[i].p_offset, list[i].p_filesz, bytes,
			      len))
			return true;
	return false;
}
