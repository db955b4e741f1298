/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/audio/ring.h"
#include "core/audio/ring_layout.h"

#define CAPACITY 4096
#define HEADER_SIZE 40
#define EXACT_FILL_FRAMES ((CAPACITY - HEADER_SIZE) / 4)

struct fixture {
	void *memory;
	struct hk_ring ring;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	fixture->memory = aligned_alloc(HK_RING_ALIGNMENT, hk_ring_size(CAPACITY));
	*state = fixture;
	return hk_ring_init(&fixture->ring, fixture->memory, hk_ring_size(CAPACITY), CAPACITY);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	free(fixture->memory);
	free(fixture);
	return 0;
}

/* A sample that says where it stands: exact in float. */
static float sample_at(uint64_t position)
{
	return (float)((position * UINT64_C(2654435761)) & 0xffffff) / 16777216.0F;
}

static enum hk_ring_result write_at(struct hk_ring *ring, uint64_t first_frame, uint32_t n_frames)
{
	float frames[CAPACITY];
	for (uint32_t i = 0; i < n_frames; i++) {
		frames[i] = sample_at(first_frame + i);
	}
	const struct hk_block header = {
		.first_frame = first_frame,
		.capture_ns = (int64_t)first_frame * 3,
		.n_frames = n_frames,
		.rate_hz = 16000,
		.flags = HK_BLOCK_OVERRUN,
		.n_clipped = 7,
	};
	return hk_ring_write(ring, &header, frames);
}

static void assert_reads(struct hk_ring *ring, uint64_t first_frame, uint32_t n_frames)
{
	float frames[CAPACITY];
	struct hk_block header;
	assert_int_equal(hk_ring_read(ring, &header, frames, CAPACITY), HK_RING_OK);
	assert_true(header.first_frame == first_frame);
	assert_true(header.capture_ns == (int64_t)first_frame * 3);
	assert_int_equal(header.n_frames, n_frames);
	assert_int_equal(header.rate_hz, 16000);
	assert_int_equal(header.flags, HK_BLOCK_OVERRUN);
	assert_int_equal(header.n_clipped, 7);
	for (uint32_t i = 0; i < n_frames; i++) {
		assert_true(frames[i] == sample_at(first_frame + i));
	}
}

static void assert_empty(struct hk_ring *ring)
{
	float frames[1];
	struct hk_block header;
	assert_int_equal(hk_ring_read(ring, &header, frames, 1), HK_RING_EMPTY);
	assert_int_equal(hk_ring_fill(ring), 0);
}

/* Put both counters of an empty ring at POSITION. */
static void start_at(struct hk_ring *ring, uint32_t position)
{
	atomic_store(&ring->shared->head, position);
	atomic_store(&ring->shared->tail, position);
}

static void only_powers_of_two_in_range_are_capacities(void **state)
{
	(void)state;
	assert_int_equal(hk_ring_size(0), 0);
	assert_int_equal(hk_ring_size(2048), 0);
	assert_int_equal(hk_ring_size(4097), 0);
	assert_int_equal(hk_ring_size(UINT32_C(1) << 31), 0);
	assert_true(hk_ring_size(4096) >= 4096);
	assert_true(hk_ring_size(UINT32_C(1) << 30) > UINT32_C(1) << 30);
}

static void too_little_or_unaligned_memory_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct hk_ring ring;
	const size_t size = hk_ring_size(CAPACITY);
	uint8_t *memory = fixture->memory;
	assert_int_equal(hk_ring_init(&ring, memory, size - 1, CAPACITY), -ENOSPC);
	assert_int_equal(hk_ring_init(&ring, memory + 8, size, CAPACITY), -EINVAL);
	assert_int_equal(hk_ring_init(&ring, memory, size, CAPACITY - 1), -EINVAL);
	assert_int_equal(hk_ring_attach(&ring, memory, size - 1), -EINVAL);
	assert_int_equal(hk_ring_attach(&ring, memory + 8, size), -EINVAL);
	assert_int_equal(hk_ring_attach(&ring, memory, 16), -EINVAL);
}

static void one_block_may_use_every_byte_and_one_frame_more_is_dropped_and_counted(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	assert_false(hk_ring_writable(ring, EXACT_FILL_FRAMES + 1));
	assert_int_equal(write_at(ring, 0, EXACT_FILL_FRAMES + 1), HK_RING_FULL);
	assert_empty(ring);
	assert_true(hk_ring_writable(ring, EXACT_FILL_FRAMES));
	assert_int_equal(write_at(ring, 5, EXACT_FILL_FRAMES), HK_RING_OK);
	assert_int_equal(hk_ring_fill(ring), CAPACITY);
	assert_int_equal(hk_ring_dropped_blocks(ring), 1);
	assert_int_equal(hk_ring_dropped_frames(ring), EXACT_FILL_FRAMES + 1);
	assert_reads(ring, 5, EXACT_FILL_FRAMES);
	assert_empty(ring);
}

