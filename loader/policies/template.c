// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "policies/template.h"

#define PLACEHOLDER "new_policy"

/* The file becomes part of the program, so that there is no installed one to be missed. */
__asm__(".pushsection .rodata\n"
	".global policy_template\n"
	"policy_template:\n"
	".incbin \"templates/policy.bpf.c\"\n"
	".byte 0\n"
	".popsection\n");
extern const char policy_template[];

void policy_template_write(FILE *out, const char *name)
{
	const char *text = policy_template, *found;

	while ((found = strstr(text, PLACEHOLDER))) {
		fwrite(text, 1, (size_t)(found - text), out);
		fputs(name, out);
		text = found + strlen(PLACEHOLDER);
	}
	fputs(text, out);
}
