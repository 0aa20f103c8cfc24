/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: no kept compilation, whatever stands in it, crashes its reader.
 * Method: libFuzzer; the bytes are edits of a true entry (two of place, one
 * of value each), whose sum is made right again, so that they get past it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "compiler/compile.h"
#include "compiler/format.h"
#include "compiler/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SUM_AT = 16, REST_AT = 24 };

static const char profile[] =
	"default kill; allow read, write, exit; deny(EPERM) mkdir, mkdirat;\n"
	"allow ioctl if cmd in { 1, 5..9 };\n"
	"sandbox { hostname \"h\"; env set A \"b\"; rlimit nofile 5;\n"
	"bind \"/usr\" \"/usr\"; tmpfs \"/tmp/x\" size 64K; fd keep 7; }\n";

static struct str key, entry, edited;

/* Its one file is in memory, under a name that stat() knows as a file. */
static void make_entry(void)
{
	struct unit *u = unit_new();
	struct kept run = { 0 };
	int fd = memfd_create("profile", 0);
	const struct policy *policy;
	char name[32];
	uint32_t number;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (write(fd, profile, strlen(profile)) != (ssize_t)strlen(profile))
		abort();
	number = unit_read(u, name);
	policy = number ? gate_read(u, number) : NULL;
	if (!policy)
		abort();
	run.box = policy->sandbox;
	run.prog = compile_policy(u, policy, NULL, NULL);
	str_add(&key, "key");
	kept_write(&key, u, policy, &run, &entry);
	str_add_bytes(&edited, entry.text, entry.len);
	bpf_prog_free(run.prog);
	unit_free(u);
}

static bool is_taken(void)
{
	struct unit *u = unit_new();
	uint64_t sum = bytes_sum(edited.text + REST_AT, edited.len - REST_AT);
	struct kept run;
	bool ok;

	memcpy(edited.text + SUM_AT, &sum, sizeof(sum));
	ok = kept_read(&key, edited.text, edited.len, u, &run);
	if (ok)
		bpf_prog_free(run.prog);
	unit_free(u);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!entry.len) {
		make_entry();
		if (!is_taken())
			abort();
	}
	memcpy(edited.text, entry.text, entry.len);
	for (; size >= 3; size -= 3, data += 3)
		edited.text[(data[0] | data[1] << 8) % edited.len] =
			(char)data[2];
	is_taken();
	return 0;
}
