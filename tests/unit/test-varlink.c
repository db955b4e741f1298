/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/varlink/varlink.h"

/* A server of one small interface, and what it was asked. */
struct bed {
	sd_event *event;
	struct hk_varlink_server *server;
	struct hk_varlink_call *pending; /* of Wait or Follow */
	int n_cancelled;
	int n_echoes;
};

static void echo(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	struct bed *bed = owner;
	bed->n_echoes++;
	hk_varlink_reply(call, json_deep_copy(parameters), false);
}

static void cancelled(void *data)
{
	struct bed *bed = data;
	bed->pending = NULL;
	bed->n_cancelled++;
}

static void keep(void *owner, struct hk_varlink_call *call, json_t *parameters)
{
	(void)parameters;
	struct bed *bed = owner;
	bed->pending = call;
	hk_varlink_on_cancel(call, cancelled, bed);
}

static const struct hk_varlink_method methods[] = {
	{ .name = "Echo",
		.parameters = { { "text", HK_VARLINK_STRING, true }, { "n", HK_VARLINK_INT, false },
			{ "list", HK_VARLINK_STRINGS, false } },
		.call = echo },
	{ .name = "Wait", .call = keep },
	{ .name = "Follow", .flags = HK_VARLINK_MORE, .call = keep },
};

static const struct hk_varlink_interface interface = {
	.name = "test.bed",
	.description = "interface test.bed\n",
	.methods = methods,
	.n_methods = sizeof(methods) / sizeof(methods[0]),
	.vendor = "hearken",
	.product = "test",
	.version = "1",
	.url = "",
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	assert_non_null(bed);
	assert_true(sd_event_new(&bed->event) >= 0);
	assert_int_equal(hk_varlink_new(&bed->server, bed->event, &interface, bed), 0);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	hk_varlink_free(bed->server);
	sd_event_unref(bed->event);
	free(bed);
	return 0;
}

/* Let the loop work until nothing is left to do. */
static void turn(struct bed *bed)
{
	while (sd_event_run(bed->event, 0) > 0) {}
}

static int connect_to(struct bed *bed)
{
	int fds[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(hk_varlink_serve(bed->server, fds[1]), 0);
	return fds[0];
}

static void say(struct bed *bed, int fd, const char *text)
{
	const size_t length = strlen(text) + 1;
	assert_int_equal(send(fd, text, length, MSG_NOSIGNAL), length);
	turn(bed);
}

/* The next answer, NULL: nothing there; "": the server hung up. */
static const char *hear(int fd)
{
	static char text[4096];
	for (size_t n = 0; n < sizeof(text); n++) {
		const ssize_t r = recv(fd, text + n, 1, 0);
		if (r < 0) {
			assert_int_equal(errno == EAGAIN || errno == ECONNRESET, 1);
			return errno == EAGAIN ? NULL : "";
		}
		if (r == 0 || text[n] == '\0') {
			text[n] = '\0';
			return text;
		}
	}
	fail();
	return NULL;
}

static void a_call_is_answered(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"a\"}}");
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"a\"}}");
	close(fd);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	static const char text[] = "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"b\"}}";
	for (size_t i = 0; i < sizeof(text); i++) {
		assert_null(hear(fd));
		assert_int_equal(send(fd, text + i, 1, 0), 1);
		turn(bed);
	}
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"b\"}}");
	close(fd);
}

static void requests_in_one_piece_are_answered_in_order(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	static const char text[] =
		"{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"1\"}}\0"
		"{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"2\"}}";
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	turn(bed);
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"1\"}}");
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"2\"}}");
	close(fd);
}

static void a_request_behind_a_slow_call_waits_for_it(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	static const char text[] = "{\"method\":\"test.bed.Wait\"}\0"
				   "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"2\"}}";
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	turn(bed);
	assert_null(hear(fd));
	assert_int_equal(bed->n_echoes, 0);
	hk_varlink_reply(bed->pending, json_pack("{s:b}", "waited", 1), false);
	turn(bed);
	assert_string_equal(hear(fd), "{\"parameters\":{\"waited\":true}}");
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"2\"}}");
	close(fd);
}

