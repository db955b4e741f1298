/* SPDX-License-Identifier: MIT */
/*
 * The shared memory under a writer that is killed at any instruction: a child writes blocks as fast
 * as it can, is killed at random moments, and the next child goes on; the reader must never meet a
 * broken block, a frame at the wrong place, or a place that is used twice.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture-helper/block_writer.h"
#include "daemon/capture-shared/clock.h"
#include "daemon/capture-shared/shared_audio.h"
#include "tests/unit/rounds.h"

#define RATE 48000
#define MAX_LIFE_NS 1000000
#define N_BLOCKS 20000
#define PATIENCE_MS 20000

static void a_view_sees_what_the_other_one_wrote(void **state)
{
	struct hk_shared_audio daemon, helper;
	struct hk_place place;
	(void)state;
	assert_int_equal(hk_shared_audio_init(&daemon), 0);
	assert_int_equal(hk_shared_audio_attach(&helper, dup(daemon.fd)), 0);
	assert_false(hk_shared_audio_place(&helper, &place));
	for (uint64_t i = 1; i < 10; i++) {
		const struct hk_place here = { .frame = i, .ns = (int64_t)i * 7 };
		hk_shared_audio_set_place(&helper, &here);
		assert_true(hk_shared_audio_place(&daemon, &place));
		assert_int_equal(place.frame, i);
		assert_int_equal(place.ns, i * 7);
	}
	hk_shared_audio_finish(&helper);
	hk_shared_audio_finish(&daemon);
}

static void the_memory_can_neither_shrink_nor_grow(void **state)
{
	struct hk_shared_audio channel;
	(void)state;
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	assert_int_equal(ftruncate(channel.fd, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(channel.fd, 1 << 30), -1);
	hk_shared_audio_finish(&channel);
}

static void memory_that_is_no_channel_is_refused(void **state)
{
	struct hk_shared_audio channel, none = { 0 };
	(void)state;
	const int fd = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(hk_shared_audio_attach(&none, fd), -EINVAL);
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	channel.shared->magic++; /* another build's */
	assert_int_equal(hk_shared_audio_attach(&none, channel.fd), -EINVAL);
	assert_int_equal(hk_shared_audio_attach(&none, -1), -EBADF);
	hk_shared_audio_finish(&channel);
	hk_shared_audio_finish(&none);
	close(fd);
}

/* The helper's process may have been taken over. */
static void a_block_that_no_helper_writes_is_refused_with_all_behind_it(void **state)
{
	static const struct hk_block blocks[] = {
		{ .n_frames = 1, .rate_hz = 0, .capture_ns = 1 },
		{ .n_frames = 1, .rate_hz = 768001 },
		{ .n_frames = 1, .rate_hz = RATE, .first_frame = UINT64_MAX },
		{ .n_frames = 1, .rate_hz = 1000, .first_frame = (UINT64_C(1000) << 32) + 1 },
		{ .n_frames = 1, .rate_hz = RATE, .capture_ns = INT64_MIN },
		{ .n_frames = 1, .rate_hz = RATE, .capture_ns = INT64_MAX },
		{ .n_frames = HK_CAPTURE_MAX_BLOCK_FRAMES + 1, .rate_hz = RATE },
	};
	static const float silence[HK_CAPTURE_MAX_BLOCK_FRAMES + 1];
	static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	const struct hk_block good = { .n_frames = 1, .rate_hz = RATE };
	struct hk_shared_audio channel;
	struct hk_block block;
	(void)state;
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		assert_int_equal(hk_ring_write(&channel.ring, &blocks[i], silence), HK_RING_OK);
		assert_int_equal(hk_ring_write(&channel.ring, &good, silence), HK_RING_OK);
		assert_int_equal(hk_shared_audio_read(&channel, &block, frames), -EBADMSG);
		assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_EMPTY);
		assert_int_equal(hk_ring_write(&channel.ring, &good, silence), HK_RING_OK);
		assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_OK);
	}
	hk_shared_audio_finish(&channel);
}

