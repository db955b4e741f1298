/* SPDX-License-Identifier: MIT */
#include "core/audio/audio_view.h"

#include <errno.h>
#include <unistd.h>

static sf_count_t get_length(void *user)
{
	const struct hk_audio_view *view = user;
	return (sf_count_t)(view->n_header + view->end - view->body);
}

static sf_count_t seek(sf_count_t offset, int whence, void *user)
{
	struct hk_audio_view *view = user;
	const sf_count_t base = whence == SEEK_SET ? 0
		: whence == SEEK_CUR               ? (sf_count_t)view->position
						   : get_length(view);
	sf_count_t target;
	if (__builtin_add_overflow(base, offset, &target) || target < 0) {
		return -1;
	}
	view->position = (uint64_t)target;
	return target;
}

static void apply_patch(const struct hk_audio_view *view, uint8_t *bytes, uint64_t at, size_t n)
{
	for (size_t i = 0; i < view->n_patch; i++) {
		const uint64_t place = view->patch_start + i;
		if (place >= at && place - at < n) {
			bytes[place - at] = view->patch[i];
		}
	}
}

/* Bytes from the view's position to the end of its header or its body, wherever that is. */
static size_t locate(const struct hk_audio_view *view, uint64_t *ret_at)
{
	if (view->position < view->n_header) {
		*ret_at = view->start + view->position;
		return (size_t)(view->n_header - view->position);
	}
	*ret_at = view->body + (view->position - view->n_header);
	return *ret_at < view->end ? (size_t)(view->end - *ret_at) : 0;
}

static sf_count_t read_bytes(void *ret_bytes, sf_count_t count, void *user)
{
	struct hk_audio_view *view = user;
	const size_t n_wanted = count > 0 ? (size_t)count : 0;
	size_t n_done = 0, n_there;
	uint64_t at;
	while (n_done < n_wanted && (n_there = locate(view, &at)) > 0) {
		uint8_t *bytes = (uint8_t *)ret_bytes + n_done;
		const size_t n_left = n_wanted - n_done;
		const ssize_t n =
			pread(view->fd, bytes, n_left < n_there ? n_left : n_there, (off_t)at);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			view->error = n < 0 ? -errno : view->error;
			break;
		}
		apply_patch(view, bytes, at, (size_t)n);
		view->position += (uint64_t)n;
		n_done += (size_t)n;
	}
	return (sf_count_t)n_done;
}

static sf_count_t refuse_write(const void *bytes, sf_count_t count, void *user)
{
	(void)bytes;
	(void)count;
	(void)user;
	return 0;
}

static sf_count_t tell(void *user)
{
	return (sf_count_t)((const struct hk_audio_view *)user)->position;
}

SNDFILE *hk_audio_view_open(struct hk_audio_view *view, SF_INFO *ret_info)
{
	SF_VIRTUAL_IO io = { get_length, seek, read_bytes, refuse_write, tell };
	view->position = 0;
	return sf_open_virtual(&io, SFM_READ, ret_info, view);
}
