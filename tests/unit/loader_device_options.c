// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration/device_options.h"
#include "configuration/leg_match.h"
#include "configuration/leg_shape.h"
#include "loader_stderr.h"

static char secrets[2][32];
static struct device_options options;
static struct connect_request request;
static int priority;

static void add(struct word_list *list, const char *word)
{
	list->word[list->nr++] = word;
}

static void start_again(void)
{
	memset(&options, 0, sizeof(options));
	options.what = "device connect";
}

static int prepare(void **state)
{
	start_again();
	return stderr_setup(state);
}

static void rdma(int nr)
{
	static const char *const addresses[] = { "10.0.0.1",	  "10.0.0.2:7472", "[fe80::1]:7473",
						 "10.0.0.4",	  "10.0.0.5",	   "10.0.0.6",
						 "10.0.0.7:7000", "10.0.0.8",	   "10.0.0.9" };

	options.backend = "rdma";
	options.size = "1G";
	for (int i = 0; i < nr; i++)
		add(&options.addresses, addresses[i]);
	add(&options.secret_files, secrets[0]);
}

static void dram(const char *legs)
{
	options.backend = "dram";
	options.size = "16M";
	options.legs = legs;
}

static void fine(void)
{
	enum rc rc = device_options_read(&options, &request, &priority);

	if (rc)
		fail_msg("%s", stderr_text());
}

static void refused(const char *said)
{
	assert_int_equal(device_options_read(&options, &request, &priority), RC_USAGE);
	assert_string_equal(stderr_text(), said);
}

static void test_one(void **state)
{
	(void)state;
	rdma(1);
	fine();
	assert_false(request.set);
	assert_int_equal(request.nr_legs, 1);
	assert_string_equal(request.legs[0].address, "10.0.0.1");
	assert_int_equal(request.legs[0].port, 7471);
	assert_int_equal(request.legs[0].secret_len, 20);
	assert_true(request.checksums);
	assert_int_equal(request.size, 1 << 30);
	assert_int_equal(priority, -1);
}

static void test_mirror(void **state)
{
	(void)state;
	rdma(3);
	options.mirror = true;
	fine();
	assert_true(request.set);
	assert_int_equal(request.nr_legs, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(request.legs[i].column, 0);
		assert_memory_equal(request.legs[i].secret, request.legs[0].secret, 20);
	}
	assert_int_equal(request.legs[0].port, 7471);
	assert_int_equal(request.legs[1].port, 7472);
	assert_string_equal(request.legs[2].address, "fe80::1");
	options.copies = "3";
	fine();
}

static void test_stripe(void **state)
{
	(void)state;
	rdma(3);
	options.stripe = true;
	fine();
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(request.legs[i].column, i);
}

static void test_both(void **state)
{
	(void)state;
	rdma(6);
	options.stripe = options.mirror = true;
	fine();
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(request.legs[i].column, i / 2);
	options.copies = "3";
	fine();
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(request.legs[i].column, i / 3);
}

static void test_emulated(void **state)
{
	(void)state;
	dram("2");
	options.mirror = true;
	options.latency = "10us";
	fine();
	assert_true(request.set);
	assert_false(request.checksums);
	assert_int_equal(request.nr_legs, 2);
	assert_int_equal(request.legs[1].latency_ns, 10000);
	options.legs = NULL;
	refused("mage: device connect: a mirror needs two legs or more; add --legs 2\n");
	options.legs = "nine";
	refused("mage: device connect: --legs nine: has no number where one belongs; give 2 to 8\n");
	options.legs = "9";
	refused("mage: device connect: --legs 9: is too large; give 2 to 8\n");
	options.legs = "0";
	refused("mage: device connect: --legs 0: is zero; give 2 to 8\n");
}

static void test_what_for(void **state)
{
	(void)state;
	rdma(2);
	refused("mage: device connect: there are 2 legs, and it is not said what they are for; "
		"add --mirror to keep each page on all of them, --stripe to spread the pages over "
		"them, or both\n");
}