static void blocks_may_fill_the_ring_to_the_last_byte_from_any_start(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	/* 4 blocks of 40 + 4 * 246 = 1024 bytes; starts that cut the header and the frames. */
	for (uint32_t start = 0; start < CAPACITY; start += 4) {
		start_at(ring, start);
		for (uint64_t i = 0; i < 4; i++) {
			assert_true(hk_ring_writable(ring, 246));
			assert_int_equal(write_at(ring, i * 246, 246), HK_RING_OK);
		}
		assert_int_equal(hk_ring_fill(ring), CAPACITY);
		assert_false(hk_ring_writable(ring, 0));
		assert_int_equal(write_at(ring, 0, 0), HK_RING_FULL);
		for (uint64_t i = 0; i < 4; i++) {
			assert_reads(ring, i * 246, 246);
		}
		assert_empty(ring);
	}
}

static void a_block_that_lacks_room_for_its_header_alone_is_dropped(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	const uint32_t n_frames = EXACT_FILL_FRAMES - HEADER_SIZE / 4;
	assert_int_equal(write_at(ring, 0, n_frames), HK_RING_OK);
	/* 40 bytes are left: room for 10 frames, or for a header, not for both. */
	assert_int_equal(write_at(ring, n_frames, 1), HK_RING_FULL);
	assert_int_equal(write_at(ring, n_frames + 1, 0), HK_RING_OK);
	assert_int_equal(hk_ring_fill(ring), CAPACITY);
	assert_reads(ring, 0, n_frames);
	assert_reads(ring, n_frames + 1, 0);
	assert_empty(ring);
}

static void a_block_without_frames_needs_no_frame_memory(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	struct hk_block header = { .first_frame = 9, .flags = HK_BLOCK_END };
	assert_int_equal(hk_ring_write(ring, &header, NULL), HK_RING_OK);
	memset(&header, 0xff, sizeof(header));
	assert_int_equal(hk_ring_read(ring, &header, NULL, 0), HK_RING_OK);
	assert_true(header.first_frame == 9);
	assert_int_equal(header.n_frames, 0);
	assert_int_equal(header.flags, HK_BLOCK_END);
}

static void counters_pass_2_to_the_32_unnoticed(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	for (uint32_t before = 0; before <= 2048; before += 4) {
		start_at(ring, UINT32_MAX - before + 1);
		uint64_t written = 0;
		uint64_t read = 0;
		while (read < 5000) {
			while (write_at(ring, written, 333) == HK_RING_OK) {
				written += 333;
			}
			assert_reads(ring, read, 333);
			read += 333;
		}
		assert_true(atomic_load(&ring->shared->tail) < CAPACITY * 8);
	}
}

static void a_block_larger_than_the_readers_buffer_stays(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	assert_int_equal(write_at(ring, 100, 64), HK_RING_OK);
	struct hk_block header;
	float frames[63];
	assert_int_equal(hk_ring_read(ring, &header, frames, 63), -EMSGSIZE);
	assert_int_equal(header.n_frames, 64);
	assert_reads(ring, 100, 64);
}

static void discarding_gives_everything_back_and_the_next_block_is_read(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	assert_int_equal(write_at(ring, 100, 64), HK_RING_OK);
	assert_int_equal(write_at(ring, 164, 64), HK_RING_OK);
	hk_ring_discard(ring);
	assert_int_equal(hk_ring_fill(ring), 0);
	assert_int_equal(write_at(ring, 228, 64), HK_RING_OK);
	assert_reads(ring, 228, 64);
}

