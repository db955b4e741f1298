/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/audio/highpass.h"
#include "core/detection/window_pipeline.h"
#include "core/features/profiles.h"
#include "tests/unit/every-alloc.h"

#define MODEL_HZ 16000
#define WINDOW_FRAMES 32000
#define STEP_FRAMES 16000
#define MAX_RESULTS 64

/* What the sink was told, in order. */
struct told {
	enum { TOLD_WINDOW, TOLD_REMAINDER, TOLD_GAP } what;
	uint64_t first_frame, n_frames, index;
	bool zeros;
	float level_dbfs, peak_dbfs;
	uint64_t features_hash; /* 0: none */
	bool features_finite;
	bool classified;
	uint32_t label;
	double decision, sum; /* sum of the probabilities */
};

struct fixture {
	struct hk_profile_config profile;
	struct hk_window_pipeline *analyzer;
	size_t n_told;
	struct told told[MAX_RESULTS];
	size_t n_features;
};

static struct told *tell(struct fixture *fixture)
{
	assert_true(fixture->n_told < MAX_RESULTS);
	struct told *told = &fixture->told[fixture->n_told++];
	memset(told, 0, sizeof(*told)); /* padding too: records are compared as bytes */
	return told;
}

static void on_window(void *owner, const struct hk_window_result *result)
{
	struct fixture *fixture = owner;
	struct told *told = tell(fixture);
	told->what = TOLD_WINDOW;
	told->first_frame = result->first_frame;
	told->n_frames = result->end_frame - result->first_frame;
	told->index = result->index;
	told->zeros = result->zeros;
	told->level_dbfs = result->level_dbfs;
	told->peak_dbfs = result->peak_dbfs;
	told->classified = result->classification.probabilities != NULL;
	if (told->classified) {
		told->label = result->classification.decided;
		told->decision = result->classification.decisions[0];
		told->sum = result->classification.probabilities[0] +
			result->classification.probabilities[1];
	}
	told->features_finite = result->features != NULL;
	if (result->features) {
		told->features_hash = 1;
		for (size_t i = 0; i < fixture->n_features; i++) {
			uint32_t bits;
			memcpy(&bits, &result->features[i], sizeof(bits));
			told->features_hash =
				(told->features_hash ^ bits) * UINT64_C(0x100000001b3);
			told->features_finite &= isfinite(result->features[i]);
		}
	}
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct told *told = tell(owner);
	told->what = TOLD_REMAINDER;
	told->first_frame = first_frame;
	told->n_frames = n_frames;
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	struct told *told = tell(owner);
	told->what = TOLD_GAP;
	told->first_frame = first_frame;
	told->n_frames = n_frames;
}

static struct hk_window_pipeline_setup features_only(const struct fixture *fixture)
{
	return (struct hk_window_pipeline_setup){
		.profile = &fixture->profile,
		.rate_hz = MODEL_HZ,
		.n_window_frames = WINDOW_FRAMES,
		.n_step_frames = STEP_FRAMES,
	};
}

static struct hk_window_pipeline_sink sink_of(struct fixture *fixture)
{
	return (struct hk_window_pipeline_sink){ fixture, on_window, on_remainder, on_gap };
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct hk_profile *profile = hk_profile_find("mel-modulation");
	hk_profile_config_init(&fixture->profile, profile);
	fixture->n_features = profile->n_features(fixture->profile.config);
	const struct hk_window_pipeline_setup analyzer_setup = features_only(fixture);
	const struct hk_window_pipeline_sink sink = sink_of(fixture);
	*state = fixture;
	return hk_window_pipeline_new(&fixture->analyzer, &analyzer_setup, &sink, NULL);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	hk_window_pipeline_free(fixture->analyzer);
	free(fixture);
	return 0;
}

/* Frames of noise that depend on the position alone. */
static const float *noise(uint64_t first_frame, uint32_t n_frames)
{
	static float frames[1 << 20];
	assert_true(n_frames <= sizeof(frames) / sizeof(frames[0]));
	for (uint32_t i = 0; i < n_frames; i++) {
		const uint32_t x = (uint32_t)(first_frame + i) * UINT32_C(2654435761);
		frames[i] = (float)((x ^ x >> 15) * UINT32_C(2246822519) >> 8) / 16777216.0F - 0.5F;
	}
	return frames;
}

