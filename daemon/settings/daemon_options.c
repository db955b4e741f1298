/* SPDX-License-Identifier: MIT */
#include "daemon/settings/daemon_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/known.h"
#include "daemon/log/exit_codes.h"
#include "daemon/settings/setting_origin.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

static const char default_instance[] = "default";

enum target { TARGET_SETTING, TARGET_FLAG, TARGET_TEXT };

struct hk_daemon_option {
	const char *name;
	const char *argument; /* what it is called in --help; NULL: takes none */
	enum target target;
	size_t offset;             /* TARGET_FLAG, TARGET_TEXT: in struct hk_options */
	const char *section, *key; /* TARGET_SETTING */
	const char *value;         /* TARGET_SETTING without an argument: what it sets */
	const char *help;          /* NULL: the setting's */
};

#define FLAG(member) .target = TARGET_FLAG, .offset = offsetof(struct hk_options, member)
#define TEXT(member) .target = TARGET_TEXT, .offset = offsetof(struct hk_options, member)

static const struct hk_daemon_option table[] = {
	{ "config", "FILE", TEXT(config),
		.help = "Read this file and none of those that hearken.conf(5) lists" },
	{ "check-config", NULL, FLAG(check_config),
		.help = "Check the configuration and the model, and exit" },
	{ "all", NULL, FLAG(all),
		.help = "With --check-config: check every instance that has files of its own" },
	{ "show-config", NULL, FLAG(show_config),
		.help = "Print all settings and rules, with the origin of each, and exit" },
	{ "instance", "NAME", TEXT(instance),
		.help = "Name of this daemon, one a microphone; default: default" },
	{ "device", "NAME", .section = "audio", .key = "device" },
	{ "input", "PATH", .section = "audio", .key = "input" },
	{ "realtime", NULL, .section = "audio", .key = "realtime", .value = "yes",
		.help = "Play a file at the speed of sound" },
	{ "fast", NULL, .section = "audio", .key = "realtime", .value = "no",
		.help = "Read a file as fast as it can be analysed" },
	{ "rate", "HZ", .section = "audio", .key = "rate" },
	{ "channel", "N", .section = "audio", .key = "channel" },
	{ "format", "WORD", .section = "audio", .key = "format" },
	{ "channels", "N", .section = "audio", .key = "channels" },
	{ "model", "DIR", .section = "model", .key = "path" },
	{ "history", "FILE", .section = "history", .key = "path" },
	{ "socket", "PATH", .section = "socket", .key = "path" },
	{ "log-level", "WORD", .section = "log", .key = "level" },
	{ "events-json", NULL, FLAG(events_json),
		.help = "Write each start and end of an event to stdout, one JSON object a line" },
	{ "version", NULL, FLAG(version), .help = "Print the version" },
	{ "help", NULL, FLAG(help), .help = "Print this" },
};

#define N_OPTIONS (sizeof(table) / sizeof(table[0]))

static const struct hk_param *setting_of(const struct hk_daemon_option *option)
{
	return hk_settings_find(option->section, option->key);
}

/* The option that was given and says otherwise, such as --fast before --realtime; NULL: none does.
 */
static const struct hk_daemon_option *find_opposite(
	const struct hk_options *options, const struct hk_daemon_option *option)
{
	for (size_t i = 0; option->target == TARGET_SETTING && i < options->n_given; i++) {
		const struct hk_daemon_option *given = options->given[i].option;
		if (given != option && setting_of(given) == setting_of(option)) {
			return given;
		}
	}
	return NULL;
}

static void take(
	struct hk_options *options, const struct hk_daemon_option *option, const char *argument)
{
	void *target = (char *)options + option->offset;
	switch (option->target) {
	case TARGET_FLAG:
		*(bool *)target = true;
		break;
	case TARGET_TEXT:
		*(const char **)target = argument;
		break;
	case TARGET_SETTING:
		options->given[options->n_given].option = option;
		options->given[options->n_given++].value =
			option->argument ? argument : option->value;
		break;
	}
}

int hk_options_check_instance(const char *name, struct hk_diag *diag)
{
	const size_t length = strlen(name);
	if (length == 0 || length >= HK_MAX_INSTANCE || name[0] == '.' ||
		strspn(name, NAME_CHARACTERS) != length) {
		return hk_diag_set(diag, -EINVAL,
			"--instance: expected a name of letters, digits, '-', '_' and '.', got \"%s\"",
			name);
	}
	return 0;
}

