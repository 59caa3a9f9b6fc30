// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "kernel/genl_attrs.h"

/*
 * The attributes of a newer kernel that we do not know are skipped, those of
 * an older one that are missing leave zeroes.
 */
static void get_string(struct nlattr *attr, char *to, size_t size)
{
	if (attr)
		nla_strlcpy(to, attr, size);
}

static void get_u64(struct nlattr *attr, uint64_t *to)
{
	if (attr && nla_len(attr) >= (int)sizeof(*to))
		*to = nla_get_u64(attr);
}

static void get_u32(struct nlattr *attr, uint32_t *to)
{
	if (attr && nla_len(attr) >= (int)sizeof(*to))
		*to = nla_get_u32(attr);
}

static void get_fields(struct nlattr **attrs, void *to, const struct u64_field *fields, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		get_u64(attrs[fields[i].attribute], u64_field(to, &fields[i]));
}

static void get_u16(struct nlattr *attr, uint16_t *to)
{
	if (attr && nla_len(attr) >= (int)sizeof(*to))
		*to = nla_get_u16(attr);
}

static void leg_from_attr(struct nlattr *nested, struct leg *leg)
{
	struct nlattr *attrs[MAGE_LEG_ATTR_MAX + 1];

	if (nla_parse_nested(attrs, MAGE_LEG_ATTR_MAX, nested, NULL) < 0)
		return;
	get_u32(attrs[MAGE_LEG_ATTR_NUMBER], &leg->number);
	get_u32(attrs[MAGE_LEG_ATTR_COLUMN], &leg->column);
	get_string(attrs[MAGE_LEG_ATTR_BACKEND], leg->backend, sizeof(leg->backend));
	get_string(attrs[MAGE_LEG_ATTR_ADDRESS], leg->address, sizeof(leg->address));
	get_u16(attrs[MAGE_LEG_ATTR_PORT], &leg->port);
	get_string(attrs[MAGE_LEG_ATTR_PATH], leg->path, sizeof(leg->path));
	get_string(attrs[MAGE_LEG_ATTR_STATE], leg->state, sizeof(leg->state));
	get_string(attrs[MAGE_LEG_ATTR_REASON], leg->reason, sizeof(leg->reason));
	get_u32(attrs[MAGE_LEG_ATTR_LOSS_TIMEOUT_MS], &leg->loss_timeout_ms);
	get_fields(attrs, leg, leg_fields, nr_leg_fields);
}

/* There is an attribute for each, so they are not in the table of attributes. */
static void get_legs(struct nlmsghdr *hdr, struct device *device)
{
	struct genlmsghdr *generic = nlmsg_data(hdr);
	struct nlattr *attr;
	int left;

	nla_for_each_attr (attr, genlmsg_attrdata(generic, 0), genlmsg_attrlen(generic, 0), left) {
		if (nla_type(attr) == MAGE_DEVICE_ATTR_LEG && device->nr_legs < MAGE_LEGS_MAX)
			leg_from_attr(attr, &device->legs[device->nr_legs++]);
	}
}

void device_from_msg(struct nlmsghdr *hdr, void *to)
{
	struct nlattr *attrs[MAGE_DEVICE_ATTR_MAX + 1];
	struct device *device = to;

	if (genlmsg_parse(hdr, 0, attrs, MAGE_DEVICE_ATTR_MAX, NULL) < 0)
		return;
	get_u32(attrs[MAGE_DEVICE_ATTR_INDEX], &device->index);
	get_string(attrs[MAGE_DEVICE_ATTR_NAME], device->name, sizeof(device->name));
	get_string(attrs[MAGE_DEVICE_ATTR_BACKEND], device->backend, sizeof(device->backend));
	get_string(attrs[MAGE_DEVICE_ATTR_ADDRESS], device->address, sizeof(device->address));
	get_string(attrs[MAGE_DEVICE_ATTR_PATH], device->path, sizeof(device->path));
	get_string(attrs[MAGE_DEVICE_ATTR_STATE], device->state, sizeof(device->state));
	get_string(attrs[MAGE_DEVICE_ATTR_REASON], device->reason, sizeof(device->reason));
	get_u32(attrs[MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS], &device->loss_timeout_ms);
	get_u16(attrs[MAGE_DEVICE_ATTR_PORT], &device->port);
	device->swap = attrs[MAGE_DEVICE_ATTR_SWAP] != NULL;
	device->checksums = attrs[MAGE_DEVICE_ATTR_CHECKSUMS] != NULL;
	device->degraded = attrs[MAGE_DEVICE_ATTR_DEGRADED] != NULL;
	get_fields(attrs, device, device_fields, nr_device_fields);
	get_legs(hdr, device);
}

