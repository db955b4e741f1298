/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "tests/unit/bundle.h"
#include "tests/unit/counted-alloc.h"
#include "tests/unit/rounds.h"

static const char *const file_names[] = { "model.ini", "scaler.csv", "svm.model" };

/* Load, which must work. */
static struct hk_model *load(const char *folder)
{
	struct hk_model *model;
	struct hk_diag diag = { "" };
	if (hk_model_load(&model, folder, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	return model;
}

/* Load, which must be refused with ERROR and MESSAGE, which follows the bundle's path. */
static void assert_refused(const struct bundle *bundle, int error, const char *message)
{
	struct hk_model *model = NULL;
	struct hk_diag diag = { "" };
	const int r = hk_model_load(&model, bundle->folder, &diag);
	const size_t length = strlen(bundle->folder);
	if (r != error || strncmp(diag.text, bundle->folder, length) != 0 ||
		strcmp(diag.text + length, message) != 0) {
		fail_msg("%d \"%s\" instead of %d \"%s%s\"", r, diag.text, error, bundle->folder,
			message);
	}
	assert_null(model);
}

static void assert_same_model(const struct hk_model *a, const struct hk_model *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->description, b->description);
	assert_string_equal(a->hash, b->hash);
	assert_string_equal(a->training, b->training);
	assert_int_equal(a->n_labels, b->n_labels);
	assert_memory_equal(a->labels, b->labels, a->n_labels * sizeof(*a->labels));
	assert_int_equal(a->rate_hz, b->rate_hz);
	assert_int_equal(a->n_window_frames, b->n_window_frames);
	assert_int_equal(a->n_step_frames, b->n_step_frames);
	assert_ptr_equal(a->profile.profile, b->profile.profile);
	assert_memory_equal(a->profile.config, b->profile.config, HK_PROFILE_CONFIG_SIZE);
	assert_int_equal(a->scaler.n_features, b->scaler.n_features);
	assert_true(a->scaler.clip == b->scaler.clip);
	assert_memory_equal(a->scaler.mean, b->scaler.mean, a->scaler.n_features * sizeof(double));
	assert_memory_equal(
		a->scaler.scale, b->scaler.scale, a->scaler.n_features * sizeof(double));
	assert_memory_equal(a->svm.vectors, b->svm.vectors,
		(size_t)a->svm.n_vectors * a->svm.stride * sizeof(float));
	assert_memory_equal(
		a->svm.coefs, b->svm.coefs, a->svm.n_coefs * a->svm.n_vectors * sizeof(double));
	assert_memory_equal(a->svm.prob_a, b->svm.prob_a, a->svm.n_decisions * sizeof(double));
	assert_int_equal(a->calibration.method, b->calibration.method);
	assert_memory_equal(a->calibration.bias, b->calibration.bias, sizeof(a->calibration.bias));
	assert_memory_equal(
		a->calibration.slope, b->calibration.slope, sizeof(a->calibration.slope));
	for (uint32_t i = 0; i < a->n_labels; i++) {
		for (size_t j = 0; j < hk_n_class_params; j++) {
			char text_a[64], text_b[64];
			hk_param_print(&hk_class_params[j], &a->rules[i], text_a, sizeof(text_a));
			hk_param_print(&hk_class_params[j], &b->rules[i], text_b, sizeof(text_b));
			assert_string_equal(text_a, text_b);
		}
	}
}

static void a_saved_model_loads_as_it_was(void **state)
{
	const struct bundle *bundle = *state;
	struct hk_model *again = load(bundle->folder);
	assert_same_model(bundle->model, again);
	size_t length;
	char *ini = bundle_read(bundle, "model.ini", &length), hash[HK_SHA256_TEXT_SIZE];
	hk_sha256_text(ini, length, hash);
	assert_string_equal(hash, bundle->model->hash);
	free(ini);
	assert_int_equal(hk_model_label(again, "v-1.0"), 2);
	assert_int_equal(hk_model_label(again, "v-1"), -1);
	hk_model_free(again);
}

static void smoothing_survives_and_needs_no_section_where_there_is_none(void **state)
{
	struct bundle *bundle = *state;
	const struct hk_smoothing wanted = { HK_SMOOTHING_HMM, .stay = 5.5, .lag_s = 3,
		.cap = 1.0 / 3, .gate_dbfs = -60, .bias = { 1, -2.5, 1e-9 } };
	struct hk_model *again = load(bundle->folder);
	assert_int_equal(again->smoothing.method, HK_SMOOTHING_NONE);
	hk_model_free(again);
	bundle->model->smoothing = wanted;
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	again = load(bundle->folder);
	assert_memory_equal(&again->smoothing, &wanted, sizeof(wanted));
	hk_model_free(again);
}

static void every_calibration_and_128_long_labels_survive(void **state)
{
	struct bundle *bundle = *state;
	struct hk_model *model = bundle->model;
	for (enum hk_calibration_method m = HK_CALIBRATION_NONE; m <= HK_CALIBRATION_LIBSVM; m++) {
		memset(&model->calibration, 0, sizeof(model->calibration));
		model->calibration.method = m;
		if (m == HK_CALIBRATION_SIGMOID) {
			model->calibration.slope[2] = -1.0 / 3;
			model->calibration.bias[0] = 1e-300;
		}
		assert_int_equal(hk_model_save(model, bundle->folder, NULL), 0);
		struct hk_model *again = load(bundle->folder);
		assert_same_model(model, again);
		hk_model_free(again);
	}

	hk_svm_finish(&model->svm);
	assert_int_equal(hk_svm_init(&model->svm, HK_SVM_ONE_VS_REST, HK_MAX_CLASSES, 1, 12), 0);
	model->n_labels = HK_MAX_CLASSES;
	model->labels = realloc(model->labels, HK_MAX_CLASSES * sizeof(*model->labels));
	model->rules = realloc(model->rules, HK_MAX_CLASSES * sizeof(*model->rules));
	memset(&model->calibration, 0, sizeof(model->calibration));
	model->calibration.method = HK_CALIBRATION_SIGMOID;
	for (int i = 0; i < HK_MAX_CLASSES; i++) {
		memset(model->labels[i], 0, HK_LABEL_SIZE);
		memset(model->labels[i], 'x', HK_LABEL_SIZE - 1);
		model->labels[i][0] = (char)('a' + i % 26);
		model->labels[i][1] = (char)('a' + i / 26);
		hk_params_defaults(hk_class_params, hk_n_class_params, &model->rules[i]);
		model->calibration.slope[i] = 1 / (i + 3.0);
	}
	struct hk_diag diag = { "" };
	if (hk_model_save(model, bundle->folder, &diag) < 0) {
		fail_msg("%s", diag.text);
	}
	struct hk_model *again = load(bundle->folder);
	assert_int_equal(again->n_labels, HK_MAX_CLASSES);
	assert_memory_equal(again->labels, model->labels, HK_MAX_CLASSES * HK_LABEL_SIZE);
	assert_true(again->calibration.slope[127] == 1 / 130.0);
	hk_model_free(again);
}

static void the_same_model_gives_the_same_bytes(void **state)
{
	struct bundle *bundle = *state;
	char *before[3];
	size_t n_before[3];
	for (int i = 0; i < 3; i++) {
		before[i] = bundle_read(bundle, file_names[i], &n_before[i]);
	}
	strcat(bundle->folder, "-2");
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	for (int i = 0; i < 3; i++) {
		size_t length;
		char *data = bundle_read(bundle, file_names[i], &length);
		assert_int_equal(length, n_before[i]);
		assert_memory_equal(data, before[i], length);
		free(data);
		free(before[i]);
	}
}

static void a_packed_model_has_a_file_more_and_loads_as_it_was(void **state)
{
	struct bundle *bundle = *state;
	struct hk_svm *svm = &bundle->model->svm;
	assert_int_equal(hk_svm_pack(svm), 0);
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	struct hk_model *again = load(bundle->folder);
	assert_int_equal(again->svm.exponent, svm->exponent);
	assert_memory_equal(again->svm.packed, svm->packed,
		(size_t)svm->n_vectors * svm->stride * sizeof(*svm->packed));
	hk_model_free(again);

	size_t length;
	char *good = bundle_read(bundle, "vectors.bin", &length), path[128];
	assert_int_equal(length, 5 * 12 * 2);
	good[7] ^= 1;
	bundle_write(bundle, "vectors.bin", good, length);
	struct hk_model *model;
	struct hk_diag diag;
	assert_int_equal(hk_model_load(&model, bundle->folder, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "/vectors.bin: expected the SHA-256 "));
	bundle_write(bundle, "vectors.bin", good, length - 2);
	bundle_rehash(bundle, "vectors.bin");
	assert_refused(bundle, -EINVAL,
		"/vectors.bin: expected 120 bytes for 5 vectors of 12 features, got 118");
	bundle_path(bundle, "vectors.bin", path);
	unlink(path);
	assert_refused(bundle, -ENOENT, "/vectors.bin: No such file or directory");
	free(good);

	hk_svm_finish(svm); /* a model without such a file takes its place */
	assert_int_equal(hk_svm_init(svm, HK_SVM_ONE_VS_REST, BUNDLE_N_LABELS, 1, 12), 0);
	bundle_write(bundle, "vectors.bin", "old", 3);
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	hk_model_free(load(bundle->folder));
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;
	while (readdir(dir)) {
		n++;
	}
	closedir(dir);
	return n - 2;
}

static void saving_replaces_a_bundle_and_keeps_what_lies_in_it(void **state)
{
	struct bundle *bundle = *state;
	bundle_write(bundle, "SOURCES.md", "mine", 4);
	strcpy(bundle->model->name, "second");
	char with_slash[128];
	bundle_path(bundle, "", with_slash);
	assert_int_equal(hk_model_save(bundle->model, with_slash, NULL), 0);
	struct hk_model *again = load(bundle->folder);
	assert_string_equal(again->name, "second");
	hk_model_free(again);
	size_t length;
	char *sources = bundle_read(bundle, "SOURCES.md", &length);
	assert_string_equal(sources, "mine");
	free(sources);
	assert_int_equal(count_entries(bundle->folder), 4);
	assert_int_equal(count_entries(bundle->root), 1); /* nothing left beside it */
	struct stat st;
	assert_int_equal(stat(bundle->folder, &st), 0);
	assert_int_equal(st.st_mode & 0500, 0500);
}

static void nothing_but_a_bundle_is_ever_replaced(void **state)
{
	struct bundle *bundle = *state;
	char path[128];
	struct hk_diag diag;
	snprintf(path, sizeof(path), "%s/folder", bundle->root);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(hk_model_save(bundle->model, path, &diag), -EEXIST);
	assert_non_null(strstr(diag.text, "folder: exists and is not a model bundle"));
	assert_int_equal(count_entries(path), 0);
	snprintf(path, sizeof(path), "%s/file", bundle->root);
	assert_int_equal(hk_file_write(AT_FDCWD, path, path, "x", 1, NULL), 0);
	assert_int_equal(hk_model_save(bundle->model, path, &diag), -EEXIST);
	snprintf(path, sizeof(path), "%s/link", bundle->root);
	assert_int_equal(symlink(bundle->folder, path), 0);
	assert_int_equal(hk_model_save(bundle->model, path, &diag), -EEXIST);
	snprintf(path, sizeof(path), "%s/missing/deep", bundle->root);
	assert_int_equal(hk_model_save(bundle->model, path, &diag), -ENOENT);
	assert_int_equal(hk_model_save(bundle->model, "/", &diag), -EINVAL);
	assert_int_equal(hk_model_save(bundle->model, "..", &diag), -EINVAL);
	bundle_path(bundle, "inner", path);
	assert_int_equal(mkdir(path, 0755), 0); /* a bundle with a folder in it */
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, &diag), -EEXIST);
	assert_non_null(strstr(diag.text, "\"inner\", which cannot be kept"));
	assert_int_equal(count_entries(bundle->root), 4);
}

