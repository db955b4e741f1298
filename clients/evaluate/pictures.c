/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/pictures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/features/stft.h"

static const struct hk_colour_rgba blue = { 0.12, 0.38, 0.68, 1.0 };
static const struct hk_colour_rgba red = { 0.82, 0.25, 0.10, 1.0 };
static const struct hk_colour_rgba green = { 0.10, 0.55, 0.25, 1.0 };
static const struct hk_colour_rgba grey = { 0.45, 0.45, 0.45, 1.0 };

/* A line of text with a stroke of its colour before it. */
static void legend(
	struct hk_chart *chart, double x, double y, struct hk_colour_rgba colour, const char *text)
{
	const struct hk_axes stroke = { .left = x,
		.top = y - 9.0,
		.width = 18.0,
		.height = 10.0,
		.x = { 0, 1 },
		.y = { 0, 1 } };
	hk_chart_line(
		chart, &stroke, (const double[]){ 0, 1 }, (const double[]){ 0.5, 0.5 }, 2, colour);
	hk_chart_text(chart, x + 24.0, y, 200.0, 12.0, text);
}

/* ---- confusion ---- */

#define CELL 96.0   /* wide enough for a label */
#define CELLS 700.0 /* all of a row, when there are many */
#define NAMES 150.0 /* room for the labels on the left */

static void draw_confusion_texts(struct hk_chart *chart, const struct hk_measures *measures,
	char (*labels)[HK_LABEL_SIZE], double cell)
{
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		hk_chart_text(chart, 8.0, 34.0 + (c + 0.58) * cell, NAMES - 16.0, 12.0, labels[c]);
		hk_chart_text(chart, NAMES + c * cell + 3.0,
			34.0 + measures->n_labels * cell + 18.0, cell - 6.0, 12.0, labels[c]);
		for (uint32_t d = 0; d < measures->n_labels; d++) {
			char text[24];
			snprintf(text, sizeof(text), "%zu", measures->confusion[c][d]);
			hk_chart_text(chart, NAMES + d * cell + 0.4 * cell,
				34.0 + (c + 0.58) * cell, 0.55 * cell, 12.0, text);
		}
	}
}

void hk_picture_confusion(
	struct hk_page *page, const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE])
{
	const uint32_t n = measures->n_labels;
	const double cell = fmin(CELL, CELLS / n);
	const struct hk_axes axes = {
		.left = NAMES, .top = 34.0, .width = n * cell, .height = n * cell
	};
	float *shares = calloc((size_t)n * n, sizeof(*shares));
	struct hk_chart chart;
	if (!shares || !hk_page_picture(page, &chart, NAMES + n * cell + 20.0, n * cell + 70.0)) {
		free(shares);
		return;
	}
	for (uint32_t c = 0; c < n; c++) {
		for (uint32_t d = 0; d < n && measures->classes[c].n > 0; d++) {
			/* Half the shade at most: numbers stay readable. Row 0 is at the bottom. */
			shares[(size_t)(n - 1 - c) * n + d] = 0.5F *
				(float)measures->confusion[c][d] / (float)measures->classes[c].n;
		}
	}
	hk_chart_cells(&chart, &axes, shares, n, n);
	hk_chart_text(&chart, 8.0, 20.0, NAMES + n * cell, 12.0,
		"true class (down), decided class (across), number of windows");
	draw_confusion_texts(&chart, measures, labels, cell);
	free(shares);
	hk_page_picture_end(page, &chart, "confusion matrix");
}

/* ---- curves ---- */

void hk_picture_reliability(struct hk_page *page, const struct hk_reliability *reliability)
{
	const struct hk_axes axes = { .left = 70.0,
		.top = 36.0,
		.width = 360.0,
		.height = 300.0,
		.x = { 0, 1 },
		.y = { 0, 1 },
		.x_label = "top probability",
		.y_label = "share that is right" };
	double x[HK_RELIABILITY_BINS], y[HK_RELIABILITY_BINS], share[HK_RELIABILITY_BINS];
	double centre[HK_RELIABILITY_BINS];
	size_t n = 0, total = 0;
	for (int i = 0; i < HK_RELIABILITY_BINS; i++) {
		total += reliability->n[i];
	}
	for (int i = 0; i < HK_RELIABILITY_BINS; i++) {
		centre[i] = (i + 0.5) / HK_RELIABILITY_BINS;
		share[i] = total ? (double)reliability->n[i] / (double)total : 0;
		if (reliability->n[i] > 0) {
			x[n] = reliability->confidence[i];
			y[n++] = reliability->accuracy[i];
		}
	}
	struct hk_chart chart;
	if (!hk_page_picture(page, &chart, 460.0, 390.0)) {
		return;
	}
	hk_chart_axes(&chart, &axes);
	hk_chart_line(&chart, &axes, (const double[]){ 0, 1 }, (const double[]){ 0, 1 }, 2, grey);
	hk_chart_line(&chart, &axes, centre, share, HK_RELIABILITY_BINS, green);
	hk_chart_line(&chart, &axes, x, y, n, blue);
	hk_chart_points(&chart, &axes, x, y, n, blue);
	legend(&chart, 70.0, 22.0, blue, "as measured");
	legend(&chart, 180.0, 22.0, grey, "as it should be");
	legend(&chart, 310.0, 22.0, green, "share of windows");
	hk_page_picture_end(page, &chart, "reliability of the probabilities");
}

