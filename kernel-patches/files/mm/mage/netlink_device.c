// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: generic netlink, what is of far devices.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include "checksum.h"
#include "device.h"
#include "disk.h"
#include "netlink_device.h"
#include "set.h"
#include "set_leg.h"
#include "set_stale.h"

/* Threads wait for so long, and can do nothing else. */
#define MAGE_LOSS_TIMEOUT_MAX_MS	(24 * 3600 * MSEC_PER_SEC)

/* What a device of MAGE_LEGS_MAX legs, each with a path and a reason, fits with certainty. */
#define MAGE_DEVICE_REPLY	SZ_16K

static const struct nla_policy mage_leg_policy[MAGE_LEG_ATTR_MAX + 1] = {
	[MAGE_LEG_ATTR_NUMBER] = { .type = NLA_U32 },
	[MAGE_LEG_ATTR_COLUMN] = { .type = NLA_U32 },
	[MAGE_LEG_ATTR_BACKEND] = { .type = NLA_NUL_STRING, .len = MAGE_NAME_LEN - 1 },
	[MAGE_LEG_ATTR_ADDRESS] = { .type = NLA_NUL_STRING, .len = MAGE_NAME_LEN - 1 },
	[MAGE_LEG_ATTR_PORT] = { .type = NLA_U16 },
	[MAGE_LEG_ATTR_SECRET] = { .type = NLA_BINARY, .len = MAGE_SECRET_LEN },
	[MAGE_LEG_ATTR_PATH] = { .type = NLA_NUL_STRING, .len = MAGE_PATH_LEN - 1 },
	[MAGE_LEG_ATTR_LOSS_TIMEOUT_MS] = { .type = NLA_U32 },
	[MAGE_LEG_ATTR_LATENCY_NS] = { .type = NLA_U64 },
	[MAGE_LEG_ATTR_BANDWIDTH] = { .type = NLA_U64 },
};

const struct nla_policy mage_device_policy[MAGE_DEVICE_ATTR_MAX + 1] = {
	[MAGE_DEVICE_ATTR_INDEX] = { .type = NLA_U32 },
	[MAGE_DEVICE_ATTR_BACKEND] = { .type = NLA_NUL_STRING, .len = MAGE_NAME_LEN - 1 },
	[MAGE_DEVICE_ATTR_SIZE] = { .type = NLA_U64 },
	[MAGE_DEVICE_ATTR_ADDRESS] = { .type = NLA_NUL_STRING, .len = MAGE_NAME_LEN - 1 },
	[MAGE_DEVICE_ATTR_PORT] = { .type = NLA_U16 },
	[MAGE_DEVICE_ATTR_SECRET] = { .type = NLA_BINARY, .len = MAGE_SECRET_LEN },
	[MAGE_DEVICE_ATTR_LATENCY_NS] = { .type = NLA_U64 },
	[MAGE_DEVICE_ATTR_BANDWIDTH] = { .type = NLA_U64 },
	[MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS] = { .type = NLA_U32 },
	[MAGE_DEVICE_ATTR_CHECKSUMS] = { .type = NLA_FLAG },
	[MAGE_DEVICE_ATTR_PATH] = { .type = NLA_NUL_STRING, .len = MAGE_PATH_LEN - 1 },
	[MAGE_DEVICE_ATTR_LEG] = NLA_POLICY_NESTED(mage_leg_policy),
};

/* ---- a far store -------------------------------------------------------- */

/* Which attributes say what to connect to, of a device or of a leg. */
struct mage_target_attrs {
	int pad;
	int address;
	int port;
	int secret;
	int path;
	int loss_timeout_ms;
	int latency_ns;
	int bandwidth;
};