static void room_is_made_for_a_bundle_and_for_nothing_else(void **state)
{
	struct bundle *bundle = *state;
	char path[128];
	struct hk_diag diag;
	assert_int_equal(hk_model_make_room(bundle->folder, &diag), 0);
	snprintf(path, sizeof(path), "%s/a//b/c/", bundle->root);
	assert_int_equal(hk_model_make_room(path, &diag), 0);
	assert_int_equal(hk_model_make_room(path, &diag), 0);
	assert_int_equal(hk_model_save(bundle->model, path, &diag), 0);
	snprintf(path, sizeof(path), "%s/a", bundle->root);
	assert_int_equal(hk_model_make_room(path, &diag), -EEXIST);
	snprintf(path, sizeof(path), "%s/a/file", bundle->root);
	assert_int_equal(hk_file_write(AT_FDCWD, path, path, "x", 1, NULL), 0);
	snprintf(path, sizeof(path), "%s/a/file/model", bundle->root);
	assert_int_equal(hk_model_make_room(path, &diag), -ENOTDIR);
	assert_int_equal(hk_model_make_room("/proc/hearken/model", &diag), -ENOENT);
	assert_string_equal(diag.text, "/proc/hearken: No such file or directory");
	assert_int_equal(hk_model_make_room("model", &diag), 0);
}

