/* SPDX-License-Identifier: GPL-2.0-only */
/* The map by which "spy" hands ids of its domain's pages to "thief". */
#ifndef SPIED_H
#define SPIED_H

#define SPIED 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SPIED);
	__type(key, u32);
	__type(value, u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} mage_spied SEC(".maps");

#endif /* SPIED_H */
