/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: a program's file says which loader and C library start it, and a
 * damaged file says nothing.
 * Method: files built here, of both word sizes and byte orders, cut at every
 * length and with every word of their headers spoilt.
 */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/elf.h"

struct bytes {
	unsigned char data[1024];
	size_t size;
};

static size_t read_bytes(void *arg, uint64_t at, void *to, size_t len)
{
	const struct bytes *b = arg;

	if (at >= b->size)
		return 0;
	if (len > b->size - at)
		len = b->size - (size_t)at;
	memcpy(to, b->data + at, len);
	return len;
}

static struct program of(const struct bytes *b)
{
	const struct program_file file = { read_bytes,
					   (void *)(uintptr_t)b };
	struct program p;

	program_read(&file, &p);
	return p;
}

static struct bytes text(const char *what)
{
	struct bytes b = { .size = strlen(what) };

	memcpy(b.data, what, b.size);
	return b;
}

/* Header, one segment and the path in it; section names when static. */
static struct bytes elf64(const char *interp, const char *section)
{
	struct bytes b = { .size = sizeof(b.data) };
	Elf64_Ehdr head = { .e_machine = EM_X86_64,
			    .e_phoff = 64,
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1,
			    .e_shoff = 256,
			    .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = 2,
			    .e_shstrndx = 1 };
	Elf64_Phdr segment = { .p_type = interp ? PT_INTERP : PT_LOAD,
			       .p_offset = 128,
			       .p_filesz = interp ? strlen(interp) + 1 : 0 };
	Elf64_Shdr sections[2] = { { .sh_name = 1 }, { .sh_offset = 512 } };

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(b.data, &head, sizeof(head));
	memcpy(b.data + 64, &segment, sizeof(segment));
	if (interp)
		strcpy((char *)b.data + 128, interp);
	memcpy(b.data + 256, sections, sizeof(sections));
	strcpy((char *)b.data + 513, section);
	return b;
}

START_TEST(loaders)
{
	static const struct {
		const char *interp, *section;
		enum program_libc libc;
	} rows[] = {
		{ "/lib64/ld-linux-x86-64.so.2", "", LIBC_GLIBC },
		{ "/lib/ld-musl-x86_64.so.1", "", LIBC_MUSL },
		{ "/lib/ld-other.so", "__libc_x", LIBC_UNKNOWN },
		{ "/ld-linux/x", "", LIBC_UNKNOWN },
		{ "ld-linux.so.2", "", LIBC_UNKNOWN },
		{ NULL, "__libc_IO_vtables", LIBC_GLIBC_STATIC },
		{ NULL, ".text", LIBC_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes b = elf64(rows[i].interp, rows[i].section);
		struct program p = of(&b);

		ck_assert_int_eq(p.kind, PROGRAM_ELF);
		ck_assert_int_eq(p.machine, EM_X86_64);
		ck_assert(p.is_64_bit && !p.is_big_endian);
		ck_assert_msg(p.libc == rows[i].libc, "row %zu", i);
	}
}
END_TEST

START_TEST(other_words)
{
	struct bytes b = { .size = 256 };
	/* Big-endian, 32 bits: fields written byte by byte. */
	static const unsigned char head[] = {
		0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB, 1, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 2, 0, 20, /* EM_PPC */
		0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 52, /* e_phoff */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 0, 32, 0, 1, /* e_phnum */
	};
	static const unsigned char segment[] = {
		0, 0, 0, PT_INTERP, 0, 0, 0, 128, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, /* "/lib/ld.so.1" */
	};
	struct program p;

	memcpy(b.data, head, sizeof(head));
	memcpy(b.data + 52, segment, sizeof(segment));
	strcpy((char *)b.data + 128, "/lib/ld.so.1");
	p = of(&b);
	ck_assert_int_eq(p.kind, PROGRAM_ELF);
	ck_assert_int_eq(p.machine, EM_PPC);
	ck_assert(!p.is_64_bit && p.is_big_endian);
	ck_assert_str_eq(p.interp, "/lib/ld.so.1");
	ck_assert_int_eq(p.libc, LIBC_GLIBC);
}
END_TEST

START_TEST(scripts)
{
	static const struct {
		const char *text, *interp;
	} rows[] = {
		{ "#!/bin/sh\n", "/bin/sh" },
		{ "#! \t/usr/bin/env python3\n", "/usr/bin/env" },
		{ "#!/bin/sh", "/bin/sh" },
		{ "#!", "" },
		{ "#!\n", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes b = text(rows[i].text);
		struct program p = of(&b);

		ck_assert_int_eq(p.kind, PROGRAM_SCRIPT);
		ck_assert_str_eq(p.interp, rows[i].interp);
	}
	ck_assert_int_eq(of(&(struct bytes){ .size = 0 }).kind, PROGRAM_OTHER);
}
END_TEST

/* Nothing but the right answer or none, whatever is cut or spoilt. */
START_TEST(damaged)
{
	struct bytes good = elf64("/lib64/ld-linux-x86-64.so.2", "");

	for (size_t len = 0; len < good.size; len++) {
		struct bytes b = good;
		struct program p;

		b.size = len;
		p = of(&b);
		ck_assert(!p.interp[0] || p.libc == LIBC_GLIBC);
	}
	for (size_t at = 4; at + 8 <= 128; at++) {
		struct bytes b = good;
		struct program p;

		memset(b.data + at, 0xff, 8);
		p = of(&b);
		ck_assert(!p.interp[0] || p.interp[0] == '/');
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf");
	TCase *tests = tcase_create("elf");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, loaders);
	tcase_add_test(tests, other_words);
	tcase_add_test(tests, scripts);
	tcase_add_test(tests, damaged);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
