/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One line a message on standard error, which is the journal under systemd.
 */
#ifndef MEMNODE_LOG_H
#define MEMNODE_LOG_H

void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