/* As much of an array as both sides know; returns bytes. */
static size_t get_array(struct nlattr *attr, void *to, size_t most)
{
	size_t size;

	if (!attr)
		return 0;
	size = (size_t)nla_len(attr);
	if (size > most)
		size = most;
	memcpy(to, nla_data(attr), size);
	return size;
}

static void get_calls(struct nlattr *callbacks, struct nlattr *lists, struct policy_calls *calls)
{
	get_array(callbacks, calls->callback, sizeof(calls->callback));
	calls->nr_lists = get_array(lists, calls->list, sizeof(calls->list)) / sizeof(uint64_t);
}

void domain_from_msg(struct nlmsghdr *hdr, void *to)
{
	struct nlattr *attrs[MAGE_DOMAIN_ATTR_MAX + 1];
	struct domain *domain = to;

	domain->limit = NO_LIMIT;
	if (genlmsg_parse(hdr, 0, attrs, MAGE_DOMAIN_ATTR_MAX, NULL) < 0)
		return;
	get_u64(attrs[MAGE_DOMAIN_ATTR_CGROUP_ID], &domain->cgroup_id);
	get_u64(attrs[MAGE_DOMAIN_ATTR_LIMIT], &domain->limit);
	get_string(attrs[MAGE_DOMAIN_ATTR_POLICY], domain->policy, sizeof(domain->policy));
	domain->builtin = attrs[MAGE_DOMAIN_ATTR_BUILTIN] != NULL;
	get_u32(attrs[MAGE_DOMAIN_ATTR_LINK_ID], &domain->link_id);
	get_fields(attrs, domain, domain_fields, nr_domain_fields);
	get_array(attrs[MAGE_DOMAIN_ATTR_LATENCY], domain->latency.bucket,
		  sizeof(domain->latency.bucket));
	get_calls(attrs[MAGE_DOMAIN_ATTR_CALLBACKS], attrs[MAGE_DOMAIN_ATTR_LISTS], &domain->calls);
	get_u32(attrs[MAGE_DOMAIN_ATTR_EXIT_KIND], &domain->exit_kind);
	get_string(attrs[MAGE_DOMAIN_ATTR_EXIT_POLICY], domain->exit_policy,
		   sizeof(domain->exit_policy));
	get_string(attrs[MAGE_DOMAIN_ATTR_EXIT_MESSAGE], domain->exit_message,
		   sizeof(domain->exit_message));
}

void exit_from_msg(struct nlmsghdr *hdr, void *to)
{
	struct nlattr *attrs[MAGE_EXIT_ATTR_MAX + 1];
	struct exit_record *record = to;

	if (genlmsg_parse(hdr, 0, attrs, MAGE_EXIT_ATTR_MAX, NULL) < 0)
		return;
	get_u64(attrs[MAGE_EXIT_ATTR_NUMBER], &record->number);
	get_u64(attrs[MAGE_EXIT_ATTR_TIME_NS], &record->time_ns);
	get_u64(attrs[MAGE_EXIT_ATTR_CGROUP_ID], &record->cgroup_id);
	get_u32(attrs[MAGE_EXIT_ATTR_KIND], &record->kind);
	get_string(attrs[MAGE_EXIT_ATTR_POLICY], record->policy, sizeof(record->policy));
	get_string(attrs[MAGE_EXIT_ATTR_MESSAGE], record->message, sizeof(record->message));
	get_calls(attrs[MAGE_EXIT_ATTR_CALLBACKS], attrs[MAGE_EXIT_ATTR_LISTS], &record->calls);
	get_string(attrs[MAGE_EXIT_ATTR_DUMP], record->dump, sizeof(record->dump));
	record->dump_cut = attrs[MAGE_EXIT_ATTR_DUMP_CUT] != NULL;
}