static void test_wrong_numbers(void **state)
{
	(void)state;
	rdma(1);
	options.mirror = true;
	refused("mage: device connect: a mirror needs two legs or more; give another --address\n");
	options.mirror = false;
	options.stripe = true;
	refused("mage: device connect: a stripe needs two legs or more; give another --address\n");
	start_again();
	rdma(3);
	options.mirror = options.stripe = true;
	refused("mage: device connect: 3 legs do not make columns of 2 copies; "
		"give a multiple of that number\n");
	options.copies = "3";
	refused("mage: device connect: all 3 legs are copies of one another, and there is one "
		"column only; give more of them, or leave the stripe out\n");
	options.stripe = false;
	options.copies = "1";
	refused("mage: device connect: 1: is no number of copies; "
		"write --mirror, or --mirror=2 to --mirror=8\n");
	options.copies = "two";
	refused("mage: device connect: two: is no number of copies; "
		"write --mirror, or --mirror=2 to --mirror=8\n");
	options.copies = "2";
	refused("mage: device connect: 3 legs do not make columns of 2 copies; "
		"give a multiple of that number\n");
	start_again();
	rdma(4);
	options.mirror = true;
	options.copies = "2";
	refused("mage: device connect: 4 legs do not make columns of 2 copies; "
		"add the stripe, too, or leave the number out\n");
	start_again();
	rdma(9);
	options.mirror = true;
	refused("mage: device connect: a far device has at most 8 legs, and these are 9; "
		"use fewer, or several far devices\n");
}

static void test_twice(void **state)
{
	(void)state;
	rdma(2);
	options.mirror = true;
	add(&options.addresses, "10.0.0.1:7471");
	refused("mage: device connect: 10.0.0.1:7471: is there twice: what is lost with it would "
		"have no copy; name another memory node\n");
	/* It may have two columns. */
	options.stripe = true;
	options.mirror = false;
	fine();
	options.stripe = false;
	options.mirror = true;
	/* Another daemon on the same machine is another one, if not a better one. */
	options.addresses.word[2] = "10.0.0.1:7474";
	fine();
}

static void test_secrets(void **state)
{
	(void)state;
	rdma(3);
	options.mirror = true;
	add(&options.secret_files, secrets[1]);
	refused("mage: device connect: there are 2 secret files for 3 addresses; "
		"give one for all of them, or 3\n");
	add(&options.secret_files, secrets[0]);
	fine();
	assert_memory_equal(request.legs[0].secret, "the first of secrets", 20);
	assert_memory_equal(request.legs[1].secret, "another one, longer.", 20);
	assert_memory_equal(request.legs[2].secret, "the first of secrets", 20);
	options.secret_files.word[2] = "/nowhere/at/all";
	assert_int_equal(device_options_read(&options, &request, &priority), RC_NOT_FOUND);
	assert_non_null(strstr(stderr_text(), "/nowhere/at/all: cannot read the secret"));
}

static void test_not_for_this_backend(void **state)
{
	(void)state;
	rdma(1);
	options.legs = "2";
	refused("mage: device connect: --legs: means nothing to the backend rdma\n");
	start_again();
	dram("2");
	options.mirror = true;
	add(&options.addresses, "10.0.0.1");
	refused("mage: device connect: --address: means nothing to the backend dram\n");
	start_again();
	options.backend = "blk";
	refused("mage: device connect: --path is missing; see 'mage device connect --help'\n");
	options.backend = "rdm";
	refused("mage: device connect: rdm: no such backend; did you mean rdma?\n");
}

/* A section of a file is named with its line. */
static void test_in_a_file(void **state)
{
	static struct config_entry entries[] = {
		{ "backend", "rdma", 2 },	  { "address", "10.0.0.1", 3 },
		{ "address", "10.0.0.1", 4 },	  { "mirror", "yes", 5 },
		{ "secret-file", secrets[0], 6 }, { "size", "1G", 7 },
	};
	static const struct config_section section = {
		.file = "mage.conf", .kind = "device", .line = 1, .entries = entries, .nr = 6
	};

	(void)state;
	rdma(1);
	options.what = "up";
	options.section = &section;
	add(&options.addresses, "10.0.0.1");
	options.mirror = true;
	refused("mage: up: mage.conf:4: 10.0.0.1: is there twice: what is lost with it would have "
		"no copy; name another memory node\n");
	options.mirror = false;
	refused("mage: up: mage.conf:4: there are 2 legs, and it is not said what they are for; "
		"write mirror = yes to keep each page on all of them, or stripe = yes to spread "
		"the pages over them\n");
}

#define PAGE 4096ULL
#define RUN (PAGE * MAGE_STRIPE_PAGES)

/* Pages of a column, counted one by one. */
static uint64_t counted(uint64_t columns, uint64_t column, uint64_t pages)
{
	uint64_t nr = 0;

	for (uint64_t page = 0; page < pages; page++)
		nr += page / MAGE_STRIPE_PAGES % columns == column;
	return nr * PAGE;
}

