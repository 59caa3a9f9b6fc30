// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "devices/leg.h"
#include "devices/leg_render.h"
#include "devices/sync_view.h"
#include "doctor/legs.h"
#include "kernel/genl_attrs.h"
#include "loader_sys.h"

static struct device device;
static struct leg *const legs = device.legs;
static char text[LEG_LINE_LEN], todo[LEG_LINE_LEN];

/* Two columns of two. */
static int prepare(void **state)
{
	(void)state;
	memset(&device, 0, sizeof(device));
	strcpy(device.name, "mage0");
	strcpy(device.backend, "set");
	strcpy(device.state, "connected");
	device.nr_legs = 4;
	for (uint32_t i = 0; i < 4; i++) {
		legs[i].number = i;
		legs[i].column = i / 2;
		legs[i].pages = 1000;
		legs[i].port = 7471;
		strcpy(legs[i].backend, "rdma");
		strcpy(legs[i].state, "in-sync");
		snprintf(legs[i].address, sizeof(legs[i].address), "10.0.0.%u", i + 1);
	}
	return 0;
}

static void fail_leg(struct leg *leg)
{
	strcpy(leg->state, "failed");
	strcpy(leg->reason, "it closed the connection");
	leg->state_ms = 12345;
	leg->stale = leg->pages;
	device.degraded = true;
}

static void fill_leg(struct leg *leg, uint64_t stale)
{
	strcpy(leg->state, "resync");
	leg->stale = stale;
	device.degraded = true;
}

