/* SPDX-License-Identifier: MIT */
#include "core/audio/audio_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/audio/mp3_layout.h"
#include "core/audio/ogg_layout.h"
#include "core/audio/wav_layout.h"

/* A WAV file that is longer than its header can say is read in parts of about this size. */
#define MAX_PART_BYTES (UINT64_C(1) << 30)

/* A file has one ID3 tag. More are allowed for; a file of nothing but tags must not hold us up. */
#define MAX_TAGS 8

/* Which kind of file it is, and where it begins behind its tags. */
static int find_container(struct hk_audio_parts *parts, struct hk_diag *diag)
{
	uint8_t *bytes = malloc(HK_CONTAINER_BYTES);
	if (!bytes) {
		return -ENOMEM;
	}
	for (unsigned i = 0; i <= MAX_TAGS; i++) {
		const ssize_t n =
			pread(parts->view.fd, bytes, HK_CONTAINER_BYTES, (off_t)parts->view.start);
		parts->container = hk_container_of(bytes, n > 0 ? (size_t)n : 0);
		if (parts->container != HK_CONTAINER_ID3) {
			break;
		}
		parts->view.start += hk_container_tag_bytes(bytes);
	}
	free(bytes);
	if (parts->container == HK_CONTAINER_UNKNOWN || parts->container == HK_CONTAINER_ID3) {
		return hk_diag_set(
			diag, -EBADMSG, "%s: is not a %s file", parts->path, HK_READABLE_AUDIO);
	}
	return 0;
}

/* It is a file of that kind, but cannot be read: name the way out. */
static int refuse_kind(const struct hk_audio_parts *parts, const char *kind, struct hk_diag *diag)
{
	return hk_diag_set(diag, -EBADMSG,
		"%s: is %s, which cannot be read; expected %s. "
		"Convert it: ffmpeg -i \"%s\" \"%s.flac\"",
		parts->path, kind, HK_READABLE_AUDIO, parts->path, parts->path);
}

/* Let libsndfile see N_BYTES of audio behind the header, from `next_part` on. */
static void choose_wav_part(
	struct hk_audio_parts *parts, const struct hk_wav_layout *layout, uint64_t n_bytes)
{
	struct hk_audio_view *view = &parts->view;
	view->n_header = layout->data_offset - view->start;
	view->body = parts->next;
	view->end = view->body + n_bytes;
	view->patch_start = layout->size_offset;
	view->n_patch = layout->n_size_bytes;
	for (size_t i = 0; i < view->n_patch; i++) {
		view->patch[i] = (uint8_t)(n_bytes >> 8 * i);
	}
	parts->next = view->end;
}

/* What a WAV file's header promises, and what is there. */
static void choose_wav_parts(struct hk_audio_parts *parts)
{
	struct hk_wav_layout layout;
	hk_wav_layout(parts->view.fd, parts->view.start, parts->file_end, &layout);
	if (layout.n_size_bytes == 0) {
		return;
	}
	const uint64_t n_there = layout.n_there, n_promised = layout.n_promised;
	if (n_promised != UINT64_MAX && n_promised > n_there) {
		snprintf(parts->damage, sizeof(parts->damage),
			"is cut off: %llu bytes of audio that its header promises are missing",
			(unsigned long long)(n_promised - n_there));
	} else if (n_promised < n_there) {
		snprintf(parts->note, sizeof(parts->note),
			"its header promises %llu bytes of audio, but %llu follow: all of them are used",
			(unsigned long long)n_promised, (unsigned long long)n_there);
	}
	const bool fits = layout.n_size_bytes == 8 || n_there < UINT32_MAX;
	if (fits && n_promised >= n_there) {
		return;
	}
	parts->next = layout.data_offset;
	parts->end = layout.data_offset + n_there;
	if (!fits) {
		const uint64_t unit = 2 * (layout.block_bytes ? layout.block_bytes : 1);
		parts->n_part_bytes = MAX_PART_BYTES / unit * unit;
	}
	choose_wav_part(parts, &layout, fits ? n_there : parts->n_part_bytes);
}

