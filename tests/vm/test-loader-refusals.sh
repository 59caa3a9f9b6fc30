#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 480 --append ramdisk_size=65536
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# Where nothing can be evicted, "mage policy load", "run" and "up" say so before they do anything, and go on
# with --force. What limits that somebody wrote do to a domain is said, too.
. "$(dirname "$0")/lib.sh"

root=/sys/fs/cgroup
cg=$root/app
pins=/sys/fs/bpf/mage
work=$(mktemp -d)
config=$work/mage.conf
printf '[cgroup app]\npolicy = builtin\n' >"$config"
load=(policy load builtin --cgroup "$cg")
run=(run --local 16M -- touch "$work/started")
up=(up --config "$config")

nothing_is_done()
{
	no_domains && same "pins" "" "$(ls "$pins" 2>/dev/null)" &&
		same "the cgroup of commands" "" "$(find "$root" -mindepth 1 -maxdepth 1 -name mage)" &&
		[ ! -e "$work/started" ]
}

# refused NAME PATTERN: all of them, for that reason.
refused()
{
	wrong "$1: policy load" 1 "^mage: policy load: $cg: $2, or add --force$" "${load[@]}"
	wrong "$1: run" 125 "^mage: run: $2, or add --force$" "${run[@]}"
	wrong "$1: up" 1 "^mage: up: $config:1: $2, or add --force$" "${up[@]}"
	try "$1: nothing is done" nothing_is_done
}

# finds VERDICT PATTERN: in what "mage doctor" says, which may find what is wrong.
finds()
{
	"$MAGE" doctor >"$work/output" 2>&1
	grep -E -- "^$1 .*$2" "$work/output" || { cat "$work/output"; return 1; }
}

need "a cgroup" cg_make "$cg" max

# -- No far device

refused "no device" "there is no far device to evict to; make one with 'mage device connect --swapon'"
wrong "no device: up --check" 1 "$config:1: there is no far device to evict to" "${up[@]}" --check
# They do it all the same.
try "no device: policy load --force" "$MAGE" "${load[@]}" --force
try "no device: it governs" same "the policy" builtin "$(domain_field "$cg" policy)"
try "no device: unloading" "$MAGE" policy unload --cgroup "$cg"
try "no device: run --force" "$MAGE" run --force "${run[@]:1}"
try "no device: the command ran" rm "$work/started"
try "no device: up --force" "$MAGE" "${up[@]}" --force
try "no device: up again, as it governs already" "$MAGE" "${up[@]}"
try "no device: down" "$MAGE" down --config "$config"
try "no device: nothing is left" eventually 30 nothing_is_done
cat "$config" - >"$work/both.conf" <<<"[device]
backend = dram
size = 16M"
try "no device: up with one that will be there" shows "1 far devices, 1 cgroups, nothing wrong" \
	up --check --config "$work/both.conf"
need "governed, and no device" "$MAGE" "${load[@]}" --force
try "the doctor says so" finds WRONG "1 cgroups are governed, and there is no far device to evict to"
try "unloading" "$MAGE" policy unload --cgroup "$cg"

need "a device" "$MAGE" device connect --backend dram --size 1M
refused "no swap" "there is no far device to evict to: mage0 is not active as swap; activate it with mkswap and swapon"
need "it is swap" bash -c "mkswap -q /dev/mage0 && swapon -p 5 /dev/mage0"

# -- No limit

try "no limit is noted" shows "^$cg: note: no limit is on it or above it: only the pressure of the whole machine" \
	"${load[@]}"
try "unloading" "$MAGE" policy unload --cgroup "$cg"
try "by up, too" shows "^$cg: note: no limit is on it" "${up[@]}"
try "unloading that" "$MAGE" policy unload --cgroup "$cg"
echo 32M >"$cg/memory.max"
try "a limit is not" same "notes" "" "$("$MAGE" "${load[@]}" | grep note)"
try "unloading once more" "$MAGE" policy unload --cgroup "$cg"

# -- No swap allowed

