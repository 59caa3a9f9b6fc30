// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the kinds of far store that there are.
 */
#include <linux/mage_backend.h>
#include <linux/mutex.h>
#include "backend.h"

/* Protects mage_backends. */
static DEFINE_MUTEX(mage_backends_mutex);
static LIST_HEAD(mage_backends);

/**
 * mage_backend_register() - offer a kind of far store
 * @ops: its operations; they must stay until mage_backend_unregister()
 *
 * Return: 0, or -EEXIST if the name is taken
 */
int mage_backend_register(struct mage_backend_ops *ops)
{
	struct mage_backend_ops *other;
	int err = 0;

	mutex_lock(&mage_backends_mutex);
	list_for_each_entry(other, &mage_backends, list)
		if (!strcmp(other->name, ops->name))
			err = -EEXIST;
	if (!err)
		list_add_tail(&ops->list, &mage_backends);
	mutex_unlock(&mage_backends_mutex);
	return err;
}

/**
 * mage_backend_unregister() - take a kind of far store back
 * @ops: what mage_backend_register() was given; no device may stand on it
 */
void mage_backend_unregister(struct mage_backend_ops *ops)
{
	mutex_lock(&mage_backends_mutex);
	list_del(&ops->list);
	mutex_unlock(&mage_backends_mutex);
}

/**
 * mage_backend_find() - a kind of far store by its name
 * @name: the name
 *
 * Return: its operations, or NULL
 */
struct mage_backend_ops *mage_backend_find(const char *name)
{
	struct mage_backend_ops *ops, *found = NULL;

	mutex_lock(&mage_backends_mutex);
	list_for_each_entry(ops, &mage_backends, list)
		if (!strcmp(ops->name, name))
			found = ops;
	mutex_unlock(&mage_backends_mutex);
	return found;
}
