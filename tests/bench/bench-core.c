/* SPDX-License-Identifier: MIT */
/*
 * bench-core: times pieces of the core, and what they are compared with, in one process. Each line
 * of stdin,
 *
 *     CALLS PIECE WORD...
 *
 * is answered by one of stdout: the microseconds of processor time of each call, in order. A piece
 * stays prepared for the next line that names it with the same words, so that pieces can take
 * turns. Without stdin: --list.
 */
#include "tests/bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_WORDS 8
#define MAX_PREPARED 256

static const struct bench_piece *const tables[] = {
	bench_stft_pieces,
	bench_svm_pieces,
	bench_window_pieces,
};

static struct {
	char *text;
	const struct bench_piece *piece;
	void *work;
} prepared[MAX_PREPARED];
static size_t n_prepared;

void bench_fail(const char *what, const char *why)
{
	fprintf(stderr, "bench-core: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

void *bench_alloc(size_t n, size_t size)
{
	const size_t n_bytes = (n * size + 64) / 64 * 64;
	void *memory = aligned_alloc(64, n_bytes);
	if (!memory) {
		bench_fail("memory", "there is not enough");
	}
	return memset(memory, 0, n_bytes);
}

float bench_noise(void)
{
	static uint32_t state = 1;
	state = state * 1664525 + 1013904223;
	return (float)(state >> 8) / (float)(1 << 24) - 0.5F;
}

float *bench_sound(size_t n_before, size_t n_samples, uint32_t rate_hz)
{
	float *sound = bench_alloc(n_before + n_samples, sizeof(*sound));
	for (size_t i = 0; i < n_samples; i++) {
		const double t = (double)i / rate_hz;
		const double tone = fmod(t, 1) < 0.5 ? 0.3 * sin(2 * M_PI * 3100 * t) : 0;
		sound[n_before + i] = (float)tone + 0.02F * bench_noise();
	}
	return sound + n_before;
}

uint32_t bench_count(const char *word)
{
	char *end;
	const unsigned long value = strtoul(word, &end, 10);
	if (*end != '\0' || value == 0 || value > 100000000) {
		bench_fail(word, "expected a count");
	}
	return (uint32_t)value;
}

static const struct bench_piece *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct bench_piece *piece = tables[i]; piece->name; piece++) {
			if (strcmp(piece->name, name) == 0) {
				return piece;
			}
		}
	}
	bench_fail(name, "no such piece");
}

/* TEXT: piece and words. Returns its place in `prepared`. */
static size_t prepare(char *text)
{
	for (size_t i = 0; i < n_prepared; i++) {
		if (strcmp(prepared[i].text, text) == 0) {
			return i;
		}
	}
	if (n_prepared == MAX_PREPARED) {
		bench_fail(text, "too many different lines");
	}
	prepared[n_prepared].text = strdup(text);
	char *words[MAX_WORDS] = { NULL };
	int n_words = 0;
	for (char *word = strtok(text, " "); word && n_words < MAX_WORDS;
		word = strtok(NULL, " ")) {
		words[n_words++] = word;
	}
	const struct bench_piece *piece = find(n_words > 0 ? words[0] : "");
	if (n_words - 1 != piece->n_words) {
		bench_fail(piece->name, piece->words);
	}
	prepared[n_prepared].piece = piece;
	prepared[n_prepared].work = piece->prepare(words + 1);
	return n_prepared++;
}

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void answer(char *line)
{
	char *rest;
	const unsigned long n_calls = strtoul(line, &rest, 10);
	const size_t i = prepare(rest + strspn(rest, " "));
	for (unsigned long call = 0; call < n_calls; call++) {
		const double start = now_us();
		prepared[i].piece->run(prepared[i].work);
		printf("%.3f ", now_us() - start);
	}
	printf("\n");
	fflush(stdout);
}

static void list(void)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (const struct bench_piece *piece = tables[i]; piece->name; piece++) {
			printf("%s %s\n", piece->name, piece->words);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list();
		return EXIT_SUCCESS;
	}
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		answer(line);
	}
	free(line);
	return EXIT_SUCCESS;
}