static void a_client_that_sends_no_more_still_gets_its_answer(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	static const char text[] = "{\"method\":\"test.bed.Wait\"}";
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	shutdown(fd, SHUT_WR);
	turn(bed);
	assert_int_equal(bed->n_cancelled, 0);
	hk_varlink_reply(bed->pending, NULL, false);
	turn(bed);
	assert_string_equal(hear(fd), "{\"parameters\":{}}");
	assert_string_equal(hear(fd), "");
	close(fd);
}

static void a_stream_ends_when_its_client_goes(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"test.bed.Follow\",\"more\":true}");
	hk_varlink_reply(bed->pending, NULL, true);
	assert_string_equal(hear(fd), "{\"parameters\":{},\"continues\":true}");
	close(fd);
	turn(bed);
	assert_int_equal(bed->n_cancelled, 1);
	struct hk_varlink_stats stats;
	hk_varlink_stats(bed->server, &stats);
	assert_int_equal(stats.n_clients, 0);
}

static void a_stream_must_be_asked_for_as_one(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"test.bed.Follow\"}");
	assert_string_equal(
		hear(fd), "{\"error\":\"org.varlink.service.ExpectedMore\",\"parameters\":{}}");
	close(fd);
}

static void an_error_names_what_was_wrong(void **state)
{
	struct bed *bed = *state;
	static const char *const cases[][2] = {
		{ "{\"method\":\"test.bed.Nope\"}",
			"{\"error\":\"org.varlink.service.MethodNotFound\","
			"\"parameters\":{\"method\":\"test.bed.Nope\"}}" },
		{ "{\"method\":\"other.bed.Echo\"}",
			"{\"error\":\"org.varlink.service.InterfaceNotFound\","
			"\"parameters\":{\"interface\":\"other.bed\"}}" },
		{ "{\"method\":\"Echo\"}",
			"{\"error\":\"org.varlink.service.InterfaceNotFound\","
			"\"parameters\":{\"interface\":\"\"}}" },
		{ "{\"method\":\"test.bed.Echo\"}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"text\"}}" },
		{ "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":3}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"text\"}}" },
		{ "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"a\",\"more\":1}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"more\"}}" },
		{ "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"a\",\"list\":[1]}}",
			"{\"error\":\"org.varlink.service.InvalidParameter\","
			"\"parameters\":{\"parameter\":\"list\"}}" },
		{ "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"a\",\"n\":null}}",
			"{\"parameters\":{\"text\":\"a\"}}" },
	};
	const int fd = connect_to(bed);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		say(bed, fd, cases[i][0]);
		assert_string_equal(hear(fd), cases[i][1]);
	}
	close(fd);
}

static void the_service_describes_itself(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	assert_string_equal(hear(fd),
		"{\"parameters\":{\"vendor\":\"hearken\",\"product\":\"test\",\"version\":\"1\","
		"\"url\":\"\",\"interfaces\":[\"org.varlink.service\",\"test.bed\"]}}");
	say(bed, fd,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		"\"parameters\":{\"interface\":\"test.bed\"}}");
	assert_string_equal(
		hear(fd), "{\"parameters\":{\"description\":\"interface test.bed\\n\"}}");
	say(bed, fd,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		"\"parameters\":{\"interface\":\"x.y\"}}");
	assert_string_equal(hear(fd),
		"{\"error\":\"org.varlink.service.InterfaceNotFound\","
		"\"parameters\":{\"interface\":\"x.y\"}}");
	close(fd);
}

