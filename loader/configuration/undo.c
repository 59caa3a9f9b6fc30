// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sysfile.h"
#include "cgroups/make.h"
#include "configuration/undo.h"
#include "devices/drain.h"
#include "devices/make.h"
#include "policies/attach.h"

bool undo_start(struct undo *undo, const char *what, size_t most)
{
	undo->what = what;
	undo->nr = 0;
	undo->room = most;
	undo->steps = calloc(most + 1, sizeof(*undo->steps));
	return undo->steps;
}

struct undo_step *undo_add(struct undo *undo, enum undo_kind kind)
{
	struct undo_step *step = &undo->steps[undo->nr++];

	if (undo->nr > undo->room)
		abort();
	step->kind = kind;
	step->map_fd = -1;
	step->new_fd = -1;
	return step;
}

static void said(const char *path, const char *text)
{
	printf("%s: %s\n", path, text);
}

static void undo_policy(const struct undo_step *step, const char *what)
{
	struct governed governed;
	int err = 0;

	if (!governed_open(what, step->path, &governed)) {
		if (step->kind == UNDO_ATTACH) {
			if (!policy_detach(&governed))
				said(step->path, "no longer governed");
		} else if (governed.pin == PIN_STALE) {
			/* The new one was ejected in the meantime. */
			snprintf(governed.domain.policy, sizeof(governed.domain.policy), "%.*s",
				 (int)sizeof(governed.domain.policy) - 1, step->text);
			if (!policy_go_back(&governed, step->map_fd, governed.domain.exit_policy))
				said(step->path, "governed by the same policy as before");
		} else {
			/* What somebody else has swapped in since stays. */
			if (governed.map_fd >= 0)
				dup3(step->new_fd, governed.map_fd, O_CLOEXEC);
			err = policy_restore(&governed, step->map_fd);
			if (!err)
				said(step->path, "governed by the same policy as before");
		}
	}
	if (err)
		report(RC_FAILED, what, step->path, "see 'mage policy list'",
		       "cannot go back to the policy '%s': %s", step->text, strerror(-err));
	governed_close(&governed);
}

static void undo_files(const struct undo_step *step, const char *what)
{
	int err;

	if (step->kind == UNDO_WRITE)
		err = sysfile_write(step->path, step->text);
	else
		err = cgroup_unmake(step->path, step->nr);
	if (err)
		report(rc_of_errno(err), what, step->path, NULL, "cannot undo the change: %s",
		       strerror(err));
	else
		said(step->path, step->kind == UNDO_WRITE ? "as before" : "removed again");
}

static void undo_leg(const struct undo_step *step, const char *what, struct genl *genl)
{
	char path[MAGE_NAME_LEN + 8];
	struct device device;
	int err;

	snprintf(path, sizeof(path), "/dev/%s", step->device.name);
	err = genl_leg_remove(genl, step->device.index, (uint32_t)step->nr, &device);
	if (err)
		genl_fail(genl, err, what, path, "remove the leg with 'mage device remove-leg'");
	else
		said(path, "the leg is removed again");
}

static void undo_device(struct undo_step *step, const char *what, struct genl *genl)
{
	char path[MAGE_NAME_LEN + 8];

	snprintf(path, sizeof(path), "/dev/%s", step->device.name);
	if (step->kind == UNDO_SWAPON) {
		if (!device_drain(what, genl, &step->device))
			said(path, "no swap any more");
	} else if (!device_remove(what, genl, &step->device, false)) {
		said(path, "disconnected again");
	}
}

void undo_all(struct undo *undo, struct genl *genl)
{
	for (size_t i = undo->nr; i--;) {
		struct undo_step *step = &undo->steps[i];

		switch (step->kind) {
		case UNDO_CONNECT:
		case UNDO_SWAPON:
			undo_device(step, undo->what, genl);
			break;
		case UNDO_ADD_LEG:
			undo_leg(step, undo->what, genl);
			break;
		case UNDO_ATTACH:
		case UNDO_SWAP_POLICY:
			undo_policy(step, undo->what);
			break;
		case UNDO_MAKE_CGROUP:
		case UNDO_WRITE:
			undo_files(step, undo->what);
			break;
		}
	}
}

void undo_end(struct undo *undo)
{
	for (size_t i = 0; i < undo->nr; i++) {
		if (undo->steps[i].map_fd >= 0)
			close(undo->steps[i].map_fd);
		if (undo->steps[i].new_fd >= 0)
			close(undo->steps[i].new_fd);
	}
	free(undo->steps);
}
