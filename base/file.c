/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/source.h"

enum { PIPE_BYTES = 64 * 1024 };

/* Expects about as many bytes, but takes what there is. */
static int read_all(int fd, size_t expected, size_t max, char **text,
		    size_t *len)
{
	size_t cap = expected + 2, have = 0;
	char *buf = malloc(cap);

	if (!buf)
		oom();
	for (;;) {
		ssize_t n = read(fd, buf + have, cap - have - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n < 0) {
				int err = errno;

				free(buf);
				return err;
			}
			break;
		}
		have += (size_t)n;
		if (have > max) {
			free(buf);
			return EFBIG;
		}
		if (cap - have - 1 == 0) {
			cap *= 2;
			buf = realloc(buf, cap);
			if (!buf)
				oom();
		}
	}
	buf[have] = '\0';
	*text = buf;
	*len = have;
	return 0;
}

int file_read(const char *path, size_t max, char **text, size_t *len)
{
	struct stat st;
	int fd, err;

	if (!strcmp(path, "-"))
		return read_all(STDIN_FILENO, PIPE_BYTES, max, text, len);
	/* O_NONBLOCK only for the open: a FIFO without a writer is empty. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0)
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (S_ISREG(st.st_mode) && st.st_size > (off_t)max)
		err = EFBIG;
	else if (fcntl(fd, F_SETFL, 0) < 0)
		err = errno;
	else
		err = read_all(fd,
			       S_ISREG(st.st_mode) ? (size_t)st.st_size
						   : PIPE_BYTES,
			       max, text, len);
	close(fd);
	return err;
}

int file_identify(const char *path, struct file_id *id)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	*id = (struct file_id){ st.st_dev, st.st_ino, S_ISREG(st.st_mode) };
	return 0;
}