/* A sample that says where it stands: exact in float. */
static float sample_at(uint64_t position)
{
	return (float)((position * UINT64_C(2654435761)) & 0xffffff) / 16777216.0F;
}

/* The child: blocks of many sizes, for ever; it waits for room, or drops when there is none. */
static _Noreturn void write_for_ever(struct hk_shared_audio *channel, bool waits)
{
	static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	struct hk_block_writer feed;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Without a clock the next life begins exactly where this one ended. */
	hk_block_writer_begin(&feed, channel, RATE, 0, waits ? 0 : hk_clock_ns());
	for (uint32_t n = 1;; n = n * 5 % 4093) {
		for (uint32_t i = 0; i < n; i++) {
			frames[i] = sample_at(feed.next.frame + i);
		}
		if (waits) {
			hk_block_writer_wait(&feed, n);
		}
		hk_block_writer_push(&feed, frames, n, waits ? 0 : hk_clock_ns());
	}
}

/* A millisecond at most. */
static void wait_for_block(struct hk_shared_audio *channel)
{
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += 1000000;
	end.tv_sec += end.tv_nsec / HK_NS_PER_S;
	end.tv_nsec %= HK_NS_PER_S;
	sem_clockwait(&channel->shared->filled, CLOCK_MONOTONIC, &end);
}

struct heard {
	uint64_t n_blocks, n_got, n_lost, n_starts;
	uint64_t next_frame;
};

static void read_all(struct hk_shared_audio *channel, struct heard *heard)
{
	static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	struct hk_block block;
	int r;
	while ((r = hk_ring_read(&channel->ring, &block, frames, HK_CAPTURE_MAX_BLOCK_FRAMES)) ==
		HK_RING_OK) {
		assert_true(block.first_frame >= heard->next_frame);
		for (uint32_t i = 0; i < block.n_frames; i++) {
			if (frames[i] != sample_at(block.first_frame + i)) {
				fail_msg("frame %u of the block at %llu is not in its place", i,
					(unsigned long long)block.first_frame);
			}
		}
		heard->n_blocks++;
		heard->n_got += block.n_frames;
		heard->n_lost += block.first_frame - heard->next_frame;
		heard->n_starts += (block.flags & HK_BLOCK_START) != 0;
		heard->next_frame = block.first_frame + block.n_frames;
	}
	assert_int_equal(r, HK_RING_EMPTY);
}

static void a_reader_does_not_sleep_over_what_came_before_it_asked_for_less(void **state)
{
	static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	struct hk_shared_audio channel;
	struct hk_block block;
	struct hk_block_writer feed;
	(void)state;
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	hk_block_writer_begin(&feed, &channel, RATE, 0, 0);
	hk_block_writer_push(&feed, frames, 100, 0);
	assert_true(hk_shared_audio_wait(&channel, 0, PATIENCE_MS));
	assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_OK);
	assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_EMPTY);
	while (hk_shared_audio_wait(&channel, 1000, 1)) {}
	hk_block_writer_push(&feed, frames, 100, 0); /* not as many as it waits for: wakes nobody */
	assert_true(hk_shared_audio_wait(&channel, 0, PATIENCE_MS));
	assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_OK);
	assert_int_equal(hk_shared_audio_read(&channel, &block, frames), HK_RING_EMPTY);
	assert_false(hk_shared_audio_wait(&channel, 0, 1));
	hk_shared_audio_wake(&channel);
	assert_true(hk_shared_audio_wait(&channel, 0, PATIENCE_MS));
	hk_shared_audio_finish(&channel);
}

static uint32_t draw(uint32_t *seed, uint32_t n)
{
	*seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return (*seed >> 8) % n;
}

