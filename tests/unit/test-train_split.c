/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learning/base/random.h"
#include "learning/data/split.h"

#define MAX_ROWS 2000
#define MAX_TAKES 64

/* A data set without features: rows of takes, each of one class and one group. */
struct world {
	char labels[4][HK_LABEL_SIZE];
	struct hk_take takes[MAX_TAKES];
	char paths[MAX_TAKES][16];
	uint32_t label[MAX_ROWS], group[MAX_ROWS], take[MAX_ROWS], copy[MAX_ROWS];
	struct hk_manifest manifest;
	struct hk_dataset dataset;
};

static void world_init(struct world *world, uint32_t n_labels)
{
	memset(world, 0, sizeof(*world));
	for (uint32_t c = 0; c < n_labels; c++) {
		snprintf(world->labels[c], HK_LABEL_SIZE, "class-%u", c);
	}
	world->manifest = (struct hk_manifest){
		.n_labels = n_labels, .labels = world->labels, .takes = world->takes
	};
	world->dataset = (struct hk_dataset){ .n_labels = n_labels,
		.label = world->label,
		.group = world->group,
		.take = world->take,
		.copy = world->copy };
}

static void add_take(struct world *world, uint32_t label, uint32_t group, size_t n_rows)
{
	const size_t t = world->manifest.n_takes++;
	world->dataset.n_takes = world->manifest.n_takes;
	assert_true(t < MAX_TAKES && world->dataset.n_rows + n_rows <= MAX_ROWS);
	snprintf(world->paths[t], sizeof(world->paths[t]), "dir/%zu.wav", t);
	world->takes[t] =
		(struct hk_take){ .path = world->paths[t], .label = label, .group = group };
	for (size_t i = 0; i < n_rows; i++) {
		const size_t row = world->dataset.n_rows++;
		world->label[row] = label;
		world->group[row] = group;
		world->take[row] = (uint32_t)t;
	}
	world->manifest.n_groups =
		group + 1 > world->manifest.n_groups ? group + 1 : world->manifest.n_groups;
}

/* Three classes, groups of 1 to 40 rows, two groups that hold two classes. */
static void make_uneven_world(struct world *world)
{
	struct hk_random random = hk_random_of(7, 0, 0);
	world_init(world, 3);
	for (uint32_t g = 0; g < 30; g++) {
		add_take(world, g % 3, g, 1 + hk_random_index(&random, 40));
	}
	add_take(world, 0, 4, 5);
	add_take(world, 2, 6, 5);
}

static void a_group_is_never_on_both_sides(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	make_uneven_world(world);
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 5, 1, 1, NULL), 0);
	assert_int_equal(split.n_splits, 5);
	for (uint32_t k = 0; k < split.n_splits; k++) {
		enum hk_role role_of_group[MAX_TAKES] = { HK_ROLE_NONE };
		for (size_t row = 0; row < split.n_rows; row++) {
			const enum hk_role role = hk_split_role(&split, k, row);
			enum hk_role *known = &role_of_group[world->group[row]];
			assert_true(role != HK_ROLE_NONE);
			assert_true(*known == HK_ROLE_NONE || *known == role);
			*known = role;
		}
	}
	hk_split_finish(&split);
	free(world);
}

static void every_row_is_tested_once(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	make_uneven_world(world);
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 5, 1, 1, NULL), 0);
	for (size_t row = 0; row < split.n_rows; row++) {
		unsigned n = 0;
		for (uint32_t k = 0; k < split.n_splits; k++) {
			n += hk_split_role(&split, k, row) == HK_ROLE_TEST;
		}
		assert_int_equal(n, 1);
	}
	hk_split_finish(&split);
	free(world);
}

static void every_fold_has_its_share_of_every_class(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	size_t total[3] = { 0 };
	make_uneven_world(world);
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 5, 1, 1, NULL), 0);
	hk_dataset_count(&world->dataset, total);
	for (uint32_t k = 0; k < split.n_splits; k++) {
		size_t tested[3] = { 0 };
		for (size_t row = 0; row < split.n_rows; row++) {
			tested[world->label[row]] += hk_split_role(&split, k, row) == HK_ROLE_TEST;
		}
		for (int c = 0; c < 3; c++) { /* a fifth, give or take one group */
			assert_in_range(tested[c] * 5, 1, 5 * (total[c] / 5 + 40));
		}
	}
	hk_split_finish(&split);
	free(world);
}

