// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include <linux/mage.h>

#include "base/error.h"
#include "configuration/leg_shape.h"
#include "configuration/store_options.h"

static enum rc read_copies(const struct device_options *options, uint64_t *copies)
{
	enum parse_result result = parse_number(options->copies, MAGE_LEGS_MAX, copies);

	if (result == PARSE_OK && *copies < 2)
		result = PARSE_NO_NUMBER;
	if (result == PARSE_OK)
		return RC_OK;
	return report(RC_USAGE, written_place(options, "mirror"), options->copies,
		      options->section ? "write yes, no, or 2 to 8" :
					 "write --mirror, or --mirror=2 to --mirror=8",
		      "is no number of copies");
}

static enum rc not_several(const struct device_options *options)
{
	const char *word = stores_word(options), *set = options->mirror ? "mirror" : "stripe";
	char todo[64];

	if (!strcmp(word, "legs"))
		snprintf(todo, sizeof(todo), "add %s", options->section ? "legs = 2" : "--legs 2");
	else
		snprintf(todo, sizeof(todo), "give another %s%s", written_dashes(options), word);
	return report(RC_USAGE, written_place(options, set), NULL, todo,
		      "a %s needs two legs or more", set);
}

static enum rc neither(const struct device_options *options, size_t nr)
{
	return report(
		RC_USAGE, written_nth_place(options, stores_word(options), 1), NULL,
		options->section ?
			"write mirror = yes to keep each page on all of them, or stripe = yes "
			"to spread the pages over them" :
			"add --mirror to keep each page on all of them, --stripe to spread "
			"the pages over them, or both",
		"there are %zu legs, and it is not said what they are for", nr);
}

static enum rc does_not_fit(const struct device_options *options, const struct leg_shape *shape,
			    const char *todo)
{
	return report(RC_USAGE, written_place(options, "mirror"), NULL, todo,
		      "%zu legs do not make columns of %zu copies", shape->nr, shape->copies);
}

enum rc leg_shape_read(const struct device_options *options, struct leg_shape *shape)
{
	uint64_t copies = options->stripe ? 2 : shape->nr;
	enum rc rc;

	shape->set = options->mirror || options->stripe;
	shape->copies = 1;
	if (!shape->set)
		return shape->nr > 1 ? neither(options, shape->nr) : RC_OK;
	if (shape->nr == 1)
		return not_several(options);
	if (!options->mirror)
		return RC_OK;
	if (options->copies && (rc = read_copies(options, &copies)))
		return rc;
	shape->copies = (size_t)copies;
	if (shape->nr % shape->copies)
		return does_not_fit(options, shape, "give a multiple of that number");
	if (options->stripe && shape->nr == shape->copies)
		return report(
			RC_USAGE, written_place(options, "stripe"), NULL,
			"give more of them, or leave the stripe out",
			"all %zu legs are copies of one another, and there is one column only",
			shape->nr);
	if (!options->stripe && shape->nr != shape->copies)
		return does_not_fit(options, shape, "add the stripe, too, or leave the number out");
	return RC_OK;
}

uint64_t leg_shape_share(const struct leg_shape *shape, size_t column, uint64_t size,
			 uint64_t page_size)
{
	uint64_t columns = shape->nr / shape->copies, pages = size / page_size;
	uint64_t runs = pages / MAGE_STRIPE_PAGES, rest = pages % MAGE_STRIPE_PAGES;

	if (columns == 1)
		return size;
	pages = runs / columns * MAGE_STRIPE_PAGES;
	if (column < runs % columns)
		pages += MAGE_STRIPE_PAGES;
	else if (column == runs % columns)
		pages += rest;
	return pages * page_size;
}

uint64_t leg_shape_size(const struct leg_shape *shape, uint64_t room, uint64_t page_size)
{
	uint64_t columns = shape->nr / shape->copies;
	uint64_t unit = columns == 1 ? page_size : page_size * MAGE_STRIPE_PAGES;

	return room / unit * unit * columns;
}
