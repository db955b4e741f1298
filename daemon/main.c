/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "core/base/file.h"
#include "daemon/check_config.h"
#include "daemon/daemon.h"
#include "daemon/log/log.h"
#include "daemon/varlink/waiting_clients.h"

/*
 * Before the first thread: they inherit it, so that these signals come to the loop. SIGTERM and
 * SIGINT end a daemon that still reads its files; the loop takes them later (daemon.c).
 */
static void prepare_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* A reader of --events-json that went away, and a file beyond its size limit, are errors of
	 * writing. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static enum hk_exit run(int argc, char **argv)
{
	struct hk_options options;
	struct hk_diag diag = { "out of memory" };
	hk_log_setup(HK_LOG_INFO, "");
	if (hk_options_parse(&options, argc, argv, &diag) < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		hk_waiting_refuse(options.instance, diag.text);
		return HK_EXIT_USAGE;
	}
	if (options.help) {
		hk_options_help(stdout);
		return HK_EXIT_OK;
	}
	if (options.version) {
		puts("hearkend " HK_VERSION);
		return HK_EXIT_OK;
	}
	if (options.all) {
		return hk_check_config_all(&options);
	}
	struct hk_settings settings;
	struct hk_config *config = NULL;
	enum hk_options_fault fault;
	if (hk_options_settings(&options, &settings, &config, &fault, &diag) < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		hk_waiting_refuse(options.instance, diag.text);
		return fault == HK_OPTIONS_FAULT_ARGV ? HK_EXIT_USAGE : HK_EXIT_CONFIG;
	}
	hk_log_setup((enum hk_log_level)settings.log.level, options.instance);
	const enum hk_exit code = options.check_config || options.show_config
		? hk_check_config(&options, &settings, config)
		: hk_daemon_run(&options, &settings, config);
	hk_config_free(config);
	return code;
}

int main(int argc, char **argv)
{
	if (hk_keep_standard_descriptors(O_RDWR) < 0) {
		return HK_EXIT_FAILURE;
	}
	prepare_signals();
	hk_waiting_keep();
	const enum hk_exit code = run(argc, argv);
	hk_waiting_forget();
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return code == HK_EXIT_OK ? HK_EXIT_FAILURE : (int)code;
	}
	return (int)code;
}
