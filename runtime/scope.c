/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.c - the only door to libsystemd, opened when a scope is needed
 *
 * The library is loaded by name: callgate is built without it, and a run
 * that asks for no scope does not map it.  What is used of it has had this
 * form since its first release.
 */
#include "runtime/scope.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/diag.h"

enum { WAIT_STEPS = 1000, WAIT_STEP_NS = 10 * 1000 * 1000, SCOPE_NAME_MAX = 64 };

struct sd_bus;
struct sd_bus_message;

/* In the order of `names` below. */
struct library {
	int (*open_system)(struct sd_bus **bus);
	int (*open_user)(struct sd_bus **bus);
	int (*new_call)(struct sd_bus *bus, struct sd_bus_message **message,
			const char *service, const char *path,
			const char *interface, const char *member);
	int (*append)(struct sd_bus_message *message, const char *types, ...);
	int (*call)(struct sd_bus *bus, struct sd_bus_message *message,
		    uint64_t timeout_us, void *error,
		    struct sd_bus_message **reply);
	struct sd_bus_message *(*unref)(struct sd_bus_message *message);
	struct sd_bus *(*close)(struct sd_bus *bus);
};

static const char *const names[] = {
	"sd_bus_open_system",
	"sd_bus_open_user",
	"sd_bus_message_new_method_call",
	"sd_bus_message_append",
	"sd_bus_call",
	"sd_bus_message_unref",
	"sd_bus_flush_close_unref",
};

_Static_assert(sizeof(struct library) == sizeof(names), "a name for each");

/* It stays loaded: exec takes it away, and the runner ends soon after. */
static bool load(struct library *lib)
{
	void *handle = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	void *found[ARRAY_LEN(names)];

	if (!handle)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		found[i] = dlsym(handle, names[i]);
		if (!found[i])
			return false;
	}
	memcpy(lib, found, sizeof(*lib));
	return true;
}

/* A negative errno, as the library has it. */
static int ask(const struct library *lib, struct sd_bus *bus, const char *name)
{
	struct sd_bus_message *message = NULL;
	int err = lib->new_call(bus, &message, "org.freedesktop.systemd1",
				"/org/freedesktop/systemd1",
				"org.freedesktop.systemd1.Manager",
				"StartTransientUnit");

	if (err >= 0)
		err = lib->append(message, "ss", name, "fail");
	if (err >= 0)
		err = lib->append(message, "a(sv)", 4, "Description", "s",
				  "callgate sandbox", "Delegate", "b", 1,
				  "CollectMode", "s", "inactive-or-failed",
				  "PIDs", "au", 1, (uint32_t)getpid());
	if (err >= 0)
		err = lib->append(message, "a(sa(sv))", 0);
	if (err >= 0)
		err = lib->call(bus, message, 0, NULL, NULL);
	if (message)
		lib->unref(message);
	return err;
}

/* Whether the caller's group of v2 is the scope of that name. */
static bool is_inside(const char *name, char *path, size_t size)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];
	bool inside = false;

	while (f && !inside && fgets(line, sizeof(line), f)) {
		const char *last = strrchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		inside = !strncmp(line, "0::", 3) && last &&
			 !strcmp(last + 1, name) && strlen(line + 3) < size;
		if (inside)
			snprintf(path, size, "%s", line + 3);
	}
	if (f)
		fclose(f);
	return inside;
}

/* The reply says only that a job was queued. */
static int await(const char *name, char *path, size_t size)
{
	const struct timespec step = { 0, WAIT_STEP_NS };

	for (int i = 0; i < WAIT_STEPS; i++) {
		if (is_inside(name, path, size))
			return 0;
		nanosleep(&step, NULL);
	}
	return ETIMEDOUT;
}

int scope_enter(uint32_t number, char *path, size_t size, const char **object)
{
	struct library lib;
	struct sd_bus *bus = NULL;
	char name[SCOPE_NAME_MAX];
	int err;

	*object = "libsystemd.so.0";
	if (!load(&lib))
		return ENOPKG;
	*object = geteuid() == 0 ? "the system bus" : "the user's bus";
	err = geteuid() == 0 ? lib.open_system(&bus) : lib.open_user(&bus);
	if (err < 0)
		return -err;
	snprintf(name, sizeof(name), "callgate-%d-%08x.scope", (int)getpid(),
		 number);
	*object = "StartTransientUnit";
	err = ask(&lib, bus, name);
	lib.close(bus);
	return err < 0 ? -err : await(name, path, size);
}

void scope_explain(struct diag *d, int err)
{
	if (err == ENOPKG)
		diag_help(d, "install libsystemd (Debian: libsystemd0), or "
			     "start callgate in a delegated subtree");
	else if (geteuid() != 0 && (err == ENOENT || err == ENOMEDIUM))
		diag_help(d, "the bus is found through XDG_RUNTIME_DIR: log in "
			     "with pam_systemd, or 'loginctl enable-linger'");
	else if (err == ETIMEDOUT)
		diag_note(d, "systemd took the request and did not move the "
			     "runner");
}
