/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

enum { TEXT_NULL = UINT32_MAX };

const void *bytes_take(struct bytes *b, size_t n)
{
	const void *p = b->at;

	if (b->bad || n > b->left) {
		b->bad = true;
		return NULL;
	}
	b->at += n;
	b->left -= n;
	return p;
}

uint32_t bytes_u32(struct bytes *b)
{
	const void *p = bytes_take(b, sizeof(uint32_t));
	uint32_t value = 0;

	if (p)
		memcpy(&value, p, sizeof(value));
	return value;
}

uint64_t bytes_u64(struct bytes *b)
{
	const void *p = bytes_take(b, sizeof(uint64_t));
	uint64_t value = 0;

	if (p)
		memcpy(&value, p, sizeof(value));
	return value;
}

const char *bytes_text(struct bytes *b, size_t *len)
{
	const uint32_t n = bytes_u32(b);
	const char *text;

	*len = 0;
	if (b->bad || n == TEXT_NULL)
		return NULL;
	text = bytes_take(b, (size_t)n + 1);
	if (!text || text[n]) {
		b->bad = true;
		return NULL;
	}
	*len = n;
	return text;
}

uint32_t bytes_count(struct bytes *b)
{
	const uint32_t n = bytes_u32(b);

	if (n <= b->left)
		return n;
	b->bad = true;
	return 0;
}

void bytes_put_u32(struct str *out, uint32_t value)
{
	str_add_bytes(out, &value, sizeof(value));
}

void bytes_put_u64(struct str *out, uint64_t value)
{
	str_add_bytes(out, &value, sizeof(value));
}

void bytes_put_block(struct str *out, const void *block, size_t len)
{
	bytes_put_u32(out, (uint32_t)len);
	str_add_bytes(out, block, len);
	str_addc(out, '\0');
}

void bytes_put_text(struct str *out, const char *text)
{
	if (text)
		bytes_put_block(out, text, strlen(text));
	else
		bytes_put_u32(out, TEXT_NULL);
}

/* Every step can be undone, so two states that differ stay different. */
static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 29;
}

uint64_t bytes_sum(const void *block, size_t len)
{
	const unsigned char *p = block;
	uint64_t sum = mix(0, len), word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = mix(sum, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(sum, word);
}
