// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cgroups/path.h"
#include "devices/fit_look.h"

static void scene_free(struct fit_scene *scene)
{
	free(scene->domains);
	free(scene->devices);
	cgroup_tree_free(&scene->tree);
	free(scene);
}

static int scene_read(struct genl *genl, struct fit_scene *scene)
{
	int err;

	if ((err = genl_domains(genl, &scene->domains, &scene->nr_domains)) ||
	    (err = genl_devices(genl, &scene->devices, &scene->nr_devices)))
		return err;
	swap_areas_read(&scene->areas);
	memory_read(&scene->memory);
	return cgroup_tree_read(cgroup_mount_point(), &scene->tree);
}

int fit_look(struct genl *genl, const uint32_t *indexes, size_t nr, struct fit_report *report)
{
	struct fit_scene *scene = calloc(1, sizeof(*scene));
	int err;

	if (!scene)
		return -ENOMEM;
	err = scene_read(genl, scene);
	if (!err)
		err = fit_scene_judge(scene, indexes, nr, report);
	scene_free(scene);
	return err;
}

enum rc fit_check(const char *what, const char *on, struct genl *genl, const uint32_t *indexes,
		  size_t nr)
{
	struct fit_report fit;
	int err = fit_look(genl, indexes, nr, &fit);

	if (err)
		return report(rc_of_errno(-err), what, on, NULL,
			      "cannot find out whether the pages fit into local memory: %s",
			      strerror(-err));
	return fit.fits ? RC_OK : report(RC_EXISTS, what, on, fit.todo, "%s", fit.why);
}
