/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_loader.c - what @loader stands for: the interpreter that a program
 * names, and the folders where that looks for libraries
 *
 * Reads the ELF header, the `#!` line of a script, and /etc/ld.so.cache.
 * All three are input: offsets are checked before they are used.
 */
#include "runtime/mounts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/bug.h"

enum { SCRIPTS_MAX = 4, HEADERS_MAX = 64, LINE_MAX_BYTES = 256 };

static const char cache_path[] = "/etc/ld.so.cache";
static const char cache_magic[] = "glibc-ld.so.cache1.1";

/* Header and entries of the cache, as glibc 2.2 and later write it. */
struct cache_head {
	char magic[20];
	uint32_t nlibs, strings_size;
	uint32_t unused[5];
};

struct cache_entry {
	int32_t flags;
	uint32_t key, value; /* offsets from the start of the file */
	uint32_t osversion;
	uint64_t hwcap;
};

static void need(struct host_mounts *facts, const char *name, bool exec,
		 struct arena *arena)
{
	struct host_need *n = &facts->loader[facts->nloader];

	for (size_t i = 0; i < facts->nloader; i++)
		if (!strcmp(facts->loader[i].name, name))
			return;
	if (facts->nloader == LOADER_MAX) {
		facts->loader_trouble = "it looks in more than 30 folders";
		return;
	}
	*n = (struct host_need){ .name = name, .exec = exec };
	lookup_trusted(name, arena, &n->file);
	/* A folder that isn't there holds no library. */
	if (n->file.err == ENOENT && !exec)
		return;
	facts->nloader++;
}

static void need_folder_of(struct host_mounts *facts, const char *file,
			   struct arena *arena)
{
	const char *slash = strrchr(file, '/');

	if (file[0] == '/' && slash != file)
		need(facts, arena_strndup(arena, file, (size_t)(slash - file)),
		     false, arena);
}

/* The folders of all libraries in the cache. */
static void read_cache(struct host_mounts *facts, const char *map, size_t size,
		       struct arena *arena)
{
	struct cache_head head;

	if (size < sizeof(head))
		return;
	memcpy(&head, map, sizeof(head));
	if (memcmp(head.magic, cache_magic, sizeof(head.magic)) ||
	    head.nlibs > (size - sizeof(head)) / sizeof(struct cache_entry))
		return;
	for (uint32_t i = 0; i < head.nlibs; i++) {
		struct cache_entry e;
		const char *file;

		memcpy(&e, map + sizeof(head) + i * sizeof(e), sizeof(e));
		if (e.value >= size)
			continue;
		file = map + e.value;
		if (!memchr(file, '\0', size - e.value) ||
		    strnlen(file, PATH_MAX) >= PATH_MAX)
			continue;
		need_folder_of(facts, file, arena);
	}
}

/* Without a cache the loader has these built in. */
static void need_default(struct host_mounts *facts, struct arena *arena)
{
	need(facts, "/lib", false, arena);
	need(facts, "/usr/lib", false, arena);
	need(facts, "/lib64", false, arena);
	need(facts, "/usr/lib64", false, arena);
}

static void need_libraries(struct host_mounts *facts, struct arena *arena)
{
	int fd = open(cache_path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *map;

	if (fd < 0) {
		need_default(facts, arena);
		return;
	}
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			   0);
		if (map != MAP_FAILED) {
			need(facts, cache_path, false, arena);
			read_cache(facts, map, (size_t)st.st_size, arena);
			munmap(map, (size_t)st.st_size);
		}
	}
	close(fd);
}

/* The text at PT_INTERP, of either word size; NULL when static. */
static const char *read_interp(int fd, struct arena *arena)
{
	union {
		Elf32_Ehdr e32;
		Elf64_Ehdr e64;
	} head;
	uint64_t at, size = 0, offset = 0;
	bool wide;
	char *text;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return NULL;
	wide = head.e32.e_ident[EI_CLASS] == ELFCLASS64;
	at = wide ? head.e64.e_phoff : head.e32.e_phoff;
	for (int i = 0; i < (wide ? head.e64.e_phnum : head.e32.e_phnum) &&
			i < HEADERS_MAX;
	     i++) {
		Elf64_Phdr p64;
		Elf32_Phdr p32;

		if (wide &&
		    pread(fd, &p64, sizeof(p64),
			  (off_t)(at + i * sizeof(p64))) ==
			    (ssize_t)sizeof(p64) &&
		    p64.p_type == PT_INTERP) {
			offset = p64.p_offset;
			size = p64.p_filesz;
		} else if (!wide &&
			   pread(fd, &p32, sizeof(p32),
				 (off_t)(at + i * sizeof(p32))) ==
				   (ssize_t)sizeof(p32) &&
			   p32.p_type == PT_INTERP) {
			offset = p32.p_offset;
			size = p32.p_filesz;
		}
	}
	if (size < 2 || size > PATH_MAX)
		return NULL;
	text = arena_alloc(arena, size + 1);
	memset(text, 0, size + 1);
	return pread(fd, text, size, (off_t)offset) == (ssize_t)size &&
			       text[0] == '/'
		       ? text
		       : NULL;
}

/* What a `#!` line names; NULL for other files. */
static const char *read_script(int fd, struct arena *arena)
{
	char line[LINE_MAX_BYTES];
	ssize_t len = pread(fd, line, sizeof(line) - 1, 0);
	const char *p = line + 2;

	if (len < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[len] = '\0';
	p += strspn(p, " \t");
	return arena_strndup(arena, p, strcspn(p, " \t\n"));
}

void probe_loader(struct host_mounts *facts, const char *command,
		  struct arena *arena)
{
	for (int i = 0; i < SCRIPTS_MAX; i++) {
		const char *interp, *script;
		int fd = open(command, O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			facts->loader_trouble =
				arena_printf(arena, "'%s' can't be read: %s",
					     command, strerror(errno));
			return;
		}
		script = read_script(fd, arena);
		interp = script ? NULL : read_interp(fd, arena);
		close(fd);
		if (interp) {
			need(facts, interp, true, arena);
			need_libraries(facts, arena);
		}
		if (!script)
			return;
		need(facts, script, true, arena);
		command = script;
	}
	facts->loader_trouble = "scripts name scripts as their interpreter";
}
