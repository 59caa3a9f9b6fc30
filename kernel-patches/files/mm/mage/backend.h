/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the kinds of far store that there are.
 */
#ifndef _MM_MAGE_BACKEND_H
#define _MM_MAGE_BACKEND_H

struct mage_backend_ops;

struct mage_backend_ops *mage_backend_find(const char *name);

#endif /* _MM_MAGE_BACKEND_H */