int hk_options_parse(struct hk_options *options, int argc, char **argv, struct hk_diag *diag)
{
	struct option longs[N_OPTIONS + 1] = { 0 };
	for (size_t i = 0; i < N_OPTIONS; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].argument ? required_argument : no_argument;
	}
	*options = (struct hk_options){ .instance = default_instance };
	optind = 0; /* begin anew, also for tests that parse twice */
	opterr = 0;
	for (;;) {
		const int at = optind > 0 ? optind : 1;
		int index = -1;
		const int c = getopt_long(argc, argv, "+:", longs, &index);
		if (c == -1) {
			break;
		}
		if (c == ':') {
			return hk_diag_set(diag, -EINVAL, "%s: expected an argument", argv[at]);
		}
		if (c == '?') {
			struct hk_known meant = { .asked = argv[at] };
			for (size_t i = 0; i < N_OPTIONS; i++) {
				hk_known_add(&meant, "--%s", table[i].name);
			}
			return hk_diag_set(diag, -EINVAL, "no option \"%s\"%s; see --help",
				argv[at], meant.hint);
		}
		if (options->n_given == sizeof(options->given) / sizeof(options->given[0])) {
			return hk_diag_set(diag, -EINVAL, "too many options");
		}
		const struct hk_daemon_option *opposite = find_opposite(options, &table[index]);
		if (opposite) {
			return hk_diag_set(diag, -EINVAL, "--%s and --%s are mutually exclusive",
				table[index].name, opposite->name);
		}
		take(options, &table[index], optarg);
	}
	if (optind < argc) {
		return hk_diag_set(diag, -EINVAL, "expected options only, got \"%s\"; see --help",
			argv[optind]);
	}
	if (options->all &&
		(!options->check_config || options->config ||
			options->instance != default_instance)) {
		return hk_diag_set(diag, -EINVAL,
			"--all: expected it with --check-config and without --instance and --config");
	}
	return hk_options_check_instance(options->instance, diag);
}

void hk_options_help(FILE *file)
{
	fputs("hearkend hears events with a microphone and says what they are.\n\n"
	      "Usage: hearkend [OPTION]...\n\nOptions:\n",
		file);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct hk_daemon_option *option = &table[i];
		char name[64];
		snprintf(name, sizeof(name), "--%s%s%s", option->name, option->argument ? " " : "",
			option->argument ? option->argument : "");
		fprintf(file, "  %-18s %s", name,
			option->help ? option->help : setting_of(option)->help);
		if (option->target == TARGET_SETTING && option->argument) {
			char expected[256];
			hk_param_expectation(setting_of(option), expected, sizeof(expected));
			fprintf(file, " (%s)", expected);
		}
		fputc('\n', file);
	}
	fputs("\nSIGTERM and SIGINT end it, SIGHUP makes it read configuration and model again.\n"
	      "\nExit codes:\n",
		file);
	for (size_t i = 0; i < hk_n_daemon_exits; i++) {
		fprintf(file, "  %3d  %s\n", hk_daemon_exits[i].code, hk_daemon_exits[i].help);
	}
}

static int read_files(const struct hk_options *options, struct hk_settings *settings,
	struct hk_config **ret_config, struct hk_diag *diag)
{
	struct hk_layers layers = { 0 };
	int r = options->config ? hk_layers_of_file(&layers, options->config, diag)
				: hk_layers_find_installed(&layers, options->instance, diag);
	if (r == 0) {
		r = hk_config_load(settings, ret_config, &layers, diag);
	}
	hk_layers_finish(&layers);
	return r;
}

/* What the command line says of the source replaces what the files say of it. */
static int apply_given(
	const struct hk_options *options, struct hk_settings *settings, struct hk_diag *diag)
{
	for (size_t i = 0; i < options->n_given; i++) {
		if (hk_settings_is_source(setting_of(options->given[i].option))) {
			hk_settings_forget_source(settings);
		}
	}
	for (size_t i = 0; i < options->n_given; i++) {
		const struct hk_daemon_option *option = options->given[i].option;
		struct hk_param named = *setting_of(option);
		named.key = option->name; /* what was typed: no option is called as its key */
		struct hk_diag what = { "" };
		const int r = hk_param_parse(&named, settings, options->given[i].value, &what);
		if (r < 0) {
			return hk_diag_set(diag, r, "--%s", what.text);
		}
	}
	return 0;
}

int hk_options_settings(const struct hk_options *options, struct hk_settings *ret_settings,
	struct hk_config **ret_config, enum hk_options_fault *ret_fault, struct hk_diag *diag)
{
	struct hk_settings settings;
	struct hk_config *config = NULL;
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	enum hk_options_fault fault = HK_OPTIONS_FAULT_FILE;
	int r = read_files(options, &settings, &config, diag);
	if (r == 0) {
		fault = HK_OPTIONS_FAULT_ARGV;
		r = apply_given(options, &settings, diag);
	}
	const struct hk_param *at = NULL;
	struct hk_diag what = { "" };
	if (r == 0 && (r = hk_settings_check(&settings, &at, &what)) < 0) {
		const struct hk_setting_origins origins = { options, config };
		hk_setting_origin_refuse(&origins, at->section, at->key, r, diag, "%s", what.text);
	}
	if (r < 0) {
		hk_config_free(config);
		*ret_fault = fault;
		return r;
	}
	*ret_settings = settings;
	*ret_config = config;
	return 0;
}

const char *hk_options_origin(const struct hk_options *options, const struct hk_param *setting)
{
	for (size_t i = options->n_given; i-- > 0;) {
		const struct hk_daemon_option *option = options->given[i].option;
		const struct hk_param *given = setting_of(option);
		if (given == setting ||
			(hk_settings_is_source(given) && hk_settings_is_source(setting))) {
			return option->name;
		}
	}
	return NULL;
}
