/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/report_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 1024, NAME_BYTES = 32 };

/* The type of the file system at path, from the list of mounts. */
static bool find_type(const char *path, char name[NAME_BYTES])
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[LINE_BYTES];
	struct statx st;
	bool found = false;

	if (!f)
		return false;
	if (statx(AT_FDCWD, path, 0, STATX_MNT_ID, &st) < 0)
		line[0] = '\0';
	else
		while (!found && fgets(line, sizeof(line), f)) {
			const char *type = strstr(line, " - ");
			unsigned long long id;

			found = sscanf(line, "%llu", &id) == 1 &&
				id == st.stx_mnt_id && type &&
				sscanf(type, " - %31s", name) == 1;
		}
	fclose(f);
	return found;
}

static const struct plan_mount *mount_of(const struct sandbox_plan *plan,
					 const char *object)
{
	for (size_t i = 0; i < plan->mounts.n; i++) {
		const struct plan_mount *m = &plan->mounts.at[i];

		if (!strcmp(m->target, object) ||
		    (m->source && !strcmp(m->source, object)))
			return m;
	}
	return NULL;
}

void explain_profile_mount(struct diag *d, const struct sandbox_plan *plan,
			   const struct fail *fail)
{
	const struct plan_mount *m = mount_of(plan, fail->object);
	char type[NAME_BYTES];

	if (fail->err == EINVAL && m && m->idmap &&
	    find_type(fail->object, type)) {
		diag_note(d, "the file system there, %s, can't map its owners",
			  type);
		diag_help(d, "start the sandbox as the owner, or move the "
			     "data to a file system that can");
	} else if (fail->err == ENOENT && m && m->base == BASE_TREE) {
		diag_note(d, "the place does not exist in the sandbox's tree");
		diag_help(d, "nothing is created on the host; create it, or "
			     "choose one below /tmp");
	} else if (fail->err == ELOOP) {
		diag_note(d, "there is a symbolic link in the path, which is "
			     "not followed");
	} else if (m && m->kind == MOUNT_OVERLAY) {
		diag_note(d, "the kernel made this overlay as the sandbox's "
			     "user, who must own upper and work directory, "
			     "both on one file system");
	} else if (fail->err == EACCES || fail->err == EPERM) {
		diag_note(d, "a folder on the way is closed to the sandbox's "
			     "id, or a security module refused it");
	}
}
