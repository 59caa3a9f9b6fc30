// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF maps: arrays, and hash tables with or without a limit that displaces the entry that was used
 * longest ago.  A map is known by the address of its definition.  Those with a copy for each CPU
 * have one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bpf_helpers.h"
#include "maps.h"

struct element {
	struct element *next; /* of the same bucket */
	struct element *newer, *older; /* by their last use */
	unsigned char bytes[]; /* the key, and aligned to 8 the value */
};

struct map {
	struct map *next;
	const void *definition;
	struct sim_map_kind kind;
	unsigned char *array;
	struct element **bucket;
	struct element *newest, *oldest;
	u32 nr;
};

static struct map *maps;

static bool is_array(const struct sim_map_kind *kind)
{
	return kind->type == BPF_MAP_TYPE_ARRAY || kind->type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool is_lru(const struct sim_map_kind *kind)
{
	return kind->type == BPF_MAP_TYPE_LRU_HASH || kind->type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

static void *allocate(size_t nr, size_t size)
{
	void *memory = calloc(nr, size);

	if (!memory)
		abort();
	return memory;
}

static size_t aligned(u32 size)
{
	return (size + 7) & ~(size_t)7;
}

static struct map *find(const void *definition, const struct sim_map_kind *kind)
{
	struct map *map;

	for (map = maps; map; map = map->next)
		if (map->definition == definition)
			return map;
	map = allocate(1, sizeof(*map));
	map->definition = definition;
	map->kind = *kind;
	if (is_array(kind))
		map->array = allocate(kind->max_entries, aligned(kind->value_size));
	else
		map->bucket = allocate(kind->max_entries, sizeof(struct element *));
	map->next = maps;
	maps = map;
	return map;
}

static struct element **bucket_of(const struct map *map, const void *key)
{
	const unsigned char *bytes = key;
	u64 hash = 14695981039346656037ULL;

	for (u32 i = 0; i < map->kind.key_size; i++)
		hash = (hash ^ bytes[i]) * 1099511628211ULL;
	return &map->bucket[(hash ^ hash >> 32) % map->kind.max_entries];
}

/* The link that leads to an element, or that its bucket ends with. */
static struct element **place_of(const struct map *map, const void *key)
{
	struct element **at = bucket_of(map, key);

	while (*at && memcmp((*at)->bytes, key, map->kind.key_size))
		at = &(*at)->next;
	return at;
}

static void *value_of(const struct map *map, struct element *element)
{
	return element->bytes + aligned(map->kind.key_size);
}

static void unlink_by_use(struct map *map, struct element *element)
{
	if (element->newer)
		element->newer->older = element->older;
	else
		map->newest = element->older;
	if (element->older)
		element->older->newer = element->newer;
	else
		map->oldest = element->newer;
}

static void link_as_newest(struct map *map, struct element *element)
{
	element->newer = NULL;
	element->older = map->newest;
	if (map->newest)
		map->newest->newer = element;
	else
		map->oldest = element;
	map->newest = element;
}

static void remove_at(struct map *map, struct element **at)
{
	struct element *element = *at;

	*at = element->next;
	unlink_by_use(map, element);
	free(element);
	map->nr--;
}

void *sim_map_lookup(const void *definition, const struct sim_map_kind *kind, const void *key)
{
	struct map *map = find(definition, kind);
	struct element *element;

	if (map->array) {
		u32 index;

		memcpy(&index, key, sizeof(index));
		return index < kind->max_entries ? map->array + index * aligned(kind->value_size) :
						   NULL;
	}
	element = *place_of(map, key);
	if (!element)
		return NULL;
	unlink_by_use(map, element);
	link_as_newest(map, element);
	return value_of(map, element);
}

int sim_map_update(const void *definition, const struct sim_map_kind *kind, const void *key,
		   const void *value, u64 flags)
{
	struct map *map = find(definition, kind);
	void *there = sim_map_lookup(definition, kind, key);
	struct element *element;

	if (there && flags == BPF_NOEXIST)
		return -EEXIST;
	if (there) {
		memcpy(there, value, kind->value_size);
		return 0;
	}
	if (map->array)
		return -E2BIG;
	if (flags == BPF_EXIST)
		return -ENOENT;
	if (map->nr == kind->max_entries) {
		if (!is_lru(kind))
			return -E2BIG;
		remove_at(map, place_of(map, map->oldest->bytes));
	}
	element = allocate(1, sizeof(*element) + aligned(kind->key_size) + kind->value_size);
	memcpy(element->bytes, key, kind->key_size);
	memcpy(value_of(map, element), value, kind->value_size);
	element->next = NULL;
	*place_of(map, key) = element;
	link_as_newest(map, element);
	map->nr++;
	return 0;
}

int sim_map_delete(const void *definition, const struct sim_map_kind *kind, const void *key)
{
	struct map *map = find(definition, kind);
	struct element **at;

	if (map->array)
		return -EINVAL;
	at = place_of(map, key);
	if (!*at)
		return -ENOENT;
	remove_at(map, at);
	return 0;
}

void maps_free(void)
{
	while (maps) {
		struct map *map = maps;

		maps = map->next;
		while (map->newest)
			remove_at(map, place_of(map, map->newest->bytes));
		free(map->bucket);
		free(map->array);
		free(map);
	}
}
