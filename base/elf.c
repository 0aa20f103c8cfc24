/* SPDX-License-Identifier: Apache-2.0 */
#include "base/elf.h"

#include <elf.h>
#include <string.h>

#include "base/bug.h"

enum {
	PROGRAM_HEADERS_MAX = 64,
	SECTIONS_MAX = 256,
	SECTION_NAME_MAX = 32,
	SCRIPT_LINE_MAX = 256, /* the kernel's BINPRM_BUF_SIZE */
};

/* One word size from here on; fields are in the file's byte order. */
struct reader {
	const struct program_file *file;
	bool wide;
	struct program *out;
};

static bool read_all(const struct program_file *f, uint64_t at, void *to,
		     size_t len)
{
	return at + len >= at && f->read(f->arg, at, to, len) == len;
}

static uint64_t field(const struct reader *r, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	const bool big = r->out->is_big_endian;
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[big ? i : len - 1 - i];
	return v;
}

/* A member of either form of a structure. */
#define FIELD(r, u, member)                                                    \
	((r)->wide ? field((r), &(u)->e64.member, sizeof((u)->e64.member))     \
		   : field((r), &(u)->e32.member, sizeof((u)->e32.member)))

union header {
	Elf32_Ehdr e32;
	Elf64_Ehdr e64;
};

union segment {
	Elf32_Phdr e32;
	Elf64_Phdr e64;
};

union section {
	Elf32_Shdr e32;
	Elf64_Shdr e64;
};

static void read_interp(const struct reader *r, uint64_t at, uint64_t size)
{
	char *text = r->out->interp;

	if (size < 2 || size >= PROGRAM_INTERP_MAX ||
	    !read_all(r->file, at, text, (size_t)size) ||
	    text[size - 1] != '\0' || text[0] != '/')
		text[0] = '\0';
}

static void read_segments(const struct reader *r, const union header *head)
{
	const uint64_t at = FIELD(r, head, e_phoff), n = FIELD(r, head, e_phnum);
	const size_t size = r->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (FIELD(r, head, e_phentsize) != size)
		return;
	for (uint64_t i = 0; i < n && i < PROGRAM_HEADERS_MAX; i++) {
		union segment one;

		if (!read_all(r->file, at + i * size, &one, size))
			return;
		if (FIELD(r, &one, p_type) != PT_INTERP)
			continue;
		read_interp(r, FIELD(r, &one, p_offset),
			    FIELD(r, &one, p_filesz));
		return;
	}
}

/* What glibc's static library puts into sections of its own. */
static bool has_libc_section(const struct reader *r, const union header *head)
{
	static const char prefix[] = "__libc_";
	const uint64_t at = FIELD(r, head, e_shoff), n = FIELD(r, head, e_shnum);
	const uint64_t names = FIELD(r, head, e_shstrndx);
	const size_t size = r->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	union section table, one;

	if (!at || FIELD(r, head, e_shentsize) != size || names >= n ||
	    !read_all(r->file, at + names * size, &table, size))
		return false;
	for (uint64_t i = 0; i < n && i < SECTIONS_MAX; i++) {
		char name[SECTION_NAME_MAX] = "";

		if (!read_all(r->file, at + i * size, &one, size))
			return false;
		if (read_all(r->file,
			     FIELD(r, &table, sh_offset) +
				     FIELD(r, &one, sh_name),
			     name, strlen(prefix)) &&
		    !memcmp(name, prefix, strlen(prefix)))
			return true;
	}
	return false;
}

static enum program_libc libc_of(const char *interp)
{
	static const struct {
		const char *prefix;
		enum program_libc libc;
	} names[] = {
		{ "ld-linux", LIBC_GLIBC },
		{ "ld64.so.", LIBC_GLIBC },
		{ "ld.so.", LIBC_GLIBC },
		{ "ld-musl-", LIBC_MUSL },
	};
	const char *base = strrchr(interp, '/') + 1;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strncmp(base, names[i].prefix, strlen(names[i].prefix)))
			return names[i].libc;
	return LIBC_UNKNOWN;
}

static void read_elf(struct reader *r)
{
	const size_t size = r->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	union header head;

	if (!read_all(r->file, 0, &head, size))
		return;
	r->out->kind = PROGRAM_ELF;
	r->out->machine = (uint16_t)FIELD(r, &head, e_machine);
	read_segments(r, &head);
	if (r->out->interp[0])
		r->out->libc = libc_of(r->out->interp);
	else if (has_libc_section(r, &head))
		r->out->libc = LIBC_GLIBC_STATIC;
}

/* As the kernel takes it: a word after `#!`, blanks around it. */
static void read_script(const struct program_file *file, struct program *out)
{
	char line[SCRIPT_LINE_MAX + 1];
	size_t len = file->read(file->arg, 0, line, SCRIPT_LINE_MAX);
	const char *p = line + 2;

	line[len] = '\0';
	out->kind = PROGRAM_SCRIPT;
	p += strspn(p, " \t");
	len = strcspn(p, " \t\n");
	memcpy(out->interp, p, len);
	out->interp[len] = '\0';
}

void program_read(const struct program_file *file, struct program *out)
{
	unsigned char ident[EI_NIDENT];
	struct reader r = { .file = file, .out = out };

	memset(out, 0, sizeof(*out));
	if (!read_all(file, 0, ident, 2))
		return;
	if (ident[0] == '#' && ident[1] == '!') {
		read_script(file, out);
		return;
	}
	if (!read_all(file, 0, ident, sizeof(ident)) ||
	    memcmp(ident, ELFMAG, SELFMAG) ||
	    (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) ||
	    (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB))
		return;
	r.wide = out->is_64_bit = ident[EI_CLASS] == ELFCLASS64;
	out->is_big_endian = ident[EI_DATA] == ELFDATA2MSB;
	read_elf(&r);
}