static const struct mage_target_attrs mage_device_target = {
	.pad = MAGE_DEVICE_ATTR_PAD,
	.address = MAGE_DEVICE_ATTR_ADDRESS,
	.port = MAGE_DEVICE_ATTR_PORT,
	.secret = MAGE_DEVICE_ATTR_SECRET,
	.path = MAGE_DEVICE_ATTR_PATH,
	.loss_timeout_ms = MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS,
	.latency_ns = MAGE_DEVICE_ATTR_LATENCY_NS,
	.bandwidth = MAGE_DEVICE_ATTR_BANDWIDTH,
};

static const struct mage_target_attrs mage_leg_target = {
	.pad = MAGE_LEG_ATTR_PAD,
	.address = MAGE_LEG_ATTR_ADDRESS,
	.port = MAGE_LEG_ATTR_PORT,
	.secret = MAGE_LEG_ATTR_SECRET,
	.path = MAGE_LEG_ATTR_PATH,
	.loss_timeout_ms = MAGE_LEG_ATTR_LOSS_TIMEOUT_MS,
	.latency_ns = MAGE_LEG_ATTR_LATENCY_NS,
	.bandwidth = MAGE_LEG_ATTR_BANDWIDTH,
};

static int mage_target_put(struct sk_buff *skb, const struct mage_target_attrs *at,
			   const struct mage_connect *to)
{
	if (to->path[0])
		return nla_put_string(skb, at->path, to->path);
	if (to->address[0])
		return nla_put_string(skb, at->address, to->address) ?:
		       nla_put_u16(skb, at->port, to->port) ?:
		       nla_put_u32(skb, at->loss_timeout_ms, to->loss_timeout_ms);

	return mage_put_u64(skb, at->latency_ns, to->latency_ns, at->pad) ?:
	       mage_put_u64(skb, at->bandwidth, to->bandwidth, at->pad);
}

static int mage_target_parse(struct nlattr **attrs, const struct mage_target_attrs *at,
			     struct mage_connect *to, struct netlink_ext_ack *extack)
{
	if (attrs[at->address])
		nla_strscpy(to->address, attrs[at->address], sizeof(to->address));
	if (attrs[at->path])
		nla_strscpy(to->path, attrs[at->path], sizeof(to->path));
	if (attrs[at->port])
		to->port = nla_get_u16(attrs[at->port]);
	if (attrs[at->secret])
		to->secret_len = nla_memcpy(to->secret, attrs[at->secret], sizeof(to->secret));
	to->loss_timeout_ms = MAGE_LOSS_TIMEOUT_MS;
	if (attrs[at->loss_timeout_ms])
		to->loss_timeout_ms = nla_get_u32(attrs[at->loss_timeout_ms]);
	if (attrs[at->latency_ns])
		to->latency_ns = nla_get_u64(attrs[at->latency_ns]);
	if (attrs[at->bandwidth])
		to->bandwidth = nla_get_u64(attrs[at->bandwidth]);
	if (to->latency_ns > NSEC_PER_SEC) {
		NL_SET_ERR_MSG(extack, "a latency of more than a second is no use");
		return -ERANGE;
	}
	if (to->loss_timeout_ms > MAGE_LOSS_TIMEOUT_MAX_MS) {
		NL_SET_ERR_MSG(extack, "nobody is to wait for more than a day");
		return -ERANGE;
	}
	return 0;
}

/* ---- legs --------------------------------------------------------------- */

static const char *mage_leg_state(const struct mage_leg *leg)
{
	if (leg->dev.failed)
		return "failed";
	if (leg->dev.suspended)
		return "suspended";
	return leg->nr_stale || leg->joining ? "resync" : "in-sync";
}

