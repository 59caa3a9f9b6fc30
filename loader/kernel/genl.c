// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "base/error.h"
#include "kernel/genl.h"
#include "kernel/genl_attrs.h"
#include "kernel/presence.h"

struct genl {
	struct nl_sock *sock;
	struct nl_cb *cb;
	int family;
	int err; /* of the request under way, 0 or negative */
	bool done;
	char why[256];
};

/* libnl turns errno values into its own and loses some, so we keep the kernel's. */
static void set_error(struct genl *genl, int err)
{
	genl->err = err;
	snprintf(genl->why, sizeof(genl->why), "%s", strerror(-err));
}

/* The extended acknowledgement: after the error, behind the request unless that is left out. */
static void read_extack(struct genl *genl, struct nlmsgerr *error)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)error - 1;
	size_t offset = sizeof(*error);
	struct nlattr *attr;

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	if (nlmsg_datalen(hdr) < (int)offset)
		return;
	attr = nla_find((struct nlattr *)((char *)error + offset), nlmsg_datalen(hdr) - (int)offset,
			NLMSGERR_ATTR_MSG);
	if (attr && nla_len(attr) > 0)
		snprintf(genl->why, sizeof(genl->why), "%.*s", nla_len(attr),
			 (const char *)nla_data(attr));
}

static int on_error(struct sockaddr_nl *addr, struct nlmsgerr *error, void *arg)
{
	struct genl *genl = arg;

	(void)addr;
	set_error(genl, error->error);
	read_extack(genl, error);
	genl->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct genl *genl = arg;

	(void)msg;
	genl->done = true;
	return NL_STOP;
}

/* The end of a dump carries its result. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct genl *genl = arg;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	if (nlmsg_datalen(hdr) >= (int)sizeof(int)) {
		int err = *(int *)nlmsg_data(hdr);

		if (err < 0)
			set_error(genl, err);
	}
	genl->done = true;
	return NL_STOP;
}

static void ask_for_reasons(struct nl_sock *sock)
{
	int one = 1;

	/* Old kernels lack these; then there is only the error number. */
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
}

void genl_close(struct genl *genl)
{
	if (!genl)
		return;
	if (genl->cb)
		nl_cb_put(genl->cb);
	if (genl->sock)
		nl_socket_free(genl->sock);
	free(genl);
}

/* The family's id and version, over a socket that is connected; false if there is none. */
static bool find_family(struct nl_sock *sock, int *id, unsigned int *version)
{
	struct genl_family *family;
	struct nl_cache *cache;

	if (genl_ctrl_alloc_cache(sock, &cache))
		return false;
	family = genl_ctrl_search_by_name(cache, MAGE_GENL_NAME);
	if (family) {
		*id = (int)genl_family_get_id(family);
		*version = genl_family_get_version(family);
		genl_family_put(family);
	}
	nl_cache_free(cache);
	return family != NULL;
}

int genl_version(void)
{
	struct nl_sock *sock = nl_socket_alloc();
	unsigned int version;
	int id, ret = -1;

	if (!sock)
		return -1;
	if (!genl_connect(sock) && find_family(sock, &id, &version))
		ret = (int)version;
	nl_socket_free(sock);
	return ret;
}

enum rc genl_open(const char *what, struct genl **out)
{
	struct genl *genl = calloc(1, sizeof(*genl));
	unsigned int version;
	enum rc rc;
	int err;

	if (genl) {
		genl->sock = nl_socket_alloc();
		genl->cb = nl_cb_alloc(NL_CB_DEFAULT);
	}
	if (!genl || !genl->sock || !genl->cb) {
		genl_close(genl);
		return report(RC_FAILED, what, NULL, NULL, "out of memory");
	}
	err = genl_connect(genl->sock);
	if (err < 0) {
		genl_close(genl);
		return report(RC_FAILED, what, "generic netlink", NULL, "%s", nl_geterror(err));
	}
	rc = find_family(genl->sock, &genl->family, &version) ? version_check(what, version) :
								no_mage(what);
	if (rc) {
		genl_close(genl);
		return rc;
	}
	ask_for_reasons(genl->sock);
	nl_cb_err(genl->cb, NL_CB_CUSTOM, on_error, genl);
	nl_cb_set(genl->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, genl);
	nl_cb_set(genl->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, genl);
	*out = genl;
	return RC_OK;
}

