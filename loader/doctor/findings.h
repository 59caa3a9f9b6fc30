/* SPDX-License-Identifier: GPL-2.0-only */
/* What "mage doctor" found. */
#ifndef MAGE_DOCTOR_FINDINGS_H
#define MAGE_DOCTOR_FINDINGS_H

#include <stdbool.h>
#include <stdio.h>

#define MOST_FINDINGS 256

enum verdict {
	VERDICT_OK,
	VERDICT_NOTE, /* works, but not as well as it could, or not all of it */
	VERDICT_WRONG,
};

struct finding {
	/* "kernel", "cores", "machine", "rdma", "device", "domain", "mage.conf", "memory node" */
	const char *area;
	char check[32]; /* one word or two: "struct_ops" */
	enum verdict verdict;
	char text[320];
	char todo[256]; /* how to mend it, "" if nothing is to be done */
};

struct findings {
	size_t nr;
	struct finding finding[MOST_FINDINGS];
};

/* @todo may be NULL. */
void finding_add(struct findings *findings, const char *area, const char *check,
		 enum verdict verdict, const char *todo, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

bool findings_wrong(const struct findings *findings);
void findings_text(FILE *out, const struct findings *findings);
void findings_json(FILE *out, const struct findings *findings);

#endif
