// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "policies/counter.h"
#include "policies/tunable_keep.h"
#include "policies/tunable_setting.h"
#include "loader_stderr.h"

static struct tunable make(size_t size, bool is_signed, bool is_bool)
{
	struct tunable tunable = { .size = size, .is_signed = is_signed, .is_bool = is_bool };

	tunable_type_limits(&tunable);
	return tunable;
}

static void test_type_limits(void **state)
{
	struct tunable t = make(1, true, false);

	(void)state;
	assert_int_equal(t.min, -128);
	assert_int_equal(t.max, 127);
	t = make(8, true, false);
	assert_true(t.min == INT64_MIN && t.max == INT64_MAX);
	t = make(2, false, false);
	assert_int_equal(t.min, 0);
	assert_int_equal(t.max, 65535);
	t = make(8, false, false);
	assert_true((uint64_t)t.max == UINT64_MAX);
}

static void test_range(void **state)
{
	static const char *const bad[] = {
		"",	"1",	 "1..",	     "..2",   "1...2", "1..2x",
		"5..4", "-1..4", "0..65536", " 1..2", "1 ..2", "99999999999999999999..1",
	};
	struct tunable t = make(2, false, false);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(tunable_read_range(&t, bad[i]));
		assert_int_equal(t.min, 0);
		assert_int_equal(t.max, 65535);
	}
	assert_true(tunable_read_range(&t, "1..512"));
	assert_int_equal(t.min, 1);
	assert_int_equal(t.max, 512);
	t = make(2, false, false);
	assert_true(tunable_read_range(&t, "0x10..100U"));
	assert_int_equal(t.min, 16);
	assert_int_equal(t.max, 100);
	t = make(4, true, false);
	assert_true(tunable_read_range(&t, "-5..5"));
	assert_int_equal(t.min, -5);
	t = make(8, false, false);
	assert_true(tunable_read_range(&t, "1..18446744073709551615ULL"));
	assert_true((uint64_t)t.max == UINT64_MAX);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		enum tunable_result result;
		int64_t value;
	} cases[] = {
		{ "1", TUNABLE_OK, 1 },
		{ "512", TUNABLE_OK, 512 },
		{ "0x20", TUNABLE_OK, 32 },
		{ "010", TUNABLE_OK, 10 },
		{ "0", TUNABLE_OUT_OF_RANGE, 0 },
		{ "513", TUNABLE_OUT_OF_RANGE, 0 },
		{ "-1", TUNABLE_OUT_OF_RANGE, 0 },
		{ "99999999999999999999", TUNABLE_OUT_OF_RANGE, 0 },
		{ "", TUNABLE_NO_NUMBER, 0 },
		{ "ten", TUNABLE_NO_NUMBER, 0 },
		{ " 1", TUNABLE_NO_NUMBER, 0 },
		{ "+1", TUNABLE_NO_NUMBER, 0 },
		{ "1U", TUNABLE_NO_NUMBER, 0 },
		{ "1.5", TUNABLE_NO_NUMBER, 0 },
		{ "-", TUNABLE_NO_NUMBER, 0 },
	};
	struct tunable t = make(4, false, false);
	int64_t value;

	(void)state;
	tunable_read_range(&t, "1..512");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tunable_parse(&t, cases[i].text, &value), cases[i].result);
		if (cases[i].result == TUNABLE_OK)
			assert_int_equal(value, cases[i].value);
	}
	t = make(4, true, false);
	assert_int_equal(tunable_parse(&t, "-3", &value), TUNABLE_OK);
	assert_int_equal(value, -3);
	t = make(1, false, true);
	assert_int_equal(tunable_parse(&t, "yes", &value), TUNABLE_OK);
	assert_int_equal(value, 1);
	assert_int_equal(tunable_parse(&t, "false", &value), TUNABLE_OK);
	assert_int_equal(value, 0);
	assert_int_equal(tunable_parse(&t, "2", &value), TUNABLE_NO_BOOL);
}

static void test_initial(void **state)
{
	static const char *const bad[] = { "", "(1 << 4)", "PAGE_SIZE", "1x", "true" };
	struct tunable t = make(4, false, false);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(tunable_read_initial(&t, bad[i]));
		assert_false(t.has_initial);
	}
	assert_true(tunable_read_initial(&t, "0x10U"));
	assert_true(t.has_initial);
	assert_int_equal(t.initial, 16);
	t = make(2, true, false);
	assert_true(tunable_read_initial(&t, "-5"));
	assert_int_equal(t.initial, -5);
	t = make(1, false, true);
	assert_false(tunable_read_initial(&t, "2"));
	assert_true(tunable_read_initial(&t, "true"));
	assert_int_equal(t.initial, 1);
}

