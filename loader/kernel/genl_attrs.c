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
	if (attrs[MAGE_DEVICE_ATTR_PORT] && nla_len(attrs[MAGE_DEVICE_ATTR_PORT]) >= 2)
		device->port = nla_get_u16(attrs[MAGE_DEVICE_ATTR_PORT]);
	device->swap = attrs[MAGE_DEVICE_ATTR_SWAP] != NULL;
	device->checksums = attrs[MAGE_DEVICE_ATTR_CHECKSUMS] != NULL;
	get_fields(attrs, device, device_fields, nr_device_fields);
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

int connect_request_to_msg(struct nl_msg *msg, const struct connect_request *request)
{
	NLA_PUT_STRING(msg, MAGE_DEVICE_ATTR_BACKEND, request->backend);
	NLA_PUT_U64(msg, MAGE_DEVICE_ATTR_SIZE, request->size);
	if (request->address[0]) {
		NLA_PUT_STRING(msg, MAGE_DEVICE_ATTR_ADDRESS, request->address);
		NLA_PUT_U16(msg, MAGE_DEVICE_ATTR_PORT, request->port);
		NLA_PUT(msg, MAGE_DEVICE_ATTR_SECRET, (int)request->secret_len, request->secret);
		NLA_PUT_U32(msg, MAGE_DEVICE_ATTR_LOSS_TIMEOUT_MS, request->loss_timeout_ms);
	}
	if (request->path[0])
		NLA_PUT_STRING(msg, MAGE_DEVICE_ATTR_PATH, request->path);
	if (request->latency_ns)
		NLA_PUT_U64(msg, MAGE_DEVICE_ATTR_LATENCY_NS, request->latency_ns);
	if (request->bandwidth)
		NLA_PUT_U64(msg, MAGE_DEVICE_ATTR_BANDWIDTH, request->bandwidth);
	if (request->checksums)
		NLA_PUT_FLAG(msg, MAGE_DEVICE_ATTR_CHECKSUMS);
	return 0;

nla_put_failure:
	return -1;
}
