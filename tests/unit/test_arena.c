/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena and vector: alignment, zeroing, blocks past the chunk size, copies
 * and growth.  Method: allocate in awkward sizes and look at every byte.
 */
#include <check.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

START_TEST(blocks_are_zeroed_and_aligned)
{
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(arena, size);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		ck_assert(all_zero(p, size));
		memset(p, 0xff, size);
	}
}
END_TEST

START_TEST(blocks_do_not_overlap)
{
	unsigned char *block[200];

	for (size_t i = 0; i < 200; i++) {
		block[i] = arena_alloc(arena, i + 1);
		memset(block[i], (int)i, i + 1);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j <= i; j++)
			ck_assert_uint_eq(block[i][j], i);
}
END_TEST

START_TEST(large_blocks_get_their_own_chunk)
{
	size_t size = 1 << 20;
	unsigned char *big = arena_alloc(arena, size);
	unsigned char *after;

	memset(big, 1, size);
	after = arena_alloc(arena, 16);
	ck_assert(all_zero(after, 16));
	ck_assert_uint_ge(arena_used(arena), size + 16);
}
END_TEST

START_TEST(copies_end_with_nul)
{
	char *s = arena_strndup(arena, "abcdef", 3);

	ck_assert_str_eq(s, "abc");
	ck_assert_str_eq(arena_strndup(arena, "", 0), "");
	ck_assert_str_eq(arena_printf(arena, "%s-%d", "x", 42), "x-42");
	ck_assert_int_eq(memcmp(arena_dup(arena, "a\0b", 3), "a\0b", 3), 0);
}
END_TEST

START_TEST(vectors_keep_their_items)
{
	VEC(uint32_t) v = { 0 };

	for (uint32_t i = 0; i < 10000; i++)
		vec_push(arena, &v, i * 3);
	ck_assert_uint_eq(v.len, 10000);
	ck_assert_uint_ge(v.cap, v.len);
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_uint_eq(v.data[i], i * 3);
}
END_TEST

START_TEST(freeing_nothing_is_allowed)
{
	arena_free(NULL);
}
END_TEST

/* n * size past SIZE_MAX ends the process with the machine's exit code. */
START_TEST(multiplication_is_checked)
{
	volatile size_t n = SIZE_MAX / 2;

	arena_array(arena, n, 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("arena");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, blocks_are_zeroed_and_aligned);
	tcase_add_test(tc, blocks_do_not_overlap);
	tcase_add_test(tc, large_blocks_get_their_own_chunk);
	tcase_add_test(tc, copies_end_with_nul);
	tcase_add_test(tc, vectors_keep_their_items);
	tcase_add_test(tc, freeing_nothing_is_allowed);
	tcase_add_exit_test(tc, multiplication_is_checked, 3);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