static void a_model_that_would_not_load_is_not_saved(void **state)
{
	struct bundle *bundle = *state;
	struct hk_model *model = bundle->model;
	char hash[HK_SHA256_TEXT_SIZE];
	memcpy(hash, model->hash, sizeof(hash));
	struct hk_diag diag;

	strcpy(model->labels[1], "two words");
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	strcpy(model->labels[1], "music");
	model->training[3] = ':';
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	model->training[3] = 'u';
	strcpy(model->description, " blanks around ");
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	strcpy(model->description, "two\nname = x");
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	strcpy(model->description, "");
	model->rules[0].off = 0.9;
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	model->rules[0].off = 0.1;
	model->svm.coefs[0] = (double)NAN;
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "svm.model:12: expected a coefficient"));

	assert_int_equal(count_entries(bundle->root), 1);
	struct hk_model *again = load(bundle->folder);
	assert_string_equal(again->hash, hash); /* the old one is in its place */
	hk_model_free(again);
}

/* One line of the good model.ini (or "" for its end) changed; the message follows the folder. */
static const struct {
	const char *line, *instead, *message;
} bad_lines[] = {
	{ "format = 1", "format = 2", "/model.ini:2: format: expected 1, got 2" },
	{ "format = 1", "", "/model.ini: [model] format is missing" },
	{ "format = 1", "fromat = 1",
		"/model.ini:2: no key \"fromat\" in [model]: expected one of format, name, "
		"description, labels (did you mean format?)" },
	{ "format = 1", "format = 1\nformat = 1",
		"/model.ini:3: \"format\" is set twice in [model], first in line 2" },
	{ "[model]", "[modell]",
		"/model.ini:1: no section [modell]: expected one of [model], [audio], "
		"[profile], [classifier], [calibration], [smoothing], [files], "
		"[training], [class NAME] (did you mean [model]?)" },
	{ "[model]", "[model", "/model.ini:1: expected [SECTION]" },
	{ "[model]",
		"\x7f"
		"ELF\x02\x01",
		"/model.ini:1: expected [SECTION], KEY = VALUE, or a "
		"comment that begins with #" },
	{ "labels = fire_alarm music v-1.0", "", "/model.ini: [model] labels is missing" },
	{ "labels = fire_alarm music v-1.0", "labels = fire_alarm",
		"/model.ini:5: labels: expected 2 to 128 labels separated by blanks" },
	{ "labels = fire_alarm music v-1.0", "labels = a b a",
		"/model.ini:5: labels: a is there twice" },
	{ "labels = fire_alarm music v-1.0", "labels = a,b c",
		"/model.ini:5: labels: label 1: expected letters, digits, '_', '-' or '.', got the "
		"character U+002C" },
	{ "labels = fire_alarm music v-1.0", "labels = a b\xe2\x80\xae c",
		"/model.ini:5: labels: label 2: expected letters, digits, '_', '-' or '.', got the "
		"character U+202E" },
	{ "labels = fire_alarm music v-1.0", "labels = Tu\xcc\x88r b c",
		"/model.ini:5: labels: label 1: expected a normalised text (Unicode's form "
		"NFC): accents as part of their letters" },
	{ "labels = fire_alarm music v-1.0", "labels = fire_alarm music v-1.0 d",
		"/model.ini:27: bias: expected 4 numbers, got 3" },
	{ "rate_hz = 16000", "rate_hz = -1",
		"/model.ini:8: rate_hz: expected a whole number from 1000 to 768000 Hz, got \"-1\"" },
	{ "rate_hz = 16000", "rate_hz = 0",
		"/model.ini:8: rate_hz: expected a whole number from 1000 to 768000 Hz, got \"0\"" },
	{ "window_frames = 32000", "window_frames = 4294967295",
		"/model.ini:9: window_frames: expected a whole number from 1 to 16777216, got "
		"\"4294967295\"" },
	{ "step_frames = 16000", "step_frames = 32001",
		"/model.ini:10: step_frames: expected at most window_frames (32000), got 32001" },
	{ "name = spectrogram", "name = spektrogramm",
		"/model.ini:13: name: no profile \"spektrogramm\": expected one of mel-modulation, "
		"spectrogram (did you mean spectrogram?)" },
	{ "n_rows = 2", "", "/model.ini: [profile] n_rows is missing" },
	{ "n_rows = 2", "n_rows = 32768\nn_colums = 3",
		"/model.ini:17: no key \"n_colums\" in [profile]: expected one of n_fft, win_length, "
		"n_rows, n_columns, pad_mode, zero_crossing_pad (did you mean n_columns?)" },
	{ "n_columns = 3", "n_columns = 65536\n",
		"/scaler.csv: 442 bytes are too few for the profile's 131078 features" },
	{ "clip = 10", "clip = nan",
		"/model.ini:22: clip: expected a number from 0 to 1000000000, got \"nan\"" },
	{ "method = softmax", "method = magic",
		"/model.ini:25: method: expected one of: none, softmax, sigmoid, libsvm, got "
		"\"magic\"" },
	{ "method = softmax", "method = none",
		"/model.ini:26: slope: expected nothing for the method none" },
	{ "method = softmax", "method = sigmoid",
		"/model.ini:26: slope: expected 3 numbers, got 1" },
	{ "slope = 0.3333333333333333", "slope = 1e7",
		"/model.ini:26: slope: expected numbers from -1e+06 to 1e+06, got \"1e7\"" },
	{ "slope = 0.3333333333333333", "slope = inf",
		"/model.ini:26: slope: expected numbers from -1e+06 to 1e+06, got \"inf\"" },
	{ "slope = 0.3333333333333333", "",
		"/model.ini: [calibration] slope: expected 1 numbers, got 0" },
	{ "[class music]", "[class musik]", "/model.ini:46: [class musik]: no such label" },
	{ "on = 0.725", "on = 0.3",
		"/model.ini: [class music] off: expected at most on (0.3), got 0.4" },
	{ "on = 0.725", "no = 0.3", NULL },
	{ "on = 0.725", "on = 1.5",
		"/model.ini:48: on: expected a number from 0 to 1, got \"1.5\"" },
	{ "scaler.csv = ", "scaler.csv = z", NULL },
	{ "scaler.csv = ", "other.csv = ", NULL },
	{ "[files]", "[file]",
		"/model.ini:81: no section [file]: expected one of [model], [audio], "
		"[profile], [classifier], [calibration], [smoothing], [files], "
		"[training], [class NAME] (did you mean [files]?)" },
	{ "[files]", "[smoothing]\nmethod = maybe\n[files]",
		"/model.ini:82: method: expected one of: none, hmm, got \"maybe\"" },
	{ "[files]", "[smoothing]\nmethod = hmm\nbias = 1 2\n[files]",
		"/model.ini:83: bias: expected 3 numbers, got 2" },
	{ "[files]", "[smoothing]\nmethod = none\nbias = 1 2 3\n[files]",
		"/model.ini:83: bias: expected nothing for the method none" },
	{ "[files]", "[smoothing]\nmethod = hmm\nlag = 61 s\n[files]", NULL },
	{ "[files]", "[smoothing]\nhow = hmm\n[files]", NULL },
};

