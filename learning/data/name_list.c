/* SPDX-License-Identifier: MIT */
#include "learning/data/name_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LISTED 20

/* *TEXT becomes what FORMAT says, which may quote it. */
__attribute__((format(printf, 2, 3))) static int replace(char **text, const char *format, ...)
{
	char *made;
	va_list args;
	va_start(args, format);
	const int n = vasprintf(&made, format, args);
	va_end(args);
	if (n < 0) {
		return -ENOMEM;
	}
	free(*text);
	*text = made;
	return 0;
}

int hk_name_list_add(struct hk_name_list *list, const char *format, ...)
{
	char *name;
	va_list args;
	va_start(args, format);
	int r = vasprintf(&name, format, args);
	va_end(args);
	if (r < 0) {
		return -ENOMEM;
	}
	if (list->n < MAX_LISTED) {
		r = replace(&list->listed, "%s%s%s", list->listed ? list->listed : "",
			list->listed ? ", " : "", name);
	} else {
		r = 0;
	}
	free(name);
	if (r == 0 && list->n < MAX_LISTED) {
		r = replace(&list->text, "%s", list->listed);
	} else if (r == 0) {
		r = replace(&list->text, "%s and %zu more", list->listed, list->n + 1 - MAX_LISTED);
	}
	list->n += r == 0;
	return r;
}

void hk_name_list_finish(struct hk_name_list *list)
{
	free(list->text);
	free(list->listed);
	*list = (struct hk_name_list){ 0 };
}