void hk_picture_thresholds(
	struct hk_page *page, const struct hk_threshold_curve *curve, const char *label)
{
	const struct hk_axes axes = { .left = 60.0,
		.top = 58.0,
		.width = 360.0,
		.height = 200.0,
		.x = { 0, 1 },
		.y = { 0, 1 },
		.x_label = "threshold" };
	double x[HK_N_THRESHOLDS];
	for (uint32_t i = 0; i < HK_N_THRESHOLDS; i++) {
		x[i] = hk_threshold_at(i);
	}
	struct hk_chart chart;
	if (!hk_page_picture(page, &chart, 450.0, 310.0)) {
		return;
	}
	hk_chart_axes(&chart, &axes);
	hk_chart_line(&chart, &axes, x, curve->precision, HK_N_THRESHOLDS, blue);
	hk_chart_line(&chart, &axes, x, curve->recall, HK_N_THRESHOLDS, red);
	hk_chart_line(&chart, &axes, x, curve->f1, HK_N_THRESHOLDS, green);
	hk_chart_line(&chart, &axes, x, curve->false_share, HK_N_THRESHOLDS, grey);
	hk_chart_text(&chart, 60.0, 22.0, 360.0, 14.0, label);
	legend(&chart, 60.0, 46.0, blue, "precision");
	legend(&chart, 160.0, 46.0, red, "recall");
	legend(&chart, 240.0, 46.0, green, "F1");
	legend(&chart, 300.0, 46.0, grey, "false of the rest");
	hk_page_picture_end(page, &chart, label);
}

/* ---- a sound ---- */

#define N_FFT 512
#define HOP 160
#define N_BINS (N_FFT / 2 + 1)
#define RANGE_DB 70.0
#define N_POINTS 1200 /* of the waveform */

/* Fill CELLS (N_BINS rows) with decibels from RANGE_DB below the loudest cell to it, as 0..1. */
static int fill_spectrogram(float *cells, const float *samples, uint32_t n_columns)
{
	struct hk_stft *stft;
	float power[N_BINS];
	const int r = hk_stft_new(&stft, N_FFT, N_FFT);
	if (r < 0) {
		return r;
	}
	float loudest = 0;
	for (uint32_t column = 0; column < n_columns; column++) {
		hk_stft_power(stft, samples + (size_t)column * HOP, power);
		for (uint32_t bin = 0; bin < N_BINS; bin++) {
			cells[(size_t)bin * n_columns + column] = power[bin];
			loudest = power[bin] > loudest ? power[bin] : loudest;
		}
	}
	hk_stft_free(stft);
	for (size_t i = 0; i < (size_t)N_BINS * n_columns; i++) {
		const double db =
			10.0 * log10(((double)cells[i] + 1e-30) / ((double)loudest + 1e-30));
		cells[i] = (float)fmax(0.0, 1.0 + db / RANGE_DB);
	}
	return 0;
}

/* The loudest sample of each of N_POINTS pieces, up and down in turn. */
static void draw_waveform(struct hk_chart *chart, const struct hk_axes *axes, const float *samples,
	uint32_t n, uint32_t rate_hz)
{
	double x[N_POINTS], y[N_POINTS];
	const uint32_t n_points = n < N_POINTS ? n : N_POINTS;
	for (uint32_t i = 0; i < n_points; i++) {
		const uint32_t first = (uint32_t)((uint64_t)i * n / n_points);
		const uint32_t end = (uint32_t)((uint64_t)(i + 1) * n / n_points);
		const float sign = i % 2 ? -1.0F : 1.0F;
		float largest = samples[first];
		for (uint32_t j = first; j < end; j++) {
			largest = sign * samples[j] > sign * largest ? samples[j] : largest;
		}
		x[i] = (double)first / rate_hz;
		y[i] = (double)largest;
	}
	hk_chart_line(chart, axes, x, y, n_points, blue);
}

void hk_picture_sound(struct hk_page *page, const float *samples, uint32_t n, uint32_t rate_hz)
{
	const double seconds = (double)n / rate_hz;
	float peak = 1e-6F; /* not fmax of doubles: Debian 12's gcc for arm64 breaks down at it */
	for (uint32_t i = 0; i < n; i++) {
		peak = fabsf(samples[i]) > peak ? fabsf(samples[i]) : peak;
	}
	const double largest = (double)peak;
	const struct hk_axes wave = { .left = 80.0,
		.top = 8.0,
		.width = 540.0,
		.height = 70.0,
		.x = { 0, seconds },
		.y = { -1.05 * largest, 1.05 * largest },
		.y_label = "of full scale" };
	const struct hk_axes spectrum = { .left = 80.0,
		.top = 106.0,
		.width = 540.0,
		.height = 170.0,
		.x = { 0, seconds },
		.y = { 0, rate_hz / 2000.0 },
		.x_label = "s",
		.y_label = "kHz" };
	const uint32_t n_columns = n >= N_FFT ? 1 + (n - N_FFT) / HOP : 0;
	float *cells = calloc((size_t)N_BINS * n_columns + 1, sizeof(*cells));
	struct hk_chart chart;
	if (!cells || n_columns == 0 || fill_spectrogram(cells, samples, n_columns) < 0 ||
		!hk_page_picture(page, &chart, 650.0, 324.0)) {
		free(cells);
		return;
	}
	hk_chart_axes(&chart, &wave);
	draw_waveform(&chart, &wave, samples, n, rate_hz);
	hk_chart_axes(&chart, &spectrum);
	hk_chart_cells(&chart, &spectrum, cells, N_BINS, n_columns);
	free(cells);
	hk_page_picture_end(page, &chart, "waveform and spectrogram");
}