static void bad_lines_of_model_ini_are_refused_with_their_number(void **state)
{
	const struct bundle *bundle = *state;
	size_t length;
	char *good = bundle_read(bundle, "model.ini", &length);
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		/* the place at the start of a line */
		const char *place = good;
		while (strncmp(place, bad_lines[i].line, strlen(bad_lines[i].line)) != 0) {
			place = strchr(place, '\n');
			if (!place) {
				fail_msg("%s is not in model.ini:\n%s", bad_lines[i].line, good);
				return;
			}
			place++;
		}
		char *bad;
		const int n = asprintf(&bad, "%.*s%s%s", (int)(place - good), good,
			bad_lines[i].instead, place + strlen(bad_lines[i].line));
		bundle_write(bundle, "model.ini", bad, (size_t)n);
		free(bad);
		if (bad_lines[i].message) {
			assert_refused(bundle, -EINVAL, bad_lines[i].message);
		} else {
			struct hk_model *model;
			assert_int_equal(hk_model_load(&model, bundle->folder, NULL), -EINVAL);
		}
	}
	free(good);
}

static void a_file_that_was_changed_is_refused_by_its_hash(void **state)
{
	const struct bundle *bundle = *state;
	for (int i = 1; i < 3; i++) {
		size_t length;
		char *good = bundle_read(bundle, file_names[i], &length);
		char *bad = strdup(good);
		bad[length / 2] ^= 1;
		bundle_write(bundle, file_names[i], bad, length);
		struct hk_model *model;
		struct hk_diag diag;
		assert_int_equal(hk_model_load(&model, bundle->folder, &diag), -EINVAL);
		assert_non_null(strstr(diag.text, file_names[i]));
		assert_non_null(strstr(diag.text, "expected the SHA-256 "));
		bundle_write(bundle, file_names[i], good, length);
		free(good);
		free(bad);
	}
	hk_model_free(load(bundle->folder));
}