static int push_frames(struct fixture *fixture, uint64_t first_frame, uint32_t n_frames,
	uint32_t rate_hz, uint32_t flags, const float *frames)
{
	const struct hk_block block = {
		.first_frame = first_frame,
		.n_frames = n_frames,
		.rate_hz = rate_hz,
		.flags = flags,
	};
	return hk_window_pipeline_push(fixture->analyzer, &block, frames);
}

static void push(struct fixture *fixture, uint64_t first_frame, uint32_t n_frames, uint32_t rate_hz,
	uint32_t flags)
{
	assert_int_equal(push_frames(fixture, first_frame, n_frames, rate_hz, flags,
				 noise(first_frame, n_frames)),
		0);
}

static void assert_told(
	const struct fixture *fixture, size_t i, int what, uint64_t first_frame, uint64_t n_frames)
{
	assert_true(i < fixture->n_told);
	assert_int_equal(fixture->told[i].what, what);
	assert_int_equal(fixture->told[i].first_frame, first_frame);
	assert_int_equal(fixture->told[i].n_frames, n_frames);
}

static void results_do_not_depend_on_how_the_source_was_cut(void **state)
{
	struct fixture *fixture = *state;
	const char *seed_text = getenv("HEARKEN_TEST_SEED");
	const unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : 1;
	print_message("seed %u (set HEARKEN_TEST_SEED)\n", seed);
	srand(seed);
	const uint32_t rates[] = { 44100, 48000, 16000, 8000 };
	static struct told whole[MAX_RESULTS];
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const uint32_t n_frames = 5 * rates[i] + 1234;
		fixture->n_told = 0;
		push(fixture, 0, n_frames, rates[i], HK_BLOCK_END);
		const size_t n_told = fixture->n_told;
		assert_int_equal(n_told, 5);
		memcpy(whole, fixture->told, sizeof(whole));
		fixture->n_told = 0;
		for (uint32_t done = 0; done < n_frames;) {
			uint32_t n = 1 + (uint32_t)rand() % (rand() % 2 ? 600 : 30000);
			n = n < n_frames - done ? n : n_frames - done;
			push(fixture, done, n, rates[i], 0);
			done += n;
		}
		push(fixture, n_frames, 0, rates[i], HK_BLOCK_END);
		assert_int_equal(fixture->n_told, n_told);
		assert_memory_equal(fixture->told, whole, n_told * sizeof(whole[0]));
	}
}

static void windows_stand_exactly_where_their_sound_stood(void **state)
{
	struct fixture *fixture = *state;
	/* Ten days after the start, at a rate whose seconds are no whole steps. */
	const uint64_t start = UINT64_C(44101) * 86400 * 10 + 17;
	const uint32_t n_frames = 44101 * 4 + 555;
	push(fixture, start, n_frames, 44101, HK_BLOCK_START);
	hk_window_pipeline_finish(fixture->analyzer);
	assert_int_equal(fixture->n_told, 4);
	for (uint64_t k = 0; k < 3; k++) {
		const uint64_t first = k * STEP_FRAMES * 44101 / MODEL_HZ;
		const uint64_t end = (k * STEP_FRAMES + WINDOW_FRAMES) * 44101 / MODEL_HZ;
		assert_told(fixture, k, TOLD_WINDOW, start + first, end - first);
		assert_int_equal(fixture->told[k].index, k);
	}
	/* Whatever is in no window is reported to the last frame. */
	assert_told(fixture, 3, TOLD_REMAINDER, start + 44101 * 4, 555);
}

static void a_source_shorter_than_a_window_is_all_remainder(void **state)
{
	struct fixture *fixture = *state;
	for (uint32_t n = 1; n < 88200; n = n * 3 + 1) {
		fixture->n_told = 0;
		push(fixture, 7, n, 44100, HK_BLOCK_END);
		assert_int_equal(fixture->n_told, 1);
		assert_told(fixture, 0, TOLD_REMAINDER, 7, n);
	}
}

static void a_hole_begins_a_new_stream_and_no_window_spans_it(void **state)
{
	struct fixture *fixture = *state;
	push(fixture, 100, 48000 * 2, 48000, HK_BLOCK_START);
	push(fixture, 48000 * 3, 48000 * 3, 48000, 0);
	push(fixture, 48000 * 6 + 5, 0, 48000, HK_BLOCK_END);
	assert_int_equal(fixture->n_told, 5);
	assert_told(fixture, 0, TOLD_WINDOW, 100, 48000 * 2);
	assert_told(fixture, 1, TOLD_GAP, 100 + 48000 * 2, 48000 - 100);
	assert_told(fixture, 2, TOLD_WINDOW, 48000 * 3, 48000 * 2);
	assert_told(fixture, 3, TOLD_WINDOW, 48000 * 4, 48000 * 2);
	assert_told(fixture, 4, TOLD_GAP, 48000 * 6, 5);
	assert_int_equal(fixture->told[2].index, 0);
	assert_int_equal(fixture->told[3].index, 1);
}

