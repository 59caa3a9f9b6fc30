/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes, durations and addresses as people type them.  Pure functions. */
#ifndef MAGE_BASE_PARSE_H
#define MAGE_BASE_PARSE_H

#include <stdint.h>

#include "common/quantity.h"

/* "512M", "1G", "64KiB", "4096": bytes, not zero; units are powers of 1024. */
enum parse_result parse_size(const char *text, uint64_t *bytes);

/* The same, and a multiple of @page_size. */
enum parse_result parse_page_size(const char *text, uint64_t page_size, uint64_t *bytes);

/* "20us", "5ms", "700ns", "1s": nanoseconds; the unit is needed unless the number is 0. */
enum parse_result parse_duration(const char *text, uint64_t *ns);

/* "2", "0.5": seconds; at least a millisecond, at most a day. */
enum parse_result parse_seconds(const char *text, double *seconds);

/* "mage0" or "/dev/mage0": the 0. */
enum parse_result parse_device(const char *text, uint32_t *index);

/*
 * "HOST", "HOST:PORT", "[IPv6]", "[IPv6]:PORT" or a bare IPv6 address.  Writes
 * the host to @host (@host_len bytes) and, only if one is given, the port.
 */
enum parse_result parse_address(const char *text, char *host, unsigned int host_len,
				uint16_t *port);

/* What is wrong, in words: "is zero", "has an unknown unit ...". */
const char *parse_result_text(enum parse_result result);

#endif
