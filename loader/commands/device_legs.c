// SPDX-License-Identifier: GPL-2.0-only
/* "mage device add-leg", "remove-leg", "replace" and "drain". */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "commands/device_legs.h"
#include "common/quantity.h"
#include "configuration/store_options.h"
#include "devices/contents.h"
#include "devices/leg.h"
#include "devices/named.h"
#include "devices/sync_wait.h"

/* What a command is about. */
struct subject {
	const char *what; /* the command, for messages */
	const char *name; /* of the device, as it was typed */
	struct genl *genl;
	struct device device; /* as it was when it was looked at last */
};

/* From the operands; subject_end() when it is done with, if this returns RC_OK. */
static enum rc subject_begin(const char *what, const struct operands *operands,
			     struct subject *subject)
{
	uint32_t index;
	enum rc rc;

	subject->what = what;
	subject->name = operands->arg[0];
	if ((rc = device_number(what, subject->name, &index)) ||
	    (rc = genl_open(what, &subject->genl)))
		return rc;
	rc = device_find(what, subject->name, subject->genl, index, &subject->device);
	if (!rc && !device_has_legs(&subject->device))
		rc = device_without_legs(what, subject->name);
	if (rc)
		genl_close(subject->genl);
	return rc;
}

static void subject_end(struct subject *subject)
{
	genl_close(subject->genl);
}

/* The leg that the second operand names. */
static enum rc find_leg(const struct subject *subject, const char *typed, struct leg *leg)
{
	const struct leg *found;
	uint64_t number;
	char on[128];

	if (parse_number(typed, UINT32_MAX, &number) != PARSE_OK)
		return report(RC_USAGE, subject->what, typed, "see 'mage device list'",
			      "is no number of a leg");
	found = leg_find(&subject->device, (uint32_t)number);
	snprintf(on, sizeof(on), "%.80s leg %.32s", subject->name, typed);
	if (!found)
		return report(RC_NOT_FOUND, subject->what, on, "see 'mage device list'",
			      "no such leg");
	*leg = *found;
	return RC_OK;
}

/* What is given says what it is. */
static void choose_backend(struct device_options *options)
{
	if (options->backend)
		return;
	if (options->addresses.nr)
		options->backend = "rdma";
	else if (options->paths.nr)
		options->backend = "blk";
}

static enum rc read_store(struct device_options *options, struct leg_request *store)
{
	uint64_t room;
	enum rc rc;
	size_t nr;

	choose_backend(options);
	if (!options->backend)
		return report(RC_USAGE, options->what, NULL, NULL,
			      "say what the leg stands on: --address HOST, --path FILE, or "
			      "--backend dram");
	memset(store, 0, sizeof(*store));
	rc = stores_count(options, &nr);
	if (!rc && nr > 1)
		rc = report(RC_USAGE, options->what, NULL, "do it once for each",
			    "one leg at a time, and these are %zu", nr);
	/* How much it has to have is the kernel's to say. */
	return rc ? rc : store_options_read(options, 0, store, &room);
}

/* Two legs of one store would be no copies of one another. */
static enum rc check_store(const struct subject *subject, const struct leg_request *store)
{
	char on[STORE_LEN];

	store_text(store->address, store->port, store->path, on, sizeof(on));
	for (size_t i = 0; i < subject->device.nr_legs; i++) {
		const struct leg *leg = &subject->device.legs[i];

		if (leg_failed(leg) || leg->column != store->column || !store->address[0] ||
		    leg->port != store->port || strcmp(leg->address, store->address))
			continue;
		return report(RC_EXISTS, subject->what, on, "name another memory node",
			      "is leg %u of %s already", leg->number, subject->name);
	}
	return RC_OK;
}

/* Connects it; *leg is the new one. */
static enum rc add(struct subject *subject, const struct leg_request *store, struct leg *leg)
{
	char on[STORE_LEN];
	enum rc rc;
	int err;

	rc = check_store(subject, store);
	if (!rc)
		rc = contents_check(subject->what, store->path);
	if (rc)
		return rc;
	store_text(store->address, store->port, store->path, on, sizeof(on));
	err = genl_leg_add(subject->genl, subject->device.index, store, &subject->device);
	if (err) {
		rc = genl_fail(subject->genl, err, subject->what,
			       strcmp(on, "-") ? on : subject->name, NULL);
		return rc == RC_NOT_FOUND ? RC_FAILED : rc;
	}
	*leg = *leg_newest(&subject->device);
	return RC_OK;
}