static void the_same_seed_deals_the_same_folds(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split a, b, c;
	world_init(world, 2);
	for (uint32_t g = 0; g < 40; g++) {
		add_take(world, g % 2, g, 5);
	}
	const struct hk_dataset *dataset = &world->dataset;
	assert_int_equal(hk_split_grouped(&a, dataset, &world->manifest, 4, 1, 1, NULL), 0);
	assert_int_equal(hk_split_grouped(&b, dataset, &world->manifest, 4, 1, 1, NULL), 0);
	assert_int_equal(hk_split_grouped(&c, dataset, &world->manifest, 4, 1, 2, NULL), 0);
	assert_memory_equal(a.roles, b.roles, a.n_rows * a.n_splits);
	assert_memory_not_equal(a.roles, c.roles, a.n_rows * a.n_splits);
	hk_split_finish(&a);
	hk_split_finish(&b);
	hk_split_finish(&c);
	free(world);
}

static void a_class_of_one_group_alone_is_cut_into_pieces(void **state)
{
	(void)state;
	const size_t margin = 2;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	size_t n_tested[MAX_ROWS] = { 0 };
	world_init(world, 2);
	for (uint32_t g = 0; g < 6; g++) {
		add_take(world, 0, g, 10);
	}
	add_take(world, 1, 6, 30);
	assert_int_equal(hk_split_grouped(&split, &world->dataset, &world->manifest, 3,
				 (uint32_t)margin, 1, NULL),
		0);
	assert_int_equal(split.n_splits, 3);
	assert_string_equal(split.why_fewer, "");
	assert_true(split.in_pieces[1] && !split.in_pieces[0]);
	for (uint32_t k = 0; k < 3; k++) {
		for (size_t row = 0; row < 60;
			row++) { /* the others: whole groups, as without it */
			const enum hk_role role = hk_split_role(&split, k, row);
			assert_true(role != HK_ROLE_NONE);
			assert_int_equal(role, hk_split_role(&split, k, row / 10 * 10));
			n_tested[row] += role == HK_ROLE_TEST;
		}
		for (size_t i = 0; i < 30; i++) {
			const size_t start = 10 * k, end = start + 10;
			const enum hk_role expected = i >= start && i < end ? HK_ROLE_TEST
				: i + margin >= start && i < end + margin   ? HK_ROLE_NONE
									    : HK_ROLE_TRAIN;
			assert_int_equal(hk_split_role(&split, k, 60 + i), expected);
		}
	}
	for (size_t row = 0; row < 60; row++) {
		assert_int_equal(n_tested[row], 1);
	}
	assert_true(
		split.fold_of_take[6] >= split.n_splits); /* nothing is heard behind its copies */
	hk_split_finish(&split);
	free(world);
}

static void classes_of_one_group_each_cannot_be_tested_by_groups(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	struct hk_diag diag;
	world_init(world, 2);
	add_take(world, 0, 0, 10);
	add_take(world, 1, 1, 10);
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 5, 1, 1, &diag),
		-ENODATA);
	assert_non_null(strstr(diag.text, "every class comes from 1 group"));
	add_take(world, 0, 2, 10); /* and one of them has too little to be cut */
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 5, 9, 1, &diag),
		-ENODATA);
	assert_non_null(strstr(diag.text, "class-1 comes from 1 group, and its 10 windows"));
	free(world);
}

static void fewer_folds_than_asked_for_have_a_reason(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	world_init(world, 2);
	for (uint32_t g = 0; g < 9; g++) {
		add_take(world, g > 5, g, 10);
	}
	assert_int_equal(
		hk_split_grouped(&split, &world->dataset, &world->manifest, 100, 1, 1, NULL), 0);
	assert_int_equal(split.n_splits, 3);
	assert_string_equal(split.why_fewer, "class class-1 has only 3 groups");
	hk_split_finish(&split);
	free(world);
}

