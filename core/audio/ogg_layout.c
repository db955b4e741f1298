/* SPDX-License-Identifier: MIT */
#include "core/audio/ogg_layout.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define PAGE_HEADER_BYTES 27
#define PAGE_BEGINS_STREAM 2

struct page {
	uint64_t n_bytes;
	uint8_t flags;
	enum hk_ogg_codec codec; /* of a page that begins a stream */
};

static enum hk_ogg_codec codec_of(const uint8_t *packet, size_t n)
{
	static const struct {
		const char *magic;
		size_t n;
		enum hk_ogg_codec codec;
	} codecs[] = {
		{ "\x7f"
		  "FLAC",
			5, HK_OGG_FLAC },
		{ "fLaC", 4, HK_OGG_FLAC },
		{ "Speex   ", 8, HK_OGG_SPEEX },
		{ "\x80theora", 7, HK_OGG_VIDEO },
		{ "BBCD", 4, HK_OGG_VIDEO },
	};
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (n >= codecs[i].n && memcmp(packet, codecs[i].magic, codecs[i].n) == 0) {
			return codecs[i].codec;
		}
	}
	return HK_OGG_OTHER;
}

static bool read_page(int fd, uint64_t at, struct page *ret)
{
	uint8_t bytes[PAGE_HEADER_BYTES + 255 + 8];
	const ssize_t n = pread(fd, bytes, sizeof(bytes), (off_t)at);
	if (n < PAGE_HEADER_BYTES || memcmp(bytes, "OggS", 5) != 0) {
		return false;
	}
	const size_t n_segments = bytes[26], n_header = PAGE_HEADER_BYTES + n_segments;
	if ((size_t)n < n_header) {
		return false;
	}
	*ret = (struct page){ .n_bytes = n_header, .flags = bytes[5] };
	for (size_t i = 0; i < n_segments; i++) {
		ret->n_bytes += bytes[PAGE_HEADER_BYTES + i];
	}
	ret->codec = codec_of(bytes + n_header, (size_t)n - n_header);
	return true;
}

int hk_ogg_part_at(int fd, uint64_t start, uint64_t end, struct hk_ogg_part *ret)
{
	struct page page;
	if (start >= end || !read_page(fd, start, &page)) {
		return 0;
	}
	*ret = (struct hk_ogg_part){ .start = start, .end = end, .codec = page.codec };
	bool begun = false; /* a page that begins no stream was there */
	for (uint64_t at = start; at < end && read_page(fd, at, &page); at += page.n_bytes) {
		const bool begins = page.flags & PAGE_BEGINS_STREAM;
		if (begins && begun) {
			ret->end = at;
			return 1;
		}
		begun = begun || !begins;
	}
	return 1;
}
