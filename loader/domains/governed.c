// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/error.h"
#include "base/suggest.h"
#include "cgroups/cgroup.h"
#include "domains/governed.h"

#define MOST_GOVERNED 256

static int find_domain(struct governed *governed)
{
	struct domain *domains;
	size_t nr;
	int err;

	governed->is_domain = false;
	err = genl_domains(governed->genl, &domains, &nr);
	if (err)
		return err;
	for (size_t i = 0; i < nr; i++) {
		if (domains[i].cgroup_id != governed->id)
			continue;
		governed->domain = domains[i];
		governed->is_domain = true;
	}
	free(domains);
	return 0;
}

static void start(const char *what, const char *path, struct governed *governed)
{
	memset(governed, 0, sizeof(*governed));
	governed->what = what;
	governed->path = path;
	governed->pin_fd = -1;
	governed->map_fd = -1;
}

/*
 * The map comes before the name: a swap in between shows in that the map is not the link's any
 * more, so a swap that goes by the map never replaces another policy than the one of this name.
 */
static enum rc look_up(struct governed *governed)
{
	enum rc rc = pin_open(governed->what, governed->id, &governed->pin, &governed->pin_fd);
	int err;

	if (rc)
		return rc;
	if (governed->pin == PIN_LIVE) {
		governed->map_fd = pin_map(governed->pin_fd);
		if (governed->map_fd == -ENOENT)
			governed->pin = PIN_STALE;
		else if (governed->map_fd < 0)
			return report(rc_of_errno(-governed->map_fd), governed->what,
				      governed->path, NULL, "cannot look at the policy: %s",
				      strerror(-governed->map_fd));
	}
	err = find_domain(governed);
	if (err)
		return genl_fail(governed->genl, err, governed->what, governed->path, NULL);
	return RC_OK;
}

enum rc governed_open(const char *what, const char *path, struct governed *governed)
{
	enum rc rc;

	start(what, path, governed);
	if ((rc = genl_open(what, &governed->genl)) ||
	    (rc = cgroup_find(what, path, &governed->id)))
		return rc;
	return look_up(governed);
}

/* Sets the id of the cgroup that the policy governs. */
static enum rc find_by_policy(const char *typed, struct governed *governed)
{
	const char *names[MOST_GOVERNED];
	struct domain *domains;
	size_t nr, found = 0;
	char todo[256];
	int err;

	err = genl_domains(governed->genl, &domains, &nr);
	if (err)
		return genl_fail(governed->genl, err, governed->what, typed, NULL);
	for (size_t i = 0; i < nr; i++) {
		if (i < MOST_GOVERNED)
			names[i] = domains[i].policy;
		if (strcmp(domains[i].policy, typed))
			continue;
		governed->id = domains[i].cgroup_id;
		found++;
	}
	if (!did_you_mean(todo, sizeof(todo), typed, names,
			  nr < MOST_GOVERNED ? nr : MOST_GOVERNED))
		snprintf(todo, sizeof(todo), "see 'mage policy list'");
	free(domains);
	if (!found)
		return report(RC_NOT_FOUND, governed->what, typed, todo,
			      "neither a cgroup nor a policy that governs one");
	if (found > 1)
		return report(RC_USAGE, governed->what, typed, "name the cgroup",
			      "the policy governs %zu cgroups", found);
	return RC_OK;
}

enum rc governed_find(const char *what, const char *typed, struct governed *governed)
{
	enum rc rc;

	start(what, typed, governed);
	rc = genl_open(what, &governed->genl);
	if (rc)
		return rc;
	if (!cgroup_look(typed, &governed->id))
		rc = strchr(typed, '/') ? cgroup_find(what, typed, &governed->id) :
					  find_by_policy(typed, governed);
	return rc ? rc : look_up(governed);
}

static uint32_t map_id(int map_fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_map_get_info_by_fd(map_fd, &info, &len) ? 0 : info.id;
}

bool governed_is_overtaken(const struct governed *governed)
{
	bool is_overtaken;
	int now;

	if (governed->map_fd < 0)
		return false;
	now = pin_map(governed->pin_fd);
	if (now < 0)
		return false;
	is_overtaken = map_id(now) != map_id(governed->map_fd);
	close(now);
	return is_overtaken;
}

bool governed_has_left(const struct governed *governed)
{
	int now = pin_map(governed->pin_fd);

	if (now >= 0)
		close(now);
	return now == -ENOENT;
}

void governed_close(struct governed *governed)
{
	if (governed->map_fd >= 0)
		close(governed->map_fd);
	if (governed->pin_fd >= 0)
		close(governed->pin_fd);
	genl_close(governed->genl);
}
