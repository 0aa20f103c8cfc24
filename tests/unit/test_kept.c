/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: what is kept of a compilation comes back whole or not at all.
 * Method: fill struct sandbox and compare with the table that saves it;
 * compile small profiles with includes, then change the entry byte by byte,
 * and the files under it one way each.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/sandbox_saved.h"
#include "base/bug.h"
#include "compiler/compile.h"
#include "compiler/format.h"
#include "compiler/kept.h"

/* ---- the table ---- */

/* Each byte that is no padding is either in the table or forgotten. */
#define CHECK_KNOWN(type, marked)                                              \
	do {                                                                   \
		type all;                                                      \
                                                                               \
		memset(&all, 0xff, sizeof(all));                               \
		__builtin_clear_padding(&all);                                 \
		ck_assert_msg(!memcmp(&all, (marked), sizeof(all)),            \
			      "a member of " #type " is not in the table");    \
	} while (0)

#define CHECK_ITEM(type, list)                                                 \
	do {                                                                   \
		type item;                                                     \
                                                                               \
		memset(&item, 0, sizeof(item));                                \
		ck_assert_uint_eq(                                             \
			sandbox_saved_mark_item(offsetof(struct sandbox,       \
							 list),                \
						&item, sizeof(item)),          \
			sizeof(item));                                         \
		CHECK_KNOWN(type, &item);                                      \
	} while (0)

START_TEST(the_table_knows_every_member)
{
#ifdef __clang__
	/* It has no way to tell padding from members. */
#else
	struct sandbox box;

	memset(&box, 0, sizeof(box));
	sandbox_saved_mark(&box);
	CHECK_KNOWN(struct sandbox, &box);
	CHECK_ITEM(struct sandbox_join, joins);
	CHECK_ITEM(struct sandbox_pin, pins);
	CHECK_ITEM(struct sandbox_map, maps);
	CHECK_ITEM(struct sandbox_mount, mounts);
	CHECK_ITEM(struct sandbox_io, ios);
	CHECK_ITEM(struct sandbox_rlimit, rlimits);
	CHECK_ITEM(struct sandbox_env, env);
	CHECK_ITEM(int, fds);
#endif
}
END_TEST

/* ---- entries ---- */

static const char *const folder_names[] = { "main.gate", "inner.gate", "sub" };
static char folder[] = "/tmp/callgate-kept.XXXXXX";

static const char *file_in(struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", folder, name);
}

static void put_file(const char *name, const char *text)
{
	struct arena *a = arena_new();
	FILE *f = fopen(file_in(a, name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	arena_free(a);
}

static void make_folder(void)
{
	struct arena *a = arena_new();

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(mkdir(file_in(a, "sub"), 0700), 0);
	put_file("main.gate", "default allow;\ninclude \"inner.gate\";\n"
			      "include \"groups/network-io.gate\";\n"
			      "deny mkdir if mode has 3;\n"
			      "sandbox { hostname \"h\"; env set A \"b\"; "
			      "env keep LANG; fd keep 7; "
			      "rlimit nofile 5; tmpfs \"/tmp/x\" size 64K; }\n");
	put_file("inner.gate", "deny(ENOSYS) kexec_load, mount;\n");
	arena_free(a);
}

static void remove_folder(void)
{
	struct arena *a = arena_new();

	unlink(file_in(a, "sub/inner.gate"));
	for (size_t i = 0; i < ARRAY_LEN(folder_names); i++)
		remove(file_in(a, folder_names[i]));
	rmdir(folder);
	arena_free(a);
}

static const char *const no_folders[] = { NULL };

static struct unit *unit_for(const char *include_dir)
{
	struct unit *u = unit_new();

	u->include_dirs = no_folders;
	if (include_dir) {
		const char **list = arena_array(u->arena, 1, sizeof(*list));

		list[0] = include_dir;
		u->include_dirs = list;
		u->ninclude_dirs = 1;
	}
	return u;
}

/* The entry of main.gate, as the runner would keep it. */
static void compile_entry(const struct str *key, const char *include_dir,
			  struct str *out)
{
	struct unit *u = unit_for(include_dir);
	uint32_t number = unit_read(u, file_in(u->arena, "main.gate"));
	const struct policy *policy;
	struct kept run = { 0 };

	ck_assert_uint_ne(number, 0);
	policy = gate_read(u, number);
	if (!policy)
		diag_print(u->diags, DIAG_TEXT, stderr);
	ck_assert_ptr_nonnull(policy);
	run.box = policy->sandbox;
	run.denies_tracing = true;
	run.starts = 6;
	run.prog = compile_policy(u, policy, NULL, NULL);
	ck_assert_ptr_nonnull(run.prog);
	kept_write(key, u, policy, &run, out);
	bpf_prog_free(run.prog);
	unit_free(u);
}

static bool reads(const struct str *key, const void *bytes, size_t len,
		  struct kept *out, struct unit **unit)
{
	struct unit *u = unit_for(NULL);
	struct kept run;
	bool ok = kept_read(key, bytes, len, u, &run);

	if (ok && out) {
		*out = run;
		*unit = u;
		return true;
	}
	ck_assert(ok || u->sources.len == 0);
	if (ok)
		bpf_prog_free(run.prog);
	unit_free(u);
	return ok;
}

static struct str the_key, entry;

static void setup(void)
{
	make_folder();
	str_add(&the_key, "a key");
	compile_entry(&the_key, NULL, &entry);
}

static void teardown(void)
{
	str_fini(&entry);
	str_fini(&the_key);
	entry = the_key = (struct str){ 0 };
	remove_folder();
}

static bool still_holds(void)
{
	return reads(&the_key, entry.text, entry.len, NULL, NULL);
}

START_TEST(an_entry_comes_back_whole)
{
	struct str again = { 0 };
	struct unit *u;
	struct kept run;

	ck_assert(reads(&the_key, entry.text, entry.len, &run, &u));
	ck_assert(run.box.present);
	ck_assert(run.denies_tracing && !run.log_denials && run.starts == 6);
	ck_assert_str_eq(run.box.hostname, "h");
	ck_assert_uint_eq(run.box.nenv, 2);
	ck_assert_str_eq(run.box.env[0].value, "b");
	ck_assert_ptr_null(run.box.env[1].value);
	ck_assert_uint_eq(run.box.nfds, 1);
	ck_assert_int_eq(run.box.fds[0], 7);
	ck_assert_uint_eq(run.box.nrlimits, 1);
	ck_assert_uint_eq(run.box.nmounts, 1);
	ck_assert_uint_eq(run.box.mounts[0].size, 65536);
	ck_assert_uint_eq(run.box.mounts[0].span.source, 1);
	ck_assert_uint_ge(u->sources.len, 3);
	ck_assert_str_eq(sources_where(&u->sources, run.box.mounts[0].span),
			 arena_printf(u->arena, "%s/main.gate:5", folder));
	/* The same again from what came back: nothing was lost on the way. */
	sandbox_save(&run.box, &again);
	ck_assert_ptr_nonnull(memmem(entry.text, entry.len, again.text,
				     again.len));
	str_fini(&again);
	bpf_prog_free(run.prog);
	unit_free(u);
}
END_TEST

START_TEST(no_flipped_byte_is_taken)
{
	for (size_t i = 0; i < entry.len; i++) {
		for (unsigned bit = 0; bit < 8; bit += 7) {
			entry.text[i] ^= (char)(1 << bit);
			ck_assert_msg(!still_holds(), "byte %zu", i);
			entry.text[i] ^= (char)(1 << bit);
		}
	}
	ck_assert(still_holds());
}
END_TEST

/* With the sum made right again, only what the bytes say is left to judge. */
static void seal(struct str *bytes)
{
	uint64_t sum = bytes_sum(bytes->text + 24, bytes->len - 24);

	memcpy(bytes->text + 16, &sum, sizeof(sum));
}

START_TEST(a_forged_entry_is_survived)
{
	struct unit *u;
	struct kept true_run, run;

	ck_assert(reads(&the_key, entry.text, entry.len, &true_run, &u));
	for (size_t i = 24; i < entry.len; i++) {
		struct unit *forged;

		entry.text[i] ^= 0x11;
		seal(&entry);
		if (reads(&the_key, entry.text, entry.len, &run, &forged)) {
			/* Proved against what the entry says, so the same. */
			ck_assert_uint_le(run.prog->len, BPF_INSNS_MAX);
			bpf_prog_free(run.prog);
			unit_free(forged);
		}
		entry.text[i] ^= 0x11;
	}
	bpf_prog_free(true_run.prog);
	unit_free(u);
}
END_TEST

/* A program that allows more, under the true meaning of the policy. */
START_TEST(another_program_is_not_proved)
{
	struct unit *u;
	struct kept run;
	unsigned changed = 0;

	ck_assert(reads(&the_key, entry.text, entry.len, &run, &u));
	for (size_t i = 0; i < run.prog->len; i++) {
		struct sock_filter *insn = &run.prog->insns[i], was = *insn;
		char *place;

		if (insn->code != (BPF_RET | BPF_K) || insn->k == 0x7fff0000)
			continue;
		place = memmem(entry.text, entry.len, run.prog->insns,
			       run.prog->len * sizeof(was));
		ck_assert_ptr_nonnull(place);
		place += i * sizeof(was);
		insn->k = 0x7fff0000;
		memcpy(place, insn, sizeof(was));
		seal(&entry);
		ck_assert(!still_holds());
		*insn = was;
		memcpy(place, insn, sizeof(was));
		changed++;
	}
	seal(&entry);
	ck_assert_uint_gt(changed, 0);
	ck_assert(still_holds());
	bpf_prog_free(run.prog);
	unit_free(u);
}
END_TEST

START_TEST(no_part_of_an_entry_is_one)
{
	for (size_t len = 0; len < entry.len; len++)
		ck_assert(!reads(&the_key, entry.text, len, NULL, NULL));
	str_addc(&entry, '\0');
	seal(&entry);
	ck_assert(!still_holds());
}
END_TEST

START_TEST(another_key_is_another_entry)
{
	str_add(&the_key, "s");
	ck_assert(!still_holds());
}
END_TEST

START_TEST(a_changed_file_ends_it)
{
	put_file("inner.gate", "deny(ENOSYS) kexec_load, umount;\n");
	ck_assert(!still_holds());
	put_file("inner.gate", "deny(ENOSYS) kexec_load, mount;\n");
	ck_assert(still_holds());
	put_file("main.gate", "default allow;\n");
	ck_assert(!still_holds());
}
END_TEST

START_TEST(a_file_that_is_gone_ends_it)
{
	struct arena *a = arena_new();

	ck_assert_int_eq(unlink(file_in(a, "inner.gate")), 0);
	ck_assert(!still_holds());
	ck_assert_int_eq(mkfifo(file_in(a, "inner.gate"), 0600), 0);
	ck_assert(!still_holds());
	arena_free(a);
}
END_TEST

/* The built-in file was meant because there was none beside the profile. */
START_TEST(a_file_that_is_found_earlier_ends_it)
{
	struct arena *a = arena_new();

	ck_assert_int_eq(mkdir(file_in(a, "groups"), 0700), 0);
	ck_assert(still_holds());
	put_file("groups/network-io.gate", "allow read;\n");
	ck_assert(!still_holds());
	unlink(file_in(a, "groups/network-io.gate"));
	rmdir(file_in(a, "groups"));
	ck_assert(still_holds());
	arena_free(a);
}
END_TEST

/* Two files that were one would be included twice now, and the reverse. */
START_TEST(files_that_become_one_end_it)
{
	struct arena *a = arena_new();
	struct str two = { 0 };

	put_file("sub/inner.gate", "deny(ENOSYS) kexec_load, mount;\n");
	put_file("main.gate", "default allow;\ninclude \"inner.gate\";\n"
			      "include \"sub/inner.gate\";\n");
	compile_entry(&the_key, NULL, &two);
	ck_assert(reads(&the_key, two.text, two.len, NULL, NULL));
	unlink(file_in(a, "sub/inner.gate"));
	ck_assert_int_eq(link(file_in(a, "inner.gate"),
			      file_in(a, "sub/inner.gate")),
			 0);
	ck_assert(!reads(&the_key, two.text, two.len, NULL, NULL));
	str_fini(&two);
	compile_entry(&the_key, NULL, &two);
	ck_assert(reads(&the_key, two.text, two.len, NULL, NULL));
	str_fini(&two);
	arena_free(a);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("kept");
	TCase *table = tcase_create("table"), *t = tcase_create("entries");

	tcase_add_test(table, the_table_knows_every_member);
	suite_add_tcase(s, table);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_entry_comes_back_whole);
	tcase_add_test(t, no_flipped_byte_is_taken);
	tcase_add_test(t, a_forged_entry_is_survived);
	tcase_add_test(t, another_program_is_not_proved);
	tcase_add_test(t, no_part_of_an_entry_is_one);
	tcase_add_test(t, another_key_is_another_entry);
	tcase_add_test(t, a_changed_file_ends_it);
	tcase_add_test(t, a_file_that_is_gone_ends_it);
	tcase_add_test(t, a_file_that_is_found_earlier_ends_it);
	tcase_add_test(t, files_that_become_one_end_it);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