static void files_that_are_missing_or_no_files_are_refused(void **state)
{
	const struct bundle *bundle = *state;
	for (int i = 0; i < 3; i++) {
		char path[128], message[128];
		size_t length;
		char *good = bundle_read(bundle, file_names[i], &length);
		bundle_path(bundle, file_names[i], path);
		unlink(path);
		snprintf(message, sizeof(message),
			strcmp(file_names[i], "model.ini") == 0
				? ": not a model bundle: it has no %s"
				: "/%s: No such file or directory",
			file_names[i]);
		assert_refused(bundle, -ENOENT, message);
		assert_int_equal(symlink(file_names[i], path), 0);
		snprintf(message, sizeof(message), "/%s: Too many levels of symbolic links",
			file_names[i]);
		assert_refused(bundle, -ELOOP, message);
		unlink(path);
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(message, sizeof(message), "/%s: expected a regular file, got a folder",
			file_names[i]);
		assert_refused(bundle, -EINVAL, message);
		assert_int_equal(rmdir(path), 0);
		bundle_write(bundle, file_names[i], "", 0);
		struct hk_model *model;
		assert_int_equal(hk_model_load(&model, bundle->folder, NULL), -EINVAL);
		assert_int_equal(truncate(path, 1LL << 31), 0); /* sparse */
		struct hk_diag diag;
		assert_int_equal(hk_model_load(&model, bundle->folder, &diag), -EFBIG);
		assert_non_null(strstr(diag.text, "expected at most "));
		bundle_write(bundle, file_names[i], good, length);
		free(good);
	}
	struct hk_model *model;
	struct hk_diag diag;
	assert_int_equal(hk_model_load(&model, "/tmp/no/such/bundle", &diag), -ENOENT);
	assert_int_equal(hk_model_load(&model, "/dev/null", &diag), -ENOTDIR);
	assert_string_equal(diag.text, "/dev/null: Not a directory");
}

