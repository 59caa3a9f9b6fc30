// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the link to its struct_ops map, from there to the programs, and from those to the
 * maps that hold their global variables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/error.h"
#include "policies/layout.h"
#include "policies/live.h"

static int map_of_link(uint32_t link_id)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);
	int fd, err;

	fd = bpf_link_get_fd_by_id(link_id);
	if (fd < 0)
		return fd;
	err = bpf_link_get_info_by_fd(fd, &info, &len);
	close(fd);
	if (err)
		return err;
	if (info.type != BPF_LINK_TYPE_STRUCT_OPS || !info.struct_ops.map_id)
		return -ENOENT;
	return bpf_map_get_fd_by_id(info.struct_ops.map_id);
}

/* The map's value has ids of programs in the place of pointers to functions. */
static void callbacks_of_value(const char *value, const struct kernel_layout *layout,
			       struct policy_live *live, uint32_t *programs)
{
	const struct btf_member *member = btf_members(layout->ops);

	for (int i = 0; i < btf_vlen(layout->ops) && live->nr_callbacks < MOST_CALLBACKS;
	     i++, member++) {
		unsigned long id;

		if (!is_callback(layout->btf, member))
			continue;
		memcpy(&id, value + layout->data + member->offset / 8, sizeof(id));
		if (!id)
			continue;
		snprintf(live->callback[live->nr_callbacks], sizeof(live->callback[0]), "%s",
			 btf__name_by_offset(layout->btf, member->name_off));
		programs[live->nr_callbacks++] = (uint32_t)id;
	}
}

static int read_callbacks(int map_fd, struct policy_live *live, uint32_t *programs)
{
	struct btf *btf = kernel_types_load();
	struct kernel_layout layout;
	__u32 key = 0;
	char *value;
	int err;

	if (!btf)
		return -errno;
	err = kernel_layout_find(btf, &layout);
	if (!err) {
		value = calloc(1, layout.size);
		err = value ? bpf_map_lookup_elem(map_fd, &key, value) : -ENOMEM;
		if (!err)
			callbacks_of_value(value, &layout, live, programs);
		free(value);
	}
	btf__free(btf);
	return err;
}

static int add_variables(const struct bpf_map_info *info, int fd, struct policy_live *live)
{
	struct data_section section = {
		.number = live->nr_maps,
		.type = info->btf_value_type_id,
		.size = info->value_size,
		.at_load_only = info->map_flags & BPF_F_RDONLY_PROG,
	};
	struct btf *btf = btf__load_from_kernel_by_id(info->btf_id);
	size_t before = live->tunables.nr;
	__u32 key = 0;
	char *data;
	int err;

	if (!btf)
		return -errno;
	data = calloc(1, info->value_size);
	err = data ? bpf_map_lookup_elem(fd, &key, data) : -ENOMEM;
	if (!err) {
		section.data = data;
		tunables_of_section(btf, &section, &live->tunables);
		counters_of_section(btf, &section, &live->counters);
	}
	free(data);
	btf__free(btf);
	if (err || live->tunables.nr == before)
		return err;
	live->map_size[live->nr_maps] = info->value_size;
	live->map_fd[live->nr_maps++] = dup(fd);
	return 0;
}

/* Global variables are in array maps of one element, described by BTF. */
static int look_at_map(uint32_t id, struct policy_live *live)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	int fd, err;

	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return fd;
	err = bpf_map_get_info_by_fd(fd, &info, &len);
	if (!err && info.type == BPF_MAP_TYPE_ARRAY && info.max_entries == 1 && info.btf_id &&
	    live->nr_maps < MOST_LIVE_MAPS)
		err = add_variables(&info, fd, live);
	close(fd);
	return err;
}

static int maps_of_program(uint32_t id, uint32_t *maps, size_t *nr_maps, size_t most)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info), ids[64];
	int fd, err;

	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return fd;
	info.map_ids = (uintptr_t)ids;
	info.nr_map_ids = sizeof(ids) / sizeof(ids[0]);
	err = bpf_prog_get_info_by_fd(fd, &info, &len);
	close(fd);
	if (err)
		return err;
	for (__u32 i = 0; i < info.nr_map_ids && i < sizeof(ids) / sizeof(ids[0]); i++) {
		size_t j;

		for (j = 0; j < *nr_maps && maps[j] != ids[i]; j++)
			;
		if (j == *nr_maps && j < most)
			maps[(*nr_maps)++] = ids[i];
	}
	return 0;
}

int policy_live_open(uint32_t link_id, struct policy_live *live)
{
	uint32_t programs[MOST_CALLBACKS], maps[128];
	size_t nr_maps = 0;
	int fd, err;

	memset(live, 0, sizeof(*live));
	fd = map_of_link(link_id);
	if (fd < 0)
		return fd;
	err = read_callbacks(fd, live, programs);
	close(fd);
	for (size_t i = 0; i < live->nr_callbacks && !err; i++)
		err = maps_of_program(programs[i], maps, &nr_maps, sizeof(maps) / sizeof(maps[0]));
	for (size_t i = 0; i < nr_maps && !err; i++)
		err = look_at_map(maps[i], live);
	return err;
}

enum rc policy_live_look(const struct governed *governed, struct policy_live *live)
{
	int err = policy_live_open(governed->domain.link_id, live);

	if (!err)
		return RC_OK;
	return report(rc_of_errno(-err), governed->what, governed->path, NULL,
		      "cannot look at the policy '%s': %s", governed->domain.policy,
		      strerror(-err));
}

void policy_live_close(struct policy_live *live)
{
	while (live->nr_maps)
		close(live->map_fd[--live->nr_maps]);
}

static void store(void *to, const struct tunable *tunable, int64_t value)
{
	switch (tunable->size) {
	case 1:
		__atomic_store_n((uint8_t *)to, (uint8_t)value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((uint16_t *)to, (uint16_t)value, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((uint32_t *)to, (uint32_t)value, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((uint64_t *)to, (uint64_t)value, __ATOMIC_RELAXED);
		break;
	}
}

int policy_live_set(const struct policy_live *live, const struct tunable *tunable, int64_t value)
{
	char *data;

	data = mmap(NULL, live->map_size[tunable->section], PROT_READ | PROT_WRITE, MAP_SHARED,
		    live->map_fd[tunable->section], 0);
	if (data == MAP_FAILED)
		return -errno;
	store(data + tunable->offset, tunable, value);
	munmap(data, live->map_size[tunable->section]);
	return 0;
}
