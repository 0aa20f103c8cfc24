/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.h - finding the command, and who may reach a path
 */
#ifndef RUNTIME_LOOKUP_H
#define RUNTIME_LOOKUP_H

struct arena;
struct host_path;

/*
 * As the shell looks a command up: along PATH unless the name has a
 * slash.  The result keeps the last component as it is named (programs
 * look at it) and resolves the directories before it.
 */
void lookup_command(const char *name, const char *path_var, struct arena *arena,
		    struct host_path *out);

/*
 * The same inside a chosen root, whose links lead nowhere else.  A relative
 * name with a slash is one from the root.
 */
void lookup_command_in(const char *root, const char *name, const char *path_var,
		       struct arena *arena, struct host_path *out);

/* A directory, resolved; NULL stands for the current one. */
void lookup_dir(const char *path, struct arena *arena, struct host_path *out);

#endif