static void a_restart_and_an_overrun_begin_a_new_stream_even_without_a_hole(void **state)
{
	struct fixture *fixture = *state;
	const uint32_t flags[] = { HK_BLOCK_START, HK_BLOCK_OVERRUN };
	for (size_t i = 0; i < 2; i++) {
		fixture->n_told = 0;
		push(fixture, 0, 40000, MODEL_HZ, 0);
		push(fixture, 40000, 32000, MODEL_HZ, flags[i]);
		push(fixture, 0, 10, MODEL_HZ, HK_BLOCK_END);
		assert_int_equal(fixture->n_told, 6);
		assert_told(fixture, 0, TOLD_WINDOW, 0, 32000);
		assert_told(fixture, 1, TOLD_REMAINDER, 32000, 8000);
		assert_told(fixture, 2, TOLD_GAP, 40000, 0);
		assert_told(fixture, 3, TOLD_WINDOW, 40000, 32000);
		assert_told(fixture, 4, TOLD_GAP, 0, 0);
		assert_told(fixture, 5, TOLD_REMAINDER, 0, 10);
	}
}

static void a_stream_hears_nothing_of_the_one_before_it(void **state)
{
	struct fixture *fixture = *state;
	push(fixture, 1000, 88200, 44100, HK_BLOCK_END);
	const struct told alone = fixture->told[0];
	fixture->n_told = 0;
	push(fixture, 0, 999, 44100, 0);
	push(fixture, 1000, 88200, 44100, HK_BLOCK_END);
	assert_told(fixture, 0, TOLD_REMAINDER, 0, 999);
	assert_told(fixture, 1, TOLD_GAP, 999, 1);
	assert_memory_equal(&fixture->told[2], &alone, sizeof(alone));
}

static void a_changed_rate_begins_a_new_stream(void **state)
{
	struct fixture *fixture = *state;
	push(fixture, 0, 88200, 44100, 0);
	push(fixture, 88200, 16000, 8000, 0);
	assert_int_equal(push_frames(fixture, 104200, 10, 999, 0, noise(0, 10)), -EINVAL);
	push(fixture, 104210, 32000, 16000, 0);
	hk_window_pipeline_finish(fixture->analyzer);
	assert_int_equal(fixture->n_told, 5);
	assert_told(fixture, 0, TOLD_WINDOW, 0, 88200);
	assert_told(fixture, 1, TOLD_GAP, 88200, 0);
	assert_told(fixture, 2, TOLD_WINDOW, 88200, 16000);
	assert_told(fixture, 3, TOLD_GAP, 104200, 0);
	assert_told(fixture, 4, TOLD_WINDOW, 104210, 32000);
}

static void after_the_end_any_position_is_a_new_start(void **state)
{
	struct fixture *fixture = *state;
	push(fixture, 0, 32000, MODEL_HZ, HK_BLOCK_END);
	push(fixture, 500, 32000, MODEL_HZ, 0);
	hk_window_pipeline_finish(fixture->analyzer);
	hk_window_pipeline_finish(fixture->analyzer);
	assert_int_equal(fixture->n_told, 2);
	assert_told(fixture, 0, TOLD_WINDOW, 0, 32000);
	assert_told(fixture, 1, TOLD_WINDOW, 500, 32000);
}

static void digital_zeros_have_no_level_and_no_features(void **state)
{
	struct fixture *fixture = *state;
	static const float zeros[88200];
	push_frames(fixture, 0, 88200, 44100, HK_BLOCK_END, zeros);
	assert_told(fixture, 0, TOLD_WINDOW, 0, 88200);
	assert_true(fixture->told[0].zeros);
	assert_int_equal(fixture->told[0].features_hash, 0);
	assert_true(fixture->told[0].level_dbfs == -INFINITY);
	assert_true(fixture->told[0].peak_dbfs == -INFINITY);
}

