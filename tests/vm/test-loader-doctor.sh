#!/bin/bash
# vm: --memnodes 1 --smp 2 --mem 1G --timeout 480
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage doctor": it finds nothing wrong where nothing is, and names what is.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/doctor
work=$(mktemp -d)
node=${MAGE_MEMNODES%% *}

# finds STATUS VERDICT PATTERN [OPTION...]: a finding with this verdict, and this exit status.
finds()
{
	local status=$1 verdict=$2 pattern=$3 got
	shift 3
	"$MAGE" doctor "$@" >"$work/output" 2>"$work/errors"
	got=$?
	same "the exit status" "$status" "$got" || { cat "$work/output" "$work/errors"; return 1; }
	grep -E "^$verdict .*$pattern" "$work/output" || { cat "$work/output"; return 1; }
}

# mends PATTERN: the last finding's way to mend it.
mends()
{
	grep -E -- "-> .*$1" "$work/output"
}

no_device()
{
	same "the number of far devices" 0 "$("$MAGE" device list --json | jq '.devices | length')"
}

try "the kernel" finds 0 ok "has Mage"
try "its version" finds 0 ok "the kernel and this program have version 1 of Mage's interface"
try "its policies" finds 0 ok "mage_ops"
try "an RDMA device" finds 0 ok "port 1 is active"
try "where evictors run" finds 0 ok "evictors run on CPU 1 of 0-1"
try "applications may run there, too" finds 0 note "applications may run on the CPUs of the evictors"
try "how to mend that" mends "isolate them"
try "no far device yet" finds 0 note "no far device yet"
"$MAGE" evictors --cpus 0-1 >/dev/null
try "evictors everywhere" finds 0 note "every CPU there is"
"$MAGE" evictors --cpus 1 >/dev/null
try "as JSON" same "ok" true "$("$MAGE" doctor --json | jq .ok)"
try "no Mage in this network namespace" same "the exit status" 1 \
	"$(unshare -n "$MAGE" doctor >/dev/null 2>&1; echo $?)"

# -- A memory node

secret=(--secret-file "$MAGE_SECRET_FILE")
try "the memory node" finds 0 ok "$node can be reached, knows the secret" --address "$node" "${secret[@]}"
try "room on it" finds 0 ok "room for 67108864 bytes" --address "$node" "${secret[@]}" --size 64M
try "no room on it" finds 1 WRONG "$node" --address "$node" "${secret[@]}" --size 1T
echo "a guess, and a wrong one" >"$work/secret"
chmod 600 "$work/secret"
try "the wrong secret" finds 1 WRONG "$node: .*secret" --address "$node" --secret-file "$work/secret"
try "how to mend it" mends "mage-memnoded runs there, with this secret"
try "nobody there" finds 1 WRONG "${node%:*}:1: " --address "${node%:*}:1" "${secret[@]}"
try "no far device is left of that" no_device
"$MAGE" doctor --address "$node" 2>"$work/errors"
try "no secret" same "the exit status" 2 $?
try "it is said" grep -q "add --secret-file FILE" "$work/errors"

# -- What a device that cannot be had says

# refused PATTERN OPTION...: one line on standard error, exit status 1, and no device.
refused()
{
	local pattern=$1
	shift
	"$MAGE" device connect --backend rdma --swapon "$@" >"$work/output" 2>"$work/errors"
	same "the exit status" 1 $? || return
	cat "$work/errors"
	same "the number of error lines" 1 "$(wc -l <"$work/errors")" &&
		same "the standard output" "" "$(cat "$work/output")" && no_device &&
		grep -Eq -- "$pattern" "$work/errors"
}

try "more than the memory node has" refused "^mage: device connect: $node: .*(room|lend|left|lent)" \
	--address "$node" "${secret[@]}" --size 16G
try "a secret that it does not know" refused "^mage: device connect: $node: .*secret" \
	--address "$node" --secret-file "$work/secret" --size 16M
try "a port on which nobody listens" refused "^mage: device connect: ${node%:*}:1: .*(refused|listen|reject)" \
	--address "${node%:*}:1" "${secret[@]}" --size 16M

# -- The configuration file

# of_file VERDICT: that of the finding about it.
of_file()
{
	same "its verdict" "$1" "$("$MAGE" doctor --json | jq -r '.findings[] | select(.area == "mage.conf").verdict')"
}

file=/etc/mage/mage.conf
try "nothing is said about a file that is not there" of_file ""
mkdir -p /etc/mage
printf '[device]\nbackend = rdma\naddress = %s\n' "$node" >$file
try "a far device without a size" finds 1 WRONG "$file:1: size is missing"
printf 'size = 16M\nsecret-file = /nowhere/secret\n' >>$file
try "no secret" finds 1 WRONG "$file:5: .*/nowhere/secret.*No such file"
printf '[cgroup there/is/none]\npolicy = clock\n' >$file
try "a cgroup that is not there" finds 1 WRONG "$file:1: .*/there/is/none: no such cgroup"
try "nothing was said besides" same "standard error" "" "$(cat "$work/errors")"
try "the same of mage up --check" mage_fails 5 "$file:1: .*/there/is/none: no such cgroup" "$MAGE" up --check
printf '[device]\nbackend = dram\nsize = 16M\n' >$file
try "nothing wrong" finds 0 ok "$file: 1 far devices, 0 cgroups, nothing wrong"
try "nothing was brought up" no_device
try "as a user it is not looked at" same "findings" 0 \
	"$(as_user "$MAGE" doctor --json | jq '.findings | map(select(.area == "mage.conf")) | length')"
rm $file

# -- What runs

need "a far device" "$MAGE" device connect --backend dram --size 64M
try "it is no swap yet" finds 0 note "mage0 is connected but is no swap"
try "how to mend it" mends "mkswap and swapon"
need "it is now" bash -c "mkswap -q /dev/mage0 && swapon /dev/mage0"
try "nothing to say about it" finds 0 ok "mage0 \(dram\) is active"
need "the cgroup" mkdir $cg
need "a policy" "$MAGE" policy load build/tests/vm/policies/tuned.bpf.o --cgroup $cg --set none=true
try "no limit" finds 0 note "/doctor has no limit"
echo 16M >$cg/memory.max
try "all is well" finds 0 ok "/doctor is governed by 'tuned'"
(cg_exec $cg python3 -c 'b = bytearray(24 << 20)')
ejected()
{
	finds 1 WRONG "the policy 'tuned' of /doctor was ejected: batch_size answered 0"
}
try "the policy was ejected" eventually 30 ejected
try "what to do" mends "load another policy"
try "as JSON, too" same "verdicts" '["wrong"]' \
	"$("$MAGE" doctor --json | jq -c '.findings | map(select(.area == "domain" and .check == "policy").verdict)')"
try "it is unloaded" "$MAGE" policy unload --cgroup $cg
try "the cgroup is removed" rmdir $cg
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
