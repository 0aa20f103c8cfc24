/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

enum { WORD_MAX = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Three rows of the classic table; both words are at most WORD_MAX long. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= nb; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *spare = before;
		int ca = tolower((unsigned char)a[i - 1]);

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			int cb = tolower((unsigned char)b[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1,
				      last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 &&
			    ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[nb];
}

void nearest_init(struct nearest *n, const char *word, size_t len)
{
	*n = (struct nearest){ .word = word, .len = len };
}

void nearest_try(struct nearest *n, const char *candidate)
{
	size_t len = strlen(candidate);
	size_t longer = len > n->len ? len : n->len;
	unsigned limit = longer < 4 ? 1 : longer < 8 ? 2 : 3;
	unsigned d;
	size_t at;

	if (!n->len || n->len > WORD_MAX || len > WORD_MAX ||
	    longer - (len < n->len ? len : n->len) > limit)
		return;
	d = distance(n->word, n->len, candidate, len);
	if (d > limit)
		return;
	for (at = n->n; at > 0 && n->distance[at - 1] > d; at--)
		;
	for (size_t i = 0; i < n->n; i++)
		if (!strcmp(n->name[i], candidate))
			return;
	if (at == NEAREST_MAX)
		return;
	if (n->n < NEAREST_MAX)
		n->n++;
	for (size_t i = n->n - 1; i > at; i--) {
		n->name[i] = n->name[i - 1];
		n->distance[i] = n->distance[i - 1];
	}
	n->name[at] = candidate;
	n->distance[at] = d;
}

/* Candidates clearly farther than the best would only distract. */
void nearest_text(const struct nearest *n, struct str *out)
{
	size_t shown = 0;

	while (shown < n->n && n->distance[shown] <= n->distance[0] + 1)
		shown++;
	for (size_t i = 0; i < shown; i++) {
		if (i)
			str_add(out, i + 1 == shown ? " or " : ", ");
		str_addf(out, "'%s'", n->name[i]);
	}
}
