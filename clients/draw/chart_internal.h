/* SPDX-License-Identifier: MIT */
/*
 * chart_internal: what the parts of chart.h share: chart.c makes the file, chart_axes.c draws
 * frames and ticks, chart_marks.c draws data.
 */
#pragma once

#include "clients/draw/chart.h"

#define HK_CHART_FONT "sans-serif"

static const struct hk_colour_rgba hk_chart_ink = { 0.15, 0.15, 0.15, 1.0 };

void hk_chart_set_colour(struct hk_chart *chart, struct hk_colour_rgba colour);

/* Pixels of a value on the axes. */
double hk_chart_x_pixel(const struct hk_axes *axes, double x);
double hk_chart_y_pixel(const struct hk_axes *axes, double y);

/* Draw only within the frame from here on, until cairo_restore(). */
void hk_chart_clip_to(struct hk_chart *chart, const struct hk_axes *axes);
