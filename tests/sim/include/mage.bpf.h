/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf/mage.bpf.h itself, natively.  Only two kinds of macros are replaced.  Those that describe an
 * object to a BPF loader leave what they describe where the simulator finds it with dlsym().  Loops
 * are plain ones: nobody waits for a policy here.
 */
#ifndef SIM_MAGE_BPF_H
#define SIM_MAGE_BPF_H

#include_next "mage.bpf.h"
#include "object.h"

#undef MAGE_POLICY
#define MAGE_POLICY(id, ops...)                    \
	struct mage_ops id = { .name = #id, ops }; \
	struct mage_ops *const sim_object_policy = &id

#undef mage_for
#define mage_for(i, begin, end)                               \
	for (int sim_at = (int)(begin), sim_end = (int)(end); \
	     sim_at < sim_end && ((i) = sim_at, 1); sim_at++)

#undef mage_repeat
#define mage_repeat(nr) for (int sim_left = (int)(nr); sim_left > 0; sim_left--)

/* What a policy says of itself nobody asks for here. */
#undef mage_dump
#define mage_dump(dump, fmt, args...) sim_dump(dump, fmt, ##args)
__attribute__((format(printf, 2, 3))) static inline void sim_dump(struct mage_dump *dump,
								  const char *fmt, ...)
{
	(void)dump;
	(void)fmt;
}

/* A constant would lie where nothing can be written. */
#undef MAGE_TUNABLE_AT_LOAD
#define MAGE_TUNABLE_AT_LOAD(type, name, initial, min, max, text) \
	__mage_tunable(volatile type, name, initial, min, max, text)

#undef __mage_tunable
#define __mage_tunable(of, variable, initial, least, most, text)                                \
	of variable = initial;                                                                  \
	__attribute__((constructor)) static void sim_tunable_##variable(void)                   \
	{                                                                                       \
		static struct sim_tunable tunable = { .name = #variable,                        \
						      .range = __mage_literal(                  \
							      least) ".." __mage_literal(most), \
						      .at = (void *)&variable,                  \
						      .size = sizeof(variable),                 \
						      .is_signed = SIM_IS_SIGNED(variable),     \
						      .is_bool = SIM_IS_BOOL(variable) };       \
		tunable.next = sim_object_tunables;                                             \
		sim_object_tunables = &tunable;                                                 \
	}                                                                                       \
	extern of variable

/* -1 is less than 0 in a signed type, and most in one that is not. */
#define SIM_IS_SIGNED(variable) ((typeof(+(variable)))-1 < 0 && (typeof(variable))-1 < 0)
#define SIM_IS_BOOL(variable) _Generic((variable), bool: true, default: false)

struct sim_tunable *sim_object_tunables;

#endif
