/* SPDX-License-Identifier: MIT */
#include "core/audio_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sample.h"

#define BUFFER_SAMPLES 8192 /* interleaved; at least one frame */
#define UNKNOWN_LENGTH UINT64_MAX

struct hk_audio_file {
	char *path;
	int fd;
	SNDFILE *sndfile;
	struct hk_audio_info info;
	uint32_t channel;
	uint64_t n_promised; /* frames that can be read if all is well; or UNKNOWN_LENGTH */
	uint64_t n_read;
	bool ended; /* libsndfile is not asked again: it might find its way back at a wrong place */
	char damage[128]; /* what ends the file before its time; "" so far none */
	struct hk_intake intake;
	float buffer[BUFFER_SAMPLES];
};

static uint32_t little_u32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
}

/*
 * libsndfile quietly makes do with what is left of a WAV file, so the promise of its data chunk is
 * read here. Returns the bytes that the file lacks. Programs that write to a pipe promise the
 * maximum (arecord 0x7fffff00 or more, sox 0x7ffff000, ffmpeg 0xffffffff): no promise at all.
 */
static uint64_t missing_wav_bytes(int fd, uint64_t file_size)
{
	uint64_t rf64_size = 0;
	uint64_t position = 12;
	uint8_t chunk[24];
	for (;;) {
		const ssize_t n = pread(fd, chunk, sizeof(chunk), (off_t)position);
		if (n < 8) {
			return 0;
		}
		uint64_t size = little_u32(chunk + 4);
		if (memcmp(chunk, "ds64", 4) == 0 && n == sizeof(chunk)) {
			rf64_size = little_u32(chunk + 16) | (uint64_t)little_u32(chunk + 20) << 32;
		}
		if (memcmp(chunk, "data", 4) == 0) {
			const uint64_t n_there = file_size - position - 8;
			if (size == UINT32_MAX && rf64_size > 0) {
				size = rf64_size;
			} else if (size >= 0x7ffff000) {
				return 0;
			}
			return size > n_there ? size - n_there : 0;
		}
		position += 8 + size + size % 2;
	}
}

/* Other formats are not tried: libsndfile would ask libmpg123, which writes to stderr. */
static bool has_known_magic(int fd)
{
	static const char *const magics[] = { "RIFF", "RF64", "fLaC", "OggS" };
	char magic[4];
	if (pread(fd, magic, sizeof(magic), 0) != sizeof(magic)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (memcmp(magic, magics[i], sizeof(magic)) == 0) {
			return true;
		}
	}
	return false;
}

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
		return hk_diag_set(diag, -ECHRNG, "%s: there is no channel %u; expected 1 to %d",
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
			"%s: is %s; expected a WAV, FLAC or OGG file", file->path,
			folder ? "a folder" : "no regular file");
	}
	*ret_size = (uint64_t)status.st_size;
	return 0;
}

/* What the header promises, and whether the file can keep it. */
static int read_promise(
	struct hk_audio_file *file, const SF_INFO *sf, uint64_t file_size, struct hk_diag *diag)
{
	const int container = sf->format & SF_FORMAT_TYPEMASK;
	const bool wav = container != SF_FORMAT_FLAC && container != SF_FORMAT_OGG;
	const bool unknown = sf->frames == SF_COUNT_MAX;
	const uint64_t n_missing = wav ? missing_wav_bytes(file->fd, file_size) : 0;
	if (n_missing > 0) {
		snprintf(file->damage, sizeof(file->damage),
			"is cut off: %llu bytes of audio that its header promises are missing",
			(unsigned long long)n_missing);
	} else if (unknown && container == SF_FORMAT_OGG) {
		snprintf(file->damage, sizeof(file->damage), "is cut off: the stream has no end");
	} else if (sf->frames == 0) {
		return hk_diag_set(diag, -ENODATA, "%s: holds no audio: 0 frames", file->path);
	}
	file->n_promised = unknown ? UNKNOWN_LENGTH : (uint64_t)sf->frames;
	file->info = (struct hk_audio_info){
		.rate_hz = (uint32_t)sf->samplerate,
		.n_channels = (uint32_t)sf->channels,
		.n_frames = unknown ? 0 : (uint64_t)sf->frames,
	};
	hk_intake_init(&file->intake, file->info.rate_hz, file->info.n_channels, file->channel);
	return 0;
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
		return hk_diag_set(diag, -ENODATA, "%s: is empty; expected a WAV, FLAC or OGG file",
			file->path);
	}
	if (!has_known_magic(file->fd)) {
		return hk_diag_set(
			diag, -EBADMSG, "%s: is neither WAV nor FLAC nor OGG", file->path);
	}
	SF_INFO sf = { 0 };
	errno = 0;
	file->sndfile = sf_open_fd(file->fd, SFM_READ, &sf, SF_FALSE);
	if (!file->sndfile && errno == ENOMEM) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", file->path);
	}
	if (!file->sndfile) {
		return hk_diag_set(diag, -EBADMSG, "%s: cannot be read as WAV, FLAC or OGG: %s",
			file->path, sf_strerror(NULL));
	}
	r = check_format(file, &sf, diag);
	return r < 0 ? r : read_promise(file, &sf, size, diag);
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

void hk_audio_info(const struct hk_audio_file *file, struct hk_audio_info *ret)
{
	*ret = file->info;
}

const struct hk_intake_counts *hk_audio_counts(const struct hk_audio_file *file)
{
	return &file->intake.counts;
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
			snprintf(file->damage, sizeof(file->damage), "is damaged: %s",
				sf_strerror(file->sndfile));
			file->ended = true;
		}
		file->ended = file->ended || n <= 0;
	}
	file->n_read += n_done;
	if (n_done > 0 || max_frames == 0) {
		return (int64_t)n_done;
	}
	if (file->damage[0] == '\0' && file->n_promised != UNKNOWN_LENGTH &&
		file->n_read < file->n_promised) {
		snprintf(file->damage, sizeof(file->damage), "is damaged: %llu frames are missing",
			(unsigned long long)(file->n_promised - file->n_read));
	}
	if (file->damage[0] != '\0') {
		return hk_diag_set(diag, -EBADMSG, "%s: %s, after frame %llu", file->path,
			file->damage, (unsigned long long)file->n_read);
	}
	return 0;
}
