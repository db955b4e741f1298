/* SPDX-License-Identifier: MIT */
/*
 * ogg_layout: the streams of an OGG file that follow one another in a chain (RFC 3533, section 4),
 * as Icecast's recordings do. Any thread; not real-time.
 */
#pragma once

#include <stdint.h>

enum hk_ogg_codec {
	HK_OGG_OTHER, /* Vorbis, Opus, ...: libsndfile knows */
	HK_OGG_FLAC,
	HK_OGG_SPEEX,
	HK_OGG_VIDEO, /* Theora, Dirac */
};

struct hk_ogg_part {
	uint64_t start, end; /* bytes of the file */
	enum hk_ogg_codec codec;
};

/*
 * The part of the file FD that begins at byte START; END: of the file. Pages are followed by their
 * lengths; where they do not lead to a page the part goes on to END.
 * Returns 1; 0 when no page begins at START.
 */
int hk_ogg_part_at(int fd, uint64_t start, uint64_t end, struct hk_ogg_part *ret);
