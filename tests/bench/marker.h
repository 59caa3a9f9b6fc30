/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two no-operations that tests/bench/profile_plugin.c knows when it sees them
 * executed: what lies between them is profiled. Elsewhere they do nothing.
 */
#ifndef BENCH_MARKER_H
#define BENCH_MARKER_H

/* nopl 0x4d414745(%rax,%rax) and the same with ...46 */
#define MARKER_BEGIN 0x0f, 0x1f, 0x84, 0x00, 0x45, 0x47, 0x41, 0x4d
#define MARKER_END 0x0f, 0x1f, 0x84, 0x00, 0x46, 0x47, 0x41, 0x4d

static inline void marker_begin(void)
{
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x45, 0x47, 0x41, 0x4d" ::: "memory");
}

static inline void marker_end(void)
{
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x46, 0x47, 0x41, 0x4d" ::: "memory");
}

#endif
