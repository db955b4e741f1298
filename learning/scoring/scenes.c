/* SPDX-License-Identifier: MIT */
#include "learning/scoring/scenes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/audio/audio_file.h"
#include "core/base/file.h"
#include "core/base/scan.h"
#include "learning/data/tsv.h"

#define TABLE_ENDING ".tsv"
#define TABLE_MAX_SIZE (16 << 20)
#define END_SLACK_S 1 /* tables round, and trim what they were made from */

static const char *const audio_endings[] = { ".wav", ".flac", ".ogg", ".oga", NULL };

/* Where the ending of an audio file's NAME begins; NULL: it has none of them. */
static const char *audio_ending(const char *name)
{
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && audio_endings[i]; i++) {
		if (strcasecmp(dot, audio_endings[i]) == 0) {
			return dot;
		}
	}
	return NULL;
}

/* The path of the table beside the audio file PATH; NULL: it is none, or out of memory. */
static char *table_of(const char *path)
{
	const char *dot = audio_ending(path);
	char *table = NULL;
	return dot && asprintf(&table, "%.*s" TABLE_ENDING, (int)(dot - path), path) >= 0 ? table
											  : NULL;
}

static bool is_file(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_scene(const char *path, bool bare)
{
	char *table = table_of(path);
	const bool is = table && is_file(path) && (bare || access(table, F_OK) == 0);
	free(table);
	return is;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

typedef int scene_fn(void *owner, const char *path, struct hk_diag *diag);

/* FUNCTION for each scene in FOLDER, by name, until one returns something else than 0. */
static int each_scene(
	const char *folder, bool bare, scene_fn *function, void *owner, struct hk_diag *diag)
{
	struct dirent **entries;
	const int n = scandir(folder, &entries, visible, by_bytes);
	if (n < 0) {
		const int r = -errno;
		return hk_diag_set(diag, r, "%s: %s", folder, strerror(-r));
	}
	int r = 0;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX + NAME_MAX];
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (r == 0 && is_scene(path, bare)) {
			r = function(owner, path, diag);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int stop_at_first(void *owner, const char *path, struct hk_diag *diag)
{
	(void)owner;
	(void)path;
	(void)diag;
	return 1;
}

bool hk_scenes_at(const char *path, bool bare)
{
	return is_scene(path, bare) || each_scene(path, bare, stop_at_first, NULL, NULL) == 1;
}

static bool is_manifest(const char *path)
{
	struct hk_tsv tsv;
	if (hk_tsv_open(&tsv, path, NULL) < 0) {
		return false;
	}
	const bool is = hk_tsv_column(&tsv, "path") >= 0 && hk_tsv_column(&tsv, "class") >= 0;
	hk_tsv_close(&tsv);
	return is;
}

int hk_scenes_explain(const char *path, struct hk_diag *diag)
{
	char *table = table_of(path);
	int r = 0;
	if (table && is_file(path)) {
		r = hk_diag_set(diag, -ENOENT,
			"%s: a scene needs a table of its events beside it, and %s is not there",
			path, table);
	}
	free(table);
	const char *dot = strrchr(path, '.');
	const bool is_table = dot && strcmp(dot, TABLE_ENDING) == 0 && !is_manifest(path);
	for (size_t i = 0; is_table && audio_endings[i] && r == 0; i++) {
		char audio[PATH_MAX];
		snprintf(audio, sizeof(audio), "%.*s%s", (int)(dot - path), path, audio_endings[i]);
		if (is_file(audio)) {
			r = hk_diag_set(diag, -EINVAL,
				"%s: no table of path and class; if it is that of a scene, give %s",
				path, audio);
		}
	}
	return r;
}

struct scene_reading {
	struct hk_scenes scenes;
	const struct hk_model *model;
	bool bare;
};

/* A scene while its table is read. */
struct table {
	struct hk_scene *scene;
	const struct hk_model *model;
	double length_s; /* INFINITY: not known */
};

/* Cut LINE into 3 fields: at its tabs, with blanks around them taken off, or, without a tab, at its
 * blanks. Returns how many there are, counting further ones as one. */
static unsigned cut(struct hk_span line, struct hk_span *ret)
{
	unsigned n = 0;
	if (!memchr(line.at, '\t', (size_t)(line.end - line.at))) {
		struct hk_span more;
		while (n < 3 && hk_scan_word(&line, &ret[n])) {
			n++;
		}
		return n + hk_scan_word(&line, &more);
	}
	for (bool last = false; !last && n < 4; n++) {
		const char *tab = memchr(line.at, '\t', (size_t)(line.end - line.at));
		struct hk_span field = { line.at, tab ? tab : line.end };
		last = !tab;
		line.at = tab ? tab + 1 : line.end;
		while (field.at < field.end && *field.at == ' ') {
			field.at++;
		}
		while (field.at < field.end && field.end[-1] == ' ') {
			field.end--;
		}
		if (n < 3) {
			ret[n] = field;
		}
	}
	return n;
}

/* Does FIELD begin as a number does, be it one or not: "0,5", "-1", ".5 s"? No column's name does.
 */
static bool begins_as_number(struct hk_span field)
{
	while (field.at < field.end && memchr("+-.,", *field.at, 4)) {
		field.at++;
	}
	return field.at < field.end && *field.at >= '0' && *field.at <= '9';
}

static int add_reference(const struct table *table, const struct hk_scan *scan, struct hk_span line,
	struct hk_diag *diag)
{
	struct hk_scene *scene = table->scene;
	struct hk_span fields[3];
	struct hk_reference reference;
	char label[HK_LABEL_SIZE];
	const unsigned n = cut(line, fields);
	if (n == 0) {
		return 0; /* an empty line */
	}
	if (scan->line == 1 && n > 1 && !begins_as_number(fields[0]) &&
		!begins_as_number(fields[1])) {
		return 0; /* the column names */
	}
	if (n != 3 || hk_span_double(fields[0], &reference.onset_s) < 0 ||
		hk_span_double(fields[1], &reference.offset_s) < 0 ||
		fields[2].at == fields[2].end) {
		return hk_scan_error(scan, diag,
			"expected onset and offset in seconds and a label, separated by tabs, got "
			"\"%.*s\"",
			HK_SPAN_ARG(line));
	}
	if (reference.onset_s < 0) {
		return hk_scan_error(
			scan, diag, "expected an onset of 0 s or more, got %g", reference.onset_s);
	}
	if (reference.offset_s <= reference.onset_s) {
		return hk_scan_error(scan, diag, "offset %g is not after onset %g",
			reference.offset_s, reference.onset_s);
	}
	if (reference.offset_s > table->length_s + END_SLACK_S) {
		return hk_scan_error(scan, diag, "offset %g is beyond the end of %s at %.6g s",
			reference.offset_s, scene->path, table->length_s);
	}
	if (memchr(fields[2].at, '\0', (size_t)(fields[2].end - fields[2].at))) {
		return hk_scan_error(scan, diag, "expected text, got a NUL byte");
	}
	reference.name = strndup(fields[2].at, (size_t)(fields[2].end - fields[2].at));
	struct hk_reference *references =
		reallocarray(scene->references, scene->n_references + 1, sizeof(*references));
	scene->references = references ? references : scene->references;
	if (!reference.name || !references) {
		free(reference.name);
		return -ENOMEM;
	}
	const bool named = hk_label_of(reference.name, label, NULL) == 0;
	const int known = named ? hk_model_label(table->model, label) : -1;
	reference.label = known < 0 ? HK_BYSTANDER : (uint32_t)known;
	scene->references[scene->n_references++] = reference;
	return 0;
}

/* Seconds of the recording PATH as its header says; INFINITY: it does not, or cannot be read, which
 * is told when it is heard. */
static double length_of(const char *path)
{
	struct hk_audio_file *file;
	struct hk_audio_info info;
	if (hk_audio_open(&file, path, HK_CHANNEL_MIX, NULL) < 0) {
		return INFINITY;
	}
	hk_audio_info(file, &info);
	hk_audio_close(file);
	return info.n_frames > 0 ? (double)info.n_frames / info.rate_hz : (double)INFINITY;
}

static int read_table(struct hk_scene *scene, const char *path, const struct hk_model *model,
	struct hk_diag *diag)
{
	char *text;
	size_t length;
	int r = hk_file_read(AT_FDCWD, path, path, TABLE_MAX_SIZE, &text, &length, diag);
	if (r < 0) {
		return r;
	}
	if (length > 0 && text[length - 1] != '\n') {
		text[length++] = '\n'; /* sed_eval takes a last line without one; here stood NUL */
	}
	const struct table table = { scene, model, length_of(scene->path) };
	struct hk_scan scan;
	struct hk_span line;
	const size_t n_mark = hk_tsv_mark(text);
	hk_scan_init(&scan, path, text + n_mark, length - n_mark);
	while (r == 0 && (r = hk_scan_line(&scan, &line, diag)) > 0) {
		if (line.end > line.at && line.end[-1] == '\r') {
			line.end--;
		}
		r = add_reference(&table, &scan, line, diag);
	}
	free(text);
	return r;
}

static int add_scene(void *owner, const char *path, struct hk_diag *diag)
{
	struct scene_reading *reading = owner;
	struct hk_scenes *scenes = &reading->scenes;
	struct hk_scene *grown = reallocarray(scenes->scenes, scenes->n_scenes + 1, sizeof(*grown));
	if (!grown) {
		return -ENOMEM;
	}
	scenes->scenes = grown;
	struct hk_scene *scene = &scenes->scenes[scenes->n_scenes++];
	*scene = (struct hk_scene){ .path = strdup(path) };
	char *table = table_of(path);
	int r = scene->path && table ? 0 : -ENOMEM;
	if (r == 0 && !(reading->bare && access(table, F_OK) != 0)) {
		r = read_table(scene, table, reading->model, diag);
	}
	free(table);
	return r;
}

int hk_scenes_read(struct hk_scenes *ret, const char *path, bool bare, const struct hk_model *model,
	struct hk_diag *diag)
{
	struct scene_reading reading = { .model = model, .bare = bare };
	const int r = is_scene(path, bare) ? add_scene(&reading, path, diag)
					   : each_scene(path, bare, add_scene, &reading, diag);
	if (r < 0) {
		hk_scenes_finish(&reading.scenes);
		return r == -ENOMEM ? hk_diag_set(diag, r, "%s: out of memory", path) : r;
	}
	*ret = reading.scenes;
	return 0;
}

void hk_scenes_finish(struct hk_scenes *scenes)
{
	for (size_t i = 0; i < scenes->n_scenes; i++) {
		struct hk_scene *scene = &scenes->scenes[i];
		for (size_t j = 0; j < scene->n_references; j++) {
			free(scene->references[j].name);
		}
		free(scene->references);
		free(scene->path);
	}
	free(scenes->scenes);
	*scenes = (struct hk_scenes){ 0 };
}
