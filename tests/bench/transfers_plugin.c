// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin that follows each line of the guest's memory through private caches of its CPUs,
 * and counts what has to go from one cache to another. tests/bench/scale uses it; tests/vm/
 * test-transfers.sh checks it with programs whose traffic is known.
 *
 * The model is a directory with, for each line of 64 bytes of physical memory, the CPU that wrote
 * it last and those that have a copy (the states M, S and I of a MESI protocol; Sorin, Hill, Wood,
 * "A Primer on Memory Consistency and Cache Coherence", 2020). Caches have no end. A transfer is
 *
 *	- a read of a line that another CPU wrote last, and of which the reader has no copy;
 *	- a write of such a line, or of one of which other CPUs have copies: one transfer, as one
 *	  request fetches the line and invalidates the others.
 *
 * Counted between two markers (marker.h), by line and instruction. Accesses to the kernel's
 * addresses by the kernel's instructions are followed, or with user=on those of programs to
 * theirs. Page tables as the processor itself walks them are not seen.
 *
 * QEMU runs each virtual CPU in a thread; on few cores one would do thousands of pages before the
 * next gets its turn, and nearly no line would ever move. So meanwhile the CPUs take turns: one
 * executes "turn" instructions (400), then the next that is not idle. A CPU whose turn does not
 * come for long goes on without; that happens when QEMU wants all of them to stop. How often it
 * did is printed.
 *
 * The file that rules= names has a line for each of:
 *
 *	skip FIRST LAST		instructions from FIRST to before LAST are not followed (those that
 *copy pages, which on a real machine an adapter does) tick ADDRESS		here begins the
 *timer's interrupt; what it does is not counted: time here runs much faster than instructions entry
 *ADDRESS		here begins another interrupt or exception switch ADDRESS		here
 *the CPU goes on with another task, which is not interrupted
 *
 * After each stretch the file that out= names gets a line "= BROKEN ENTRIES INSTRUCTIONS", and for
 * each line and instruction with transfers "INSTRUCTION LINE READS WRITES"; LINE is a virtual
 * address. BROKEN turns were not waited for; INSTRUCTIONS are all that were executed.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

enum {
	CPUS_MAX = 32, /* bits of line.sharers */
	LINE_SHIFT = 6,
	LINES_MAX = 1 << 26, /* 4 GiB */
	NOBODY = 0xff,
	/* How long one waits for its turn. A round of 16 CPUs takes less than one millisecond. */
	PATIENCE_NS = 50000000,
	RULES_MAX = 512,
};

struct line {
	uint32_t sharers; /* CPUs with a copy, the owner's too */
	uint8_t owner; /* wrote it last, plus 1; 0: nobody has since the start */
};

struct count {
	uint64_t instruction; /* 0: free */
	uint64_t line; /* its virtual address */
	uint32_t reads;
	uint32_t writes;
};

/* What is done where an instruction stands. */
enum rule {
	RULE_SKIP,
	RULE_TICK,
	RULE_ENTRY,
	RULE_SWITCH,
};

struct place {
	enum rule rule;
	uint64_t first;
	uint64_t last;
};

struct cpu {
	bool exists;
	bool idle;
	/* Only the CPU itself uses these: instructions left of its turn, interrupts since the tick.
	 */
	long left;
	unsigned int quiet;
	uint64_t instructions;
	pthread_cond_t turn;
};

/* Protects the turns: @holder, and "exists" and "idle" of the CPUs. Innermost. */
static pthread_mutex_t turns = PTHREAD_MUTEX_INITIALIZER;
static struct cpu cpus[CPUS_MAX];
static atomic_uint holder = NOBODY;
static atomic_uint broken;

/* Protects the directory and the counts; free mostly, as CPUs take turns. Innermost. */
static pthread_mutex_t directory = PTHREAD_MUTEX_INITIALIZER;
static struct line *lines;
static struct count *counts;
static size_t counts_size, counts_used;

static atomic_bool counting;
static struct place places[RULES_MAX];
static unsigned int nr_places;
static bool user;
static long turn = 400;
static const char *path = "transfers.out";
static FILE *out;

/* -- turns */

/* Who is next after @vcpu; NOBODY if all are idle. */
static unsigned int next_after(unsigned int vcpu)
{
	for (unsigned int i = 1; i <= CPUS_MAX; i++) {
		unsigned int other = (vcpu + i) % CPUS_MAX;

		if (cpus[other].exists && !cpus[other].idle)
			return other;
	}
	return NOBODY;
}

static void pass_on(unsigned int vcpu)
{
	unsigned int next = next_after(vcpu);

	atomic_store(&holder, next);
	if (next != NOBODY)
		pthread_cond_signal(&cpus[next].turn);
}

static void take_turn(unsigned int vcpu)
{
	struct timespec until;

	pthread_mutex_lock(&turns);
	if (atomic_load(&holder) == vcpu)
		pass_on(vcpu);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PATIENCE_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (atomic_load(&holder) != vcpu && atomic_load(&counting)) {
		if (pthread_cond_timedwait(&cpus[vcpu].turn, &turns, &until) == ETIMEDOUT) {
			atomic_store(&holder, vcpu);
			atomic_fetch_add(&broken, 1);
		}
	}
	pthread_mutex_unlock(&turns);
	cpus[vcpu].left = turn;
}

