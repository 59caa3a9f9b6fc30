# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# (variables come from who sources it)
#
# What holds of every machine that is booted with Mage, however many processors and however much
# memory it has; the tests test-boots-*.sh boot them. Source it after load.sh.

evictor_cpus=/sys/kernel/mm/mage/evictor_cpus

# has_cpus NUMBER
has_cpus()
{
	same "the number of processors" "$1" "$(nproc)"
}

# frames_are THERE: 1 if the kernel has put memory aside for the state of pages, else 0.
frames_are()
{
	same "the number of allocations for frames" "$1" "$(dmesg | grep -c 'bytes of page_ext')"
}

# evictors_are CPUS: as sysfs lists them, and one thread bound to each.
evictors_are()
{
	local cpu bound expected
	same "evictor_cpus" "$1" "$(cat "$evictor_cpus")" || return
	expected=$(for cpu in $(cpus_of "$1"); do echo "mage_evict/$cpu on $cpu"; done | sort)
	# Processes that end meanwhile have no such file any more.
	bound=$(awk '$1 == "Name:" { name = $2 }
		$1 == "Cpus_allowed_list:" && name ~ /^mage_evict/ { print name " on " $2 }' \
		/proc/[0-9]*/status 2>/dev/null | sort)
	same "the evictors" "$expected" "$bound"
}

# cpus_of LIST: FIRST-LAST or one number, as numbers.
cpus_of()
{
	seq "${1%-*}" "${1#*-}"
}

# hooks_are_called YES COMMAND...: whether the kernel's own code called Mage while the command ran, 1 or 0;
# and the command succeeds.
hooks_are_called()
{
	local yes=$1 tracing=/sys/kernel/tracing calls status
	shift
	echo '__mage_*' >$tracing/set_ftrace_filter && echo >$tracing/trace &&
		echo function >$tracing/current_tracer || return
	"$@"
	status=$?
	calls=$(grep -c '__mage_' $tracing/trace)
	echo nop >$tracing/current_tracer
	echo >$tracing/set_ftrace_filter
	echo "$calls calls of hooks were traced, the exit status was $status"
	[ $status -eq 0 ] && same "whether hooks were called" "$yes" $((calls > 0))
}

in_cg()
{
	(cg_exec "$cg" "$@")
}

# domain_works FAR_MIB REGION_MIB THREADS SECONDS: a domain comes, its pages go out and come back with every
# byte right, and it goes, with nothing left.
domain_works()
{
	local dying
	dying=$(cg_dying)
	need "the cgroup" cg_make "$cg" 1G
	set_size "$2"
	try "no hook is called without a far device" hooks_are_called 0 in_cg true
	need "a far device over dram" far_up dram "$1M"
	try "hooks are called with one" hooks_are_called 1 in_cg true
	need "the policy clock" "$MAGE" policy load "$POLICIES/clock.bpf.o" --cgroup "$cg"
	load "the domain" --size "$size" --threads "$3" --seconds "$4" --ops none
	load "the domain, with operations" --size "$size" --threads "$3" --seconds "$4" \
		--ops mremap,dontneed,pageout,vm-writev
	try "pages went out and came back" domain_paged "$cg"
	note <"$tap_out"
	try "no thread gave up waiting" same "fallbacks" 0 "$(domain_field "$cg" fallbacks)"
	try "the policy governs, nothing was ejected" governed_by clock
	nothing_left "the domain"
	try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
	try "no domain is left" eventually 30 no_domains
	all_goes "$dying"
}
