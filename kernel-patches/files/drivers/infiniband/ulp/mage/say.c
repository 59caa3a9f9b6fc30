// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the rdma backend's sentences for people.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <uapi/linux/mage_wire.h>

#include "say.h"

void mage_rdma_extack(struct netlink_ext_ack *extack, const char *fmt, ...)
{
	char text[NETLINK_MAX_FMTMSG_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	NL_SET_ERR_MSG_FMT(extack, "%s", text);
}

int mage_rdma_refusal(const char *name, unsigned int status,
		      const char *message, struct netlink_ext_ack *extack)
{
	char text[MAGE_WIRE_MESSAGE_LEN];
	unsigned int i;

	strscpy(text, message);
	for (i = 0; text[i]; i++)
		if (!isascii(text[i]) || !isprint(text[i]))
			text[i] = '?';

	pr_notice_ratelimited("mage: memory node %s refused: %s\n", name, text);
	mage_rdma_extack(extack, "refused: %s", text);

	switch (status) {
	case MAGE_WIRE_BAD_SECRET:
		return -EKEYREJECTED;
	case MAGE_WIRE_BAD_SIZE:
		return -EINVAL;
	case MAGE_WIRE_TOO_LARGE:
		return -EFBIG;
	case MAGE_WIRE_FULL:
		return -ENOSPC;
	case MAGE_WIRE_TOO_MANY:
		return -EUSERS;
	case MAGE_WIRE_NO_MEMORY:
		return -ENOMEM;
	case MAGE_WIRE_STOPPING:
		return -ESHUTDOWN;
	case MAGE_WIRE_BAD_TOKEN:
		return -ESTALE;
	default:
		return -EPROTO;
	}
}