static void test_shares(void **state)
{
	struct leg_shape shape = { .nr = 4, .copies = 2, .set = true };

	(void)state;
	for (size_t columns = 1; columns <= 4; columns++) {
		shape.nr = columns * 2;
		for (uint64_t pages = 1; pages < 2600; pages += 17) {
			uint64_t size = pages * PAGE;

			for (size_t c = 0; c < columns; c++)
				assert_int_equal(leg_shape_share(&shape, c, size, PAGE),
						 counted(columns, c, pages));
			/* What the legs have room for needs no more of any. */
			size = leg_shape_size(&shape, pages * PAGE, PAGE);
			for (size_t c = 0; c < columns; c++)
				assert_true(leg_shape_share(&shape, c, size, PAGE) <= pages * PAGE);
		}
	}
	shape.nr = 4;
	assert_int_equal(leg_shape_size(&shape, 3 * RUN + PAGE, PAGE), 6 * RUN);
	shape.copies = 4;
	assert_int_equal(leg_shape_size(&shape, 3 * RUN + PAGE + 1, PAGE), 3 * RUN + PAGE);
}

/* -- Which device is the one that is wanted */

static struct device device;

/* As the request has it. */
static void connected(void)
{
	memset(&device, 0, sizeof(device));
	strcpy(device.backend, request.set ? "set" : request.legs[0].backend);
	device.size = request.size;
	device.checksums = request.checksums;
	if (!request.set) {
		strcpy(device.address, request.legs[0].address);
		device.port = request.legs[0].port;
		device.loss_timeout_ms = request.legs[0].loss_timeout_ms;
		return;
	}
	device.nr_legs = request.nr_legs;
	for (size_t i = 0; i < request.nr_legs; i++) {
		struct leg *leg = &device.legs[i];

		leg->number = (uint32_t)i;
		leg->column = request.legs[i].column;
		leg->port = request.legs[i].port;
		strcpy(leg->backend, request.legs[i].backend);
		strcpy(leg->address, request.legs[i].address);
		strcpy(leg->state, "in-sync");
	}
}

static void test_match(void **state)
{
	struct leg_match match;

	(void)state;
	rdma(4);
	options.mirror = options.stripe = true;
	fine();
	connected();
	assert_true(device_is_wanted(&request, &device));
	leg_match(&request, &device, &match);
	assert_int_equal(match.nr, 4);
	assert_int_equal(match.lacks[0] + match.lacks[1], 0);

	/* The last one is gone. */
	device.nr_legs = 3;
	assert_true(device_is_wanted(&request, &device));
	leg_match(&request, &device, &match);
	assert_int_equal(match.nr, 3);
	assert_false(match.there[3]);
	assert_int_equal(match.lacks[0], 0);
	assert_int_equal(match.lacks[1], 1);

	/* Another one has its place. */
	device.nr_legs = 4;
	strcpy(device.legs[3].address, "10.9.9.9");
	assert_true(device_is_wanted(&request, &device));
	leg_match(&request, &device, &match);
	assert_false(match.there[3]);
	assert_false(match.wanted[3]);
	assert_int_equal(match.lacks[1], 0);

	/* The same nodes in another order hold other pages. */
	device.legs[2].column = 0;
	leg_match(&request, &device, &match);
	assert_false(match.there[2]);

	for (size_t i = 0; i < 4; i++)
		strcpy(device.legs[i].address, "10.9.9.9");
	assert_false(device_is_wanted(&request, &device));
	connected();
	device.size++;
	assert_false(device_is_wanted(&request, &device));
	connected();
	device.checksums = false;
	assert_false(device_is_wanted(&request, &device));
	/* One column of it: not this one. */
	connected();
	device.nr_legs = 2;
	assert_false(device_is_wanted(&request, &device));
}

static void test_match_alike(void **state)
{
	struct leg_match match;

	(void)state;
	dram("3");
	options.mirror = true;
	fine();
	connected();
	device.nr_legs = 2;
	assert_true(device_is_wanted(&request, &device));
	leg_match(&request, &device, &match);
	assert_int_equal(match.nr, 2);
	assert_int_equal(match.lacks[0], 1);
	start_again();
	rdma(1);
	fine();
	assert_false(device_is_wanted(&request, &device));
	connected();
	assert_true(device_is_wanted(&request, &device));
	device.port++;
	assert_false(device_is_wanted(&request, &device));
}

static bool write_secret(char *path, const char *text)
{
	int fd;

	strcpy(path, "/tmp/loader_secret.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return false;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return false;
	return !close(fd);
}

static int begin(void **state)
{
	(void)state;
	return write_secret(secrets[0], "the first of secrets\n") &&
			       write_secret(secrets[1], "another one, longer.\n") ?
		       0 :
		       -1;
}

static int end(void **state)
{
	(void)state;
	return unlink(secrets[0]) | unlink(secrets[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_mirror, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_stripe, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_both, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_emulated, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_what_for, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_numbers, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_twice, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_secrets, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_not_for_this_backend, prepare,
						stderr_teardown),
		cmocka_unit_test_setup_teardown(test_in_a_file, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_shares, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_match, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_match_alike, prepare, stderr_teardown),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
