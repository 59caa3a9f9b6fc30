// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "error.h"
#include "policy_domain.h"

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

enum rc governed_open(const char *what, const char *path, struct governed *governed)
{
	enum rc rc;
	int err;

	memset(governed, 0, sizeof(*governed));
	governed->what = what;
	governed->path = path;
	governed->pin_fd = -1;
	if ((rc = genl_open(what, &governed->genl)) ||
	    (rc = cgroup_find(what, path, &governed->id)))
		return rc;
	err = find_domain(governed);
	if (err)
		return genl_fail(governed->genl, err, what, path, NULL);
	return pin_open(what, governed->id, &governed->pin, &governed->pin_fd);
}

void governed_close(struct governed *governed)
{
	if (governed->pin_fd >= 0)
		close(governed->pin_fd);
	genl_close(governed->genl);
}