static void test_memory(void **state)
{
	unsigned char bytes[4] = { 0xaa, 0, 0, 0xaa };
	struct tunable t = make(2, true, false);
	char text[32];

	(void)state;
	tunable_store(&t, -2, bytes + 1);
	assert_int_equal(bytes[0], 0xaa);
	assert_int_equal(bytes[3], 0xaa);
	assert_int_equal(tunable_load(&t, bytes + 1), -2);
	t.is_signed = false;
	assert_int_equal(tunable_load(&t, bytes + 1), 65534);
	tunable_format(&t, tunable_load(&t, bytes + 1), text, sizeof(text));
	assert_string_equal(text, "65534");
}

/*
 * The BTF of
 *
 *	MAGE_TUNABLE(u32, share, 7, 1, 100, "percent");		in .data, at 4
 *	volatile u32 secret;					in .data, at 8
 *	MAGE_COUNTER(s16, mood, "degrees", "up or down");	in .data, at 12
 *	volatile char *text tagged as a tunable;		in .data, at 16
 */
static struct btf *make_btf(uint32_t *section)
{
	struct btf *btf = btf__new_empty();
	int number, u32_type, volatile_type, pointer, share, secret, text, mood;

	assert_non_null(btf);
	number = btf__add_int(btf, "unsigned int", 4, 0);
	u32_type = btf__add_typedef(btf, "u32", number);
	volatile_type = btf__add_volatile(btf, u32_type);
	pointer = btf__add_ptr(btf, volatile_type);
	share = btf__add_var(btf, "share", BTF_VAR_GLOBAL_ALLOCATED, volatile_type);
	secret = btf__add_var(btf, "secret", BTF_VAR_GLOBAL_ALLOCATED, volatile_type);
	text = btf__add_var(btf, "text", BTF_VAR_GLOBAL_ALLOCATED, pointer);
	btf__add_decl_tag(btf, "mage:range:1..100", share, -1);
	btf__add_decl_tag(btf, "mage:initial:6", share, -1);
	btf__add_decl_tag(btf, "mage:help:percent", share, -1);
	btf__add_decl_tag(btf, "other:help:nothing", secret, -1);
	btf__add_decl_tag(btf, "mage:help:a pointer", text, -1);
	mood = btf__add_var(btf, "mood", BTF_VAR_GLOBAL_ALLOCATED,
			    btf__add_int(btf, "short", 2, BTF_INT_SIGNED));
	btf__add_decl_tag(btf, "mage:counter:degrees", mood, -1);
	btf__add_decl_tag(btf, "mage:help:up or down", mood, -1);
	*section = (uint32_t)btf__add_datasec(btf, ".data", 24);
	assert_int_equal(btf__add_datasec_var_info(btf, share, 4, 4), 0);
	assert_int_equal(btf__add_datasec_var_info(btf, secret, 8, 4), 0);
	assert_int_equal(btf__add_datasec_var_info(btf, mood, 12, 2), 0);
	assert_int_equal(btf__add_datasec_var_info(btf, text, 16, 8), 0);
	return btf;
}

static void test_btf(void **state)
{
	const uint32_t data[6] = { 0, 7, 9 };
	struct data_section section = { .number = 3, .data = data, .size = sizeof(data) };
	struct tunables tunables = { .nr = 0 };
	struct btf *btf = make_btf(&section.type);
	struct tunable *t;

	(void)state;
	tunables_of_section(btf, &section, &tunables);
	assert_int_equal(tunables.nr, 1);
	assert_null(tunable_find(&tunables, "secret"));
	t = tunable_find(&tunables, "share");
	assert_non_null(t);
	assert_int_equal(t->value, 7);
	assert_true(t->has_initial);
	assert_int_equal(t->initial, 6);
	assert_int_equal(t->min, 1);
	assert_int_equal(t->max, 100);
	assert_int_equal(t->section, 3);
	assert_int_equal(t->offset, 4);
	assert_string_equal(t->help, "percent");

	/* A section that is shorter than its variables, as only a broken object has. */
	tunables.nr = 0;
	section.size = 7;
	tunables_of_section(btf, &section, &tunables);
	assert_int_equal(tunables.nr, 0);
	section.type = 1;
	tunables_of_section(btf, &section, &tunables);
	section.type = 1000;
	tunables_of_section(btf, &section, &tunables);
	assert_int_equal(tunables.nr, 0);
	btf__free(btf);
}

static void test_counters(void **state)
{
	const int16_t data[12] = { [6] = -3 };
	struct data_section section = { .data = data, .size = sizeof(data) };
	struct btf *btf = make_btf(&section.type);
	struct counters counters = { .nr = 0 };
	char value[24];

	(void)state;
	counters_of_section(btf, &section, &counters);
	assert_int_equal(counters.nr, 1);
	assert_string_equal(counters.counter[0].number.name, "mood");
	assert_string_equal(counters.counter[0].number.help, "up or down");
	assert_string_equal(counters.counter[0].unit, "degrees");
	tunable_format(&counters.counter[0].number, counters.counter[0].number.value, value,
		       sizeof(value));
	assert_string_equal(value, "-3");

	/* A section that is shorter than its variables. */
	counters.nr = 0;
	section.size = 13;
	counters_of_section(btf, &section, &counters);
	assert_int_equal(counters.nr, 0);
	btf__free(btf);
}