static void what_is_no_request_ends_the_connection(void **state)
{
	struct bed *bed = *state;
	static const char *const cases[] = { "", "garbage", "[]", "{}", "{\"method\":1}",
		"{\"method\":\"test.bed.Echo\",\"parameters\":[]}",
		"{\"method\":\"test.bed.Echo\",\"more\":\"yes\"}",
		"{\"method\":\"a.b\",\"method\":\"a.b\"}", "{\"method\":\"test.bed.\xff\"}" };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int fd = connect_to(bed);
		say(bed, fd, cases[i]);
		assert_string_equal(hear(fd), "");
		close(fd);
	}
	struct hk_varlink_stats stats;
	hk_varlink_stats(bed->server, &stats);
	assert_int_equal(stats.n_bad, sizeof(cases) / sizeof(cases[0]));
	assert_int_equal(stats.n_clients, 0);
}

static void deep_json_ends_the_connection(void **state)
{
	struct bed *bed = *state;
	char text[HK_VARLINK_MAX_MESSAGE];
	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	const int fd = connect_to(bed);
	say(bed, fd, text);
	assert_string_equal(hear(fd), "");
	close(fd);
}

/* A valid Echo of exactly LENGTH bytes, its NUL included. */
static char *echo_of(size_t length)
{
	static const char head[] = "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"";
	static const char tail[] = "\"}}";
	char *text = malloc(length);
	assert_non_null(text);
	memset(text, 'x', length);
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + length - sizeof(tail), tail, sizeof(tail));
	return text;
}

static void the_longest_request_passes_and_one_byte_more_does_not(void **state)
{
	struct bed *bed = *state;
	for (size_t over = 0; over < 2; over++) {
		const size_t length = HK_VARLINK_MAX_MESSAGE + over;
		char *text = echo_of(length);
		const int fd = connect_to(bed);
		for (size_t sent = 0; sent < length;) {
			const ssize_t n = send(fd, text + sent, length - sent, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN) {
				break;
			}
			sent += n > 0 ? (size_t)n : 0;
			turn(bed);
		}
		turn(bed);
		assert_int_equal(bed->n_echoes, 1);
		free(text);
		close(fd);
		turn(bed);
	}
	struct hk_varlink_stats stats;
	hk_varlink_stats(bed->server, &stats);
	assert_int_equal(stats.n_bad, 1);
}

static void a_reader_that_never_reads_is_cut_off_and_counted(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"test.bed.Follow\",\"more\":true}");
	char kilobyte[1025];
	memset(kilobyte, 'y', sizeof(kilobyte) - 1);
	kilobyte[sizeof(kilobyte) - 1] = '\0';
	int n_sent = 0;
	while (bed->pending && n_sent < 10000) {
		hk_varlink_reply(bed->pending, json_pack("{s:s}", "text", kilobyte), true);
		turn(bed);
		n_sent++;
	}
	assert_int_equal(bed->n_cancelled, 1);
	assert_true(n_sent * 1024 > HK_VARLINK_MAX_QUEUE);
	struct hk_varlink_stats stats;
	hk_varlink_stats(bed->server, &stats);
	assert_int_equal(stats.n_cut_off, 1);
	assert_int_equal(stats.n_clients, 0);
	close(fd);
}

static void drained(void *data)
{
	(*(int *)data)++;
}

static void a_stream_is_told_when_its_client_has_caught_up(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd, "{\"method\":\"test.bed.Follow\",\"more\":true}");
	int n_drained = 0;
	hk_varlink_on_drained(bed->pending, drained, &n_drained);
	char text[4096];
	memset(text, 'z', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	while (hk_varlink_unread(bed->pending) == 0) {
		hk_varlink_reply(bed->pending, json_pack("{s:s}", "text", text), true);
	}
	turn(bed);
	assert_int_equal(n_drained, 0);
	while (recv(fd, text, sizeof(text), 0) > 0) {
		turn(bed);
	}
	assert_int_equal(n_drained, 1);
	assert_int_equal(hk_varlink_unread(bed->pending), 0);
	close(fd);
}

static void a_call_that_wants_no_reply_gets_none(void **state)
{
	struct bed *bed = *state;
	const int fd = connect_to(bed);
	say(bed, fd,
		"{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"q\"},\"oneway\":true}");
	assert_int_equal(bed->n_echoes, 1);
	assert_null(hear(fd));
	close(fd);
}