static enum rc take_away(struct subject *subject, const struct leg *leg, const char *todo)
{
	uint32_t index = subject->device.index;
	char on[128];
	int err;

	err = genl_leg_remove(subject->genl, index, leg->number, &subject->device);
	if (!err)
		return RC_OK;
	snprintf(on, sizeof(on), "%.80s leg %u", subject->name, leg->number);
	return genl_fail(subject->genl, err, subject->what, on, err == -EBUSY ? todo : NULL);
}

/* -- add-leg */

/* The column with the fewest legs, the first of them, unless one is given. */
static enum rc choose_column(const struct subject *subject, const char *typed, uint32_t *column)
{
	size_t columns = device_columns(&subject->device);
	uint64_t number;
	char todo[64];

	*column = 0;
	for (uint32_t i = 1; i < columns; i++) {
		if (column_legs(&subject->device, i) < column_legs(&subject->device, *column))
			*column = i;
	}
	if (!typed)
		return RC_OK;
	snprintf(todo, sizeof(todo), "there are the columns 0 to %zu", columns - 1);
	if (parse_number(typed, UINT32_MAX, &number) != PARSE_OK || number >= columns)
		return report(RC_USAGE, subject->what, typed, columns > 1 ? todo : "leave it out",
			      "%s has no such column", subject->name);
	*column = (uint32_t)number;
	return RC_OK;
}

static enum rc add_leg(struct subject *subject, struct leg_request *store, const char *column)
{
	struct leg leg;
	enum rc rc;

	rc = choose_column(subject, column, &store->column);
	if (!rc)
		rc = add(subject, store, &leg);
	if (!rc)
		printf("%s: leg %u, column %u\n", subject->device.name, leg.number, leg.column);
	return rc;
}

enum rc cmd_device_add_leg(int argc, char **argv)
{
	struct device_options options = { .what = "device add-leg" };
	const char *column = NULL;
	const struct option_spec specs[] = {
		{ "backend", .value = &options.backend },
		{ "address", .list = &options.addresses },
		{ "path", .list = &options.paths },
		{ "secret-file", .list = &options.secret_files },
		{ "loss-timeout", .value = &options.loss_timeout },
		{ "latency", .value = &options.latency },
		{ "bandwidth", .value = &options.bandwidth },
		{ "column", .value = &column },
		{ 0 },
	};
	struct subject subject;
	struct operands operands;
	struct leg_request store;
	enum rc rc;

	if ((rc = options_parse(options.what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(options.what, &operands, 1, 1, "the device's name")))
		return rc;
	rc = read_store(&options, &store);
	if (!rc)
		rc = subject_begin(options.what, &operands, &subject);
	if (!rc) {
		rc = add_leg(&subject, &store, column);
		subject_end(&subject);
	}
	explicit_bzero(&store, sizeof(store));
	return rc;
}

/* -- remove-leg, drain */

/* Is there another one with the same pages? */
static enum rc check_last(const struct subject *subject, const struct leg *leg)
{
	size_t others = column_legs(&subject->device, leg->column) - !leg_failed(leg);
	char on[128], todo[192];

	if (others)
		return RC_OK;
	snprintf(on, sizeof(on), "%.80s leg %u", subject->name, leg->number);
	snprintf(todo, sizeof(todo),
		 "add another one first, with 'mage device add-leg %s', or remove the device, with "
		 "'mage device disconnect'",
		 subject->device.name);
	return report(RC_EXISTS, subject->what, on, todo,
		      "no other leg that works has the pages of column %u", leg->column);
}

static enum rc remove_leg(struct subject *subject, const struct leg *leg)
{
	char todo[128];

	snprintf(todo, sizeof(todo), "'mage device drain %s %u' waits until others have all of it",
		 subject->device.name, leg->number);
	return take_away(subject, leg, todo);
}

static enum rc drain(struct subject *subject, const struct leg *leg)
{
	const struct sync_wait wait = {
		.what = subject->what,
		.on = subject->name,
		.index = subject->device.index,
		.goal = { .column = leg->column,
			  .leg = ANY,
			  .but = leg->number,
			  .past_failed = true },
		.if_interrupted = "the leg is there as before",
	};
	enum rc rc = sync_wait(subject->genl, &wait, &subject->device);

	return rc ? rc : take_away(subject, leg, "try it again");
}

static enum rc with_leg(const char *what, int argc, char **argv,
			enum rc (*act)(struct subject *subject, const struct leg *leg))
{
	const struct option_spec specs[] = { { 0 } };
	struct subject subject;
	struct operands operands;
	struct leg leg;
	enum rc rc;

