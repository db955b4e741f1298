/* SPDX-License-Identifier: MIT */
#include "core/audio/audio_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/audio/audio_parts.h"
#include "core/audio/sample.h"

#define BUFFER_SAMPLES 8192 /* interleaved; at least one frame */
#define UNKNOWN_LENGTH UINT64_MAX

struct hk_audio_file {
	char *path;
	int fd;
	SNDFILE *sndfile; /* of the part at hand */
	struct hk_audio_parts parts;
	struct hk_audio_info info;
	uint32_t channel;
	uint64_t n_promised; /* frames that can be read if all is well; or UNKNOWN_LENGTH */
	uint64_t n_read;
	bool ended; /* libsndfile is not asked again: it might find its way back at a wrong place */
	struct hk_intake intake;
	float buffer[BUFFER_SAMPLES];
};

static int check_format(const struct hk_audio_file *file, const SF_INFO *sf, struct hk_diag *diag)
{
	if (sf->samplerate < HK_MIN_RATE_HZ || sf->samplerate > HK_MAX_RATE_HZ) {
		return hk_diag_set(diag, -EINVAL, "%s: %d Hz; expected %d to %d Hz", file->path,
			sf->samplerate, HK_MIN_RATE_HZ, HK_MAX_RATE_HZ);
	}
	if (sf->channels < 1 || sf->channels > HK_MAX_CHANNELS) {
		return hk_diag_set(diag, -EINVAL, "%s: %d channels; expected 1 to %d", file->path,
			sf->channels, HK_MAX_CHANNELS);
	}
	if (file->channel > (uint32_t)sf->channels) {
		return hk_diag_set(diag, -ECHRNG, "%s: channel %u does not exist; expected 1 to %d",
			file->path, file->channel, sf->channels);
	}
	return 0;
}

static int open_regular_file(struct hk_audio_file *file, uint64_t *ret_size, struct hk_diag *diag)
{
	/* O_NONBLOCK: opening a FIFO would wait for its writer. */
	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	if (file->fd < 0 || fstat(file->fd, &status) < 0) {
		const int error = errno;
		return hk_diag_set(
			diag, -error, "%s: cannot be opened: %s", file->path, strerror(error));
	}
	if (!S_ISREG(status.st_mode)) {
		const bool folder = S_ISDIR(status.st_mode);
		return hk_diag_set(diag, folder ? -EISDIR : -EINVAL,
			"%s: is %s; expected a " HK_READABLE_AUDIO " file", file->path,
			folder ? "a folder" : "no regular file");
	}
	*ret_size = (uint64_t)status.st_size;
	return 0;
}

/* libsndfile on the view. Its own words for a failure speak to its programmers. */
static int open_sndfile(struct hk_audio_file *file, SF_INFO *ret_info, struct hk_diag *diag)
{
	*ret_info = (SF_INFO){ 0 };
	errno = 0;
	file->sndfile = hk_audio_view_open(&file->parts.view, ret_info);
	if (file->sndfile) {
		return 0;
	}
	if (errno == ENOMEM) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", file->path);
	}
	if (file->parts.view.error < 0) {
		return hk_diag_set(diag, file->parts.view.error, "%s: cannot be read: %s",
			file->path, strerror(-file->parts.view.error));
	}
	return hk_diag_set(diag, -EBADMSG,
		"%s: cannot be read: begins as %s, but is damaged or of an encoding that is not "
		"supported. Where another program plays it: ffmpeg -i \"%s\" \"%s.flac\"",
		file->path, hk_container_name(file->parts.container), file->path, file->path);
}

/* What the part's header promises. The length of an MP3 is an estimate. */
static void expect_frames(struct hk_audio_file *file, const SF_INFO *sf)
{
	const bool unknown =
		sf->frames == SF_COUNT_MAX || file->parts.container == HK_CONTAINER_MP3;
	const bool last = hk_audio_parts_at_last(&file->parts);
	if (last && sf->frames == SF_COUNT_MAX && file->parts.container == HK_CONTAINER_OGG) {
		snprintf(file->parts.damage, sizeof(file->parts.damage),
			"is cut off: the stream has no end");
	}
	if (unknown || file->n_promised == UNKNOWN_LENGTH) {
		file->n_promised = UNKNOWN_LENGTH;
	} else {
		file->n_promised += (uint64_t)sf->frames;
	}
	file->info.n_frames = last && file->n_promised != UNKNOWN_LENGTH ? file->n_promised : 0;
}

