// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/error.h"
#include "cgroups/cgroup.h"
#include "kernel/genl.h"
#include "tracing/request.h"

static enum rc check_domain(const char *what, struct genl *genl, const char *typed, uint64_t id)
{
	struct domain *domains;
	bool governed = false;
	size_t nr;
	int err;

	err = genl_domains(genl, &domains, &nr);
	if (err)
		return genl_fail(genl, err, what, typed, NULL);
	for (size_t i = 0; i < nr && !governed; i++)
		governed = domains[i].cgroup_id == id;
	free(domains);
	if (governed)
		return RC_OK;
	return report(RC_NOT_FOUND, what, typed,
		      "put it under one with 'mage policy load', or see 'mage policy list'",
		      "the cgroup is governed by no policy");
}

enum rc trace_find_domain(const char *what, const char *typed, uint64_t *id)
{
	struct genl *genl;
	enum rc rc = genl_open(what, &genl);

	*id = 0;
	if (rc)
		return rc;
	if (typed) {
		rc = cgroup_find(what, typed, id);
		if (!rc)
			rc = check_domain(what, genl, typed, *id);
	}
	genl_close(genl);
	return rc;
}