/* Under the lock of the set, so that what belongs together fits. */
static int mage_leg_put_state(struct sk_buff *skb, const struct mage_leg *leg)
{
	static const int pad = MAGE_LEG_ATTR_PAD;
	u64 ns = ktime_get_boottime_ns() - leg->since_ns;

	return nla_put_string(skb, MAGE_LEG_ATTR_STATE, mage_leg_state(leg)) ?:
	       mage_put_u64(skb, MAGE_LEG_ATTR_SUSPENSIONS, leg->suspensions, pad) ?:
	       mage_put_u64(skb, MAGE_LEG_ATTR_STALE, leg->nr_stale, pad) ?:
	       mage_put_u64(skb, MAGE_LEG_ATTR_PAGES, leg->column->nr_written, pad) ?:
	       mage_put_u64(skb, MAGE_LEG_ATTR_COPIED, leg->copied, pad) ?:
	       (!leg->why[0] ? 0 :
		mage_put_u64(skb, MAGE_LEG_ATTR_STATE_MS, div_u64(ns, NSEC_PER_MSEC), pad) ?:
		nla_put_string(skb, MAGE_LEG_ATTR_REASON, leg->why));
}

static int mage_leg_put(struct sk_buff *skb, struct mage_leg *leg)
{
	struct nlattr *nest = nla_nest_start(skb, MAGE_DEVICE_ATTR_LEG);
	static const int pad = MAGE_LEG_ATTR_PAD;
	int err;

	if (!nest)
		return -EMSGSIZE;
	spin_lock_irq(&leg->set->lock);
	err = mage_leg_put_state(skb, leg);
	spin_unlock_irq(&leg->set->lock);
	if (err || nla_put_u32(skb, MAGE_LEG_ATTR_NUMBER, leg->number) ||
	    nla_put_u32(skb, MAGE_LEG_ATTR_COLUMN, leg->column->number) ||
	    nla_put_string(skb, MAGE_LEG_ATTR_BACKEND, leg->dev.ops->name) ||
	    mage_target_put(skb, &mage_leg_target, &leg->to) ||
	    mage_put_u64(skb, MAGE_LEG_ATTR_READS, mage_leg_reads(leg), pad) ||
	    mage_put_u64(skb, MAGE_LEG_ATTR_WRITES, atomic_long_read(&leg->writes), pad) ||
	    mage_put_u64(skb, MAGE_LEG_ATTR_READ_ERRORS,
			 atomic_long_read(&leg->read_errors), pad) ||
	    mage_put_u64(skb, MAGE_LEG_ATTR_WRITE_ERRORS,
			 atomic_long_read(&leg->write_errors), pad) ||
	    mage_put_u64(skb, MAGE_LEG_ATTR_MISMATCHES,
			 atomic_long_read(&leg->mismatches), pad))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Legs go in the mutex that the caller holds. */
static int mage_set_put(struct sk_buff *skb, struct mage_set *set)
{
	struct mage_leg *leg;
	unsigned int i;

	lockdep_assert_held(&mage_disks_mutex);
	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			if (mage_leg_put(skb, leg))
				return -EMSGSIZE;
	return mage_set_is_degraded(set) ? nla_put_flag(skb, MAGE_DEVICE_ATTR_DEGRADED) : 0;
}

static int mage_leg_parse(const struct nlattr *nest, struct mage_leg_connect *leg,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[MAGE_LEG_ATTR_MAX + 1];
	int err = nla_parse_nested(attrs, MAGE_LEG_ATTR_MAX, nest, mage_leg_policy, extack);

	if (err)
		return err;
	if (!attrs[MAGE_LEG_ATTR_BACKEND]) {
		NL_SET_ERR_MSG(extack, "a leg needs a backend");
		return -EINVAL;
	}
	nla_strscpy(leg->backend, attrs[MAGE_LEG_ATTR_BACKEND], sizeof(leg->backend));
	leg->column = 0;
	if (attrs[MAGE_LEG_ATTR_COLUMN])
		leg->column = nla_get_u32(attrs[MAGE_LEG_ATTR_COLUMN]);
	return mage_target_parse(attrs, &mage_leg_target, &leg->to, extack);
}

/* ---- devices ------------------------------------------------------------ */

static int mage_device_put_state(struct sk_buff *skb, struct mage_disk *disk)
{
	const char *state = "connected";
	char why[sizeof(disk->why)];
	u64 suspensions, ms = 0;

	spin_lock_irq(&disk->state_lock);
	if (disk->dev.failed)
		state = "failed";
	else if (disk->dev.suspended)
		state = "suspended";
	if (disk->dev.failed || disk->dev.suspended)
		ms = div_u64(ktime_get_boottime_ns() - disk->since_ns, NSEC_PER_MSEC);
	strscpy(why, disk->why);
	suspensions = disk->suspensions;
	spin_unlock_irq(&disk->state_lock);

	if (nla_put_string(skb, MAGE_DEVICE_ATTR_STATE, state) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_SUSPENSIONS, suspensions, MAGE_DEVICE_ATTR_PAD))
		return -EMSGSIZE;
	if (!why[0])
		return 0;
	return mage_put_u64(skb, MAGE_DEVICE_ATTR_STATE_MS, ms, MAGE_DEVICE_ATTR_PAD) ?:
	       nla_put_string(skb, MAGE_DEVICE_ATTR_REASON, why);
}

