// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "configuration/leg_match.h"
#include "configuration/legs_up.h"
#include "devices/contents.h"
#include "devices/leg.h"

/* A leg that is not as it is written, or not written. */
static void say_legs(const struct device *there, const struct leg_match *match)
{
	char where[STORE_LEN], text[LEG_LINE_LEN], todo[LEG_LINE_LEN];

	for (size_t i = 0; i < there->nr_legs; i++) {
		const struct leg *leg = &there->legs[i];

		store_text(leg->address, leg->port, leg->path, where, sizeof(where));
		if (!match->wanted[i])
			printf("/dev/%s: leg %u (%s) stays, though it is not in the file\n",
			       there->name, leg->number, where);
		else if (leg_trouble(there, leg, text, sizeof(text), todo, sizeof(todo)))
			printf("/dev/%s: %s; %s\n", there->name, text, todo);
	}
}

static void request_text(const struct leg_request *leg, char *text, size_t size)
{
	if (strcmp(leg->backend, "dram"))
		store_text(leg->address, leg->port, leg->path, text, size);
	else
		snprintf(text, size, "dram");
}

void legs_say(const struct setup_device *wanted, const struct device *there)
{
	struct leg_match match;
	char where[STORE_LEN];

	leg_match(&wanted->request, there, &match);
	say_legs(there, &match);
	for (size_t i = 0; i < wanted->request.nr_legs; i++) {
		if (match.there[i])
			continue;
		request_text(&wanted->request.legs[i], where, sizeof(where));
		printf("/dev/%s: %s is no leg of it\n", there->name, where);
	}
}

enum rc legs_bring_up(const struct setup_device *wanted, const struct device *there,
		      struct genl *genl, struct undo *undo)
{
	struct leg_match match;
	char where[STORE_LEN], what[512];
	struct device device;

	leg_match(&wanted->request, there, &match);
	say_legs(there, &match);
	snprintf(what, sizeof(what), "%s",
		 config_place(undo->what, wanted->section, wanted->section->line));
	for (size_t i = 0; i < wanted->request.nr_legs; i++) {
		const struct leg_request *leg = &wanted->request.legs[i];
		struct undo_step *step;
		enum rc rc;
		int err;

		if (match.there[i])
			continue;
		request_text(leg, where, sizeof(where));
		/* Somebody has replaced it. */
		if (!match.lacks[leg->column]) {
			printf("/dev/%s: %s is no leg of it, and others are in its place\n",
			       there->name, where);
			continue;
		}
		rc = contents_check(what, leg->path);
		if (rc)
			return rc;
		err = genl_leg_add(genl, there->index, leg, &device);
		if (err)
			return genl_fail(genl, err, what, where, NULL);
		match.lacks[leg->column]--;
		step = undo_add(undo, UNDO_ADD_LEG);
		step->device = device;
		step->nr = leg_newest(&device)->number;
		printf("/dev/%s: %s is leg %zu, and is being filled\n", there->name, where,
		       step->nr);
	}
	return RC_OK;
}
