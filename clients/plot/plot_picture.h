/* SPDX-License-Identifier: MIT */
/*
 * plot_picture: what was heard in a recording, drawn above one axis of time: the waveform, the
 * spectrogram, the probability of each class, the events.
 */
#pragma once

#include "clients/plot/overview.h"
#include "clients/plot/plotted_windows.h"

struct hk_plot {
	const struct hk_overview *overview;
	const struct hk_plotted_windows *hearing;
	const char *title;    /* UTF-8 */
	double width, height; /* pixels, HK_PLOT_MIN_... at least */
};

#define HK_PLOT_MIN_WIDTH 500
#define HK_PLOT_MIN_HEIGHT 500

/* Columns of an overview that the picture has room for. */
size_t hk_plot_columns(double width);

/* Write the picture to PATH (.png or .svg). Returns 0; -EINVAL, -EIO, -ENOMEM with DIAG. */
int hk_plot_draw(const struct hk_plot *plot, const char *path, struct hk_diag *diag);
