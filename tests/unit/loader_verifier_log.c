// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/verifier_log.h"

static const char messages[] =
	"libbpf: prog 'bad_select': BPF program load failed: Permission denied\n"
	"libbpf: prog 'bad_select': -- BEGIN PROG LOAD LOG --\n"
	"0: R1=ctx() R10=fp0\n"
	"; void BPF_PROG(bad_select) @ bad.bpf.c:12\n"
	"0: (79) r1 = *(u64 *)(r1 +64)\n"
	"invalid bpf_context access off=64 size=8\n"
	"processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"
	"-- END PROG LOAD LOG --\n"
	"libbpf: prog 'bad_select': failed to load: -13\n"
	"libbpf: failed to load object 'bad.bpf.o'\n";

static void check(struct span span, const char *expected)
{
	char text[512];

	assert_non_null(span.text);
	snprintf(text, sizeof(text), "%.*s", (int)span.len, span.text);
	assert_string_equal(text, expected);
}

static void test_verdict(void **state)
{
	(void)state;
	check(verifier_verdict(verifier_log(messages)), "invalid bpf_context access off=64 size=8");
	check(verifier_log_program(messages), "bad_select");
}

static void test_last_lines(void **state)
{
	struct span log = verifier_log(messages);

	(void)state;
	check(last_lines(log, 2), "invalid bpf_context access off=64 size=8\n"
				  "processed 1 insns (limit 1000000) max_states_per_insn 0 "
				  "total_states 0\n");
	assert_ptr_equal(last_lines(log, 100).text, log.text);
	assert_int_equal(last_lines(log, 100).len, log.len);
	check(last_lines((struct span){ "one", 3 }, 1), "one");
	check(last_lines((struct span){ "\n", 1 }, 1), "\n");
	assert_int_equal(last_lines((struct span){ "", 0 }, 3).len, 0);
}

static void test_first_message(void **state)
{
	(void)state;
	check(first_message(messages),
	      "prog 'bad_select': BPF program load failed: Permission denied");
	check(first_message("libbpf: no newline"), "no newline");
	assert_null(first_message("").text);
	assert_null(first_message("libbpf: ").text);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_null(verifier_log("libbpf: elf: not a file\n").text);
	assert_null(verifier_log_program("").text);
	assert_null(verifier_verdict((struct span){ "processed 3 insns\n\n", 19 }).text);
	assert_null(verifier_verdict((struct span){ "", 0 }).text);
}

/* A log that was cut off has no end. */
static void test_cut(void **state)
{
	(void)state;
	check(verifier_verdict(verifier_log("prog 'x': -- BEGIN PROG LOAD LOG --\nR0 is bad")),
	      "R0 is bad");
}

static void what_the_kernel_lacks_is_named(void **state)
{
	(void)state;
	check(missing_function("libbpf: extern (func ksym) 'mage_foresee': not found in kernel or "
			       "module BTFs\nlibbpf: failed to load object 'x.bpf.o'\n"),
	      "mage_foresee");
	check(missing_member("libbpf: struct_ops init_kern newer: Cannot find member foresee in "
			     "kernel BTF\nlibbpf: failed to load object 'x.bpf.o'\n"),
	      "foresee");
	assert_null(missing_function(messages).text);
	assert_null(missing_member(messages).text);
	/* Half a line says nothing. */
	assert_null(missing_member("libbpf: Cannot find member foresee\n in kernel BTF").text);
}

static void check_advice(int err, const char *verdict, const char *word)
{
	const char *advice = verifier_advice(err, (struct span){ verdict, strlen(verdict) });

	assert_non_null(advice);
	assert_non_null(strstr(advice, word));
}

static void what_policies_may_not_is_explained(void **state)
{
	static const char member[] = "attach to unsupported member select of struct mage_ops";

	(void)state;
	check_advice(-EINVAL, "program of this type cannot use helper bpf_loop#181", "mage_for()");
	check_advice(-EACCES, "calling kernel function bpf_iter_num_new is not allowed",
		     "mage_for()");
	check_advice(-ELOOP, member, "may_goto");
	check_advice(-EMLINK, member, "static");
	check_advice(-EXDEV, member, "module");
	check_advice(-EMEDIUMTYPE, member, "kind");
	check_advice(-EMSGSIZE, member, "too large");
	check_advice(-ENOTUNIQ, member, "BPF_F_ZERO_SEED");
	check_advice(-ENOTEMPTY, member, "global variables");
	assert_null(verifier_advice(-EINVAL, (struct span){ member, strlen(member) }));
	assert_null(verifier_advice(-ELOOP, verifier_verdict(verifier_log(messages))));
	assert_null(verifier_advice(-ELOOP, (struct span){ NULL, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_last_lines),
		cmocka_unit_test(test_first_message),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(what_the_kernel_lacks_is_named),
		cmocka_unit_test(what_policies_may_not_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