static int mage_device_put(struct sk_buff *skb, struct mage_disk *disk)
{
	static const int pad = MAGE_DEVICE_ATTR_PAD;
	struct swap_info_struct *si = READ_ONCE(disk->si);
	u64 slots = disk->nr_slots, used = 0;
	struct mage_set *set;
	char name[16];

	/* Slots that wait to be given back are not in use any more. */
	flush_work(&disk->free_work);
	if (si && percpu_ref_tryget_live(&si->users)) {
		slots = si->pages;
		used = READ_ONCE(si->inuse_pages);
		percpu_ref_put(&si->users);
	}
	snprintf(name, sizeof(name), "mage%d", disk->index);
	if (nla_put_u32(skb, MAGE_DEVICE_ATTR_INDEX, disk->index) ||
	    nla_put_string(skb, MAGE_DEVICE_ATTR_NAME, name) ||
	    nla_put_string(skb, MAGE_DEVICE_ATTR_BACKEND, disk->dev.ops->name) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_SIZE, disk->dev.size, pad) ||
	    mage_device_put_state(skb, disk) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_SLOTS, slots, pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_SLOTS_USED, used, pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_READS, mage_disk_reads(disk), pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_WRITES, atomic_long_read(&disk->writes), pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_READ_ERRORS,
			 atomic_long_read(&disk->read_errors), pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_WRITE_ERRORS,
			 atomic_long_read(&disk->write_errors), pad) ||
	    mage_put_u64(skb, MAGE_DEVICE_ATTR_MISMATCHES,
			 atomic_long_read(&disk->mismatches), pad))
		return -EMSGSIZE;
	if (mage_disk_has_checksums(disk) && nla_put_flag(skb, MAGE_DEVICE_ATTR_CHECKSUMS))
		return -EMSGSIZE;
	if (si && nla_put_flag(skb, MAGE_DEVICE_ATTR_SWAP))
		return -EMSGSIZE;
	set = mage_set_of(&disk->dev);
	return set ? mage_set_put(skb, set) :
		     mage_target_put(skb, &mage_device_target, &disk->to);
}

/* Those that come with the request, in @legs, which has place for MAGE_LEGS_MAX. */
static int mage_connect_parse_legs(struct genl_info *info, struct mage_connect *to,
				   struct mage_leg_connect *legs)
{
	struct nlattr *nest;
	int err, rem;