/* BlockingTimeSeriesSplit of the original, for one class: start = k * size, mid = 0.8 of it. */
static void blocks_are_those_of_the_original(void **state)
{
	(void)state;
	const size_t n = 103, n_blocks = 5, margin = 2, size = n / n_blocks;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	world_init(world, 1);
	add_take(world, 0, 0, 50);
	add_take(world, 0, 1, 53);
	assert_int_equal(hk_split_blocked(&split, &world->dataset, &world->manifest,
				 (uint32_t)n_blocks, (uint32_t)margin, NULL),
		0);
	for (uint32_t k = 0; k < n_blocks; k++) {
		const size_t start = k * size, mid = start + (size_t)(0.8 * (double)size);
		for (size_t row = 0; row < n; row++) {
			const enum hk_role expected = row >= start && row < mid ? HK_ROLE_TRAIN
				: row >= mid + margin && row < start + size     ? HK_ROLE_TEST
										: HK_ROLE_NONE;
			assert_int_equal(hk_split_role(&split, k, row), expected);
		}
	}
	hk_split_finish(&split);
	free(world);
}

static void too_few_windows_for_blocks_are_counted(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	struct hk_diag diag;
	world_init(world, 2);
	add_take(world, 0, 0, 80);
	add_take(world, 1, 1, 13);
	const struct hk_dataset *dataset = &world->dataset;
	/* of 6 windows 4 train, 1 is left out and 1 tests */
	assert_int_equal(hk_split_blocked(&split, dataset, &world->manifest, 5, 1, NULL), 0);
	assert_int_equal(split.n_splits, 2);
	assert_string_equal(split.why_fewer, "class class-1 has only 13 windows, a block takes 6");
	hk_split_finish(&split);
	assert_int_equal(hk_split_blocked(&split, dataset, &world->manifest, 2, 1, NULL), 0);
	assert_string_equal(split.why_fewer, "");
	hk_split_finish(&split);
	assert_int_equal(
		hk_split_blocked(&split, dataset, &world->manifest, 5, 1000, &diag), -ENODATA);
	assert_non_null(strstr(diag.text, "class class-1 has 13 windows: too few for 5 blocks"));
	assert_non_null(strstr(diag.text, "each takes 5001 with a margin of 1000"));
	free(world);
}

static int read_folds(
	struct hk_split *split, const struct world *world, const char *text, struct hk_diag *diag)
{
	char folder[] = "/tmp/test-train-split-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/folds.tsv", folder);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	struct world *there = malloc(sizeof(*there)); /* the recordings lie beside the table */
	memcpy(there, world, sizeof(*there));
	char paths[MAX_TAKES][64];
	for (size_t i = 0; i < there->manifest.n_takes; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, world->paths[i]);
		there->takes[i].path = paths[i];
	}
	there->manifest.takes = there->takes;
	const int r = hk_split_folds(split, &world->dataset, &there->manifest, path, diag);
	unlink(path);
	rmdir(folder);
	free(there);
	return r;
}

static void a_table_of_folds_is_obeyed(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	struct hk_diag diag = { "" };
	world_init(world, 2);
	add_take(world, 0, 0, 2);
	add_take(world, 1, 1, 2);
	add_take(world, 0, 2, 2);
	add_take(world, 1, 3, 2);
	const int r = read_folds(&split, world,
		"fold\tpath\nb\tdir/0.wav\na\tdir/1.wav\na\tdir/2.wav\nb\tdir/3.wav\n", &diag);
	assert_string_equal(diag.text, "");
	assert_int_equal(r, 0);
	assert_int_equal(split.n_splits, 2);
	for (size_t row = 0; row < 8; row++) {
		assert_int_equal(hk_split_role(&split, 0, row),
			row / 2 % 3 == 0 ? HK_ROLE_TEST : HK_ROLE_TRAIN);
	}
	hk_split_finish(&split);
	free(world);
}