static void every_cut_of_model_ini_is_refused(void **state)
{
	const struct bundle *bundle = *state;
	size_t length;
	char *good = bundle_read(bundle, "model.ini", &length);
	for (size_t cut = 0; cut < length - 1; cut++) {
		bundle_write(bundle, "model.ini", good, cut);
		struct hk_model *model;
		struct hk_diag diag = { "" };
		assert_int_equal(hk_model_load(&model, bundle->folder, &diag), -EINVAL);
		assert_non_null(strstr(diag.text, "/model.ini:"));
	}
	free(good);
}

static void a_calibration_by_libsvm_needs_libsvms_sigmoids(void **state)
{
	struct bundle *bundle = *state;
	struct hk_model *model = bundle->model;
	free(model->svm.prob_a);
	free(model->svm.prob_b);
	model->svm.prob_a = model->svm.prob_b = NULL;
	model->calibration.method = HK_CALIBRATION_LIBSVM;
	struct hk_diag diag;
	assert_int_equal(hk_model_save(model, bundle->folder, &diag), -EINVAL);
	assert_non_null(strstr(diag.text, "svm.model: expected probA and probB"));
}

static void a_bundle_for_other_features_is_refused(void **state)
{
	const struct bundle *bundle = *state;
	size_t length;
	char *scaler = bundle_read(bundle, "scaler.csv", &length);
	char *place = strstr(scaler, "kurtosis");
	assert_non_null(place);
	*place = 'K';
	bundle_write(bundle, "scaler.csv", scaler, length);
	bundle_rehash(bundle, "scaler.csv");
	struct hk_model *model;
	struct hk_diag diag;
	assert_int_equal(hk_model_load(&model, bundle->folder, &diag), -EINVAL);
	assert_non_null(
		strstr(diag.text, "scaler.csv:6: expected the feature kurtosis of the profile"));
	free(scaler);
}

