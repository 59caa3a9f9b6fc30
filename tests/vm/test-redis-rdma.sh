#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 2G --timeout 900
# groups: quick full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Redis pages to a memory node: filled past its limit, every key read back, the policy swapped half
# way, and nothing left behind.
. "$(dirname "$0")/lib.sh"
: "${MAGE_REDIS_KEYS:=10000}"
. "$(dirname "$0")/redis.sh"

cg=/sys/fs/cgroup/redis
dying=$(cg_dying)

governed_by_clock()
{
	same "the policy" clock "$(domain_field "$cg" policy)" &&
		same "swaps" 1 "$(domain_field "$cg" swaps)"
}

nothing_failed()
{
	local field
	for field in read_errors write_errors fallbacks ejections; do
		same "$field" 0 "$(domain_field "$cg" "$field")" || return
	done
}

need "a far device on the memory node" far_connect --backend rdma \
	--address "${MAGE_MEMNODES%% *}" --secret-file "$MAGE_SECRET_FILE" --size 512M --swapon
far=$(tail -n 1 "$tap_out")
need "the cgroup" cg_make "$cg" "$redis_limit"
need "the policy fifo" "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"
need "Redis starts" redis_start "$cg"

"$REDIS_CHECK" "${redis_load[@]}" fill 2>&1 | note
tap "${PIPESTATUS[0]}" "Redis is filled past its limit"
"$REDIS_CHECK" "${redis_load[@]}" \
	--at-half "$MAGE policy swap $POLICIES/clock.bpf.o --cgroup $cg" verify 2>&1 | note
tap "${PIPESTATUS[0]}" "every key is right, the policy swapped half way"
try "clock governs" governed_by_clock
try "pages went out and came back" domain_paged "$cg"
try "no error, no fall-back, no ejection" nothing_failed
try "no direct reclaim" no_direct_reclaim "$cg"

try "Redis stops" redis_stop
try "no frame, slot or charge is left" eventually 30 domain_empties "$cg"
try "the far device is empty" eventually 30 device_is_empty "$far"
try "the policy is unloaded" "$MAGE" policy unload --cgroup "$cg"
try "no domain is left" eventually 30 no_domains
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
try "the far device is disconnected" "$MAGE" device disconnect "$far" --swapoff
tap_end