static void on_init(uint64_t id, unsigned int vcpu)
{
	(void)id;
	if (vcpu >= CPUS_MAX) {
		fprintf(stderr, "transfers_plugin: more than %d CPUs\n", CPUS_MAX);
		exit(EXIT_FAILURE);
	}
	pthread_mutex_lock(&turns);
	cpus[vcpu].exists = true;
	pthread_mutex_unlock(&turns);
}

static void on_idle(uint64_t id, unsigned int vcpu)
{
	(void)id;
	pthread_mutex_lock(&turns);
	cpus[vcpu].idle = true;
	if (atomic_load(&holder) == vcpu)
		pass_on(vcpu);
	pthread_mutex_unlock(&turns);
}

/* QEMU holds its own lock here: no waiting. */
static void on_resume(uint64_t id, unsigned int vcpu)
{
	(void)id;
	pthread_mutex_lock(&turns);
	cpus[vcpu].idle = false;
	if (atomic_load(&holder) == NOBODY)
		atomic_store(&holder, vcpu);
	pthread_mutex_unlock(&turns);
}

static void on_block(unsigned int vcpu, void *userdata)
{
	struct cpu *cpu = &cpus[vcpu];
	long nr = (long)(uintptr_t)userdata;

	if (!atomic_load_explicit(&counting, memory_order_relaxed))
		return;
	cpu->instructions += (uint64_t)nr;
	cpu->left -= nr;
	if (cpu->left <= 0 || atomic_load_explicit(&holder, memory_order_relaxed) != vcpu)
		take_turn(vcpu);
}

/* -- counts */

static struct count *count_find(struct count *table, size_t size, uint64_t instruction,
				uint64_t line)
{
	uint64_t hash = (instruction ^ (line << 20) ^ (line >> 6)) * 0x9e3779b97f4a7c15ULL;
	size_t at = hash >> 20 & (size - 1);

	while (table[at].instruction &&
	       (table[at].instruction != instruction || table[at].line != line))
		at = (at + 1) & (size - 1);
	return &table[at];
}

static struct count *counts_make(size_t size)
{
	struct count *table = calloc(size, sizeof(*table));

	if (!table) {
		fprintf(stderr, "transfers_plugin: no memory for %zu counts\n", size);
		exit(EXIT_FAILURE);
	}
	return table;
}

static void counts_grow(void)
{
	size_t size = 2 * counts_size;
	struct count *table = counts_make(size);

	for (size_t i = 0; i < counts_size; i++)
		if (counts[i].instruction)
			*count_find(table, size, counts[i].instruction, counts[i].line) = counts[i];
	free(counts);
	counts = table;
	counts_size = size;
}

static void count_transfer(uint64_t instruction, uint64_t address, bool write)
{
	struct count *count;

	if (2 * counts_used >= counts_size)
		counts_grow();
	count = count_find(counts, counts_size, instruction, address >> LINE_SHIFT << LINE_SHIFT);
	if (!count->instruction) {
		count->instruction = instruction;
		count->line = address >> LINE_SHIFT << LINE_SHIFT;
		counts_used++;
	}
	if (write)
		count->writes++;
	else
		count->reads++;
}

/* -- the directory */

/* What the access does to the line; whether it is a transfer. */
static bool line_access(struct line *line, unsigned int vcpu, bool write)
{
	uint32_t me = (uint32_t)1 << vcpu;
	bool foreign = line->owner && line->owner != vcpu + 1 && !(line->sharers & me);
	bool transfer = foreign || (write && line->sharers & ~me);

	if (write) {
		line->owner = (uint8_t)(vcpu + 1);
		line->sharers = me;
	} else {
		line->sharers |= me;
	}
	return transfer;
}

static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address,
		      void *userdata)
{
	bool write = qemu_plugin_mem_is_store(info);
	struct qemu_plugin_hwaddr *hardware;
	uint64_t line;

	/* The directory knows where lines are before counting begins, too. */
	if (address >> 63 == user)
		return;
	hardware = qemu_plugin_get_hwaddr(info, address);
	if (!hardware || qemu_plugin_hwaddr_is_io(hardware))
		return;
	line = qemu_plugin_hwaddr_phys_addr(hardware) >> LINE_SHIFT;
	if (line >= LINES_MAX)
		return;
	pthread_mutex_lock(&directory);
	if (line_access(&lines[line], vcpu, write) &&
	    atomic_load_explicit(&counting, memory_order_relaxed) && !cpus[vcpu].quiet)
		count_transfer((uint64_t)(uintptr_t)userdata, address, write);
	pthread_mutex_unlock(&directory);
}

/* -- the timer's interrupt */

static void on_tick(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	cpus[vcpu].quiet++;
}

static void on_entry(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	if (cpus[vcpu].quiet)
		cpus[vcpu].quiet++;
}

static void on_return(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	if (cpus[vcpu].quiet)
		cpus[vcpu].quiet--;
}

