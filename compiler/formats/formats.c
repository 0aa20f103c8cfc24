/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats.c - every language a policy can be read from or written to
 *
 * To add one: write read_x.c or write_x.c, declare it in format.h, add its
 * line here and a tests/golden/format-x/ directory.  `--from`, `--to`,
 * their help and the documentation come from this table.
 */
#include <string.h>

#include "base/bug.h"
#include "compiler/format.h"

enum { FORMAT_GATE, FORMAT_DOCKER };

static const struct format formats[] = {
	/* name, suffix, summary, needs, read, write */
	[FORMAT_GATE] = { "gate", ".gate", "native policy language",
			  STAGE_POLICY, gate_read, NULL },
	[FORMAT_DOCKER] = { "docker", ".json", "Docker/moby seccomp profile",
			    STAGE_POLICY, docker_read, NULL },
	{ "bpf", ".bpf", "raw struct sock_filter[] of the target", STAGE_BPF,
	  NULL, bpf_write },
	{ "asm", ".s", "program listing with names and origins", STAGE_BPF,
	  NULL, asm_write },
	{ "c", ".c", "C source with an array of struct sock_filter", STAGE_BPF,
	  NULL, c_write },
};

const struct format *format_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strlen(formats[i].name) == len &&
		    !memcmp(formats[i].name, name, len))
			return &formats[i];
	return NULL;
}

const struct format *format_at(size_t i)
{
	return i < ARRAY_LEN(formats) ? &formats[i] : NULL;
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	return len > n && !strcmp(path + len - n, suffix);
}

const struct format *format_guess(const char *path, const char *text,
				  size_t len)
{
	size_t i = 0;

	for (size_t f = 0; path && f < ARRAY_LEN(formats); f++)
		if (formats[f].read && has_suffix(path, formats[f].suffix))
			return &formats[f];
	while (i < len && (text[i] == ' ' || text[i] == '\t' ||
			   text[i] == '\n' || text[i] == '\r'))
		i++;
	return &formats[i < len && text[i] == '{' ? FORMAT_DOCKER
						  : FORMAT_GATE];
}