static void a_recording_without_a_fold_is_named(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	struct hk_diag diag = { "" };
	world_init(world, 2);
	add_take(world, 0, 0, 2);
	add_take(world, 1, 1, 2);
	add_take(world, 0, 2, 2);
	assert_int_equal(
		read_folds(&split, world, "path\tfold\ndir/0.wav\t1\ndir/1.wav\t2\n", &diag),
		-EINVAL);
	assert_non_null(strstr(diag.text, "dir/2.wav"));
	assert_int_equal(
		read_folds(&split, world, "path\tfold\ndir/0.wav\t1\ndir/9.wav\t2\n", &diag),
		-EINVAL);
	assert_non_null(strstr(diag.text, "folds.tsv:3: dir/9.wav"));
	free(world);
}

static void what_contradicts_itself_in_a_table_of_folds_is_named(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split split;
	struct hk_diag diag = { "" };
	world_init(world, 2);
	for (uint32_t i = 0; i < 4; i++) {
		add_take(world, i % 2, i, 2);
	}
	assert_int_equal(
		read_folds(&split, world,
			"path\tfold\ndir/0.wav\ta\ndir/1.wav\ta\ndir/2.wav\tb\ndir/3.wav\tb\n"
			"dir/0.wav\tb\n",
			&diag),
		-EINVAL);
	assert_non_null(
		strstr(diag.text, "folds.tsv:6: dir/0.wav is in fold b here and in another above"));
	assert_int_equal(
		read_folds(&split, world,
			"path\tfold\ndir/0.wav\ta\ndir/1.wav\tb\ndir/2.wav\tc\ndir/3.wav\tb\n",
			&diag),
		-EINVAL);
	assert_non_null(strstr(diag.text, "folds.tsv: fold b holds all of class class-1"));
	free(world);
}

static void copies_train_only_where_all_of_their_recording_trains(void **state)
{
	(void)state;
	struct world *world = malloc(sizeof(*world));
	struct hk_split grouped, blocked;
	world_init(world, 2);
	for (uint32_t g = 0; g < 8; g++) {
		add_take(world, g % 2, g, 50);
	}
	const size_t n_recorded = world->dataset.n_rows;
	assert_int_equal(
		hk_split_grouped(&grouped, &world->dataset, &world->manifest, 4, 1, 1, NULL), 0);
	assert_int_equal(
		hk_split_blocked(&blocked, &world->dataset, &world->manifest, 2, 1, NULL), 0);
	for (size_t i = 0; i < n_recorded; i++) {
		const size_t row = world->dataset.n_rows++;
		world->label[row] = world->label[i];
		world->take[row] = world->take[i];
		world->copy[row] = 1;
	}
	struct hk_split *splits[] = { &grouped, &blocked };
	for (int s = 0; s < 2; s++) {
		size_t n_train = 0;
		assert_int_equal(hk_split_add_copies(splits[s], &world->dataset), 0);
		for (uint32_t k = 0; k < splits[s]->n_splits; k++) {
			for (size_t i = 0; i < n_recorded; i++) {
				const enum hk_role role =
					hk_split_role(splits[s], k, n_recorded + i);
				const size_t first = i / 50 * 50; /* of the take */
				bool all = true;
				for (size_t row = first; row < first + 50; row++) {
					all &= hk_split_role(splits[s], k, row) == HK_ROLE_TRAIN;
				}
				assert_int_equal(role, all ? HK_ROLE_TRAIN : HK_ROLE_NONE);
				n_train += all;
			}
		}
		assert_true(n_train > 0);
		hk_split_finish(splits[s]);
	}
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_is_never_on_both_sides),
		cmocka_unit_test(every_row_is_tested_once),
		cmocka_unit_test(every_fold_has_its_share_of_every_class),
		cmocka_unit_test(the_same_seed_deals_the_same_folds),
		cmocka_unit_test(a_class_of_one_group_alone_is_cut_into_pieces),
		cmocka_unit_test(classes_of_one_group_each_cannot_be_tested_by_groups),
		cmocka_unit_test(fewer_folds_than_asked_for_have_a_reason),
		cmocka_unit_test(blocks_are_those_of_the_original),
		cmocka_unit_test(too_few_windows_for_blocks_are_counted),
		cmocka_unit_test(copies_train_only_where_all_of_their_recording_trains),
		cmocka_unit_test(a_table_of_folds_is_obeyed),
		cmocka_unit_test(a_recording_without_a_fold_is_named),
		cmocka_unit_test(what_contradicts_itself_in_a_table_of_folds_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