static void a_full_scale_sine_has_minus_3_dbfs_and_its_peak_0_on_any_offset(void **state)
{
	struct fixture *fixture = *state;
	static float sine[2 * WINDOW_FRAMES];
	for (size_t i = 0; i < 2 * WINDOW_FRAMES; i++) {
		const double t = (double)i / MODEL_HZ;
		sine[i] = (float)(0.5 + sin(2.0 * M_PI * 1000.0 * t));
	}
	push_frames(fixture, 0, 2 * WINDOW_FRAMES, MODEL_HZ, HK_BLOCK_END, sine);
	assert_int_equal(fixture->n_told, 3);
	assert_false(fixture->told[2].zeros);
	/* 1e-3, 2e-3: what the offset's filter takes of 1 kHz. It starts in the first window. */
	assert_true(fabs((double)fixture->told[2].level_dbfs + 3.0103) < 1e-3);
	assert_true(fabs((double)fixture->told[2].peak_dbfs) < 2e-3);
}

/* What a profile that keeps the offset gets of a window of the source. */
static void level_of_spectrogram(
	struct fixture *fixture, const float *frames, float *ret_dbfs, bool *ret_zeros)
{
	struct hk_window_pipeline_setup setup = features_only(fixture);
	static struct hk_profile_config profile;
	hk_profile_config_init(&profile, hk_profile_find("spectrogram"));
	setup.profile = &profile;
	const struct hk_window_pipeline_sink sink = sink_of(fixture);
	hk_window_pipeline_free(fixture->analyzer);
	assert_int_equal(hk_window_pipeline_new(&fixture->analyzer, &setup, &sink, NULL), 0);
	fixture->n_told = 0;
	push_frames(fixture, 0, WINDOW_FRAMES, MODEL_HZ, HK_BLOCK_END, frames);
	assert_int_equal(fixture->n_told, 1);
	*ret_dbfs = fixture->told[0].level_dbfs;
	*ret_zeros = fixture->told[0].zeros;
}

static void a_profile_that_keeps_the_offset_has_the_level_without_it(void **state)
{
	struct fixture *fixture = *state;
	static float frames[WINDOW_FRAMES];
	for (size_t i = 0; i < WINDOW_FRAMES; i++) { /* an offset that drifts */
		const double slow = 0.1 + 0.02 * (double)i / WINDOW_FRAMES;
		frames[i] = (float)(slow + 0.001 * sin(2.0 * M_PI * 1000.0 * (double)i / MODEL_HZ));
	}
	float level_dbfs;
	bool zeros;
	level_of_spectrogram(fixture, frames, &level_dbfs, &zeros);
	assert_false(zeros);
	assert_true(fabs((double)level_dbfs + 63.0103) < 1e-2); /* floats near 0.1 are coarse */
}

/* Digital zeros are only one of the values at which a source may stand. */
static void windows_are_without_features_where_no_sample_changes(void **state)
{
	struct fixture *fixture = *state;
	static float frames[8 * WINDOW_FRAMES];
	memcpy(frames, noise(0, 8 * WINDOW_FRAMES), sizeof(frames));
	for (size_t i = 2 * WINDOW_FRAMES; i < 4 * WINDOW_FRAMES; i++) {
		frames[i] = -1.0F / 32768.0F;
	}
	for (size_t i = 5 * WINDOW_FRAMES; i < 7 * WINDOW_FRAMES; i++) {
		frames[i] = 0.25F + (float)(i / 3 % 2) / 32768.0F;
	}
	for (int kind = 0; kind < 2; kind++) {
		fixture->n_told = 0;
		/* the second time at a rate that is resampled: windows are twice as long */
		push_frames(fixture, 0, 8 * WINDOW_FRAMES, kind ? 2 * MODEL_HZ : MODEL_HZ,
			HK_BLOCK_START | HK_BLOCK_END, frames);
		size_t n_zeros = 0;
		for (size_t i = 0; i < fixture->n_told; i++) {
			const uint64_t first = fixture->told[i].first_frame;
			const uint64_t end = first + fixture->told[i].n_frames;
			const bool still =
				(first >= 2 * WINDOW_FRAMES && end <= 4 * WINDOW_FRAMES) ||
				(first >= 5 * WINDOW_FRAMES && end <= 7 * WINDOW_FRAMES);
			assert_int_equal(fixture->told[i].zeros, still);
			n_zeros += still;
		}
		assert_int_equal(n_zeros, kind ? 2 : 6);
	}
}

