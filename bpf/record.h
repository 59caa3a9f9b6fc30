/* SPDX-License-Identifier: GPL-2.0-only */
/* What record.bpf.c sends. Include the types __u32 and __u64 first. */
#ifndef MAGE_RECORD_H
#define MAGE_RECORD_H

/* Room for some half a million references that nobody has fetched yet. */
#define RECORD_BUFFER (16 << 20)

/* A reference that the local memory did not hold. */
struct record_event {
	__u64 mm; /* tells address spaces apart */
	__u64 address;
	__u32 write;
	__u32 first_touch;
};

#endif
