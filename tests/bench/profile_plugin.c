// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin that counts the instructions of the guest between two markers (marker.h), by the
 * address of the block that they are in, and writes the counts of each stretch, "ADDRESS COUNT" a
 * line after a line "=", to the file that its argument out= names. tests/bench/profile uses it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

struct block {
	uint64_t address;
	uint64_t instructions;
	struct block *next;
};

/* Blocks stay where they are, as QEMU adds to their counts. One virtual CPU: no lock. */
static struct block *blocks;
static const char *path = "profile.out";
static FILE *out;

static void on_begin(unsigned int vcpu, void *userdata)
{
	(void)vcpu;
	(void)userdata;
	for (struct block *block = blocks; block; block = block->next)
		block->instructions = 0;
}

static void on_end(unsigned int vcpu, void *userdata)
{
	(void)vcpu;
	(void)userdata;
	if (!out)
		out = fopen(path, "w");
	if (!out)
		return;
	fputs("=\n", out);
	for (const struct block *block = blocks; block; block = block->next)
		if (block->instructions)
			fprintf(out, "%" PRIx64 " %" PRIu64 "\n", block->address,
				block->instructions);
	fflush(out);
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t nr = qemu_plugin_tb_n_insns(tb);
	struct block *block = malloc(sizeof(*block));

	(void)id;
	if (!block)
		return;
	for (size_t i = 0; i < nr; i++)
		on_markers(qemu_plugin_tb_get_insn(tb, i), on_begin, on_end);
	block->address = qemu_plugin_tb_vaddr(tb);
	block->instructions = 0;
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
						 &block->instructions, nr);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			path = strdup(argv[i] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