/* The reader of a live source sleeps until so many have come. */
static void no_window_comes_before_the_frames_that_are_missing(void **state)
{
	struct fixture *fixture = *state;
	const uint32_t rates[] = { MODEL_HZ, 8000, 44100, 48000 };
	assert_int_equal(hk_window_pipeline_missing(fixture->analyzer), 0); /* nobody knows */
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t next = 0;
		push(fixture, next++, 1, rates[i], HK_BLOCK_START);
		fixture->n_told = 0;
		while (fixture->n_told < 4) {
			const size_t n_told = fixture->n_told;
			const uint64_t n_missing = hk_window_pipeline_missing(fixture->analyzer);
			if (n_missing > 1) {
				push(fixture, next, (uint32_t)n_missing - 1, rates[i], 0);
				next += n_missing - 1;
				assert_int_equal(fixture->n_told, n_told);
			}
			push(fixture, next++, 1, rates[i], 0);
			/* Without a filter that holds some of them these were all. */
			assert_true(rates[i] != MODEL_HZ || fixture->n_told == n_told + 1);
		}
		hk_window_pipeline_finish(fixture->analyzer);
		fixture->n_told = 0;
	}
}

static void what_is_no_sound_spoils_nothing(void **state)
{
	struct fixture *fixture = *state;
	const float bad[] = { NAN, INFINITY, -INFINITY, 3e38F };
	static float frames[88200];
	for (size_t i = 0; i < 88200; i++) {
		frames[i] = i % 1000 < 4 ? bad[i % 1000] : (float)(i % 100) / 100.0F - 0.5F;
	}
	push_frames(fixture, 0, 88200, 44100, HK_BLOCK_END, frames);
	assert_true(fixture->told[0].features_finite);
	assert_true(isfinite(fixture->told[0].level_dbfs));
}

static void impossible_setups_are_refused_with_a_word(void **state)
{
	struct fixture *fixture = *state;
	const struct hk_window_pipeline_sink sink = sink_of(fixture);
	struct hk_window_pipeline_setup setups[3];
	for (size_t i = 0; i < 3; i++) {
		setups[i] = features_only(fixture);
	}
	setups[0].rate_hz = 999;
	setups[1].n_step_frames = WINDOW_FRAMES + 160;
	setups[2].n_window_frames = 0;
	for (size_t i = 0; i < 3; i++) {
		struct hk_window_pipeline *analyzer = NULL;
		struct hk_diag diag = { "" };
		assert_int_equal(
			hk_window_pipeline_new(&analyzer, &setups[i], &sink, &diag), -EINVAL);
		assert_null(analyzer);
		print_message("%s\n", diag.text);
		assert_true(diag.text[0] != '\0');
	}
}

/* A two-class linear model whose decision value is the first feature less 3. */
static void make_model(struct hk_model *ret_model, const struct fixture *fixture)
{
	const uint32_t n_features = (uint32_t)fixture->n_features;
	*ret_model = (struct hk_model){
		.n_labels = 2,
		.rate_hz = MODEL_HZ,
		.n_window_frames = WINDOW_FRAMES,
		.n_step_frames = STEP_FRAMES,
		.profile = fixture->profile,
	};
	struct hk_svm *svm = &ret_model->svm;
	assert_int_equal(hk_svm_init(svm, HK_SVM_ONE_VS_ONE, 2, 1, n_features), 0);
	svm->kernel = HK_KERNEL_LINEAR;
	svm->class_count[0] = 1;
	svm->vectors[0] = 1;
	svm->coefs[0] = 2;
	assert_int_equal(hk_scaler_init(&ret_model->scaler, n_features), 0);
	ret_model->scaler.mean[0] = 3.0;
	ret_model->scaler.scale[0] = 2.0;
}

static void finish_model(struct hk_model *model)
{
	hk_scaler_finish(&model->scaler);
	hk_svm_finish(&model->svm);
}

static void use_model(struct fixture *fixture, const struct hk_model *model)
{
	const struct hk_window_pipeline_setup analyzer_setup = hk_window_pipeline_setup_of(model);
	const struct hk_window_pipeline_sink sink = sink_of(fixture);
	hk_window_pipeline_free(fixture->analyzer);
	fixture->analyzer = NULL;
	assert_int_equal(
		hk_window_pipeline_new(&fixture->analyzer, &analyzer_setup, &sink, NULL), 0);
}

/* The first feature of a window of noise without its offset between zeros, straight from the
 * profile. */
