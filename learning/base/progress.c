/* SPDX-License-Identifier: MIT */
#include "learning/base/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "core/base/printable.h"

#define BAR_WIDTH 30
#define REDRAW_S 0.1

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void hk_progress_init(struct hk_progress *progress, FILE *file, const char *what, size_t n_total)
{
	*progress = (struct hk_progress){
		.file = file,
		.terminal = file && isatty(fileno(file)),
		.what = what,
		.n_total = n_total,
		.start_s = now_s(),
	};
	pthread_mutex_init(&progress->lock, NULL);
}

void hk_progress_finish(struct hk_progress *progress)
{
	if (progress->terminal) {
		fputs("\r\033[K", progress->file);
		fflush(progress->file);
	}
	pthread_mutex_destroy(&progress->lock);
}

static void draw_bar(struct hk_progress *progress)
{
	const double now = now_s();
	if (now - progress->last_drawn_s < REDRAW_S && progress->n_done < progress->n_total) {
		return;
	}
	progress->last_drawn_s = now;
	const double share = (double)progress->n_done / (double)progress->n_total;
	const double left_s = share > 0 ? (now - progress->start_s) * (1 / share - 1) : 0;
	char bar[BAR_WIDTH + 1];
	for (int i = 0; i < BAR_WIDTH; i++) {
		bar[i] = i < (int)(share * BAR_WIDTH) ? '#' : '-';
	}
	bar[BAR_WIDTH] = '\0';
	fprintf(progress->file, "\r\033[K%s [%s] %zu/%zu", progress->what, bar, progress->n_done,
		progress->n_total);
	if (progress->n_windows > 0) {
		fprintf(progress->file, ", %" PRIu64 " windows", progress->n_windows);
	}
	fprintf(progress->file, ", %d:%02d left", (int)left_s / 60, (int)left_s % 60);
	fflush(progress->file);
}

void hk_progress_step(struct hk_progress *progress, const char *item, size_t n_windows)
{
	if (!progress->file) {
		return;
	}
	pthread_mutex_lock(&progress->lock);
	progress->n_done++;
	progress->n_windows += n_windows;
	if (progress->terminal) {
		draw_bar(progress);
	} else if (item) {
		char text[512];
		hk_printable(item, text, sizeof(text));
		fprintf(progress->file, "%s %zu/%zu %s: %zu windows\n", progress->what,
			progress->n_done, progress->n_total, text, n_windows);
	}
	pthread_mutex_unlock(&progress->lock);
}