static void two_mappings_of_one_memory_are_one_ring(void **state)
{
	(void)state;
	const size_t size = hk_ring_size(CAPACITY);
	const int fd = memfd_create("test-ring", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	void *ours = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *theirs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(ours != MAP_FAILED && theirs != MAP_FAILED && ours != theirs);
	struct hk_ring reader;
	struct hk_ring writer;
	assert_int_equal(hk_ring_attach(&writer, theirs, size), -EINVAL);
	assert_int_equal(hk_ring_init(&reader, ours, size, CAPACITY), 0);
	assert_int_equal(hk_ring_attach(&writer, theirs, size), 0);
	assert_int_equal(write_at(&writer, 0, 300), HK_RING_OK);
	/* A writer that is started again goes on where the killed one stopped. */
	assert_int_equal(hk_ring_attach(&writer, theirs, size), 0);
	assert_int_equal(write_at(&writer, 300, 300), HK_RING_OK);
	assert_int_equal(write_at(&writer, 600, 1000), HK_RING_FULL);
	assert_reads(&reader, 0, 300);
	assert_reads(&reader, 300, 300);
	assert_empty(&reader);
	assert_int_equal(hk_ring_dropped_frames(&reader), 1000);
	munmap(ours, size);
	munmap(theirs, size);
	close(fd);
}

static void memory_of_another_layout_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct hk_ring_shared *shared = fixture->memory;
	struct hk_ring ring;
	const size_t size = hk_ring_size(CAPACITY);
	atomic_store(&shared->magic, HK_RING_MAGIC + 1);
	assert_int_equal(hk_ring_attach(&ring, shared, size), -EINVAL);
	atomic_store(&shared->magic, HK_RING_MAGIC);
	atomic_store(&shared->version, HK_RING_VERSION + 1);
	assert_int_equal(hk_ring_attach(&ring, shared, size), -EINVAL);
	atomic_store(&shared->version, HK_RING_VERSION);
	const uint32_t capacities[] = { 0, 1, CAPACITY - 1, CAPACITY * 2, UINT32_C(1) << 31,
		UINT32_MAX };
	for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
		atomic_store(&shared->capacity, capacities[i]);
		assert_int_equal(hk_ring_attach(&ring, shared, size), -EINVAL);
	}
	atomic_store(&shared->capacity, CAPACITY);
	assert_int_equal(hk_ring_attach(&ring, shared, size), 0);
}

/* What a broken writer did is refused once, then the ring works again. */
static void assert_refuses_and_recovers(struct hk_ring *ring)
{
	float frames[CAPACITY];
	struct hk_block header = { .n_frames = 12345 };
	assert_int_equal(hk_ring_read(ring, &header, frames, CAPACITY), -EBADMSG);
	assert_int_equal(header.n_frames, 12345);
	assert_empty(ring);
	assert_int_equal(write_at(ring, 77, EXACT_FILL_FRAMES), HK_RING_OK);
	assert_reads(ring, 77, EXACT_FILL_FRAMES);
}

static void nonsense_in_head_is_refused_and_recovered_from(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	const uint32_t ahead[] = { CAPACITY + 1, UINT32_C(1) << 31, UINT32_MAX, 1, 39, 4099 };
	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		const uint32_t tail = atomic_load(&ring->shared->tail);
		atomic_store(&ring->shared->head, tail + ahead[i]);
		assert_true(hk_ring_fill(ring) <= CAPACITY);
		assert_refuses_and_recovers(ring);
	}
}

static void a_header_that_promises_more_than_is_there_is_refused(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	/* The last ones overflow 32 bits when multiplied by 4. */
	const uint32_t n_frames[] = { 11, CAPACITY, UINT32_C(1) << 30, UINT32_C(0x3ffffff6),
		UINT32_MAX };
	for (size_t i = 0; i < sizeof(n_frames) / sizeof(n_frames[0]); i++) {
		start_at(ring, 0);
		assert_int_equal(write_at(ring, 0, 10), HK_RING_OK);
		memcpy(ring->data + offsetof(struct hk_block, n_frames), &n_frames[i], 4);
		assert_refuses_and_recovers(ring);
	}
}

static void a_header_with_unknown_flags_or_contents_is_refused(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	const size_t offsets[] = { offsetof(struct hk_block, flags) + 3,
		offsetof(struct hk_block, reserved) };
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		start_at(ring, 0);
		assert_int_equal(write_at(ring, 0, 10), HK_RING_OK);
		ring->data[offsets[i]] = 1;
		assert_refuses_and_recovers(ring);
	}
}

static void the_readers_capacity_is_its_own(void **state)
{
	struct hk_ring *ring = &((struct fixture *)*state)->ring;
	atomic_store(&ring->shared->capacity, UINT32_C(1) << 30);
	start_at(ring, CAPACITY - 12);
	assert_int_equal(write_at(ring, 3, 500), HK_RING_OK);
	assert_reads(ring, 3, 500);
}

/* ---- two threads ---- */

#define N_BLOCKS 20000
#define MAX_BLOCK_FRAMES 300

