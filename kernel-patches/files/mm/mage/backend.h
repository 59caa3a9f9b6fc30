/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the kinds of far store that there are.
 */
#ifndef _MM_MAGE_BACKEND_H
#define _MM_MAGE_BACKEND_H

struct mage_backend_ops;

const struct mage_backend_ops *mage_backend_get(const char *name);
void mage_backend_put(const struct mage_backend_ops *ops);

#endif /* _MM_MAGE_BACKEND_H */
