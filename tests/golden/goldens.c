/* SPDX-License-Identifier: MIT */
#include "tests/golden/goldens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

void golden_path(const char *folder, const char *name, char ret_path[1024])
{
	const int length = snprintf(ret_path, 1024, "%s/%s/%s", HK_GOLDEN_DIR, folder, name);
	assert_in_range(length, 1, 1023);
}

static void *read_exactly(const char *folder, const char *name, size_t n_bytes)
{
	char path[1024];
	golden_path(folder, name, path);
	FILE *file = fopen(path, "rb");
	if (!file) {
		fail_msg("%s cannot be opened", path);
	}
	char *data = malloc(n_bytes + 1);
	assert_non_null(data);
	const size_t n = fread(data, 1, n_bytes + 1, file);
	fclose(file);
	if (n != n_bytes) {
		fail_msg("%s: expected %zu bytes", path, n_bytes);
	}
	return data;
}

json_t *golden_json(const char *name)
{
	char path[1024];
	golden_path(".", name, path);
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);
	if (!json) {
		fail_msg("%s:%d: %s", path, error.line, error.text);
	}
	return json;
}

float *golden_f32(const char *folder, const char *name, size_t n)
{
	return read_exactly(folder, name, n * sizeof(float));
}

double *golden_f64(const char *folder, const char *name, size_t n)
{
	return read_exactly(folder, name, n * sizeof(double));
}

int32_t *golden_i32(const char *folder, const char *name, size_t n)
{
	return read_exactly(folder, name, n * sizeof(int32_t));
}

char *golden_text(const char *folder, const char *name, size_t *ret_length)
{
	char path[1024];
	golden_path(folder, name, path);
	struct stat st;
	if (stat(path, &st) < 0) {
		fail_msg("%s cannot be read", path);
	}
	char *text = read_exactly(folder, name, (size_t)st.st_size);
	text[st.st_size] = '\0';
	*ret_length = (size_t)st.st_size;
	return text;
}

float *golden_samples(const char *folder, const char *name, size_t n)
{
	const size_t length = strlen(name);
	if (length < 4 || strcmp(name + length - 4, ".s16") != 0) {
		return golden_f32(folder, name, n);
	}
	int16_t *pcm = read_exactly(folder, name, n * sizeof(*pcm));
	float *samples = malloc(n * sizeof(*samples));
	assert_non_null(samples);
	for (size_t i = 0; i < n; i++) {
		samples[i] = (float)pcm[i] / 32768.0f;
	}
	free(pcm);
	return samples;
}