/* Change the *LENGTH bytes at DATA, which has room for 64 more, in up to three places. */
static void spoil(char *data, size_t *length, unsigned *seed)
{
	static const char *const pieces[] = { "-1", "4294967295", "2147483648", "nan", "inf",
		"1e999", "\n", "\n\n", " ", ":", "=", "0:", "[", "]", "\xff\xfe",
		"99999999999999999999", "SV\n", "1:1 1:1", "\r\n", "1e-999", "#", "-" };
	for (int change = rand_r(seed) % 3; change >= 0; change--) {
		const size_t at = (size_t)rand_r(seed) % *length, rest = *length - at;
		const char *piece =
			pieces[(size_t)rand_r(seed) % (sizeof(pieces) / sizeof(pieces[0]))];
		const size_t n = strlen(piece);
		switch (rand_r(seed) % 4) {
		case 0:
			data[at] ^= (char)(1 << rand_r(seed) % 8);
			break;
		case 1: /* put a piece in */
			memmove(data + at + n, data + at, rest);
			memcpy(data + at, piece, n);
			*length += n;
			break;
		case 2: /* write a piece over */
			memcpy(data + at, piece, n < rest ? n : rest);
			break;
		default: /* leave some out */
			memmove(data + at, data + at + rest / 2, rest - rest / 2);
			*length -= rest / 2;
		}
	}
}

