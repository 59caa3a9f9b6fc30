// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the kinds of far store that there are.
 */
#include <linux/export.h>
#include <linux/kmod.h>
#include <linux/mage_backend.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include "backend.h"
#include "knobs.h"

/* Protects mage_backends. */
static DEFINE_MUTEX(mage_backends_mutex);
static LIST_HEAD(mage_backends);

/**
 * mage_backend_register() - offer a kind of far store
 * @ops: its operations; they must stay until mage_backend_unregister()
 *
 * Return: 0; -EEXIST if the name is taken; -ENODEV where Mage is off, so that nothing of a
 * backend is kept
 */
int mage_backend_register(struct mage_backend_ops *ops)
{
	struct mage_backend_ops *other;
	int err = 0;

	if (!mage_enabled)
		return -ENODEV;
	mutex_lock(&mage_backends_mutex);
	list_for_each_entry(other, &mage_backends, list)
		if (!strcmp(other->name, ops->name))
			err = -EEXIST;
	if (!err)
		list_add_tail(&ops->list, &mage_backends);
	mutex_unlock(&mage_backends_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(mage_backend_register);

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
EXPORT_SYMBOL_GPL(mage_backend_unregister);

static struct mage_backend_ops *mage_backend_look(const char *name)
{
	struct mage_backend_ops *ops, *found = NULL;

	mutex_lock(&mage_backends_mutex);
	list_for_each_entry(ops, &mage_backends, list)
		if (!strcmp(ops->name, name) && try_module_get(ops->owner))
			found = ops;
	mutex_unlock(&mage_backends_mutex);
	return found;
}

/**
 * mage_backend_get() - a kind of far store by its name
 * @name: the name
 *
 * Loads the module that has it, if it is not there.  May sleep.
 *
 * Return: its operations, which stay until mage_backend_put(), or NULL
 */
const struct mage_backend_ops *mage_backend_get(const char *name)
{
	const struct mage_backend_ops *ops = mage_backend_look(name);

	if (ops)
		return ops;
	request_module("mage-backend-%s", name);
	return mage_backend_look(name);
}

/**
 * mage_backend_put() - a device of a kind of far store is gone, or was none
 * @ops: what mage_backend_get() returned
 */
void mage_backend_put(const struct mage_backend_ops *ops)
{
	module_put(ops->owner);
}