static void *write_some_blocks(void *owner)
{
	static const float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	struct hk_shared_audio *channel = owner;
	struct hk_block_writer feed;
	uint32_t seed = 1;
	hk_block_writer_begin(&feed, channel, RATE, 0, 0);
	for (int i = 0; i < N_BLOCKS; i++) {
		const uint32_t n = 1 + draw(&seed, 100);
		hk_block_writer_wait(&feed, n);
		hk_block_writer_push(&feed, frames, n, 0);
		for (uint32_t k = draw(&seed, 300); k > 0; k--) {
			atomic_signal_fence(memory_order_seq_cst); /* some time */
		}
	}
	hk_block_writer_end(&feed);
	return NULL;
}

static void a_reader_is_woken_for_whatever_it_asks(void **state)
{
	static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
	struct hk_shared_audio channel;
	struct hk_block block = { .flags = 0 };
	pthread_t writer;
	uint64_t n_got = 0, n_waits = 0;
	uint32_t seed = 2;
	(void)state;
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_some_blocks, &channel), 0);
	while ((block.flags & HK_BLOCK_END) == 0) {
		if (hk_shared_audio_read(&channel, &block, frames) == HK_RING_OK) {
			n_got += block.n_frames;
			continue;
		}
		/* Now and then more than will ever come: then the end wakes. */
		assert_true(hk_shared_audio_wait(&channel, draw(&seed, 1000), PATIENCE_MS));
		n_waits++;
	}
	pthread_join(writer, NULL);
	assert_int_equal(n_got, channel.shared->n_frames);
	assert_true(n_waits > 0);
	hk_shared_audio_finish(&channel);
}

static void a_writer_killed_at_any_instruction_leaves_no_broken_block(void **state)
{
	struct hk_shared_audio channel;
	struct heard heard = { 0 };
	uint64_t n_empty_lives = 0;
	(void)state;
	const char *given = getenv("SEED");
	const unsigned seed = given ? (unsigned)atoi(given) : (unsigned)hk_clock_ns();
	printf("SEED=%u\n", seed);
	srand(seed);
	const unsigned n_kills = rounds(1000);
	assert_int_equal(hk_shared_audio_init(&channel), 0);
	for (unsigned i = 0; i < n_kills; i++) {
		const uint64_t n_starts = heard.n_starts;
		fflush(NULL);
		const pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			write_for_ever(&channel, i % 2 == 0);
		}
		/* Most are killed while they write, some before; a busy machine may not let one
		 * write at all. */
		const int64_t patience_ns = i % 8 == 0 ? 0 : 100 * MAX_LIFE_NS;
		const int64_t begin_ns = hk_clock_ns();
		while (heard.n_starts == n_starts && hk_clock_ns() < begin_ns + patience_ns) {
			wait_for_block(&channel);
			read_all(&channel, &heard);
		}
		const int64_t end_ns = hk_clock_ns() + rand() % MAX_LIFE_NS;
		while (hk_clock_ns() < end_ns) {
			read_all(&channel, &heard);
		}
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		read_all(&channel, &heard);
		n_empty_lives += heard.n_starts == n_starts;
	}
	struct hk_place place;
	assert_true(hk_shared_audio_place(&channel, &place));
	assert_true(place.frame >= heard.next_frame);
	assert_int_equal(heard.n_got + heard.n_lost, heard.next_frame);
	printf("%u kills, %llu blocks, %llu frames read, %llu lost, %llu writers killed before a block\n",
		n_kills, (unsigned long long)heard.n_blocks, (unsigned long long)heard.n_got,
		(unsigned long long)heard.n_lost, (unsigned long long)n_empty_lives);
	assert_true(heard.n_blocks > n_kills / 2);
	hk_shared_audio_finish(&channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_sees_what_the_other_one_wrote),
		cmocka_unit_test(the_memory_can_neither_shrink_nor_grow),
		cmocka_unit_test(memory_that_is_no_channel_is_refused),
		cmocka_unit_test(a_block_that_no_helper_writes_is_refused_with_all_behind_it),
		cmocka_unit_test(a_reader_does_not_sleep_over_what_came_before_it_asked_for_less),
		cmocka_unit_test(a_reader_is_woken_for_whatever_it_asks),
		cmocka_unit_test(a_writer_killed_at_any_instruction_leaves_no_broken_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