/* Spoil one of the bundle's first N_FILES files, load, put it right again. Was it refused? */
static bool load_spoilt(const struct bundle *bundle, size_t n_files, unsigned *seed)
{
	const char *name = hk_model_file_names[(size_t)rand_r(seed) % n_files];
	size_t length, ini_length;
	char *good = bundle_read(bundle, name, &length);
	char *ini = bundle_read(bundle, hk_model_file_names[0], &ini_length);
	size_t bad_length = length;
	char *bad = malloc(length + 64);
	memcpy(bad, good, length);
	spoil(bad, &bad_length, seed);
	bundle_write(bundle, name, bad, bad_length);
	bundle_rehash(bundle, name);
	struct hk_model *model = NULL;
	struct hk_diag diag = { "" };
	counted_bytes = 0;
	const int r = hk_model_load(&model, bundle->folder, &diag);
	assert_true(counted_bytes < 4 << 20);
	assert_int_equal(r < 0, diag.text[0] != '\0');
	hk_model_free(model);
	bundle_write(bundle, name, good, length);
	bundle_write(bundle, hk_model_file_names[0], ini, ini_length);
	free(bad);
	free(good);
	free(ini);
	return r < 0;
}

/* Whatever the files hold: no crash, no leak (sanitizers look on), no memory beyond a bound. */
static void spoilt_bundles_are_refused_or_load_within_bounds(void **state)
{
	struct bundle *bundle = *state;
	const unsigned n_rounds = rounds(300);
	unsigned seed = (unsigned)getpid();
	print_message("seed %u, %u rounds\n", seed, n_rounds);
	long n_refused = 0;
	for (unsigned round = 0; round < n_rounds; round++) {
		n_refused += load_spoilt(bundle, 3, &seed);
	}
	assert_int_equal(hk_svm_pack(&bundle->model->svm), 0);
	assert_int_equal(hk_model_save(bundle->model, bundle->folder, NULL), 0);
	for (unsigned round = 0; round < n_rounds; round++) {
		n_refused += load_spoilt(bundle, 4, &seed);
	}
	print_message("%ld refused\n", n_refused);
	assert_true(n_refused > 0);
	hk_model_free(load(bundle->folder));
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_saved_model_loads_as_it_was),
		TEST(smoothing_survives_and_needs_no_section_where_there_is_none),
		TEST(every_calibration_and_128_long_labels_survive),
		TEST(the_same_model_gives_the_same_bytes),
		TEST(a_packed_model_has_a_file_more_and_loads_as_it_was),
		TEST(saving_replaces_a_bundle_and_keeps_what_lies_in_it),
		TEST(nothing_but_a_bundle_is_ever_replaced),
		TEST(room_is_made_for_a_bundle_and_for_nothing_else),
		TEST(a_model_that_would_not_load_is_not_saved),
		TEST(bad_lines_of_model_ini_are_refused_with_their_number),
		TEST(a_file_that_was_changed_is_refused_by_its_hash),
		TEST(files_that_are_missing_or_no_files_are_refused),
		TEST(every_cut_of_model_ini_is_refused),
		TEST(a_calibration_by_libsvm_needs_libsvms_sigmoids),
		TEST(a_bundle_for_other_features_is_refused),
		TEST(spoilt_bundles_are_refused_or_load_within_bounds),
	};
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
