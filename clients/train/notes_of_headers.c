/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clients/train/notes.h"
#include "core/audio/audio_file.h"

/* Recordings that are named: more of them are counted. */
#define MAX_NAMED 3

/* What the header of the recording PATH says wrong; "": nothing, or it cannot be read, which is
 * reported elsewhere. */
static void read_note(const char *path, char *ret, size_t size)
{
	struct hk_audio_file *file;
	ret[0] = '\0';
	if (hk_audio_open(&file, path, HK_CHANNEL_MIX, NULL) == 0) {
		snprintf(ret, size, "%s", hk_audio_note(file));
		hk_audio_close(file);
	}
}

int hk_notes_of_headers(
	struct hk_notes *notes, hk_notes_path_fn *path_of, const void *owner, size_t n)
{
	char note[HK_AUDIO_NOTE_SIZE];
	const char *before = "";
	size_t n_noted = 0, n_recordings = 0;
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i++) {
		const char *path = path_of(owner, i);
		if (strcmp(path, before) == 0) {
			continue; /* another piece of it */
		}
		before = path;
		n_recordings++;
		read_note(path, note, sizeof(note));
		n_noted += note[0] != '\0';
		if (note[0] != '\0' && n_noted <= MAX_NAMED) {
			r = hk_notes_add(notes, "%s: %s", path, note);
		}
	}
	return r < 0 || n_noted <= MAX_NAMED
		? r
		: hk_notes_add(notes,
			  "%zu of %zu recordings have such a header; the first %d are named",
			  n_noted, n_recordings, MAX_NAMED);
}