static void test_shape(void **state)
{
	(void)state;
	device_shape(&device, text, sizeof(text));
	assert_string_equal(text, "stripe of 2 mirrors");
	assert_int_equal(device_columns(&device), 2);
	device.nr_legs = 2;
	device_shape(&device, text, sizeof(text));
	assert_string_equal(text, "mirror of 2");
	legs[1].column = 1;
	device_shape(&device, text, sizeof(text));
	assert_string_equal(text, "stripe of 2");
	device.nr_legs = 0;
	device_shape(&device, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(device_columns(&device), 0);
}

static void test_store_text(void **state)
{
	(void)state;
	store_text("10.0.0.1", 7471, "", text, sizeof(text));
	assert_string_equal(text, "10.0.0.1:7471");
	store_text("fe80::1", 7472, "", text, sizeof(text));
	assert_string_equal(text, "[fe80::1]:7472");
	store_text("", 0, "/dev/vda", text, sizeof(text));
	assert_string_equal(text, "/dev/vda");
	store_text("", 0, "", text, sizeof(text));
	assert_string_equal(text, "-");
}

static void test_percent(void **state)
{
	(void)state;
	assert_true(leg_percent(&legs[0]) == 100);
	legs[0].pages = 0;
	assert_true(leg_percent(&legs[0]) == 100);
	legs[0].pages = 1000;
	legs[0].stale = 250;
	assert_true(leg_percent(&legs[0]) == 75);
	/* Not all of it, however little is missing. */
	legs[0].pages = 1000000000;
	legs[0].stale = 1;
	assert_true(leg_percent(&legs[0]) == 99.9);
	legs[0].stale = legs[0].pages;
	assert_true(leg_percent(&legs[0]) == 0);
	/* Counted while pages were written. */
	legs[0].stale++;
	assert_true(leg_percent(&legs[0]) == 0);
}

static void test_trouble(void **state)
{
	(void)state;
	assert_false(leg_trouble(&device, &legs[1], text, sizeof(text), todo, sizeof(todo)));
	fail_leg(&legs[1]);
	assert_true(leg_trouble(&device, &legs[1], text, sizeof(text), todo, sizeof(todo)));
	assert_string_equal(text,
			    "leg 1 (10.0.0.2:7471) failed 12 s ago: it closed the connection");
	assert_string_equal(todo, "replace it: mage device replace mage0 1 "
				  "--address 10.0.0.2:7471 --secret-file FILE");
	fill_leg(&legs[2], 250);
	assert_true(leg_trouble(&device, &legs[2], text, sizeof(text), todo, sizeof(todo)));
	assert_string_equal(text,
			    "leg 2 (10.0.0.3:7471) is being filled: 75.0 %, 250 pages are left");
	assert_string_equal(todo, "wait for it: mage device wait mage0 --in-sync");
	strcpy(legs[3].state, "suspended");
	legs[3].state_ms = 3999;
	strcpy(legs[3].reason, "a read does not complete");
	assert_true(leg_trouble(&device, &legs[3], text, sizeof(text), todo, sizeof(todo)));
	assert_string_equal(text, "leg 3 (10.0.0.4:7471) has not answered for 3 s: "
				  "a read does not complete");
	/* In its last moment, or with pages that a write has missed. */
	strcpy(legs[0].state, "in-sync");
	legs[0].stale = 1;
	assert_true(leg_trouble(&device, &legs[0], text, sizeof(text), todo, sizeof(todo)));
	/* A disk is held by the leg, so it is another one. */
	strcpy(legs[1].backend, "blk");
	strcpy(legs[1].path, "/dev/vda");
	legs[1].address[0] = '\0';
	leg_replacement(&device, &legs[1], text, sizeof(text));
	assert_string_equal(text, "mage device replace mage0 1 --path FILE");
}

static void test_missing(void **state)
{
	(void)state;
	assert_false(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
	assert_false(device_degraded(&device));
	device.nr_legs = 3;
	assert_true(device_degraded(&device));
	assert_true(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
	assert_string_equal(text, "a leg of column 1 is missing");
	assert_string_equal(todo, "add one: mage device add-leg mage0 --address HOST "
				  "--secret-file FILE");
	/* More copies of some pages than of others do no harm. */
	device.nr_legs = 5;
	legs[4].column = 0;
	assert_false(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
	/* A stripe without copies lacks none. */
	device.nr_legs = 4;
	for (uint32_t i = 0; i < 4; i++)
		legs[i].column = i;
	assert_false(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
	/* A mirror of one does. */
	device.nr_legs = 1;
	assert_true(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
	assert_string_equal(text, "a leg of column 0 is missing");
	device.nr_legs = 0;
	assert_false(leg_missing(&device, text, sizeof(text), todo, sizeof(todo)));
}

static void test_numbers(void **state)
{
	(void)state;
	legs[1].number = 17;
	assert_ptr_equal(leg_find(&device, 17), &legs[1]);
	assert_null(leg_find(&device, 1));
	assert_ptr_equal(leg_newest(&device), &legs[1]);
	assert_int_equal(column_legs(&device, 0), 2);
	fail_leg(&legs[1]);
	assert_int_equal(column_legs(&device, 0), 1);
	assert_int_equal(column_legs(&device, 7), 0);
}

static void test_all_in_sync(void **state)
{
	const struct sync_goal goal = { .column = ANY, .leg = ANY, .but = ANY };
	struct sync_view view;

	(void)state;
	sync_look(&device, &goal, &view);
	assert_true(sync_reached(&view));
	fill_leg(&legs[1], 250);
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
	assert_int_equal(view.left, 250);
	assert_int_equal(view.pages, 4000);
	assert_null(view.failed);
	fail_leg(&legs[3]);
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
	assert_ptr_equal(view.failed, &legs[3]);
	device.nr_legs = 0;
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
}

/* As "mage device replace" waits for the new leg, whatever the others are. */
static void test_one_in_sync(void **state)
{
	const struct sync_goal goal = { .column = ANY, .leg = 1, .but = ANY };
	struct sync_view view;

	(void)state;
	fail_leg(&legs[0]);
	fill_leg(&legs[1], 1);
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
	assert_null(view.failed);
	legs[1].stale = 0;
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
	strcpy(legs[1].state, "in-sync");
	sync_look(&device, &goal, &view);
	assert_true(sync_reached(&view));
	legs[1].number = 9;
	sync_look(&device, &goal, &view);
	assert_int_equal(view.nr, 0);
	assert_false(sync_reached(&view));
}

/* As "mage device drain" waits for the others of the column. */
static void test_others_in_sync(void **state)
{
	const struct sync_goal goal = { .column = 0, .leg = ANY, .but = 0, .past_failed = true };
	struct sync_view view;

	(void)state;
	legs[2].column = 0;
	fill_leg(&legs[3], 1);
	fill_leg(&legs[0], 1);
	sync_look(&device, &goal, &view);
	assert_int_equal(view.nr, 2);
	assert_true(sync_reached(&view));
	/* One that has failed does not come any more, and does not matter while there is another. */
	fail_leg(&legs[1]);
	sync_look(&device, &goal, &view);
	assert_true(sync_reached(&view));
	assert_null(view.failed);
	fail_leg(&legs[2]);
	sync_look(&device, &goal, &view);
	assert_false(sync_reached(&view));
	assert_non_null(view.failed);
}

static void test_progress(void **state)
{
	struct sync_view view = { .nr = 1, .left = 1200, .pages = 5000 };

	(void)state;
	sync_progress("mage0", &view, 600, 2, text, sizeof(text));
	assert_string_equal(text, "mage0: 1200 of 5000 pages left, 300 pages/s, 4 s to go");
	sync_progress("mage0", &view, 0, 0, text, sizeof(text));
	assert_string_equal(text, "mage0: 1200 of 5000 pages left, 0 pages/s");
	legs[2].number = 2;
	view.suspended = &legs[2];
	sync_progress("mage0", &view, 0, 1, text, sizeof(text));
	assert_string_equal(text,
			    "mage0: 1200 of 5000 pages left, 0 pages/s, leg 2 does not answer");
}

static char *rendered;

static FILE *render(void)
{
	static size_t size;

	free(rendered);
	rendered = NULL;
	return open_memstream(&rendered, &size);
}

static void test_table(void **state)
{
	FILE *out = render();

	(void)state;
	fail_leg(&legs[1]);
	legs_table(out, &device, 1);
	fclose(out);
	assert_non_null(strstr(rendered, "SYNC_%"));
	assert_non_null(strstr(rendered, "mage0      3   1 rdma    in-sync     100.0          0"));
	assert_non_null(strstr(rendered, "mage0      1   0 rdma    failed        0.0       1000"));
	assert_non_null(strstr(rendered, "\nmage0 is degraded: leg 1 (10.0.0.2:7471) failed 12 s "
					 "ago: it closed the connection; replace it: mage device "
					 "replace mage0 1 --address 10.0.0.2:7471 --secret-file "
					 "FILE\n"));
	device.nr_legs = 0;
	out = render();
	legs_table(out, &device, 1);
	fclose(out);
	assert_string_equal(rendered, "");
}

static void test_json(void **state)
{
	struct json json;
	FILE *out = render();

	(void)state;
	device.nr_legs = 1;
	legs[0].stale = 250;
	legs[0].copied = 7;
	json_start(&json, out);
	json_open_object(&json, NULL);
	legs_json(&json, &device);
	json_close_object(&json);
	json_end(&json);
	fclose(out);
	assert_string_equal(
		rendered,
		"{\"legs\":[{\"number\":0,\"column\":0,\"backend\":\"rdma\",\"state\":\"in-sync\","
		"\"reason\":null,\"in_sync_percent\":75.000,\"address\":\"10.0.0.1\",\"port\":7471,"
		"\"loss_timeout_ms\":0,\"path\":null,\"latency_ns\":0,\"bandwidth_bytes_per_s\":0,"
		"\"state_ms\":0,\"suspensions\":0,\"stale_pages\":250,\"pages\":1000,\"copied\":7,"
		"\"reads\":0,\"writes\":0,\"read_errors\":0,\"write_errors\":0,\"mismatches\":0}]}"
		"\n");
}

static const struct finding *finding_with(const struct findings *findings, const char *said)
{
	for (size_t i = 0; i < findings->nr; i++) {
		if (strstr(findings->finding[i].text, said))
			return &findings->finding[i];
	}
	fail_msg("nothing is said of: %s", said);
	return NULL;
}

static void test_doctor(void **state)
{
	static struct findings findings;
	const struct finding *found;

	(void)state;
	findings.nr = 0;
	doctor_legs(&findings, sys, &device);
	assert_int_equal(findings.nr, 1);
	assert_int_equal(finding_with(&findings, "all 4 legs of mage0 are in sync")->verdict,
			 VERDICT_OK);

	findings.nr = 0;
	fail_leg(&legs[1]);
	fill_leg(&legs[2], 100);
	legs[3].mismatches = 2;
	strcpy(legs[3].address, legs[2].address);
	doctor_legs(&findings, sys, &device);
	assert_int_equal(findings.nr, 4);
	found = finding_with(&findings, "mage0 is degraded: leg 1 (10.0.0.2:7471) failed");
	assert_int_equal(found->verdict, VERDICT_WRONG);
	assert_non_null(strstr(found->todo, "mage device replace mage0 1 --address"));
	assert_int_equal(finding_with(&findings, "leg 2 (10.0.0.3:7471) is being filled")->verdict,
			 VERDICT_NOTE);
	assert_int_equal(finding_with(&findings, "leg 3 of mage0 has had 2 reads")->verdict,
			 VERDICT_WRONG);
	assert_int_equal(finding_with(&findings, "are on the same memory node, 10.0.0.3")->verdict,
			 VERDICT_NOTE);

	findings.nr = 0;
	prepare(NULL);
	device.nr_legs = 3;
	doctor_legs(&findings, sys, &device);
	assert_int_equal(findings.nr, 1);
	assert_int_equal(finding_with(&findings, "a leg of column 1 is missing")->verdict,
			 VERDICT_WRONG);

	/* A device that is one store. */
	findings.nr = 0;
	device.nr_legs = 0;
	doctor_legs(&findings, sys, &device);
	assert_int_equal(findings.nr, 0);
}

/* -- netlink */

static struct nl_msg *message(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(16384);

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, 42, 0, 0, MAGE_CMD_DEVICE_GET, MAGE_GENL_VERSION));
	return msg;
}

static void put_leg(struct nl_msg *msg, const struct leg *leg)
{
	struct nlattr *nested = nla_nest_start(msg, MAGE_DEVICE_ATTR_LEG);

	nla_put_u32(msg, MAGE_LEG_ATTR_NUMBER, leg->number);
	nla_put_u32(msg, MAGE_LEG_ATTR_COLUMN, leg->column);
	nla_put_string(msg, MAGE_LEG_ATTR_BACKEND, leg->backend);
	nla_put_string(msg, MAGE_LEG_ATTR_ADDRESS, leg->address);
	nla_put_u16(msg, MAGE_LEG_ATTR_PORT, leg->port);
	nla_put_string(msg, MAGE_LEG_ATTR_STATE, leg->state);
	nla_put_u64(msg, MAGE_LEG_ATTR_STALE, leg->stale);
	nla_put_u64(msg, MAGE_LEG_ATTR_PAGES, leg->pages);
	nla_nest_end(msg, nested);
}

/* What a kernel might say of it: more legs than there can be, and one that is no leg at all. */
static void test_reply(void **state)
{
	struct nl_msg *msg = message();
	struct device got = { 0 };

	(void)state;
	nla_put_u32(msg, MAGE_DEVICE_ATTR_INDEX, 3);
	nla_put_string(msg, MAGE_DEVICE_ATTR_NAME, "mage3");
	nla_put_string(msg, MAGE_DEVICE_ATTR_BACKEND, "set");
	legs[1].stale = 77;
	for (int i = 0; i < 4; i++)
		put_leg(msg, &legs[i]);
	nla_put_flag(msg, MAGE_DEVICE_ATTR_DEGRADED);
	device_from_msg(nlmsg_hdr(msg), &got);
	assert_int_equal(got.index, 3);
	assert_true(got.degraded);
	assert_int_equal(got.nr_legs, 4);
	assert_int_equal(got.legs[1].number, 1);
	assert_int_equal(got.legs[1].stale, 77);
	assert_int_equal(got.legs[3].column, 1);
	assert_string_equal(got.legs[2].address, "10.0.0.3");
	assert_int_equal(got.legs[2].port, 7471);
	assert_string_equal(got.legs[2].state, "in-sync");

	for (int i = 0; i < 2 * MAGE_LEGS_MAX; i++)
		put_leg(msg, &legs[0]);
	memset(&got, 0, sizeof(got));
	device_from_msg(nlmsg_hdr(msg), &got);
	assert_int_equal(got.nr_legs, MAGE_LEGS_MAX);
	nlmsg_free(msg);

	msg = message();
	nla_put_u32(msg, MAGE_DEVICE_ATTR_LEG, 1);
	memset(&got, 0, sizeof(got));
	device_from_msg(nlmsg_hdr(msg), &got);
	assert_int_equal(got.legs[0].number, 0);
	nlmsg_free(msg);
}

/* The largest one that can be asked for has room. */
static void test_request(void **state)
{
	static struct connect_request request;
	struct nlattr *attrs[MAGE_DEVICE_ATTR_MAX + 1], *leg_attrs[MAGE_LEG_ATTR_MAX + 1];
	struct genlmsghdr *generic;
	struct nl_msg *msg = message();
	struct nlattr *attr;
	uint32_t nr = 0;
	int left;

	(void)state;
	request.size = 1 << 20;
	request.set = true;
	request.checksums = true;
	request.nr_legs = MAGE_LEGS_MAX;
	for (uint32_t i = 0; i < MAGE_LEGS_MAX; i++) {
		struct leg_request *leg = &request.legs[i];

		leg->backend = "rdma";
		leg->column = i / 2;
		memset(leg->address, 'a', sizeof(leg->address) - 1);
		memset(leg->path, 'p', sizeof(leg->path) - 1);
		memset(leg->secret, (int)i, sizeof(leg->secret));
		leg->secret_len = MAGE_SECRET_LEN;
		leg->port = (uint16_t)(7000 + i);
		leg->loss_timeout_ms = 500;
	}
	assert_int_equal(connect_request_to_msg(msg, &request), 0);
	assert_int_equal(genlmsg_parse(nlmsg_hdr(msg), 0, attrs, MAGE_DEVICE_ATTR_MAX, NULL), 0);
	assert_string_equal(nla_get_string(attrs[MAGE_DEVICE_ATTR_BACKEND]), "set");
	assert_int_equal(nla_get_u64(attrs[MAGE_DEVICE_ATTR_SIZE]), 1 << 20);
	assert_non_null(attrs[MAGE_DEVICE_ATTR_CHECKSUMS]);
	/* What belongs to the legs is of each of them. */
	assert_null(attrs[MAGE_DEVICE_ATTR_ADDRESS]);
	assert_null(attrs[MAGE_DEVICE_ATTR_SECRET]);
	generic = nlmsg_data(nlmsg_hdr(msg));
	nla_for_each_attr (attr, genlmsg_attrdata(generic, 0), genlmsg_attrlen(generic, 0), left) {
		if (nla_type(attr) != MAGE_DEVICE_ATTR_LEG)
			continue;
		assert_int_equal(nla_parse_nested(leg_attrs, MAGE_LEG_ATTR_MAX, attr, NULL), 0);
		assert_int_equal(nla_get_u32(leg_attrs[MAGE_LEG_ATTR_COLUMN]), nr / 2);
		assert_int_equal(nla_get_u16(leg_attrs[MAGE_LEG_ATTR_PORT]), 7000 + nr);
		assert_memory_equal(nla_data(leg_attrs[MAGE_LEG_ATTR_SECRET]),
				    request.legs[nr].secret, MAGE_SECRET_LEN);
		assert_null(leg_attrs[MAGE_LEG_ATTR_NUMBER]);
		nr++;
	}
	assert_int_equal(nr, MAGE_LEGS_MAX);
	nlmsg_free(msg);

	/* One that is no set has none of that. */
	request.set = false;
	request.nr_legs = 1;
	msg = message();
	assert_int_equal(connect_request_to_msg(msg, &request), 0);
	assert_int_equal(genlmsg_parse(nlmsg_hdr(msg), 0, attrs, MAGE_DEVICE_ATTR_MAX, NULL), 0);
	assert_string_equal(nla_get_string(attrs[MAGE_DEVICE_ATTR_BACKEND]), "rdma");
	assert_null(attrs[MAGE_DEVICE_ATTR_LEG]);
	assert_int_equal(nla_get_u16(attrs[MAGE_DEVICE_ATTR_PORT]), 7000);
	nlmsg_free(msg);

	/* A message that is too small is no half of a request. */
	msg = nlmsg_alloc_size(256);
	assert_non_null(genlmsg_put(msg, 0, 0, 42, 0, 0, MAGE_CMD_LEG_ADD, MAGE_GENL_VERSION));
	assert_true(leg_request_to_msg(msg, &request.legs[0]) < 0);
	nlmsg_free(msg);
}

static int begin(void **state)
{
	(void)state;
	return sys_make() ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	free(rendered);
	return sys_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_shape, prepare),
		cmocka_unit_test_setup(test_store_text, prepare),
		cmocka_unit_test_setup(test_percent, prepare),
		cmocka_unit_test_setup(test_trouble, prepare),
		cmocka_unit_test_setup(test_missing, prepare),
		cmocka_unit_test_setup(test_numbers, prepare),
		cmocka_unit_test_setup(test_all_in_sync, prepare),
		cmocka_unit_test_setup(test_one_in_sync, prepare),
		cmocka_unit_test_setup(test_others_in_sync, prepare),
		cmocka_unit_test_setup(test_progress, prepare),
		cmocka_unit_test_setup(test_table, prepare),
		cmocka_unit_test_setup(test_json, prepare),
		cmocka_unit_test_setup(test_doctor, prepare),
		cmocka_unit_test_setup(test_reply, prepare),
		cmocka_unit_test_setup(test_request, prepare),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