void said_from_msg(struct nlmsghdr *hdr, void *to)
{
	struct nlattr *attrs[MAGE_DUMP_ATTR_MAX + 1];
	struct policy_said *said = to;

	if (genlmsg_parse(hdr, 0, attrs, MAGE_DUMP_ATTR_MAX, NULL) < 0)
		return;
	get_string(attrs[MAGE_DUMP_ATTR_POLICY], said->policy, sizeof(said->policy));
	get_string(attrs[MAGE_DUMP_ATTR_TEXT], said->text, sizeof(said->text));
	said->cut = attrs[MAGE_DUMP_ATTR_CUT] != NULL;
}

/* The same of a far device that is one store, and of a leg. */
struct store_attrs {
	int backend, address, port, secret, loss_timeout, path, latency, bandwidth;
};

static const struct store_attrs device_attrs = {
	.backend = MAGE_DEVICE_ATTR_BACKEND,
	.address = MAGE_DEVICE_ATTR_ADDRESS,
	.port = MAGE_DEVICE_ATTR_PORT,
	.secret = MAGE_DEVICE_ATTR_SECRET,
	.loss_timeout = MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS,
	.path = MAGE_DEVICE_ATTR_PATH,
	.latency = MAGE_DEVICE_ATTR_LATENCY_NS,
	.bandwidth = MAGE_DEVICE_ATTR_BANDWIDTH,
};

static const struct store_attrs leg_attrs = {
	.backend = MAGE_LEG_ATTR_BACKEND,
	.address = MAGE_LEG_ATTR_ADDRESS,
	.port = MAGE_LEG_ATTR_PORT,
	.secret = MAGE_LEG_ATTR_SECRET,
	.loss_timeout = MAGE_LEG_ATTR_LOSS_TIMEOUT_MS,
	.path = MAGE_LEG_ATTR_PATH,
	.latency = MAGE_LEG_ATTR_LATENCY_NS,
	.bandwidth = MAGE_LEG_ATTR_BANDWIDTH,
};

static int store_to_msg(struct nl_msg *msg, const struct leg_request *store,
			const struct store_attrs *attrs)
{
	NLA_PUT_STRING(msg, attrs->backend, store->backend);
	if (store->address[0]) {
		NLA_PUT_STRING(msg, attrs->address, store->address);
		NLA_PUT_U16(msg, attrs->port, store->port);
		NLA_PUT(msg, attrs->secret, (int)store->secret_len, store->secret);
		NLA_PUT_U32(msg, attrs->loss_timeout, store->loss_timeout_ms);
	}
	if (store->path[0])
		NLA_PUT_STRING(msg, attrs->path, store->path);
	if (store->latency_ns)
		NLA_PUT_U64(msg, attrs->latency, store->latency_ns);
	if (store->bandwidth)
		NLA_PUT_U64(msg, attrs->bandwidth, store->bandwidth);
	return 0;

nla_put_failure:
	return -1;
}

int leg_request_to_msg(struct nl_msg *msg, const struct leg_request *leg)
{
	struct nlattr *nested = nla_nest_start(msg, MAGE_DEVICE_ATTR_LEG);

	if (!nested)
		return -1;
	NLA_PUT_U32(msg, MAGE_LEG_ATTR_COLUMN, leg->column);
	if (store_to_msg(msg, leg, &leg_attrs))
		return -1;
	return nla_nest_end(msg, nested);

nla_put_failure:
	return -1;
}

int connect_request_to_msg(struct nl_msg *msg, const struct connect_request *request)
{
	NLA_PUT_U64(msg, MAGE_DEVICE_ATTR_SIZE, request->size);
	if (request->checksums)
		NLA_PUT_FLAG(msg, MAGE_DEVICE_ATTR_CHECKSUMS);
	if (!request->set)
		return store_to_msg(msg, &request->legs[0], &device_attrs);
	NLA_PUT_STRING(msg, MAGE_DEVICE_ATTR_BACKEND, "set");
	for (size_t i = 0; i < request->nr_legs; i++) {
		if (leg_request_to_msg(msg, &request->legs[i]))
			return -1;
	}
	return 0;

nla_put_failure:
	return -1;
}