/* Room for all legs that a device can have, with their secrets and paths. */
#define REQUEST_SIZE 16384

static struct nl_msg *new_request(struct genl *genl, int command, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_SIZE);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family, 0, flags,
				(uint8_t)command, MAGE_GENL_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (!msg)
		set_error(genl, -ENOMEM);
	return msg;
}

/* Sends @msg, frees it, and passes what comes back to @on_reply until all is there. */
static int transact(struct genl *genl, struct nl_msg *msg, nl_recvmsg_msg_cb_t on_reply, void *arg)
{
	int ret;

	genl->err = 0;
	genl->done = false;
	nl_cb_set(genl->cb, NL_CB_VALID, NL_CB_CUSTOM, on_reply, arg);
	ret = nl_send_auto(genl->sock, msg);
	nlmsg_free(msg);
	while (ret >= 0 && !genl->done)
		ret = nl_recvmsgs(genl->sock, genl->cb);
	if (ret < 0 && !genl->err) {
		genl->err = ret == -NLE_DUMP_INTR ? -EAGAIN : -EIO;
		snprintf(genl->why, sizeof(genl->why), "%s", nl_geterror(ret));
	}
	return genl->err;
}

static int ignore_reply(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int read_device(struct nl_msg *msg, void *arg)
{
	device_from_msg(nlmsg_hdr(msg), arg);
	return NL_OK;
}

static int too_long(struct genl *genl, struct nl_msg *msg)
{
	nlmsg_free(msg);
	set_error(genl, -EMSGSIZE);
	return genl->err;
}

/* Sends a request that is answered with what becomes of a far device. */
static int transact_device(struct genl *genl, struct nl_msg *msg, struct device *device)
{
	int err;

	memset(device, 0, sizeof(*device));
	err = transact(genl, msg, read_device, device);
	if (!err && !device->name[0]) {
		set_error(genl, -EPROTO);
		err = genl->err;
	}
	return err;
}

int genl_device_connect(struct genl *genl, const struct connect_request *request,
			struct device *device)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_DEVICE_CONNECT, 0);

	if (!msg)
		return genl->err;
	if (connect_request_to_msg(msg, request))
		return too_long(genl, msg);
	return transact_device(genl, msg, device);
}

int genl_leg_add(struct genl *genl, uint32_t index, const struct leg_request *leg,
		 struct device *device)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_LEG_ADD, 0);

	if (!msg)
		return genl->err;
	nla_put_u32(msg, MAGE_DEVICE_ATTR_INDEX, index);
	if (leg_request_to_msg(msg, leg))
		return too_long(genl, msg);
	return transact_device(genl, msg, device);
}

int genl_leg_remove(struct genl *genl, uint32_t index, uint32_t number, struct device *device)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_LEG_REMOVE, 0);
	struct nlattr *nested;

	if (!msg)
		return genl->err;
	/* A fresh message has room for these. */
	nla_put_u32(msg, MAGE_DEVICE_ATTR_INDEX, index);
	nested = nla_nest_start(msg, MAGE_DEVICE_ATTR_LEG);
	nla_put_u32(msg, MAGE_LEG_ATTR_NUMBER, number);
	nla_nest_end(msg, nested);
	return transact_device(genl, msg, device);
}

int genl_device_disconnect(struct genl *genl, uint32_t index)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_DEVICE_DISCONNECT, 0);

	if (!msg)
		return genl->err;
	/* A fresh message has room for one attribute. */
	nla_put_u32(msg, MAGE_DEVICE_ATTR_INDEX, index);
	return transact(genl, msg, ignore_reply, NULL);
}

