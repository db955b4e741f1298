/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clients/cli/output.h"
#include "clients/socket/varlink_client.h"
#include "core/base/known.h"

/* An error of the interface: its text is BEFORE, the value of FIRST, BETWEEN, the value of SECOND.
 */
struct error_row {
	const char *name;
	enum hk_exit exit_code;
	const char *before, *first, *between, *second;
};

static const struct error_row rows[] = {
	{ "io.hearken.NoSuchEvent", HK_EXIT_FAILURE, "there is no event ", "id" },
	{ "io.hearken.NoSuchLabel", HK_EXIT_USAGE, "there is no label ", "label", "; expected ",
		"labels" },
	{ "io.hearken.NotAllowed", HK_EXIT_PERMISSION, "", "reason" },
	{ "io.hearken.ReloadFailed", HK_EXIT_CONFIG,
		"reload failed, keeping the current configuration: ", "reason" },
	{ "io.hearken.StoreUnavailable", HK_EXIT_UNAVAILABLE,
		"the history cannot be read: ", "reason" },
	{ "io.hearken.DevicesUnavailable", HK_EXIT_UNAVAILABLE,
		"the devices cannot be listed: ", "reason" },
	{ "io.hearken.StartFailed", HK_EXIT_UNAVAILABLE, "hearkend does not start: ", "reason" },
	{ "io.hearken.BadValue", HK_EXIT_USAGE, "", "parameter", ": expected ", "expected" },
	{ "io.hearken.TooManyClients", HK_EXIT_UNAVAILABLE,
		"the daemon serves as many clients as it can" },
	{ "org.varlink.service.PermissionDenied", HK_EXIT_PERMISSION,
		"only root and the daemon's own user may do that" },
	{ "org.varlink.service.InterfaceNotFound", HK_EXIT_PROTOCOL,
		"no hearken daemon: it has no interface ", "interface" },
	{ "org.varlink.service.MethodNotFound", HK_EXIT_PROTOCOL,
		"the daemon is of another version: it has no method ", "method" },
	{ "org.varlink.service.MethodNotImplemented", HK_EXIT_UNAVAILABLE,
		"the daemon cannot do that now: ", "method" },
	{ "org.varlink.service.InvalidParameter", HK_EXIT_PROTOCOL,
		"the daemon is of another version: it does not take ", "parameter" },
};

/* Of a list of WORDS the one that ASKED was meant to be, as hk_known.hint. */
static void find_meant(const char *asked, const json_t *words, struct hk_known *ret)
{
	size_t i;
	json_t *word;
	*ret = (struct hk_known){ .asked = asked };
	json_array_foreach(words, i, word)
	{
		if (json_is_string(word)) {
			hk_known_add(ret, "%s", json_string_value(word));
		}
	}
}

/* Add VALUE to TEXT of SIZE bytes, which holds LENGTH: a text, a number or a list of texts. Returns
 * the new length. */
static size_t add_value(char *text, size_t length, size_t size, const json_t *value)
{
	size_t i;
	json_t *item;
	int n = 0;
	if (json_is_string(value)) {
		n = snprintf(text + length, size - length, "%s", json_string_value(value));
	} else if (json_is_integer(value)) {
		n = snprintf(text + length, size - length, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item)
		{
			if (i > 0) {
				n = snprintf(text + length, size - length, ", ");
				length += (size_t)n < size - length ? (size_t)n : size - length - 1;
			}
			length = add_value(text, length, size, json_is_string(item) ? item : NULL);
		}
		return length;
	} else {
		n = snprintf(text + length, size - length, "?");
	}
	return (size_t)n < size - length ? length + (size_t)n : size - 1;
}

enum hk_exit hk_varlink_client_error(
	const char *path, const char *name, json_t *parameters, struct hk_diag *diag)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct error_row *row = &rows[i];
		if (strcmp(row->name, name) != 0) {
			continue;
		}
		char first[HK_DIAG_SIZE] = "";
		char second[HK_DIAG_SIZE] = "";
		if (row->first) {
			add_value(first, 0, sizeof(first), json_object_get(parameters, row->first));
		}
		if (row->second) {
			add_value(second, 0, sizeof(second),
				json_object_get(parameters, row->second));
		}
		struct hk_known meant = { .length = 0 };
		if (row->second) {
			find_meant(first, json_object_get(parameters, row->second), &meant);
		}
		hk_diag_set(diag, -EREMOTEIO, "%s: %s%s%s%s%s", path, row->before, first,
			row->between ? row->between : "", second, meant.hint);
		return row->exit_code;
	}
	hk_diag_set(
		diag, -EREMOTEIO, "%s: the daemon answers with the unknown error %s", path, name);
	return HK_EXIT_PROTOCOL;
}
