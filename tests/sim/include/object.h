/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy's shared object tells the simulator beside its table of callbacks. */
#ifndef SIM_OBJECT_H
#define SIM_OBJECT_H

#include <linux/types.h>

/* A MAGE_TUNABLE, as bpf/mage.bpf.h describes them; its range as text. */
struct sim_tunable {
	const char *name;
	const char *range;
	void *at;
	u32 size;
	bool is_signed;
	bool is_bool;
	struct sim_tunable *next;
};

#define SIM_OBJECT_POLICY "sim_object_policy"
#define SIM_OBJECT_TUNABLES "sim_object_tunables"

#endif
