/* SPDX-License-Identifier: MIT */
#include "clients/fit/csv_field.h"

#include <stdbool.h>
#include <string.h>

char hk_csv_separator(const char *text)
{
	if (strchr(text, '\t')) {
		return '\t';
	}
	return strchr(text, ';') ? ';' : ',';
}

/* Remove the quotes of the field at TEXT in place. Returns what follows the closing one; NULL:
 * there is none. */
static char *unquote(char *text)
{
	char *to = text;
	for (char *from = text + 1; *from; from++) {
		if (*from == '"' && from[1] != '"') {
			*to = '\0';
			return from + 1;
		}
		from += *from == '"';
		*to++ = *from;
	}
	return NULL;
}

char *hk_csv_cut_field(char *field, char separator, const char **ret_error)
{
	const char *blanks = separator == '\t' ? " " : " \t";
	const bool quoted = *field == '"';
	char *rest = quoted ? unquote(field) : field;
	if (!rest) {
		*ret_error = "a quote is not closed";
		return NULL;
	}
	if (quoted) {
		rest += strspn(rest, blanks);
		if (*rest != '\0' && *rest != separator) {
			*ret_error = "text after a closing quote";
			return NULL;
		}
	} else {
		rest += strcspn(rest, (const char[]){ separator, '\0' });
	}
	const bool more = *rest == separator;
	*rest = '\0';
	for (char *end = rest; !quoted && end > field && strchr(blanks, end[-1]);) {
		*--end = '\0';
	}
	return more ? rest + 1 + strspn(rest + 1, blanks) : NULL;
}