static void make_path(char *path, size_t size, const char *name)
{
	const char *folder = getenv("TMPDIR");
	snprintf(path, size, "%s/hearken-varlink-%d-%s", folder ? folder : "/tmp", getpid(), name);
}

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void one_client_too_many_is_told_so(void **state)
{
	struct bed *bed = *state;
	char path[100];
	make_path(path, sizeof(path), "many");
	struct hk_diag diag;
	assert_int_equal(hk_varlink_listen(bed->server, path, 0600, &diag), 0);
	int fds[HK_VARLINK_MAX_CLIENTS + 1];
	for (int i = 0; i <= HK_VARLINK_MAX_CLIENTS; i++) {
		fds[i] = dial(path);
		turn(bed);
	}
	assert_string_equal(hear(fds[HK_VARLINK_MAX_CLIENTS]),
		"{\"error\":\"io.hearken.TooManyClients\",\"parameters\":{}}");
	assert_string_equal(hear(fds[HK_VARLINK_MAX_CLIENTS]), "");
	say(bed, fds[0], "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"in\"}}");
	assert_string_equal(hear(fds[0]), "{\"parameters\":{\"text\":\"in\"}}");
	close(fds[1]);
	turn(bed);
	const int fd = dial(path);
	say(bed, fd, "{\"method\":\"test.bed.Echo\",\"parameters\":{\"text\":\"room\"}}");
	assert_string_equal(hear(fd), "{\"parameters\":{\"text\":\"room\"}}");
	close(fd);
	for (int i = 0; i <= HK_VARLINK_MAX_CLIENTS; i++) {
		if (i != 1) {
			close(fds[i]);
		}
	}
}

static void a_stale_socket_is_replaced_and_nothing_else(void **state)
{
	struct bed *bed = *state;
	char path[100];
	make_path(path, sizeof(path), "stale");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, path);
	const int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(stale, (struct sockaddr *)&address, sizeof(address)), 0);
	close(stale);
	struct hk_diag diag;
	assert_int_equal(hk_varlink_listen(bed->server, path, 0640, &diag), 0);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(hk_varlink_listen(bed->server, path, 0640, &diag), -EADDRINUSE);
	assert_non_null(strstr(diag.text, path));

	char file[100];
	make_path(file, sizeof(file), "file");
	FILE *other = fopen(file, "w");
	assert_non_null(other);
	fclose(other);
	assert_int_equal(hk_varlink_listen(bed->server, file, 0640, &diag), -EEXIST);
	assert_int_equal(access(file, F_OK), 0);
	unlink(file);

	char *long_path = malloc(300);
	memset(long_path, 'p', 299);
	long_path[299] = '\0';
	assert_int_equal(hk_varlink_listen(bed->server, long_path, 0640, &diag), -ENAMETOOLONG);
	free(long_path);

	hk_varlink_free(bed->server);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(hk_varlink_new(&bed->server, bed->event, &interface, bed), 0);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_answered),
		TEST(a_request_may_come_byte_by_byte),
		TEST(requests_in_one_piece_are_answered_in_order),
		TEST(a_request_behind_a_slow_call_waits_for_it),
		TEST(a_client_that_sends_no_more_still_gets_its_answer),
		TEST(a_stream_ends_when_its_client_goes),
		TEST(a_stream_must_be_asked_for_as_one),
		TEST(an_error_names_what_was_wrong),
		TEST(the_service_describes_itself),
		TEST(what_is_no_request_ends_the_connection),
		TEST(deep_json_ends_the_connection),
		TEST(the_longest_request_passes_and_one_byte_more_does_not),
		TEST(a_reader_that_never_reads_is_cut_off_and_counted),
		TEST(a_stream_is_told_when_its_client_has_caught_up),
		TEST(a_call_that_wants_no_reply_gets_none),
		TEST(one_client_too_many_is_told_so),
		TEST(a_stale_socket_is_replaced_and_nothing_else),
	};
	return cmocka_run_group_tests_name("varlink", tests, NULL, NULL);
}
