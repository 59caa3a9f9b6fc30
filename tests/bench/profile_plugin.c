// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin that counts the instructions of the guest between two markers (marker.h), by the
 * address of the block that they are in, and writes the counts of each stretch, "ADDRESS COUNT" a
 * line after a line "=", to the file that its argument out= names. tests/bench/profile uses it.
 *
 * Debian's QEMU packages bring no qemu-plugin.h; these are the declarations of version 1 of that
 * interface (QEMU's documentation, "QEMU TCG Plugins"), as far as they are used.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum {
	QEMU_PLUGIN_INLINE_ADD_U64 = 0,
	QEMU_PLUGIN_CB_NO_REGS = 0,
};

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
					      uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu, void *userdata),
					    int flags, void *userdata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static const unsigned char begin_bytes[] = { MARKER_BEGIN };
static const unsigned char end_bytes[] = { MARKER_END };

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

static bool insn_is(const struct qemu_plugin_insn *insn, const unsigned char *bytes)
{
	return qemu_plugin_insn_size(insn) == sizeof(begin_bytes) &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, sizeof(begin_bytes));
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t nr = qemu_plugin_tb_n_insns(tb);
	struct block *block = malloc(sizeof(*block));

	(void)id;
	if (!block)
		return;
	for (size_t i = 0; i < nr; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (insn_is(insn, begin_bytes))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (insn_is(insn, end_bytes))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
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
