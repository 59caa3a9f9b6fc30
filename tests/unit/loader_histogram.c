// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/histogram.h"

/* The bucket that holds a latency, found the slow way. */
static unsigned int bucket_of(unsigned long long ns)
{
	unsigned int b = 0;

	while (b + 1 < MAGE_LATENCY_BUCKETS && mage_latency_floor(b + 1) <= ns)
		b++;
	return b;
}

static void test_empty(void **state)
{
	struct histogram h = { 0 };

	(void)state;
	assert_int_equal(histogram_count(&h), 0);
	assert_true(histogram_percentile(&h, 50) == 0);
	assert_true(histogram_percentile(&h, 99) == 0);
}

static void test_one(void **state)
{
	struct histogram h = { 0 };
	unsigned int b = bucket_of(20000);
	double p;

	(void)state;
	h.bucket[b] = 1;
	for (double percent = 1; percent <= 100; percent++) {
		p = histogram_percentile(&h, percent);
		assert_true(p >= (double)mage_latency_floor(b));
		assert_true(p < (double)mage_latency_floor(b + 1));
	}
}

/* Against the exact percentile of a known set: within a bucket, 25 %. */
static void test_uniform(void **state)
{
	static const double percents[] = { 1, 10, 50, 90, 99, 99.9 };
	struct histogram h = { 0 };

	(void)state;
	for (unsigned int ns = 1; ns <= 100000; ns++)
		h.bucket[bucket_of(ns)]++;
	assert_int_equal(histogram_count(&h), 100000);
	for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		double exact = percents[i] * 1000;
		double p = histogram_percentile(&h, percents[i]);

		assert_true(fabs(p - exact) <= exact * 0.25);
	}
	/* Evenly spread within buckets, the interpolation is nearly exact. */
	assert_true(fabs(histogram_percentile(&h, 50) - 50000) < 50);
}

static void test_tail(void **state)
{
	struct histogram h = { 0 };
	unsigned int fast = bucket_of(10000), slow = bucket_of(1000000);

	(void)state;
	h.bucket[fast] = 98;
	h.bucket[slow] = 2;
	assert_true(histogram_percentile(&h, 50) < (double)mage_latency_floor(fast + 1));
	assert_true(histogram_percentile(&h, 98) < (double)mage_latency_floor(fast + 1));
	assert_true(histogram_percentile(&h, 99) >= (double)mage_latency_floor(slow));
}

static void test_last_bucket(void **state)
{
	struct histogram h = { 0 };

	(void)state;
	h.bucket[MAGE_LATENCY_BUCKETS - 1] = 3;
	assert_true(histogram_percentile(&h, 99) >=
		    (double)mage_latency_floor(MAGE_LATENCY_BUCKETS - 1));
	assert_true(isfinite(histogram_percentile(&h, 99)));
}

static void test_since(void **state)
{
	struct histogram before = { 0 }, now, delta;

	(void)state;
	before.bucket[3] = 5;
	before.bucket[7] = 1;
	now = before;
	now.bucket[7] = 4;
	delta = histogram_since(&now, &before);
	assert_int_equal(delta.bucket[3], 0);
	assert_int_equal(delta.bucket[7], 3);
	assert_int_equal(histogram_count(&delta), 3);
}

/* A domain that was made anew starts from zero. */
static void test_since_restart(void **state)
{
	struct histogram before = { 0 }, now = { 0 }, delta;

	(void)state;
	before.bucket[3] = 5;
	now.bucket[3] = 2;
	now.bucket[9] = 1;
	delta = histogram_since(&now, &before);
	assert_memory_equal(&delta, &now, sizeof(now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	      cmocka_unit_test(test_one),
		cmocka_unit_test(test_uniform),	      cmocka_unit_test(test_tail),
		cmocka_unit_test(test_last_bucket),   cmocka_unit_test(test_since),
		cmocka_unit_test(test_since_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