	to->legs = legs;
	nlmsg_for_each_attr_type(nest, MAGE_DEVICE_ATTR_LEG, info->nlhdr, GENL_HDRLEN, rem) {
		if (to->nr_legs == MAGE_LEGS_MAX) {
			NL_SET_ERR_MSG(info->extack, "a device has at most "
				       __stringify(MAGE_LEGS_MAX) " legs");
			return -ENOSPC;
		}
		err = mage_leg_parse(nest, &legs[to->nr_legs++], info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int mage_connect_parse(struct genl_info *info, struct mage_connect *to,
			      struct mage_leg_connect *legs)
{
	struct nlattr **attrs = info->attrs;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, MAGE_DEVICE_ATTR_BACKEND) ||
	    GENL_REQ_ATTR_CHECK(info, MAGE_DEVICE_ATTR_SIZE)) {
		NL_SET_ERR_MSG(info->extack, "a backend and a size are needed");
		return -EINVAL;
	}
	to->size = nla_get_u64(attrs[MAGE_DEVICE_ATTR_SIZE]);
	to->checksums = nla_get_flag(attrs[MAGE_DEVICE_ATTR_CHECKSUMS]);
	err = mage_target_parse(attrs, &mage_device_target, to, info->extack);
	return err ?: mage_connect_parse_legs(info, to, legs);
}

/* The answer to a request, with the state of a device that stays meanwhile. */
static int mage_device_reply(struct genl_info *info, struct sk_buff *reply, struct mage_disk *disk)
{
	void *header = genlmsg_put_reply(reply, info, info->family, 0, MAGE_CMD_DEVICE_GET);
	int err = mage_device_put(reply, disk);

	genlmsg_end(reply, header);
	return err;
}

static int mage_connect_and_reply(struct genl_info *info, const struct mage_connect *to,
				  struct sk_buff *reply)
{
	char backend[MAGE_NAME_LEN];
	struct mage_disk *disk;

	nla_strscpy(backend, info->attrs[MAGE_DEVICE_ATTR_BACKEND], sizeof(backend));
	disk = mage_disk_connect(backend, to, info->extack);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	guard(mutex)(&mage_disks_mutex);
	mage_disk_publish(disk);
	return mage_device_reply(info, reply, disk);
}

int mage_device_connect_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct mage_leg_connect *legs = kcalloc(MAGE_LEGS_MAX, sizeof(*legs), GFP_KERNEL);
	struct sk_buff *reply = genlmsg_new(MAGE_DEVICE_REPLY, GFP_KERNEL);
	struct mage_connect to = {};
	int err = -ENOMEM;

	if (legs && reply)
		err = mage_connect_parse(info, &to, legs);
	if (!err)
		err = mage_connect_and_reply(info, &to, reply);
	kfree_sensitive(legs);
	memzero_explicit(&to, sizeof(to));
	if (!err)
		return genlmsg_reply(reply, info);
	nlmsg_free(reply);
	return err;
}

int mage_device_disconnect_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, MAGE_DEVICE_ATTR_INDEX)) {
		NL_SET_ERR_MSG(info->extack, "which far device is not said");
		return -EINVAL;
	}
	return mage_disk_disconnect(nla_get_u32(info->attrs[MAGE_DEVICE_ATTR_INDEX]),
				    info->extack);
}

int mage_device_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mage_disk *disk;
	long at = 0;

	mutex_lock(&mage_disks_mutex);
	list_for_each_entry(disk, &mage_disks, all) {
		void *header;

		if (at++ < cb->args[0])
			continue;
		header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     genl_info_dump(cb)->family, NLM_F_MULTI, MAGE_CMD_DEVICE_GET);
		if (!header)
			break;
		if (mage_device_put(skb, disk)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[0]++;
	}
	mutex_unlock(&mage_disks_mutex);
	return skb->len;
}

/* ---- legs that come and go ---------------------------------------------- */

/* The set that a request is about; its device stays until mage_set_put_disk(). */
static struct mage_disk *mage_set_get_disk(struct genl_info *info)
{
	struct mage_disk *disk;
	u32 index;