/* The first part of an OGG file, or its next. */
static int choose_ogg_part(struct hk_audio_parts *parts, struct hk_diag *diag)
{
	struct hk_ogg_part part;
	if (hk_ogg_part_at(parts->view.fd, parts->next, parts->file_end, &part) == 0) {
		parts->next = parts->end; /* libsndfile knows what is wrong */
		return 0;
	}
	static const char *const refused[] = {
		[HK_OGG_FLAC] = "FLAC in an OGG file",
		[HK_OGG_SPEEX] = "Speex in an OGG file",
		[HK_OGG_VIDEO] = "a video in an OGG file",
	};
	if (part.codec != HK_OGG_OTHER) {
		return refuse_kind(parts, refused[part.codec], diag);
	}
	parts->view.body = part.start;
	parts->view.end = part.end;
	parts->next = part.end;
	return 0;
}

/* The whole frames of an MP3 file. */
static void choose_mp3_frames(struct hk_audio_parts *parts)
{
	struct hk_mp3_layout layout;
	struct hk_audio_view *view = &parts->view;
	hk_mp3_layout(parts->view.fd, view->start, parts->file_end, &layout);
	const uint64_t n_there = layout.end - view->start;
	view->end = layout.end;
	if (layout.n_promised > n_there) {
		snprintf(parts->damage, sizeof(parts->damage),
			"is cut off: %llu bytes of audio that its header promises are missing",
			(unsigned long long)(layout.n_promised - n_there));
	} else if (layout.ended == HK_MP3_CUT_OFF) {
		snprintf(
			parts->damage, sizeof(parts->damage), "is cut off: it ends within a frame");
	} else if (layout.ended == HK_MP3_DAMAGED) {
		snprintf(parts->damage, sizeof(parts->damage), "is damaged from here on");
	}
	if (layout.n_promised > 0 && n_there <= UINT32_MAX) {
		/* libmpg123 complains of a wrong one, in its own words on stderr. */
		view->patch_start = layout.promise_offset;
		view->n_patch = 4;
		for (size_t i = 0; i < 4; i++) {
			view->patch[i] = (uint8_t)(n_there >> 8 * (3 - i));
		}
	}
}

/* Everything behind the tags unless the kind of file knows better. */
static int choose_first_part(struct hk_audio_parts *parts, struct hk_diag *diag)
{
	parts->view.body = parts->view.start;
	parts->view.end = parts->end = parts->next = parts->file_end;
	switch (parts->container) {
	case HK_CONTAINER_WAV:
	case HK_CONTAINER_RF64:
		choose_wav_parts(parts);
		return 0;
	case HK_CONTAINER_OGG:
		parts->next = parts->view.start;
		return choose_ogg_part(parts, diag);
	case HK_CONTAINER_MP3:
		choose_mp3_frames(parts);
		return 0;
	default:
		return 0;
	}
}

int hk_audio_parts_first(
	struct hk_audio_parts *parts, int fd, uint64_t size, const char *path, struct hk_diag *diag)
{
	*parts = (struct hk_audio_parts){ .path = path, .view = { .fd = fd }, .file_end = size };
	const int r = find_container(parts, diag);
	if (r < 0) {
		return r;
	}
	if (!hk_container_is_read(parts->container)) {
		return refuse_kind(parts, hk_container_name(parts->container), diag);
	}
	return choose_first_part(parts, diag);
}

bool hk_audio_parts_at_last(const struct hk_audio_parts *parts)
{
	return parts->next >= parts->end;
}

int hk_audio_parts_next(struct hk_audio_parts *parts)
{
	if (parts->container == HK_CONTAINER_OGG) {
		return choose_ogg_part(parts, NULL);
	}
	const uint64_t n_left = parts->end - parts->next;
	struct hk_wav_layout layout;
	hk_wav_layout(parts->view.fd, parts->view.start, parts->file_end, &layout);
	choose_wav_part(
		parts, &layout, n_left < parts->n_part_bytes ? n_left : parts->n_part_bytes);
	return 0;
}
