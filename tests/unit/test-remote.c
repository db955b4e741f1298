/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/socket/sockets.h"
#include "clients/socket/varlink_client.h"

/* A connection to a peer that sends what a test writes to *ret_peer. */
static void connect_pair(struct hk_varlink_client *remote, int *ret_peer)
{
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	*remote = (struct hk_varlink_client){
		.path = "peer", .fd = ends[0], .in = malloc(16), .in_size = 16
	};
	*ret_peer = ends[1];
}

static void write_all(int fd, const char *data, size_t length)
{
	assert_int_equal(write(fd, data, length), length);
}

static void replies_that_come_in_pieces_or_together_are_taken_one_by_one(void **state)
{
	(void)state;
	static const char text[] =
		"{\"parameters\":{\"n\":1},\"continues\":true}\0{\"parameters\":{\"n\":2}}\0{}";
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		struct hk_varlink_client remote;
		struct hk_reply reply;
		struct hk_diag diag;
		int peer, n_replies = 0;
		connect_pair(&remote, &peer);
		for (size_t at = 0; at < sizeof(text); at += piece) {
			write_all(peer, text + at,
				piece < sizeof(text) - at ? piece : sizeof(text) - at);
			for (;;) {
				assert_int_equal(
					hk_varlink_client_receive(&remote, 0, &reply, &diag),
					HK_EXIT_OK);
				if (!reply.parameters) {
					break;
				}
				n_replies++;
				const json_t *n = json_object_get(reply.parameters, "n");
				assert_int_equal(
					json_integer_value(n), n_replies < 3 ? n_replies : 0);
				assert_int_equal(reply.continues, n_replies == 1);
				json_decref(reply.parameters);
			}
		}
		assert_int_equal(n_replies, 3);
		hk_varlink_client_close(&remote);
		close(peer);
	}
}

static void an_answered_error_leaves_the_connection_and_others_close_it(void **state)
{
	(void)state;
	struct hk_varlink_client remote;
	struct hk_reply reply;
	struct hk_diag diag;
	int peer;
	connect_pair(&remote, &peer);
	static const char error[] =
		"{\"error\":\"io.hearken.NoSuchEvent\",\"parameters\":{\"id\":5}}";
	write_all(peer, error, sizeof(error));
	assert_int_equal(hk_varlink_client_receive(&remote, 0, &reply, &diag), HK_EXIT_FAILURE);
	assert_string_equal(diag.text, "peer: there is no event 5");
	assert_string_equal(reply.error, "io.hearken.NoSuchEvent");
	assert_true(hk_varlink_client_is_open(&remote));
	write_all(peer, "x", 2);
	assert_int_equal(hk_varlink_client_receive(&remote, 0, &reply, &diag), HK_EXIT_PROTOCOL);
	assert_false(hk_varlink_client_is_open(&remote));
	hk_varlink_client_close(&remote);
	hk_varlink_client_close(NULL);
	close(peer);
}

static void assert_error(
	const char *name, const char *parameters, enum hk_exit expected, const char *text)
{
	struct hk_diag diag;
	json_t *object = parameters ? json_loads(parameters, 0, NULL) : NULL;
	assert_int_equal(hk_varlink_client_error("s", name, object, &diag), expected);
	assert_string_equal(diag.text, text);
	json_decref(object);
}

static void errors_are_told_in_words_whatever_their_parameters_are(void **state)
{
	(void)state;
	assert_error("io.hearken.NoSuchLabel", "{\"label\":\"x\",\"labels\":[\"a\",\"b\",3]}",
		HK_EXIT_USAGE, "s: there is no label x; expected a, b, ?");
	assert_error("io.hearken.BadValue", "{\"parameter\":\"limit\",\"expected\":\"1 to 1000\"}",
		HK_EXIT_USAGE, "s: limit: expected 1 to 1000");
	assert_error("io.hearken.BadValue", NULL, HK_EXIT_USAGE, "s: ?: expected ?");
	assert_error(
		"io.hearken.NoSuchEvent", "{\"id\":[]}", HK_EXIT_FAILURE, "s: there is no event ");
	assert_error("io.hearken.TooManyClients", "{}", HK_EXIT_UNAVAILABLE,
		"s: the daemon serves as many clients as it can");
	assert_error("io.hearken.StartFailed",
		"{\"instance\":\"x\",\"reason\":\"x.conf:2: wrong\"}", HK_EXIT_UNAVAILABLE,
		"s: hearkend does not start: x.conf:2: wrong");
	assert_error(
		"a.b", "{}", HK_EXIT_PROTOCOL, "s: the daemon answers with the unknown error a.b");
	json_t *many = json_array();
	for (int i = 0; i < 1000; i++) {
		json_array_append_new(many, json_string("long label"));
	}
	json_t *parameters = json_pack("{s:s, s:o}", "label", "x", "labels", many);
	struct hk_diag diag;
	assert_int_equal(hk_varlink_client_error("s", "io.hearken.NoSuchLabel", parameters, &diag),
		HK_EXIT_USAGE);
	assert_true(strlen(diag.text) < sizeof(diag.text));
	json_decref(parameters);
}

static void the_socket_is_the_named_one_or_that_of_the_instance(void **state)
{
	(void)state;
	char path[HK_SOCKET_PATH_SIZE];
	unsetenv("HEARKEN_SOCKET");
	assert_int_equal(hk_socket_find("", "", path), HK_EXIT_OK);
	assert_string_equal(path, "/run/hearken/default.sock");
	assert_int_equal(hk_socket_find("", "kitchen", path), HK_EXIT_OK);
	assert_string_equal(path, "/run/hearken/kitchen.sock");
	assert_int_equal(hk_socket_find("/x/y", "", path), HK_EXIT_OK);
	assert_string_equal(path, "/x/y");
	setenv("HEARKEN_SOCKET", "/no/such/socket", 1);
	assert_int_equal(hk_socket_find("", "", path), HK_EXIT_OK);
	assert_string_equal(path, "/no/such/socket");
	assert_int_equal(hk_socket_find("", "kitchen", path), HK_EXIT_OK);
	assert_string_equal(path, "/run/hearken/kitchen.sock");
	setenv("HEARKEN_SOCKET", "/", 1);
	assert_int_equal(hk_socket_find("", "a.b", path), HK_EXIT_OK);
	assert_string_equal(path, "//a.b.sock");
	assert_int_equal(hk_socket_find("", ".", path), HK_EXIT_USAGE);
	unsetenv("HEARKEN_SOCKET");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_that_come_in_pieces_or_together_are_taken_one_by_one),
		cmocka_unit_test(an_answered_error_leaves_the_connection_and_others_close_it),
		cmocka_unit_test(errors_are_told_in_words_whatever_their_parameters_are),
		cmocka_unit_test(the_socket_is_the_named_one_or_that_of_the_instance),
	};
	return cmocka_run_group_tests_name("remote", tests, NULL, NULL);
}
