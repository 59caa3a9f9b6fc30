#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The prefetchers of policies/prefetch.bpf.h side by side, inside the virtual machine:
#
#   tests/vm/run --smp 2 -- tests/bench/prefetch.sh [POLICY] [PATTERN...]
#
# For each pattern of "touch" (scan and random by default): touches a second, and of the pages that
# were needed from far memory the share that was there already (coverage), of the pages that were
# prefetched the share that was used (accuracy).
. "$(dirname "$0")/../vm/lib.sh"

cg=/sys/fs/cgroup/prefetch
policy=${1:-fifo}
shift
[ $# -gt 0 ] || set -- scan random
names=(none readahead leap stride)

die()
{
	echo "prefetch.sh: $*" >&2
	exit 1
}

counters()
{
	"$MAGE" status --json |
		jq -c '.domains[0] | {faults, prefetched, prefetch_hits, prefetch_waste}'
}

echo never >/sys/kernel/mm/transparent_hugepage/enabled
far_connect --backend dram --size 256M --swapon >/dev/null || die "no far device"
printf '%-8s %-10s %10s %9s %11s %7s %7s %9s %9s\n' PATTERN PREFETCHER TOUCHES/s FAULTS \
	PREFETCHED HITS WASTE COVERAGE ACCURACY
for pattern in "$@"; do
	for prefetch in 0 1 2 3; do
		# Half of what touch uses.
		cg_make "$cg" 24M || die "no cgroup"
		"$MAGE" policy load "$policy" --cgroup "$cg" --set prefetch=$prefetch >/dev/null ||
			die "no policy $policy"
		before=$(counters)
		out=$(cg_exec "$cg" build/bench/bin/touch --pages 12288 --threads 1 \
			--seconds "${SECONDS_EACH:-3}" --cpus 1 --pattern "$pattern") || die "touch failed"
		jq -r --arg pattern "$pattern" --arg name "${names[prefetch]}" --argjson out "$out" \
			--argjson before "$before" 'with_entries(.value -= $before[.key]) |
			[$pattern, $name, ($out.touches | round), .faults, .prefetched,
			.prefetch_hits, .prefetch_waste,
			100 * .prefetch_hits / ([.prefetch_hits + .faults, 1] | max),
			100 * .prefetch_hits / ([.prefetched, 1] | max)] | @tsv' <<<"$(counters)" |
			while read -r row; do
				# shellcheck disable=SC2086 # a column each
				printf '%-8s %-10s %10d %9d %11d %7d %7d %7.1f %% %7.1f %%\n' $row
			done
		"$MAGE" policy unload --cgroup "$cg" >/dev/null
		eventually 30 rmdir "$cg" >/dev/null
	done
done