echo 0 >"$cg/memory.swap.max"
try "run is another cgroup" "$MAGE" "${run[@]}"
rm "$work/started"
no_swap="nothing could be evicted: memory.swap.max of $cg is 0; raise it, as in echo max >$cg/memory.swap.max, or add --force$"
wrong "no swap for the cgroup: load" 1 "$no_swap" "${load[@]}"
wrong "no swap for the cgroup: up" 1 "$no_swap" "${up[@]}"
try "nothing is done" nothing_is_done
echo max >"$cg/memory.swap.max"
need "the cgroup of commands" mkdir $root/mage
echo 0 >$root/mage/memory.swap.max
wrong "no swap for commands: run" 125 "memory.swap.max of $root/mage is 0; raise it" "${run[@]}"
try "the cgroup is as it was" rmdir $root/mage
try "the command was not started" nothing_is_done

# -- A full device

# It holds what it has until it is told to end; the swap that is not Mage's has room for the rest.
mkswap -q /dev/ram1 && swapon -p 0 /dev/ram1
need "another cgroup" cg_make $root/other 16M
mkfifo "$work/go"
need "a program that fills the device" cg_start "$work/log" $root/other taskset -c 0 python3 -u -c "
size, step = 40 << 20, 4096
b = bytearray(size)
for i in range(0, size, step):
    b[i:i + 8] = i.to_bytes(8, 'little')
print('ready')
open('$work/go').read()
for i in range(0, size, step):
    assert b[i:i + 8] == i.to_bytes(8, 'little') and not any(b[i + 8:i + 64])"
need "it has all of it" eventually 300 grep -q ready "$work/log"
refused "full" "there is no far device to evict to: mage0 is full; connect another one"
try "full: policy load --force" "$MAGE" "${load[@]}" --force
try "full: unloading" "$MAGE" policy unload --cgroup "$cg"
need "another device" "$MAGE" device connect --backend dram --size 16M --swapon
try "it will do" "$MAGE" "${load[@]}"
try "unloading after all" "$MAGE" policy unload --cgroup "$cg"
cat $root/other/memory.swap.current >$root/other/memory.swap.max
wrong "swap that is used up" 1 "memory.swap.max of $root/other is used up, [0-9]+ MiB; raise it" \
	policy load builtin --cgroup $root/other
echo >"$work/go"
try "the program finds its pages" cg_wait

# -- Limits that somebody wrote

# limits JQ: what status says of the domain's.
limits()
{
	"$MAGE" status --json | jq -c ".domains[0].limits | map($1) | sort"
}

need "a policy" "$MAGE" "${load[@]}"
echo +memory >"$cg/cgroup.subtree_control"
need "two below it" mkdir "$cg/one" "$cg/two"
try "its own limit is kept" same "limits" '["memory.max 33554432 kept"]' \
	"$(limits '"\(.file) \(.bytes) \(.effect)"')"
try "nothing to say of it" same "lines" "" "$("$MAGE" status | grep ^/app: )"
echo 8M >"$cg/one/memory.high"
try "so is that of one below" finds ok "memory.high of /app/one is 8.0 MiB, which is kept"
echo 0 >"$cg/two/memory.swap.max"
try "no swap for the other" shows "^/app: nothing of /app/two is evicted: of 0.0 MiB .*; raise memory.swap.max of $cg/two$" status
try "the doctor notes it" finds note "nothing of /app/two is evicted"
echo 32M >"$cg/one/memory.min"
try "what is protected" shows "^/app: memory.max of /app is 32.0 MiB, and memory.min of those below" status
echo 0 >"$cg/one/memory.min"
echo 32M >"$cg/one/memory.low"
try "what is not" finds note "memory.low of those below it protects as much: that is evicted all the same"
echo 0 >"$cg/memory.swap.max"
try "no swap at all is wrong" finds WRONG "nothing of /app is evicted"
try "as JSON" same "effects" '["breached","kept","stops","stops"]' "$(limits .effect)"
try "not while watching" same "limits" null \
	"$("$MAGE" status --watch=0.1 --count 1 --json | jq -c '.domains[0].limits')"
try "unloading at the end" "$MAGE" policy unload --cgroup "$cg"
try "the cgroups are removed" rmdir "$cg/one" "$cg/two" "$cg" $root/other
swapoff /dev/ram1
for device in mage0 mage1; do
	try "$device is disconnected" "$MAGE" device disconnect $device --swapoff
done
rm -rf "$work"
tap_end