int genl_domain_remove(struct genl *genl, uint64_t cgroup_id)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_DOMAIN_REMOVE, 0);

	if (!msg)
		return genl->err;
	nla_put_u64(msg, MAGE_DOMAIN_ATTR_CGROUP_ID, cgroup_id);
	return transact(genl, msg, ignore_reply, NULL);
}

static int read_said(struct nl_msg *msg, void *arg)
{
	said_from_msg(nlmsg_hdr(msg), arg);
	return NL_OK;
}

int genl_policy_dump(struct genl *genl, uint64_t cgroup_id, struct policy_said *said)
{
	struct nl_msg *msg = new_request(genl, MAGE_CMD_POLICY_DUMP, 0);

	if (!msg)
		return genl->err;
	memset(said, 0, sizeof(*said));
	nla_put_u64(msg, MAGE_DOMAIN_ATTR_CGROUP_ID, cgroup_id);
	return transact(genl, msg, read_said, said);
}

/* A dump collects messages into a growing array of elements. */
struct dump {
	void *elements;
	size_t element_size;
	size_t nr;
	void (*read)(struct nlmsghdr *hdr, void *element);
	bool no_memory;
};

static int on_dump_element(struct nl_msg *msg, void *arg)
{
	struct dump *dump = arg;
	void *grown, *element;

	grown = realloc(dump->elements, (dump->nr + 1) * dump->element_size);
	if (!grown) {
		dump->no_memory = true;
		return NL_SKIP;
	}
	dump->elements = grown;
	element = (char *)grown + dump->nr++ * dump->element_size;
	memset(element, 0, dump->element_size);
	dump->read(nlmsg_hdr(msg), element);
	return NL_OK;
}

static int run_dump(struct genl *genl, int command, struct dump *dump)
{
	int err, tries = 5;

	do {
		struct nl_msg *msg = new_request(genl, command, NLM_F_DUMP);

		if (!msg)
			return genl->err;
		dump->nr = 0;
		err = transact(genl, msg, on_dump_element, dump);
		/* -EAGAIN: the list changed while it was sent. */
	} while (err == -EAGAIN && --tries);

	if (!err && dump->no_memory) {
		set_error(genl, -ENOMEM);
		err = genl->err;
	}
	if (err) {
		free(dump->elements);
		dump->elements = NULL;
		dump->nr = 0;
	}
	return err;
}

int genl_devices(struct genl *genl, struct device **devices, size_t *nr)
{
	struct dump dump = { .element_size = sizeof(struct device), .read = device_from_msg };
	int err = run_dump(genl, MAGE_CMD_DEVICE_GET, &dump);

	*devices = dump.elements;
	*nr = dump.nr;
	return err;
}

int genl_domains(struct genl *genl, struct domain **domains, size_t *nr)
{
	struct dump dump = { .element_size = sizeof(struct domain), .read = domain_from_msg };
	int err = run_dump(genl, MAGE_CMD_DOMAIN_GET, &dump);

	*domains = dump.elements;
	*nr = dump.nr;
	return err;
}

int genl_exits(struct genl *genl, struct exit_record **records, size_t *nr)
{
	struct dump dump = { .element_size = sizeof(struct exit_record), .read = exit_from_msg };
	int err = run_dump(genl, MAGE_CMD_EXIT_GET, &dump);

	*records = dump.elements;
	*nr = dump.nr;
	return err;
}

const char *genl_why(const struct genl *genl)
{
	return genl->why;
}

enum rc genl_fail(const struct genl *genl, int err, const char *what, const char *on,
		  const char *todo)
{
	/* The kernel says EPERM to those who lack rights; EACCES is a memory node's refusal. */
	enum rc rc = err == -EACCES ? RC_FAILED : rc_of_errno(-err);

	return report(rc, what, on, todo, "%s", genl_why(genl));
}