/* Everything of hk_audio_open that can leave FILE half made. */
static int open_file(struct hk_audio_file *file, struct hk_diag *diag)
{
	uint64_t size = 0;
	int r = open_regular_file(file, &size, diag);
	if (r < 0) {
		return r;
	}
	if (size == 0) {
		return hk_diag_set(diag, -ENODATA,
			"%s: is empty; expected a " HK_READABLE_AUDIO " file", file->path);
	}
	r = hk_audio_parts_first(&file->parts, file->fd, size, file->path, diag);
	SF_INFO sf = { 0 };
	if (r == 0) {
		r = open_sndfile(file, &sf, diag);
	}
	if (r == 0) {
		r = check_format(file, &sf, diag);
	}
	if (r < 0) {
		return r;
	}
	file->info.rate_hz = (uint32_t)sf.samplerate;
	file->info.n_channels = (uint32_t)sf.channels;
	hk_intake_init(&file->intake, file->info.rate_hz, file->info.n_channels, file->channel);
	expect_frames(file, &sf);
	if (sf.frames == 0 && file->parts.damage[0] == '\0') {
		return hk_diag_set(diag, -ENODATA, "%s: holds no audio: 0 frames", file->path);
	}
	return 0;
}

/* The part behind the one that ended. Returns 1; 0 when there is none or it cannot be read
 * (`damage`). */
static int open_next_part(struct hk_audio_file *file)
{
	if (hk_audio_parts_at_last(&file->parts)) {
		return 0;
	}
	sf_close(file->sndfile);
	file->sndfile = NULL;
	SF_INFO sf = { 0 };
	int r = hk_audio_parts_next(&file->parts);
	if (r == 0) {
		r = open_sndfile(file, &sf, NULL);
	}
	if (r < 0) {
		snprintf(file->parts.damage, sizeof(file->parts.damage),
			"is damaged: the next of its streams cannot be read");
		return 0;
	}
	if ((uint32_t)sf.samplerate != file->info.rate_hz ||
		(uint32_t)sf.channels != file->info.n_channels) {
		snprintf(file->parts.damage, sizeof(file->parts.damage),
			"goes on in another form (%d Hz, %d channels instead of %u Hz, %u channels), "
			"which is not read",
			sf.samplerate, sf.channels, file->info.rate_hz, file->info.n_channels);
		return 0;
	}
	expect_frames(file, &sf);
	return 1;
}

int hk_audio_open(
	struct hk_audio_file **ret, const char *path, uint32_t channel, struct hk_diag *diag)
{
	struct hk_audio_file *file = calloc(1, sizeof(*file));
	if (!file) {
		return -ENOMEM;
	}
	file->fd = -1;
	file->channel = channel;
	file->path = strdup(path);
	const int r = file->path ? open_file(file, diag) : -ENOMEM;
	if (r < 0) {
		hk_audio_close(file);
		return r;
	}
	*ret = file;
	return 0;
}

void hk_audio_close(struct hk_audio_file *file)
{
	if (!file) {
		return;
	}
	if (file->sndfile) {
		sf_close(file->sndfile);
	}
	if (file->fd >= 0) {
		close(file->fd);
	}
	free(file->path);
	free(file);
}

const char *hk_audio_note(const struct hk_audio_file *file)
{
	return file->parts.note;
}

void hk_audio_info(const struct hk_audio_file *file, struct hk_audio_info *ret)
{
	*ret = file->info;
}

const struct hk_intake_counts *hk_audio_counts(const struct hk_audio_file *file)
{
	return &file->intake.counts;
}

static void say_damage(struct hk_audio_file *file)
{
	if (file->parts.view.error < 0) {
		snprintf(file->parts.damage, sizeof(file->parts.damage), "cannot be read: %s",
			strerror(-file->parts.view.error));
	} else {
		snprintf(file->parts.damage, sizeof(file->parts.damage), "is damaged from here on");
	}
}

int64_t hk_audio_read(
	struct hk_audio_file *file, float *ret_frames, size_t max_frames, struct hk_diag *diag)
{
	const size_t max_chunk = BUFFER_SAMPLES / file->info.n_channels;
	size_t n_done = 0;
	while (n_done < max_frames && !file->ended) {
		const size_t n_left = max_frames - n_done;
		const sf_count_t n = sf_readf_float(file->sndfile, file->buffer,
			(sf_count_t)(n_left < max_chunk ? n_left : max_chunk));
		if (n > 0) {
			hk_intake_push(&file->intake, file->buffer, (size_t)n, ret_frames + n_done);
			n_done += (size_t)n;
		}
		if (sf_error(file->sndfile) != SF_ERR_NO_ERROR) {
			say_damage(file);
			file->ended = true;
		} else if (n <= 0) {
			file->ended = open_next_part(file) == 0;
		}
	}
	file->n_read += n_done;
	if (n_done > 0 || max_frames == 0) {
		return (int64_t)n_done;
	}
	if (file->parts.damage[0] == '\0' && file->n_promised != UNKNOWN_LENGTH &&
		file->n_read < file->n_promised) {
		snprintf(file->parts.damage, sizeof(file->parts.damage),
			"is damaged: %llu frames are missing",
			(unsigned long long)(file->n_promised - file->n_read));
	}
	if (file->parts.damage[0] != '\0') {
		return hk_diag_set(diag, -EBADMSG, "%s: %s, after frame %llu", file->path,
			file->parts.damage, (unsigned long long)file->n_read);
	}
	return 0;
}
