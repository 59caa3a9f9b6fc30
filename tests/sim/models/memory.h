/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_MODEL_MEMORY_H
#define SIM_MODEL_MEMORY_H

#include <stdio.h>
#include <stdlib.h>

/* Zeroed; a model that has no memory has no answer either. */
static inline void *model_memory(size_t nr, size_t size)
{
	void *memory = calloc(nr ? nr : 1, size);

	if (!memory) {
		fprintf(stderr, "a model of %zu pages: out of memory\n", nr);
		exit(1);
	}
	return memory;
}

#endif
