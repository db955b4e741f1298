/* SPDX-License-Identifier: MIT */
/*
 * csv_field: the fields of one line of a table. Any thread. Source: RFC 4180.
 */
#pragma once

/* What stands between the fields of the line TEXT: a tab, a semicolon or a comma. */
char hk_csv_separator(const char *text);

/* Terminate the field at FIELD, without its quotes and the blanks around it. Returns where the next
 * one starts; NULL after the last. *ret_error says what is wrong with the field; untouched when
 * nothing is. */
char *hk_csv_cut_field(char *field, char separator, const char **ret_error);