static void on_switch(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	cpus[vcpu].quiet = 0;
}

/* -- stretches */

static void on_begin(unsigned int vcpu, void *userdata)
{
	(void)userdata;
	pthread_mutex_lock(&directory);
	memset(counts, 0, counts_size * sizeof(*counts));
	counts_used = 0;
	pthread_mutex_unlock(&directory);
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		cpus[i].instructions = 0;
	atomic_store(&broken, 0);
	atomic_store(&holder, vcpu);
	atomic_store(&counting, true);
}

static void on_end(unsigned int vcpu, void *userdata)
{
	uint64_t instructions = 0;

	(void)vcpu;
	(void)userdata;
	atomic_store(&counting, false);
	pthread_mutex_lock(&turns);
	for (unsigned int i = 0; i < CPUS_MAX; i++) {
		instructions += cpus[i].instructions;
		pthread_cond_signal(&cpus[i].turn);
	}
	pthread_mutex_unlock(&turns);

	pthread_mutex_lock(&directory);
	if (!out)
		out = fopen(path, "w");
	if (out) {
		fprintf(out, "= %u %zu %" PRIu64 "\n", atomic_load(&broken), counts_used,
			instructions);
		for (size_t i = 0; i < counts_size; i++)
			if (counts[i].instruction)
				fprintf(out, "%" PRIx64 " %" PRIx64 " %" PRIu32 " %" PRIu32 "\n",
					counts[i].instruction, counts[i].line, counts[i].reads,
					counts[i].writes);
		fflush(out);
	} else {
		perror(path);
	}
	pthread_mutex_unlock(&directory);
}

/* -- translation */

static const struct place *place_of(uint64_t address)
{
	for (unsigned int i = 0; i < nr_places; i++)
		if (places[i].first <= address && address < places[i].last)
			return &places[i];
	return NULL;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	static const unsigned char iretq[] = { 0x48, 0xcf };
	static void (*const begins[])(unsigned int, void *) = {
		[RULE_TICK] = on_tick,
		[RULE_ENTRY] = on_entry,
		[RULE_SWITCH] = on_switch,
	};
	size_t nr = qemu_plugin_tb_n_insns(tb);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS,
					     (void *)(uintptr_t)nr);
	for (size_t i = 0; i < nr; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		const struct place *place = place_of(address);

		on_markers(insn, on_begin, on_end);
		if (place && place->rule != RULE_SKIP && place->first == address)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begins[place->rule],
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (insn_is(insn, iretq, sizeof(iretq)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_return,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		if (address >> 63 != user && !(place && place->rule == RULE_SKIP))
			qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
							 QEMU_PLUGIN_MEM_RW,
							 (void *)(uintptr_t)address);
	}
}

/* -- start */

static bool rules_read(const char *name)
{
	static const char *const names[] = {
		[RULE_SKIP] = "skip",
		[RULE_TICK] = "tick",
		[RULE_ENTRY] = "entry",
		[RULE_SWITCH] = "switch",
	};
	FILE *file = fopen(name, "r");
	char text[128], word[16];

	if (!file) {
		perror(name);
		return false;
	}
	while (fgets(text, sizeof(text), file)) {
		struct place *place = &places[nr_places];
		int nr = sscanf(text, "%15s %" SCNx64 " %" SCNx64, word, &place->first,
				&place->last);
		unsigned int rule = 0;

		while (rule < sizeof(names) / sizeof(*names) && strcmp(word, names[rule]))
			rule++;
		if (nr != (rule == RULE_SKIP ? 3 : 2) || rule == sizeof(names) / sizeof(*names) ||
		    nr_places == RULES_MAX - 1) {
			fprintf(stderr, "transfers_plugin: %s: no rule, or one too many: %s", name,
				text);
			fclose(file);
			return false;
		}
		place->rule = (enum rule)rule;
		if (nr == 2)
			place->last = place->first + 1;
		nr_places++;
	}
	fclose(file);
	return true;
}

static bool argument_read(const char *text)
{
	if (!strncmp(text, "out=", 4))
		path = strdup(text + 4);
	else if (!strcmp(text, "user=on"))
		user = true;
	else if (!strncmp(text, "turn=", 5))
		turn = strtol(text + 5, NULL, 10);
	else if (!strncmp(text, "rules=", 6))
		return rules_read(text + 6);
	else
		return false;
	return turn > 0;
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	pthread_condattr_t monotonic;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!argument_read(argv[i])) {
			fprintf(stderr, "transfers_plugin: wrong argument '%s'\n", argv[i]);
			return -1;
		}
	}
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		pthread_cond_init(&cpus[i].turn, &monotonic);
	lines = mmap(NULL, LINES_MAX * sizeof(*lines), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (lines == MAP_FAILED) {
		perror("transfers_plugin: mmap");
		return -1;
	}
	counts_size = 1 << 16;
	counts = counts_make(counts_size);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_vcpu_init_cb(id, on_init);
	qemu_plugin_register_vcpu_idle_cb(id, on_idle);
	qemu_plugin_register_vcpu_resume_cb(id, on_resume);
	return 0;
}
