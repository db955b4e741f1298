/* SPDX-License-Identifier: MIT */
/*
 * hearken-capture: the only process that opens a sound device. Started by hearkend, never by
 * people, but for --list.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/file.h"
#include "daemon/capture-helper/confine.h"
#include "daemon/capture-helper/devices.h"
#include "daemon/capture-helper/source.h"
#include "daemon/capture-shared/inherited_fds.h"

static hk_source_run_fn *const sources[] = {
	[HK_SOURCE_PORTAUDIO] = hk_source_portaudio_run,
	[HK_SOURCE_FILE] = hk_source_file_run,
	[HK_SOURCE_PIPE] = hk_source_pipe_run,
};

/* PortAudio, ALSA and JACK write to stderr at every start; it is put aside for as long as they run.
 */
static int silence_stderr(void)
{
	const int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDERR_FILENO);
		close(null);
	}
	return kept;
}

static int kept_stderr;
static const char *called = "hearken-capture"; /* the program that the user called */

static void on_abort(int number)
{
	static const char text[] = ": PortAudio aborts: is ALSA's configuration empty?\n";
	(void)number;
	(void)!write(kept_stderr, called, strlen(called));
	(void)!write(kept_stderr, text, sizeof(text) - 1);
	_exit(EXIT_FAILURE);
}

static int list_devices(void)
{
	kept_stderr = silence_stderr();
	signal(SIGABRT, on_abort);
	(void)hk_confine(true); /* sources are asked of pactl */
	const PaError error = Pa_Initialize();
	if (error != paNoError) {
		dprintf(kept_stderr, "%s: PortAudio cannot start: %s\n", called,
			Pa_GetErrorText(error));
		return EXIT_FAILURE;
	}
	const int n_devices = hk_devices_print(stdout);
	fflush(stdout);
	if (n_devices <= 0) {
		dprintf(kept_stderr, "%s: %s\n", called,
			n_devices == 0
				? "no input device: neither a sound card nor a sound server was found"
				: strerror(-n_devices));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* All memory where the limit allows it; else what the callback touches most. */
static bool lock_memory(const struct hk_shared_audio *channel)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY &&
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) {
		return true;
	}
	return hk_shared_audio_lock(channel) == 0;
}

/* The daemon ends us; what is meant for it (a terminal's Ctrl-C, systemd's SIGTERM to the whole
 * service) must not make it believe that the device is lost. */
static void obey_only_the_daemon(void)
{
	const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		signal(ignored[i], SIG_IGN);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int serve(void)
{
	struct hk_shared_audio channel;
	obey_only_the_daemon();
	const int r = hk_shared_audio_attach(&channel, HK_HELPER_CHANNEL_FD);
	if (r < 0) {
		fprintf(stderr, "hearken-capture: --serve is for hearkend: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	if (getppid() != channel.shared->daemon_pid) {
		return EXIT_FAILURE; /* it died before we asked to be told */
	}
	const struct hk_capture_options options = channel.shared->options;
	const struct hk_source source = {
		.options = &options,
		.channel = &channel,
		.report_fd = HK_HELPER_REPORT_FD,
		.locked = lock_memory(&channel),
		.confined = hk_confine(false),
	};
	if ((size_t)options.kind >= sizeof(sources) / sizeof(sources[0])) {
		return EXIT_FAILURE;
	}
	sources[options.kind](&source);
	return EXIT_SUCCESS;
}

#ifdef HK_COVERAGE_FOLDER
void __gcov_dump(void); /* of the compiler; in no header */
static void write_coverage(void)
{
	__gcov_dump();
}
#else
static void write_coverage(void)
{
}
#endif

int main(int argc, char *argv[])
{
	int status = EXIT_FAILURE;
	if (hk_keep_standard_descriptors(O_RDWR) < 0) {
		_exit(EXIT_FAILURE);
	}
	signal(SIGXFSZ, SIG_IGN); /* a file beyond its size limit is an error of writing */
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "--list") == 0) {
		called = argc == 3 ? argv[2] : called;
		status = list_devices();
	} else if (argc == 2 && strcmp(argv[1], "--serve") == 0) {
		status = serve();
	} else {
		fprintf(stderr,
			"usage: hearken-capture --list [NAME]\n"
			"Prints the input devices, one JSON object a line. NAME begins its messages. "
			"Capturing itself is started by hearkend.\n");
		status = 2;
	}
	/* Not exit: PortAudio's threads may still run, and its handlers may hang. */
	write_coverage();
	_exit(status);
}
