// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, attaches, replaces and unloads policies.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <linux/mage.h>

#include "policy.h"

struct loaded {
	struct bpf_object *object;
	volatile struct seen *seen;
	unsigned int policies;      /* that are in use */
};

struct policy {
	struct loaded *in;
	struct bpf_map *ops;
	unsigned int at;
};

static struct bpf_link *link;

/* The end of what libbpf said about the last load. */
static char said[4096];

static int note(enum libbpf_print_level level, const char *format, va_list args)
{
	size_t length = strlen(said);

	if (level > LIBBPF_INFO)
		return 0;
	if (length > sizeof(said) / 2) {
		memmove(said, said + length / 2, length - length / 2 + 1);
		length -= length / 2;
	}
	return vsnprintf(said + length, sizeof(said) - length, format, args);
}

const char *refusal(void)
{
	return said;
}

_Noreturn static void fail(const char *what, const char *on)
{
	fprintf(stderr, "generated: cannot %s %s: %s\n", what, on, strerror(errno));
	exit(2);
}

/* A member of the table that an object has for the kernel. */
static void *member(const struct bpf_object *object, const struct bpf_map *ops, const char *name)
{
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *type = btf__type_by_id(
		btf, (uint32_t)btf__find_by_name_kind(btf, "mage_ops", BTF_KIND_STRUCT));
	const struct btf_member *m = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++, m++)
		if (!strcmp(btf__name_by_offset(btf, m->name_off), name))
			return (char *)bpf_map__initial_value(ops, NULL) + m->offset / 8;
	fail("find", name);
}

static void set_up(const struct bpf_object *object, struct bpf_map *ops, const struct made *m,
		   uint64_t number, uint64_t cgroup)
{
	static const char *const names[CALLBACKS] = {
		"init",	      "exit",	 "page_in",  "page_out", "hint",
		"prefetch",   "no_room", "evictors", "depth",	 "headroom",
		"batch_size", "select",	 "outcome",  "tick",	 "reserve",
	};

	for (int i = 0; i < CALLBACKS; i++)
		if (!(m->callbacks >> i & 1))
			memset(member(object, ops, names[i]), 0, sizeof(void *));
	memcpy(member(object, ops, "cgroup_id"), &cgroup, sizeof(cgroup));
	memcpy(member(object, ops, "flags"), &m->flags, sizeof(m->flags));
	snprintf(member(object, ops, "name"), MAGE_NAME_LEN, "generated_%llu",
		 (unsigned long long)number);
}

static void *section(const struct bpf_object *object, const char *name, size_t size)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	size_t is = 0;
	void *value = map ? bpf_map__initial_value(map, &is) : NULL;

	if (!value || is != size)
		fail("use section", name);
	return value;
}

static struct bpf_map *ops_of(const struct bpf_object *object, unsigned int at)
{
	char name[32];
	struct bpf_map *ops;

	snprintf(name, sizeof(name), "generated_policy_%u", at);
	ops = bpf_object__find_map_by_name(object, name);
	if (!ops)
		fail("find", name);
	return ops;
}

/* In one go, an object that goes by tables or one that does what it does; false, and nothing is
 * loaded, if the kernel refuses one of them. */
static bool load_all(struct policy **p, const char *path, const struct made *made, unsigned int nr,
		     uint64_t number, uint64_t cgroup)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct loaded *in = calloc(1, sizeof(*in));
	struct table *tables;

	if (!object || !in)
		fail("open", path);
	for (unsigned int i = 0; i < nr; i++)
		set_up(object, ops_of(object, i), &made[i], number + i, cgroup);
	if (bpf_object__find_map_by_name(object, ".rodata.table")) {
		tables = section(object, ".rodata.table", TOGETHER * sizeof(*tables));
		for (unsigned int i = 0; i < nr; i++)
			tables[i] = made[i].table;
		for (unsigned int i = nr; i < TOGETHER; i++)
			bpf_map__set_autocreate(ops_of(object, i), false);
	}
	*said = '\0';
	if (bpf_object__load(object)) {
		bpf_object__close(object);
		free(in);
		return false;
	}
	in->object = object;
	in->seen = section(object, ".data.seen", sizeof(*in->seen));
	in->policies = nr;
	for (unsigned int i = 0; i < nr; i++) {
		p[i] = calloc(1, sizeof(**p));
		if (!p[i])
			fail("have", "memory");
		*p[i] = (struct policy){ .in = in, .ops = ops_of(object, i), .at = i };
	}
	return true;
}

void policies_load(struct policy **p, const char *object, const struct made *made, unsigned int nr,
		   uint64_t number, uint64_t cgroup)
{
	libbpf_set_print(note);
	if (load_all(p, object, made, nr, number, cgroup))
		return;
	for (unsigned int i = 0; i < nr; i++)
		if (nr == 1 || !load_all(&p[i], object, &made[i], 1, number + i, cgroup))
			p[i] = NULL;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	if (!--p->in->policies) {
		bpf_object__close(p->in->object);
		free(p->in);
	}
	free(p);
}

void policy_tune(struct policy *p, uint64_t value)
{
	p->in->seen->tuned = value;
}

int policy_govern(struct policy *p)
{
	if (link)
		return bpf_link__update_map(link, p->ops) ? -errno : 0;
	link = bpf_map__attach_struct_ops(p->ops);
	return link ? 0 : -errno;
}

bool policy_hung_up(void)
{
	struct pollfd fd = { .fd = bpf_link__fd(link) };

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLHUP;
}

void policy_unload(void)
{
	bpf_link__destroy(link);
	link = NULL;
}

struct ending policy_ending(const struct policy *p)
{
	return (struct ending){
		.exits = p->in->seen->of[p->at].exits,
		.kind = p->in->seen->of[p->at].exit_kind,
		.message = (const char *)p->in->seen->of[p->at].exit_message,
	};
}