static double first_feature_of(const struct fixture *fixture, const float *frames)
{
	const struct hk_profile *profile = fixture->profile.profile;
	static float padded[3 * WINDOW_FRAMES];
	memcpy(padded + WINDOW_FRAMES, frames, 2 * WINDOW_FRAMES * sizeof(float));
	struct hk_highpass highpass;
	hk_highpass_begin(&highpass, MODEL_HZ);
	hk_highpass_run(&highpass, padded + WINDOW_FRAMES, 2 * WINDOW_FRAMES);
	const struct hk_window_view view = { padded + WINDOW_FRAMES, WINDOW_FRAMES, 0, 0 };
	struct hk_extractor *extractor = NULL;
	assert_int_equal(profile->extractor_new(&extractor, fixture->profile.config, MODEL_HZ,
				 WINDOW_FRAMES, STEP_FRAMES),
		0);
	float *features = calloc(fixture->n_features, sizeof(*features));
	assert_non_null(features);
	profile->compute(extractor, &view, features);
	const double first = (double)features[0];
	profile->extractor_free(extractor);
	free(features);
	return first;
}

static void with_a_model_windows_are_classified_and_zeros_are_not(void **state)
{
	struct fixture *fixture = *state;
	struct hk_model model;
	make_model(&model, fixture);
	use_model(fixture, &model);
	static float frames[2 * WINDOW_FRAMES];
	memcpy(frames, noise(0, WINDOW_FRAMES), WINDOW_FRAMES * sizeof(float));
	push_frames(fixture, 0, 2 * WINDOW_FRAMES, MODEL_HZ, HK_BLOCK_END, frames);
	assert_int_equal(fixture->n_told, 3);
	assert_true(fixture->told[0].classified && fixture->told[1].classified);
	assert_true(fixture->told[2].zeros);
	assert_false(fixture->told[2].classified);
	/* 1e-6: the vectors are floats. */
	const double expected = first_feature_of(fixture, frames) - 3.0;
	const double decision = fixture->told[0].decision;
	assert_true(fabs(decision - expected) < 1e-6 * (1.0 + fabs(expected)));
	assert_int_equal(fixture->told[0].label, decision > 0 ? 0 : 1);
	assert_true(fabs(fixture->told[0].sum - 1.0) < 1e-12);
	finish_model(&model);
}

static void nothing_is_allocated_once_the_first_window_is_out(void **state)
{
	struct fixture *fixture = *state;
	struct hk_model model;
	if (!EVERY_ALLOC) {
		skip();
	}
	make_model(&model, fixture);
	use_model(fixture, &model);
	const uint32_t n_blocks = 10 * 44100 / 1000;
	size_t n_at_first = 0;
	for (uint32_t i = 0; i < n_blocks; i++) {
		push(fixture, i * UINT64_C(1000), 1000, 44100, 0);
		if (n_at_first == 0 && fixture->n_told == 1) {
			n_at_first = n_allocs;
		}
	}
	assert_int_equal(fixture->n_told, 8);
	assert_true(n_at_first > 0);
	assert_int_equal(n_allocs, n_at_first);
	finish_model(&model);
}

int main(void)
{
#define analyzer_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		analyzer_test(results_do_not_depend_on_how_the_source_was_cut),
		analyzer_test(windows_stand_exactly_where_their_sound_stood),
		analyzer_test(a_source_shorter_than_a_window_is_all_remainder),
		analyzer_test(a_hole_begins_a_new_stream_and_no_window_spans_it),
		analyzer_test(a_restart_and_an_overrun_begin_a_new_stream_even_without_a_hole),
		analyzer_test(a_stream_hears_nothing_of_the_one_before_it),
		analyzer_test(a_changed_rate_begins_a_new_stream),
		analyzer_test(after_the_end_any_position_is_a_new_start),
		analyzer_test(digital_zeros_have_no_level_and_no_features),
		analyzer_test(a_full_scale_sine_has_minus_3_dbfs_and_its_peak_0_on_any_offset),
		analyzer_test(a_profile_that_keeps_the_offset_has_the_level_without_it),
		analyzer_test(windows_are_without_features_where_no_sample_changes),
		analyzer_test(no_window_comes_before_the_frames_that_are_missing),
		analyzer_test(what_is_no_sound_spoils_nothing),
		analyzer_test(impossible_setups_are_refused_with_a_word),
		analyzer_test(with_a_model_windows_are_classified_and_zeros_are_not),
		analyzer_test(nothing_is_allocated_once_the_first_window_is_out),
	};
	return cmocka_run_group_tests_name("analyzer", tests, NULL, NULL);
}
