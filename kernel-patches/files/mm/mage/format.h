/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: formats that policies write text by.
 */
#ifndef _MM_MAGE_FORMAT_H
#define _MM_MAGE_FORMAT_H

#include <linux/types.h>

bool mage_format_is_wide(const char *fmt, size_t size);

#endif /* _MM_MAGE_FORMAT_H */