struct writer {
	struct hk_ring ring;
	bool waits; /* for room, instead of dropping */
	uint64_t n_sent;
};

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void *run_writer(void *argument)
{
	struct writer *writer = argument;
	uint32_t seed = 1;
	float frames[MAX_BLOCK_FRAMES];
	for (uint32_t i = 0; i < N_BLOCKS; i++) {
		const bool last = i == N_BLOCKS - 1;
		const uint32_t n_frames = next_random(&seed) % (MAX_BLOCK_FRAMES + 1);
		for (uint32_t k = 0; k < n_frames; k++) {
			frames[k] = sample_at(writer->n_sent + k);
		}
		const struct hk_block header = {
			.first_frame = writer->n_sent,
			.n_frames = n_frames,
			.rate_hz = 16000,
			.flags = last ? HK_BLOCK_END : 0,
		};
		while ((writer->waits || last) && !hk_ring_writable(&writer->ring, n_frames)) {
			sched_yield();
		}
		hk_ring_write(&writer->ring, &header, frames);
		writer->n_sent += n_frames;
		if (next_random(&seed) % 64 == 0) {
			sched_yield();
		}
	}
	return NULL;
}

/* Read until the last block has arrived; check every sample; return the frames that came. */
static uint64_t read_all(struct hk_ring *ring, uint64_t *ret_n_holes_frames)
{
	uint64_t n_got = 0;
	uint64_t n_missing = 0;
	uint64_t expected = 0;
	float frames[MAX_BLOCK_FRAMES];
	for (;;) {
		struct hk_block header;
		const int r = hk_ring_read(ring, &header, frames, MAX_BLOCK_FRAMES);
		if (r == HK_RING_EMPTY) {
			sched_yield();
			continue;
		}
		assert_int_equal(r, HK_RING_OK);
		assert_true(header.first_frame >= expected);
		n_missing += header.first_frame - expected;
		for (uint32_t i = 0; i < header.n_frames; i++) {
			if (frames[i] != sample_at(header.first_frame + i)) {
				fail_msg("sample %u of the block at %llu is wrong", i,
					(unsigned long long)header.first_frame);
			}
		}
		n_got += header.n_frames;
		expected = header.first_frame + header.n_frames;
		if (header.flags & HK_BLOCK_END) {
			*ret_n_holes_frames = n_missing;
			return n_got;
		}
	}
}

static void check_two_threads(struct fixture *fixture, bool waits)
{
	struct writer writer = { .waits = waits };
	assert_int_equal(hk_ring_attach(&writer.ring, fixture->memory, hk_ring_size(CAPACITY)), 0);
	start_at(&fixture->ring, UINT32_MAX - 100000);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run_writer, &writer), 0);
	uint64_t n_missing = 0;
	const uint64_t n_got = read_all(&fixture->ring, &n_missing);
	assert_int_equal(pthread_join(thread, NULL), 0);
	const uint64_t n_dropped = hk_ring_dropped_frames(&fixture->ring);
	assert_true(n_got > 0);
	assert_int_equal(n_got + n_dropped, writer.n_sent);
	assert_int_equal(n_missing, n_dropped);
	if (waits) {
		assert_int_equal(n_dropped, 0);
	}
	assert_empty(&fixture->ring);
}

static void between_two_threads_got_and_dropped_make_sent_and_every_sample_is_right(void **state)
{
	check_two_threads(*state, false);
}

static void a_writer_that_waits_for_room_loses_nothing(void **state)
{
	check_two_threads(*state, true);
}

#define ring_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ring_test(only_powers_of_two_in_range_are_capacities),
		ring_test(too_little_or_unaligned_memory_is_refused),
		ring_test(one_block_may_use_every_byte_and_one_frame_more_is_dropped_and_counted),
		ring_test(blocks_may_fill_the_ring_to_the_last_byte_from_any_start),
		ring_test(a_block_that_lacks_room_for_its_header_alone_is_dropped),
		ring_test(a_block_without_frames_needs_no_frame_memory),
		ring_test(counters_pass_2_to_the_32_unnoticed),
		ring_test(a_block_larger_than_the_readers_buffer_stays),
		ring_test(discarding_gives_everything_back_and_the_next_block_is_read),
		ring_test(two_mappings_of_one_memory_are_one_ring),
		ring_test(memory_of_another_layout_is_refused),
		ring_test(nonsense_in_head_is_refused_and_recovered_from),
		ring_test(a_header_that_promises_more_than_is_there_is_refused),
		ring_test(a_header_with_unknown_flags_or_contents_is_refused),
		ring_test(the_readers_capacity_is_its_own),
		ring_test(between_two_threads_got_and_dropped_make_sent_and_every_sample_is_right),
		ring_test(a_writer_that_waits_for_room_loses_nothing),
	};
	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
