// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracing/render.h"

static struct trace_row row(uint64_t cgroup_id, uint32_t class, uint64_t events)
{
	struct trace_row row = { .key = { .cgroup_id = cgroup_id, .class = class } };

	row.counts.events = events;
	row.counts.pages = 10 * events;
	row.counts.ns = 1000 * events;
	return row;
}

/* The bucket that 2^@power ns fall into. */
static unsigned int bucket(unsigned int power)
{
	return (power - 1) * 4;
}

static void make(struct trace_rows *rows, const struct trace_row *row, size_t nr)
{
	rows->nr = nr;
	rows->row = malloc(nr * sizeof(*row));
	assert_non_null(rows->row);
	memcpy(rows->row, row, nr * sizeof(*row));
	trace_rows_sort(rows);
}

static char *text;
static size_t text_size;

static char *render(const struct trace_kind *kind, const struct trace_row *rows, size_t nr)
{
	FILE *out;

	free(text);
	out = open_memstream(&text, &text_size);
	assert_non_null(out);
	trace_render(out, kind, "/app", rows, nr, 2);
	fclose(out);
	return text;
}

static char *render_json(const struct trace_kind *kind, const struct trace_row *rows, size_t nr)
{
	struct json json;
	FILE *out;

	free(text);
	out = open_memstream(&text, &text_size);
	assert_non_null(out);
	json_start(&json, out);
	json_open_object(&json, NULL);
	trace_render_json(&json, kind, rows, nr);
	json_close_object(&json);
	json_end(&json);
	fclose(out);
	return text;
}

static int release(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void contains(const char *wanted)
{
	if (!strstr(text, wanted))
		print_error("missing: %s\nin:\n%s", wanted, text);
	assert_non_null(strstr(text, wanted));
}

static void test_since(void **state)
{
	const struct trace_row earlier[] = { row(5, 1, 3), row(2, 0, 7) };
	const struct trace_row later[] = { row(5, 1, 10), row(5, 0, 4), row(9, 1, 1),
					   row(2, 0, 7) };
	struct trace_rows before, now;

	(void)state;
	make(&before, earlier, 2);
	make(&now, later, 4);
	assert_int_equal(now.row[0].key.cgroup_id, 2);
	assert_int_equal(trace_rows_of_domain(now.row + 1, 3), 2);
	trace_rows_since(&now, &before);
	/* That of cgroup 2 has nothing new. */
	assert_int_equal(now.nr, 3);
	assert_int_equal(now.row[0].key.cgroup_id, 5);
	assert_int_equal(now.row[0].key.class, 0);
	assert_int_equal(now.row[0].counts.events, 4);
	assert_int_equal(now.row[1].counts.events, 7);
	assert_int_equal(now.row[1].counts.pages, 70);
	assert_int_equal(now.row[1].counts.ns, 7000);
	assert_int_equal(now.row[2].key.cgroup_id, 9);
	trace_rows_free(&before);
	trace_rows_free(&now);
}

static void test_histogram(void **state)
{
	struct trace_row rows[] = { row(5, TRACE_FAULT_READ, 81), row(5, TRACE_FAULT_WRITE, 1) };

	(void)state;
	rows[0].counts.bucket[bucket(12)] = 40;
	rows[0].counts.bucket[bucket(12) + 3] = 40;
	rows[0].counts.bucket[bucket(14)] = 1;
	rows[1].counts.bucket[bucket(14) + 1] = 1;
	render(&trace_faults, rows, 2);
	contains("/app: 82 faults in 2.0 s: 81 to read, 1 to write; p50 ");
	/* Four buckets are a line, empty ones between others too, and no other. */
	contains(
		"\n        4.1 -         8.2         80 |****************************************|\n");
	contains(
		"\n        8.2 -        16.4          0 |                                        |\n");
	contains(
		"\n       16.4 -        32.8          2 |*                                       |\n");
	assert_null(strstr(text, "2.0 -         4.1"));
	assert_null(strstr(text, "32.8 -"));
}

static void test_untimed(void **state)
{
	struct trace_row rows[] = { row(5, TRACE_RESCUE_FIRST, 9) };

	(void)state;
	rows[0].counts.bucket[0] = 9;
	render(&trace_rescues, rows, 1);
	assert_string_equal(text, "/app: 9 rescues in 2.0 s: 9 of a page for the first time, "
				  "0 of one that was rescued before\n");
}

static void test_last_bucket(void **state)
{
	struct trace_row rows[] = { row(5, TRACE_WAIT_GIVEN_UP, 1) };

	(void)state;
	rows[0].counts.bucket[TRACE_BUCKETS - 1] = 1;
	render(&trace_waits, rows, 1);
	contains("0 ended with room, 1 given up; p50");
	contains(" - 2199023255.6          1 |****");
}

static void test_stages(void **state)
{
	struct trace_row rows[] = { row(5, TRACE_STAGE_ARM, 4), row(5, TRACE_STAGE_FREE, 4) };

	(void)state;
	rows[0].counts.ns = 3000000;
	rows[1].counts.ns = 1000000;
	render(&trace_batches, rows, 2);
	contains("/app: 4 batches in 2.0 s, 40 victims\n");
	contains("  arm                 4        40      750.0 ");
	contains(" 75.0%\n");
	contains(" 25.0%\n");
	assert_null(strstr(text, "commit"));
}

static void test_json(void **state)
{
	struct trace_row rows[] = { row(5, TRACE_FAULT_WRITE, 2) };

	(void)state;
	rows[0].counts.bucket[bucket(10)] = 2;
	render_json(&trace_faults, rows, 1);
	contains("{\"faults\":{\"read\":{\"events\":0,");
	contains("\"write\":{\"events\":2,\"total_ns\":2000,\"p50_ns\":");
	contains("\"histogram\":[{\"from_ns\":1024,\"to_ns\":1280,\"number\":2}]");
	render_json(&trace_rescues, NULL, 0);
	contains("{\"rescues\":{\"first\":{\"events\":0},\"again\":{\"events\":0,\"total_ns\":0,");
	render_json(&trace_batches, NULL, 0);
	contains("\"shoot-again\":{\"events\":0,\"victims\":0,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_since),
		cmocka_unit_test_teardown(test_histogram, release),
		cmocka_unit_test_teardown(test_untimed, release),
		cmocka_unit_test_teardown(test_last_bucket, release),
		cmocka_unit_test_teardown(test_stages, release),
		cmocka_unit_test_teardown(test_json, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
