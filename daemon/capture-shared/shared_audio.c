/* SPDX-License-Identifier: MIT */
#include "daemon/capture-shared/shared_audio.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/audio/sample.h"

/* Changes with the layout, so that a helper of another build is refused. */
#define MAGIC UINT64_C(0x686561726b656e03)

/* Beyond what any source and any machine reach (136 and 73 years), below where sums in nanoseconds
 * overflow. */
#define MAX_SECONDS (UINT64_C(1) << 32)
#define MAX_NS (INT64_MAX / 4)

/* The ring wants to stand on a cache line of its own. */
#define RING_OFFSET ((sizeof(struct hk_shared_audio_shared) + 63) / 64 * 64)

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
	"counters shared between processes need lock-free atomics");

static size_t channel_size(void)
{
	return RING_OFFSET + hk_ring_size(HK_SHARED_AUDIO_RING_BYTES);
}

static uint8_t *ring_memory(struct hk_shared_audio_shared *shared)
{
	return (uint8_t *)shared + RING_OFFSET;
}

static int map(int fd, struct hk_shared_audio_shared **ret)
{
	void *memory = mmap(NULL, channel_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		return -errno;
	}
	*ret = memory;
	return 0;
}

static int create_sealed(size_t size)
{
	const int fd = memfd_create("hearken-capture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return -errno;
	}
	if (ftruncate(fd, (off_t)size) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		const int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int hk_shared_audio_init(struct hk_shared_audio *channel)
{
	struct hk_shared_audio made = { .fd = create_sealed(channel_size()) };
	if (made.fd < 0) {
		return made.fd;
	}
	int r = map(made.fd, &made.shared);
	if (r < 0) {
		goto fail;
	}
	r = hk_ring_init(&made.ring, ring_memory(made.shared),
		hk_ring_size(HK_SHARED_AUDIO_RING_BYTES), HK_SHARED_AUDIO_RING_BYTES);
	if (r < 0) {
		goto fail;
	}
	if (sem_init(&made.shared->filled, 1, 0) < 0) {
		r = -errno;
		goto fail;
	}
	made.shared->magic = MAGIC;
	*channel = made;
	return 0;

fail:
	hk_shared_audio_finish(&made);
	return r;
}

int hk_shared_audio_attach(struct hk_shared_audio *channel, int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0) {
		return -errno;
	}
	if ((size_t)st.st_size != channel_size()) {
		return -EINVAL;
	}
	struct hk_shared_audio made = { .fd = fd };
	int r = map(fd, &made.shared);
	if (r < 0) {
		return r;
	}
	r = made.shared->magic != MAGIC ? -EINVAL
					: hk_ring_attach(&made.ring, ring_memory(made.shared),
						  hk_ring_size(HK_SHARED_AUDIO_RING_BYTES));
	if (r < 0) {
		munmap(made.shared, channel_size());
		return r;
	}
	*channel = made;
	return 0;
}

void hk_shared_audio_finish(struct hk_shared_audio *channel)
{
	if (!channel) {
		return;
	}
	if (channel->shared) {
		munmap(channel->shared, channel_size());
	}
	if (channel->fd > 0) {
		close(channel->fd);
	}
	memset(channel, 0, sizeof(*channel));
}

/* Can everything behind here work with BLOCK? One without frames may come before the rate is known.
 */
static bool is_sound(const struct hk_block *block)
{
	const uint32_t rate_hz = block->n_frames == 0 ? HK_MAX_RATE_HZ : block->rate_hz;
	return rate_hz >= HK_MIN_RATE_HZ && rate_hz <= HK_MAX_RATE_HZ &&
		block->first_frame <= MAX_SECONDS * rate_hz && block->capture_ns >= 0 &&
		block->capture_ns <= MAX_NS;
}

int hk_shared_audio_read(
	struct hk_shared_audio *channel, struct hk_block *ret_block, float *ret_frames)
{
	struct hk_block block;
	/* Before the ring is read: an empty ring has given all of these. */
	channel->n_seen = atomic_load(&channel->shared->n_frames);
	const int r = hk_ring_read(&channel->ring, &block, ret_frames, HK_CAPTURE_MAX_BLOCK_FRAMES);
	if (r == -EMSGSIZE || (r == HK_RING_OK && !is_sound(&block))) {
		hk_ring_discard(&channel->ring);
		return -EBADMSG;
	}
	if (r == HK_RING_OK) {
		*ret_block = block;
	}
	return r;
}

bool hk_shared_audio_wait(struct hk_shared_audio *channel, uint64_t n_frames, unsigned timeout_ms)
{
	struct hk_shared_audio_shared *shared = channel->shared;
	/* The wish first, then a look at what came meanwhile: the writer counts first and then
	 * looks at the wish. */
	atomic_store(&shared->wake_frames, channel->n_seen + n_frames);
	if (atomic_load(&shared->n_frames) != channel->n_seen) {
		return true;
	}
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return sem_clockwait(&shared->filled, CLOCK_MONOTONIC, &until) == 0;
}

void hk_shared_audio_samples(const struct hk_shared_audio *channel, struct hk_intake_counts *ret)
{
	const struct hk_shared_audio_shared *shared = channel->shared;
	const struct hk_samples_shared *samples = &shared->samples;
	const uint32_t still = atomic_load_explicit(&samples->still, memory_order_relaxed);
	const uint32_t bits = atomic_load_explicit(&samples->reaches, memory_order_relaxed);
	*ret = (struct hk_intake_counts){
		.n_frames = atomic_load_explicit(&shared->n_frames, memory_order_relaxed),
		.n_not_numbers =
			atomic_load_explicit(&samples->n_not_numbers, memory_order_relaxed),
		.n_off_scale = atomic_load_explicit(&samples->n_off_scale, memory_order_relaxed),
		.n_cancelled = atomic_load_explicit(&samples->n_cancelled, memory_order_relaxed),
		.n_still = atomic_load_explicit(&samples->n_still, memory_order_relaxed),
		.still = still <= HK_STILL_OFF_SCALE ? (enum hk_still)still : HK_STILL_CONSTANT,
		.alone = atomic_load_explicit(&samples->alone, memory_order_relaxed),
	};
	memcpy(&ret->reaches, &bits, sizeof(bits));
}

void hk_shared_audio_wake(struct hk_shared_audio *channel)
{
	sem_post(&channel->shared->filled);
}

int hk_shared_audio_lock(const struct hk_shared_audio *channel)
{
	return mlock(channel->shared, channel_size()) < 0 ? -errno : 0;
}

bool hk_shared_audio_place(const struct hk_shared_audio *channel, struct hk_place *ret)
{
	const struct hk_shared_audio_shared *shared = channel->shared;
	const uint32_t n = atomic_load_explicit(&shared->n_places, memory_order_acquire);
	if (n == 0) {
		return false;
	}
	*ret = shared->places[n % 2];
	return true;
}

void hk_shared_audio_set_place(struct hk_shared_audio *channel, const struct hk_place *place)
{
	struct hk_shared_audio_shared *shared = channel->shared;
	uint32_t next = atomic_load_explicit(&shared->n_places, memory_order_relaxed) + 1;
	if (next == 0) {
		next = 2; /* 0 means none; 2 keeps the turn of the slots */
	}
	shared->places[next % 2] = *place;
	atomic_store_explicit(&shared->n_places, next, memory_order_release);
}
