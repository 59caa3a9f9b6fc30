// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and the one command that needs it. */

#include "base/error.h"
#include "command.h"
#include "commands/device.h"
#include "commands/device_connect.h"
#include "commands/device_legs.h"
#include "commands/device_wait.h"
#include "commands/doctor.h"
#include "commands/evictors.h"
#include "commands/metrics.h"
#include "commands/policy_dump.h"
#include "commands/policy_features.h"
#include "commands/policy_list.h"
#include "commands/policy_load.h"
#include "commands/policy_log.h"
#include "commands/policy_new.h"
#include "commands/policy_show.h"
#include "commands/policy_tune.h"
#include "commands/policy_unload.h"
#include "commands/run.h"
#include "commands/setup.h"
#include "commands/status.h"
#include "commands/top.h"
#include "commands/trace.h"
#include "commands/trace_record.h"
#include "find.h"
#include "help.h"

static enum rc cmd_help(int argc, char **argv);

static const struct command commands[] = {
	{
		.group = "device",
		.name = "connect",
		.summary = "make a far device /dev/mageN",
		.synopsis =
			"--backend rdma --address HOST[:PORT] --size SIZE --secret-file FILE\n"
			"    [--loss-timeout TIME] [--checksum on|off]\n"
			"--backend blk --path FILE [--size SIZE] [--checksum on|off]\n"
			"--backend dram --size SIZE [--latency TIME] [--bandwidth SIZE]\n"
			"    [--checksum on|off]\n"
			"several --address or --path, or --legs N, with --mirror[=COPIES], --stripe\n"
			"or both",
		.details =
			"  --backend rdma|blk|dram\n"
			"                         a memory node, a block device, or emulated far memory\n"
			"                         in local RAM\n"
			"  --size SIZE            how much far memory: 512M, 1G, 64KiB; whole pages\n"
			"  --address HOST[:PORT]  the memory node (port 7471 unless given)\n"
			"  --path FILE            the block device, as in /dev/nvme0n1p2: what is on it is\n"
			"                         overwritten; all of it unless --size is less\n"
			"  --secret-file FILE     holds the secret that the memory node knows as well; one for\n"
			"                         all of them, or one each in the same order\n"
			"  --mirror[=COPIES]      keep each page on all of the legs, or in so many copies (2)\n"
			"                         with --stripe: legs side by side hold the same pages\n"
			"  --stripe               spread the pages over the legs, 256 pages at a time\n"
			"  --legs N               so many legs (dram)\n"
			"  --loss-timeout TIME    how long the memory node may be out of reach before the\n"
			"                         device fails (rdma): 60s unless given; 0: not at all\n"
			"  --latency TIME         delay of each operation (dram): 20us\n"
			"  --bandwidth SIZE       bytes a second (dram): 1G; no limit unless given\n"
			"  --checksum on|off      keep a checksum of each page, and compare what is read\n"
			"                         with it: on unless given, but for dram\n"
			"  --swapon               also write a swap header and activate it; if that\n"
			"                         fails the device is disconnected again\n"
			"  --priority N           swap priority, 0 to 32767\n",
		.run = cmd_device_connect,
	},
	{
		.group = "device",
		.name = "disconnect",
		.summary = "remove a far device",
		.synopsis = "DEVICE [--swapoff]",
		.details =
			"  DEVICE                 mage0 or /dev/mage0\n"
			"  --swapoff              deactivate it first; brings its pages back, which\n"
			"                         have to fit\n",
		.run = cmd_device_disconnect,
	},
	{
		.group = "device",
		.name = "add-leg",
		.summary = "add a copy to a device of several legs",
		.synopsis =
			"DEVICE --address HOST[:PORT] --secret-file FILE [--loss-timeout TIME]\n"
			"DEVICE --path FILE\n"
			"DEVICE --backend dram [--latency TIME] [--bandwidth SIZE]\n"
			"    all with [--column N]",
		.details =
			"  DEVICE                 mage0 or /dev/mage0, connected with --mirror or --stripe\n"
			"  --column N             whose pages it gets: that with the fewest legs unless\n"
			"                         given\n"
			"The other options are those of 'mage device connect'.  The leg is filled from the\n"
			"others meanwhile: see 'mage device wait'.\n",
		.run = cmd_device_add_leg,
	},
	{
		.group = "device",
		.name = "remove-leg",
		.summary = "remove a leg whose pages others have, too",
		.synopsis = "DEVICE LEG",
		.details =
			"  LEG                    its number, as 'mage device list' has it\n"
			"One that has the only copy of a page is refused; see 'mage device drain'.\n",
		.run = cmd_device_remove_leg,
	},
	{
		.group = "device",
		.name = "replace",
		.summary = "put another store in the place of a leg",
		.synopsis =
			"DEVICE LEG --address HOST[:PORT] --secret-file FILE [--loss-timeout TIME]\n"
			"DEVICE LEG --path FILE\n"
			"DEVICE LEG --backend dram [--latency TIME] [--bandwidth SIZE]",
		.details =
			"Adds a leg, waits until it has all pages, and removes the other one.  If the new\n"
			"one fails it is removed again.  The options are those of 'mage device connect'.\n",
		.run = cmd_device_replace,
	},
	{
		.group = "device",
		.name = "drain",
		.summary = "remove a leg once the others have all of its pages",
		.synopsis = "DEVICE LEG",
		.run = cmd_device_drain,
	},
	{
		.group = "device",
		.name = "wait",
		.summary = "wait until all legs of a device are in sync",
		.synopsis = "DEVICE --in-sync [--timeout SECONDS]",
		.details =
			"  --in-sync              until each leg has all pages of its column\n"
			"  --timeout SECONDS      give up after that; the exit status is 9\n"
			"If a leg has failed, or one is missing, it does not wait: the exit status is 1.\n",
		.run = cmd_device_wait,
	},
	{
		.group = "device",
		.name = "list",
		.summary = "list the far devices",
		.synopsis = "[--json]",
		.run = cmd_device_list,
	},
	{
		.group = "policy",
		.name = "load",
		.summary = "put a cgroup under a policy",
		.synopsis =
			"NAME|FILE --cgroup PATH [--name NAME] [--set NAME=VALUE]... [--force]\n"
			"[--dry-run] [--json]",
		.details =
			"  NAME|FILE              an installed policy, 'builtin', or a BPF object\n"
			"  --cgroup PATH          the cgroup (v2) whose memory it shall manage\n"
			"  --name NAME            which one, if FILE holds several policies\n"
			"  --set NAME=VALUE       a tunable of the policy; 'mage policy show' lists them\n"
			"  --force                also where nothing can be evicted: no far device, or\n"
			"                         none that works and has room, or no swap allowed\n"
			"  --dry-run              all but the last step: the kernel looks at the policy, and\n"
			"                         nothing is changed; only init may still refuse\n"
			"  --json                 print one JSON object\n"
			"The policy stays until 'mage policy unload': it is pinned in /sys/fs/bpf/mage.\n",
		.run = cmd_policy_load,
	},
	{
		.group = "policy",
		.name = "swap",
		.summary = "replace the policy of a cgroup while it runs",
		.synopsis = "NAME|FILE --cgroup PATH [--name NAME] [--set NAME=VALUE]...\n"
			    "[--keep-tunables] [--for TIME --revert-if CONDITION...]\n"
			    "[--dry-run] [--json]",
		.details =
			"  --keep-tunables        what was set for the policy before stays, where the new one\n"
			"                         has tunables of the same names and types\n"
			"  --for TIME             try it for so long (60s), and then keep it\n"
			"  --revert-if CONDITION  unless this holds meanwhile: 'p99 > 2x' of what it was\n"
			"                         before, 'p99 > 500us', 'waits > 10' a second\n"
			"The other options are those of 'mage policy load'.\n"
			"There is no moment without a policy.  If the new one is refused, the old one\n"
			"stays; so does one that somebody else has swapped in meanwhile.\n",
		.run = cmd_policy_swap,
	},
	{
		.group = "policy",
		.name = "unload",
		.summary = "give a cgroup back to the kernel's own reclaim",
		.synopsis = "--cgroup PATH",
		.run = cmd_policy_unload,
	},
	{
		.group = "policy",
		.name = "list",
		.summary = "list the governed cgroups and the policies there are",
		.synopsis = "[--json]",
		.run = cmd_policy_list,
	},
	{
		.group = "policy",
		.name = "show",
		.summary = "describe a policy: its callbacks and tunables",
		.synopsis = "NAME|FILE|CGROUP [--name NAME] [--json]",
		.details =
			"Of a policy the tunables are shown as the object has them, of a cgroup as they are\n"
			"now in the policy that governs it; and its calls, lists, victims and counters.\n"
			"Times are there while kernel.bpf_stats_enabled is 1.\n",
		.run = cmd_policy_show,
	},
	{
		.group = "policy",
		.name = "tune",
		.summary = "set tunables of a policy while it governs",
		.synopsis = "NAME|CGROUP NAME=VALUE...",
		.details =
			"  NAME|CGROUP            the policy, if it governs one cgroup only, or the cgroup\n"
			"If one value is refused, none is set.\n",
		.run = cmd_policy_tune,
	},
	{
		.group = "policy",
		.name = "dump",
		.summary = "have a policy that governs say how it is",
		.synopsis = "NAME|CGROUP [--json]",
		.details =
			"  NAME|CGROUP            the policy, if it governs one cgroup only, or the cgroup\n"
			"It is asked by its callback dump; one that has none says nothing.\n",
		.run = cmd_policy_dump,
	},
	{
		.group = "policy",
		.name = "log",
		.summary = "show which policies left, when and why",
		.synopsis = "[--cgroup PATH] [--json]",
		.details =
			"The kernel keeps the last 64 records, those of cgroups that are gone included.  Below\n"
			"that of a policy which was ejected is what its callback dump said then.\n",
		.run = cmd_policy_log,
	},
	{
		.group = "policy",
		.name = "features",
		.summary = "list what this kernel offers to policies, or lacks for one",
		.synopsis = "[NAME|FILE] [--name NAME] [--json]",
		.details =
			"  NAME|FILE              only what this policy uses; the exit status is 7 if\n"
			"                         the kernel lacks some of it\n",
		.run = cmd_policy_features,
	},
	{
		.group = "policy",
		.name = "new",
		.summary = "begin to write a policy",
		.synopsis = "NAME",
		.details =
			"Writes NAME.bpf.c, a policy with comments that builds and loads as it is, and says\n"
			"how to do that.\n",
		.run = cmd_policy_new,
	},
	{
		.name = "run",
		.summary = "run a command with far memory",
		.synopsis =
			"--local SIZE [--policy NAME|FILE] [--name NAME] [--set NAME=VALUE]...\n"
			"[--force] [--] COMMAND [ARG...]",
		.details =
			"  --local SIZE           how much of its memory may be local: 512M, 1G; whole pages\n"
			"  --policy NAME|FILE     the policy (builtin unless given)\n"
			"  --name NAME            which one, if FILE holds several policies\n"
			"  --set NAME=VALUE       a tunable of the policy\n"
			"  --force                run it where nothing can be evicted, too\n"
			"It gets a cgroup of its own, which is removed when the command ends, with all that\n"
			"the command left running.  The exit status is the command's, or 128 and the number\n"
			"of the signal that ended it; 125 if mage itself failed, 126 if the command cannot\n"
			"be executed, 127 if there is none.\n",
		.run = cmd_run,
		.has_command = true,
	},
	{
		.name = "evictors",
		.summary = "show or set the CPUs on which evictors run",
		.synopsis = "[--cpus LIST] [--json]",
		.details = "  --cpus LIST            move them there: 3, or 2-3,6\n",
		.run = cmd_evictors,
	},
	{
		.name = "status",
		.summary = "show domains and far devices",
		.synopsis = "[--cgroup PATH] [--watch [SECONDS]] [--count N] [--json]",
		.details =
			"  --cgroup PATH          only this cgroup\n"
			"  --watch [SECONDS]      a line for each domain every second (or SECONDS)\n"
			"  --count N              stop after N samples\n"
			"  --json                 one JSON object a sample, each on its own line\n"
			"Without --watch the counters are totals since the domain began.\n",
		.run = cmd_status,
	},
	{
		.name = "top",
		.summary = "watch domains and far devices on a live screen",
		.synopsis = "[-b] [--interval SECONDS] [--count N] [--sort KEY]",
		.details =
			"  -b, --batch            print instead, for files and pipes\n"
			"  --interval SECONDS     between two samples (1)\n"
			"  --count N              end after N samples\n"
			"  --sort KEY             faults, evictions, local, far, p99, waits or name\n"
			"Keys: q ends it; f, e, l, m, p, w, n sort by faults, evictions, local memory, far\n"
			"memory, p99, waits, name.\n",
		.run = cmd_top,
	},
	{
		.name = "metrics",
		.summary = "print all counters for Prometheus",
		.synopsis = "[--output FILE]",
		.details =
			"  --output FILE          write them there in one step, as for the collector\n"
			"                         textfile of node-exporter; FILE ends in .prom then\n",
		.run = cmd_metrics,
	},
	{
		.group = "trace",
		.name = "faults",
		.summary = "show how long faults take, as histograms",
		.synopsis = "[--cgroup PATH] [--interval SECONDS] [--count N] [--json]",
		.details =
			"  --cgroup PATH          only this cgroup\n"
			"  --interval SECONDS     between two histograms (1)\n"
			"  --count N              end after N of them\n"
			"  --json                 one JSON object an interval, each on its own line\n",
		.run = cmd_trace_faults,
	},
	{
		.group = "trace",
		.name = "batches",
		.summary = "show how long batches take in each stage",
		.synopsis = "[--cgroup PATH] [--interval SECONDS] [--count N] [--json]",
		.details = "The options are those of 'mage trace faults'.\n",
		.run = cmd_trace_batches,
	},
	{
		.group = "trace",
		.name = "rescues",
		.summary = "show how many victims stay, and which ones again",
		.synopsis = "[--cgroup PATH] [--interval SECONDS] [--count N] [--json]",
		.details = "The options are those of 'mage trace faults'.\n",
		.run = cmd_trace_rescues,
	},
	{
		.group = "trace",
		.name = "waits",
		.summary = "show how long threads wait for room",
		.synopsis = "[--cgroup PATH] [--interval SECONDS] [--count N] [--json]",
		.details = "The options are those of 'mage trace faults'.\n",
		.run = cmd_trace_waits,
	},
	{
		.group = "trace",
		.name = "record",
		.summary = "record which pages a cgroup misses, for the simulator",
		.synopsis = "--cgroup PATH --output FILE [OPTION]...",
		.details =
			"  --cgroup PATH          the cgroup; let its limit be small meanwhile\n"
			"  --output FILE          where the trace goes\n"
			"  --name NAME            what it calls itself (FILE without .trace)\n"
			"  --seconds S            end after that time\n"
			"  --max-references N     end after so many (16777216)\n"
			"  --buffer SIZE          room for what is not fetched yet (16M)\n"
			"  --json                 print one JSON object about it in the end\n"
			"Also ends with Ctrl-C, and when the cgroup has become empty.  The trace has what the\n"
			"cgroup's local memory did not hold: simulate larger memories with it, not smaller.\n",
		.run = cmd_trace_record,
	},
	{
		.name = "doctor",
		.summary = "find out what works here, what does not, and how to mend it",
		.synopsis = "[--address HOST[:PORT] --secret-file FILE [--size SIZE]] [--json]",
		.details =
			"  --address HOST[:PORT]  also try this memory node, by connecting for a moment\n"
			"  --secret-file FILE     with this secret\n"
			"  --size SIZE            and this much room (a page unless given)\n"
			"The exit status is 1 if anything is wrong.\n",
		.run = cmd_doctor,
	},
	{
		.name = "up",
		.summary = "bring up what the configuration file asks for",
		.synopsis = "[--config FILE] [--check] [--force]",
		.details =
			"  --config FILE          instead of /etc/mage/mage.conf; see mage.conf(5)\n"
			"  --check                only check it, and whether its policies load\n"
			"  --force                also where nothing could be evicted\n"
			"What is there already stays.  If anything fails, all that was done is undone.\n",
		.run = cmd_up,
	},
	{
		.name = "down",
		.summary = "take down what 'mage up' brought up",
		.synopsis = "[--config FILE]",
		.details =
			"  --config FILE          instead of /etc/mage/mage.conf; see mage.conf(5)\n"
			"Far devices go first.  If one is in use the policies stay.\n",
		.run = cmd_down,
	},
	{
		.name = "help",
		.summary = "explain a command",
		.synopsis = "[COMMAND]",
		.run = cmd_help,
	},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

_Static_assert(NR_COMMANDS <= MOST_COMMANDS, "there is room for all of them");

const struct command_table command_table = { commands, NR_COMMANDS };

static enum rc cmd_help(int argc, char **argv)
{
	const struct command *command;
	int used;

	if (argc < 2 || (argc == 2 && is_command_group(&command_table, argv[1]))) {
		print_overview(&command_table, argv[1]);
		return RC_OK;
	}
	command = find_command(&command_table, argc - 1, argv + 1, &used);
	if (!command)
		return RC_USAGE;
	if (used < argc - 1)
		return report(RC_USAGE, "help", argv[used + 1], NULL, "one argument too many");
	print_help(command);
	return RC_OK;
}