	if ((rc = options_parse(what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(what, &operands, 2, 2,
				 "the device's name, or the leg's number,")) ||
	    (rc = subject_begin(what, &operands, &subject)))
		return rc;
	rc = find_leg(&subject, operands.arg[1], &leg);
	if (!rc)
		rc = check_last(&subject, &leg);
	if (!rc)
		rc = act(&subject, &leg);
	if (!rc)
		printf("%s: leg %u removed\n", subject.device.name, leg.number);
	subject_end(&subject);
	return rc;
}

enum rc cmd_device_remove_leg(int argc, char **argv)
{
	return with_leg("device remove-leg", argc, argv, remove_leg);
}

enum rc cmd_device_drain(int argc, char **argv)
{
	return with_leg("device drain", argc, argv, drain);
}

/* -- replace */

/* One after the other: each of them has to be filled from those that have everything. */
static enum rc check_quiet(const struct subject *subject, const struct leg *old)
{
	char on[128], todo[128];

	for (size_t i = 0; i < subject->device.nr_legs; i++) {
		const struct leg *leg = &subject->device.legs[i];

		if (leg->column != old->column || leg->number == old->number ||
		    strcmp(leg->state, "resync"))
			continue;
		snprintf(on, sizeof(on), "%.80s leg %u", subject->name, old->number);
		snprintf(todo, sizeof(todo), "wait for it: mage device wait %s --in-sync",
			 subject->device.name);
		return report(RC_EXISTS, subject->what, on, todo,
			      "leg %u of the same column is being filled", leg->number);
	}
	return RC_OK;
}

/* Fills the new leg, and takes the old one away; a new leg that fails is taken away instead. */
static enum rc change_over(struct subject *subject, const struct leg *old, const struct leg *new)
{
	char failed[128], interrupted[320];
	const struct sync_wait wait = {
		.what = subject->what,
		.on = subject->name,
		.index = subject->device.index,
		.goal = { .column = ANY, .leg = new->number, .but = ANY },
		.if_failed = failed,
		.if_interrupted = interrupted,
	};
	const struct leg *now;
	enum rc rc;

	snprintf(failed, sizeof(failed), "leg %u stays, and the new one is removed again",
		 old->number);
	snprintf(interrupted, sizeof(interrupted),
		 "leg %u is filled all the same; then 'mage device drain %s %u', or remove the new "
		 "one with 'mage device remove-leg %s %u'",
		 new->number, subject->device.name, old->number, subject->device.name, new->number);
	rc = sync_wait(subject->genl, &wait, &subject->device);
	if (!rc)
		return take_away(subject, old, "try 'mage device drain'");
	now = leg_find(&subject->device, new->number);
	if (now && leg_failed(now))
		take_away(subject, new, NULL);
	return rc;
}

static enum rc replace(struct subject *subject, const char *typed, struct leg_request *store)
{
	struct leg old, new;
	enum rc rc;

	rc = find_leg(subject, typed, &old);
	if (!rc)
		rc = check_quiet(subject, &old);
	if (rc)
		return rc;
	store->column = old.column;
	rc = add(subject, store, &new);
	/* It is wiped before the wait, which may be long. */
	explicit_bzero(store, sizeof(*store));
	if (!rc)
		rc = change_over(subject, &old, &new);
	if (!rc)
		printf("%s: leg %u instead of leg %u\n", subject->device.name, new.number,
		       old.number);
	return rc;
}

enum rc cmd_device_replace(int argc, char **argv)
{
	struct device_options options = { .what = "device replace" };
	const struct option_spec specs[] = {
		{ "backend", .value = &options.backend },
		{ "address", .list = &options.addresses },
		{ "path", .list = &options.paths },
		{ "secret-file", .list = &options.secret_files },
		{ "loss-timeout", .value = &options.loss_timeout },
		{ "latency", .value = &options.latency },
		{ "bandwidth", .value = &options.bandwidth },
		{ 0 },
	};
	struct subject subject;
	struct operands operands;
	struct leg_request store;
	enum rc rc;

	if ((rc = options_parse(options.what, argc, argv, specs, &operands)) ||
	    (rc = operands_check(options.what, &operands, 2, 2,
				 "the device's name, or the leg's number,")))
		return rc;
	rc = read_store(&options, &store);
	if (!rc)
		rc = subject_begin(options.what, &operands, &subject);
	if (!rc) {
		rc = replace(&subject, operands.arg[1], &store);
		subject_end(&subject);
	}
	explicit_bzero(&store, sizeof(store));
	return rc;
}
