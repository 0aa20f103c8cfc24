/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.c - turns abi/[a-z]*.csv into C tables; runs while building
 *
 * usage: tables syscalls|constants FOLDER >FILE
 */
#include <stdio.h>
#include <string.h>

#include "abi/generate/csv.h"

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "syscalls"))
		return generate_syscalls(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "constants"))
		return generate_constants(argv[2]);
	fputs("usage: tables syscalls|constants FOLDER\n", stderr);
	return 2;
}
