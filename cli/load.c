/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - operands in, results out: the same for every command
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/cmd.h"

int cli_finish(struct cli *cli, int code)
{
	struct diag_sink *sink = cli->unit->diags;

	if (cli->diag == DIAG_JSON || diag_errors(sink) || diag_warnings(sink))
		diag_print(sink, cli->diag, stderr);
	if (code == EXIT_DONE && diag_errors(sink))
		return EXIT_REFUSED;
	return code;
}

int cli_finish_errors(struct cli *cli, int code)
{
	return diag_errors(cli->unit->diags) ? cli_finish(cli, code) : code;
}

static const struct format *format_of(const struct cli *cli, const char *path,
				      uint32_t number)
{
	const struct source *src = sources_get(&cli->unit->sources, number);

	if (cli->from)
		return format_find(cli->from, strlen(cli->from));
	return format_guess(path, src->text, src->len);
}

/* A profile that lists ABIs, but none of the target: not its fault. */
int cli_no_abi(struct cli *cli)
{
	diag_help(diag_add(cli->unit->diags, E0560, span_none,
			   "the policy lists no ABI of %s",
			   cli->target_given ? "the target" : "this machine"),
		  "name one that it lists with --target");
	return EXIT_MACHINE;
}

const struct policy *cli_load(struct cli *cli, const char *path, int *code)
{
	struct unit *u = cli->unit;
	uint32_t number = unit_read(u, path);
	const struct policy *policy;

	*code = EXIT_REFUSED;
	if (!number)
		return NULL;
	policy = format_of(cli, path, number)->read(u, number);
	if (policy && !policy->nabis) {
		*code = cli_no_abi(cli);
		return NULL;
	}
	return policy;
}

const struct policy *cli_read_again(struct cli *cli, const char *path)
{
	return format_of(cli, path, 1)->read(cli->unit, 1);
}

const struct policy *cli_load_all(struct cli *cli, const char *path, int *code)
{
	struct unit *u = cli->unit;
	uint32_t number = unit_read(u, path);
	const struct format *format;

	*code = EXIT_REFUSED;
	if (!number)
		return NULL;
	format = format_of(cli, path, number);
	/* JSON serves one target; our language names its ABIs itself. */
	if (!strcmp(format->name, "gate") && !cli->target_given)
		u->target.abis = ABI_BIT(ABI_COUNT) - 1;
	return format->read(u, number);
}

/* mkstemp() beside the target, so that rename() stays on one file system. */
static int open_beside(const char *path, char **temp)
{
	struct str name = { 0 };
	int fd;

	str_addf(&name, "%s.XXXXXX", path);
	*temp = name.text;
	fd = mkostemp(*temp, O_CLOEXEC);
	if (fd < 0) {
		free(*temp);
		*temp = NULL;
	}
	return fd;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static mode_t mode_for(const char *path)
{
	struct stat st;
	mode_t mask;

	if (!stat(path, &st))
		return st.st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

/* A pipe or device can't be replaced, only written to. */
static bool write_special(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool ok = fd >= 0 && write_all(fd, bytes, len);
	int err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return ok;
}

/* A link goes on to lead to the file that is replaced. */
bool file_replace(const char *name, const void *bytes, size_t len)
{
	char *real = realpath(name, NULL), *temp;
	const char *path = real ? real : name;
	bool ok;
	int fd, err;

	if (is_special(path)) {
		ok = write_special(path, bytes, len);
	} else {
		fd = open_beside(path, &temp);
		ok = fd >= 0 && write_all(fd, bytes, len) &&
		     !fchmod(fd, mode_for(path)) && !fsync(fd) &&
		     !rename(temp, path);
		err = errno;
		if (fd >= 0)
			close(fd);
		if (fd >= 0 && !ok)
			unlink(temp);
		free(temp);
		errno = err;
	}
	if (!ok)
		fprintf(stderr, "callgate: cannot write '%s': %s\n", name,
			strerror(errno));
	free(real);
	return ok;
}

bool cli_write(struct cli *cli, const void *bytes, size_t len)
{
	if (cli->output && strcmp(cli->output, "-"))
		return file_replace(cli->output, bytes, len);
	return fwrite(bytes, 1, len, stdout) == len;
}