static struct tunables two_tunables(void)
{
	struct tunables tunables = { .nr = 2 };

	tunables.tunable[0] = make(4, false, false);
	strcpy(tunables.tunable[0].name, "chances");
	tunable_read_range(&tunables.tunable[0], "0..16");
	tunables.tunable[1] = make(4, false, false);
	strcpy(tunables.tunable[1].name, "window");
	tunables.tunable[1].at_load_only = true;
	return tunables;
}

static enum rc read_settings(const char *first, const char *second, bool running)
{
	struct word_list words = { .nr = second ? 2 : 1, .word = { first, second } };
	struct tunables tunables = two_tunables();
	struct setting settings[MOST_WORDS];

	return settings_read("policy tune", "clock", &words, running, &tunables, settings);
}

static void test_settings(void **state)
{
	static const struct {
		const char *first, *second;
		bool running;
		enum rc rc;
		const char *says;
	} cases[] = {
		{ "chances", NULL, true, RC_USAGE, "write NAME=VALUE" },
		{ "=3", NULL, true, RC_USAGE, "write NAME=VALUE" },
		{ "chances=", NULL, true, RC_USAGE, "write NAME=VALUE" },
		{ "chanses=3", NULL, true, RC_NOT_FOUND,
		  "clock: no tunable 'chanses'; did you mean chances?" },
		{ "zzz=3", NULL, true, RC_NOT_FOUND, "it has chances, window" },
		{ "chances=17", NULL, true, RC_USAGE, "chances: '17' is out of range; give 0..16" },
		{ "chances=many", NULL, true, RC_USAGE, "'many' is no number; give 0..16" },
		{ "window=3", NULL, true, RC_FAILED, "only when the policy is loaded" },
		{ "chances=3", "windwo=3", false, RC_NOT_FOUND, "did you mean window?" },
	};

	(void)state;
	assert_int_equal(read_settings("chances=16", "window=0x10", false), RC_OK);
	assert_string_equal(stderr_text(), "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_settings(cases[i].first, cases[i].second, cases[i].running),
				 cases[i].rc);
		assert_non_null(strstr(stderr_text(), cases[i].says));
	}
}

static struct tunable *add(struct tunables *tunables, const char *name, size_t size, bool is_signed,
			   const char *range, const char *initial, int64_t value)
{
	struct tunable *t = &tunables->tunable[tunables->nr++];

	*t = make(size, is_signed, !range);
	strcpy(t->name, name);
	if (range)
		assert_true(tunable_read_range(t, range));
	if (initial)
		assert_true(tunable_read_initial(t, initial));
	t->value = value;
	return t;
}

static void test_keep(void **state)
{
	const struct word_list none = { .nr = 0 }, words = { .nr = 1, .word = { "typed=1" } };
	struct tunables from = { .nr = 0 }, to = { .nr = 0 };
	static struct tunables_kept result;

	(void)state;
	add(&from, "untouched", 4, false, "0..9", "3", 3);
	add(&from, "touched", 4, false, "0..9", "3", 4);
	add(&from, "wider", 2, true, "-9..9", "0", -7);
	add(&from, "typed", 4, false, "0..99", "3", 50);
	add(&from, "gone", 4, false, "0..9", "3", 4);
	add(&from, "truth", 4, false, "0..1", "0", 1);
	add(&from, "silent", 4, false, "0..9", NULL, 8);
	add(&to, "untouched", 4, false, "0..9", "7", 7);
	add(&to, "touched", 4, false, "0..9", "7", 7);
	add(&to, "wider", 8, true, "-8..9", "0", 0);
	add(&to, "typed", 4, false, "0..9", "3", 3);
	add(&to, "truth", 1, false, NULL, "false", 0);
	add(&to, "silent", 4, false, "0..8", "1", 1);

	assert_int_equal(tunables_keep("policy swap", "clock", &from, &words, &to, &result), RC_OK);
	assert_string_equal(stderr_text(), "");
	assert_int_equal(result.kept.nr, 3);
	assert_int_equal(tunable_find(&result.kept, "touched")->value, 4);
	assert_int_equal(tunable_find(&result.kept, "wider")->value, -7);
	assert_int_equal(tunable_find(&result.kept, "wider")->size, 8);
	assert_int_equal(tunable_find(&result.kept, "silent")->value, 8);
	assert_int_equal(result.lost.nr, 2);
	assert_non_null(tunable_find(&result.lost, "gone"));
	assert_non_null(tunable_find(&result.lost, "truth"));

	/* What does not fit, and is not set anew. */
	assert_int_equal(tunables_keep("policy swap", "clock", &from, &none, &to, &result),
			 RC_USAGE);
	assert_non_null(strstr(stderr_text(), "typed: 50, as 'clock' has it, is out of range for "
					      "the new policy; give 0..9 with --set typed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_limits),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_initial),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_btf),
		cmocka_unit_test(test_counters),
		cmocka_unit_test_setup_teardown(test_settings, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_keep, stderr_setup, stderr_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