	if (GENL_REQ_ATTR_CHECK(info, MAGE_DEVICE_ATTR_INDEX) ||
	    GENL_REQ_ATTR_CHECK(info, MAGE_DEVICE_ATTR_LEG)) {
		NL_SET_ERR_MSG(info->extack, "a far device and a leg are needed");
		return ERR_PTR(-EINVAL);
	}
	index = nla_get_u32(info->attrs[MAGE_DEVICE_ATTR_INDEX]);
	guard(mutex)(&mage_disks_mutex);
	list_for_each_entry(disk, &mage_disks, all) {
		if (disk->index != index)
			continue;
		if (!mage_set_of(&disk->dev)) {
			NL_SET_ERR_MSG(info->extack, "the far device is not made of legs");
			return ERR_PTR(-EOPNOTSUPP);
		}
		disk->pins++;
		return disk;
	}
	NL_SET_ERR_MSG(info->extack, "there is no such far device");
	return ERR_PTR(-ENODEV);
}

static void mage_set_put_disk(struct mage_disk *disk)
{
	guard(mutex)(&mage_disks_mutex);
	disk->pins--;
}

static int mage_set_add(struct genl_info *info, struct mage_set *set)
{
	struct mage_leg_connect *leg = kzalloc(sizeof(*leg), GFP_KERNEL);
	int err;

	if (!leg)
		return -ENOMEM;
	err = mage_leg_parse(info->attrs[MAGE_DEVICE_ATTR_LEG], leg, info->extack);
	if (!err)
		err = mage_set_add_leg(set, leg, info->extack);
	kfree_sensitive(leg);
	return err;
}

static int mage_set_remove(struct genl_info *info, struct mage_set *set)
{
	struct nlattr *attrs[MAGE_LEG_ATTR_MAX + 1];
	int err = nla_parse_nested(attrs, MAGE_LEG_ATTR_MAX, info->attrs[MAGE_DEVICE_ATTR_LEG],
				   mage_leg_policy, info->extack);

	if (err)
		return err;
	if (!attrs[MAGE_LEG_ATTR_NUMBER]) {
		NL_SET_ERR_MSG(info->extack, "which leg is not said");
		return -EINVAL;
	}
	return mage_set_remove_leg(set, nla_get_u32(attrs[MAGE_LEG_ATTR_NUMBER]), info->extack);
}

/* Does something to the legs of a set, and says how it is then. */
static int mage_set_change(struct genl_info *info,
			   int (*change)(struct genl_info *info, struct mage_set *set))
{
	struct mage_disk *disk = mage_set_get_disk(info);
	struct sk_buff *reply;
	int err = -ENOMEM;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	reply = genlmsg_new(MAGE_DEVICE_REPLY, GFP_KERNEL);
	if (reply)
		err = change(info, mage_set_of(&disk->dev));
	if (!err) {
		guard(mutex)(&mage_disks_mutex);
		err = mage_device_reply(info, reply, disk);
	}
	mage_set_put_disk(disk);
	if (!err)
		return genlmsg_reply(reply, info);
	nlmsg_free(reply);
	return err;
}

int mage_leg_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mage_set_change(info, mage_set_add);
}

int mage_leg_remove_doit(struct sk_buff *skb, struct genl_info *info)
{
	return mage_set_change(info, mage_set_remove);
}

/* ---- events ------------------------------------------------------------- */

static const struct genl_family *mage_events_family;

/* Who listens and misses one hears of it by ENOBUFS, and asks. */
static void mage_device_tell(struct mage_disk *disk)
{
	struct sk_buff *skb;
	void *header;
	int err;

	if (!genl_has_listeners(mage_events_family, &init_net, MAGE_GROUP_EVENTS))
		return;
	skb = genlmsg_new(MAGE_DEVICE_REPLY, GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, mage_events_family, 0, MAGE_CMD_DEVICE_EVENT);
	scoped_guard(mutex, &mage_disks_mutex)
		err = mage_device_put(skb, disk);
	if (err) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(mage_events_family, skb, 0, MAGE_GROUP_EVENTS, GFP_KERNEL);
}

/**
 * mage_device_tell_by() - tell who listens of what changes of far devices
 * @family: the family, which was registered
 */
void mage_device_tell_by(const struct genl_family *family)
{
	mage_events_family = family;
	mage_disk_set_listener(mage_device_tell);
}
