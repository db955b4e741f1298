/* SPDX-License-Identifier: MIT */
/*
 * bench: pieces of work that bench-core times for scripts/bench. What a piece prepares lives until
 * the program ends.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct bench_piece {
	const char *name;
	const char *words; /* what PREPARE takes */
	int n_words;
	void *(*prepare)(char **words); /* never NULL: exits with a word when it cannot */
	void (*run)(void *work);        /* once */
};

/* Each ends with a piece without a name. */
extern const struct bench_piece bench_stft_pieces[];
extern const struct bench_piece bench_svm_pieces[];
extern const struct bench_piece bench_window_pieces[];

/* Zeroed, aligned to 64 bytes, never NULL. */
void *bench_alloc(size_t n, size_t size);

/* N_SAMPLES of a tone that beeps in noise, the same each time, after as many zeros as are read
 * before them. */
float *bench_sound(size_t n_before, size_t n_samples, uint32_t rate_hz);

/* In -0.5..0.5. */
float bench_noise(void);

uint32_t bench_count(const char *word);
_Noreturn void bench_fail(const char *what, const char *why);
