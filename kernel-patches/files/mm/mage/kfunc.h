/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the functions that a policy may call.
 */
#ifndef _MM_MAGE_KFUNC_H
#define _MM_MAGE_KFUNC_H

int mage_kfunc_init(void);

#endif /* _MM_MAGE_KFUNC_H */
