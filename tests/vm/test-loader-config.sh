#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 1200
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage up" and "mage down": what a configuration file asks for is there, once, or nothing of it is;
# and a mage that is killed anywhere leaves every cgroup governed, and what it began can be done again.
. "$(dirname "$0")/lib.sh"

root=/sys/fs/cgroup
pins=/sys/fs/bpf/mage
work=$(mktemp -d)
config=$work/mage.conf
tuned=build/tests/vm/policies/tuned.bpf.o
cpus=/sys/kernel/mm/mage/evictor_cpus

# configure: standard input is the configuration file.
configure()
{
	cat >"$config"
}

up()
{
	"$MAGE" up --config "$config"
}

down()
{
	"$MAGE" down --config "$config"
}

devices()
{
	"$MAGE" device list --json | jq -r '.devices | map("\(.name) \(.swap)") | join(", ")'
}

# domains: each with its policy.
domains()
{
	"$MAGE" policy list --json | jq -r '.domains | map("\(.cgroup) \(.policy) \(.pinned)") | sort | join(", ")'
}

# state: whatever "mage up" may change.
state()
{
	devices
	"$MAGE" policy list --json | jq -c '.domains | map([.cgroup, .policy, .link_id]) | sort'
	ls "$pins" 2>/dev/null
	find $root -mindepth 1 -type d | sort
	cat $root/there/memory.max $root/there/memory.high $cpus
	cat /proc/swaps
}

# unchanged NAME COMMAND...: it fails as it should, and leaves everything as it was.
unchanged()
{
	local name=$1 before
	shift
	before=$(state)
	try "$name" fails "$@"
	try "and nothing has changed" same "the state" "$before" "$(state)"
}

# Writes more than the limit, each page with its number, and reads it back.
pages='
size, step = 24 << 20, 4096
b = bytearray(size)
for i in range(0, size, step):
    b[i:i + 8] = i.to_bytes(8, "little")
for i in range(0, size, step):
    assert b[i:i + 8] == i.to_bytes(8, "little") and not any(b[i + 8:i + 64])'

paged()
{
	(cg_exec "$1" python3 -c "$pages")
}

need "a cgroup that is there" cg_make $root/there 48M
echo +memory >$root/cgroup.subtree_control

# -- What is wrong is found before anything is done

before=$(state)
head='[evictors]
cpus = 0
[device]
backend = dram
size = 64M
'
try "no file" fails 5 "nowhere.*No such file.*mage.conf" "$MAGE" up --config "$work"/nowhere
configure <<<"${head}[device]
backend = dram
size = 6000"
try "a size, in the second device" fails 2 "$config:8: size 6000: is no multiple of the page size" up
configure <<<"${head}[cgroup there]
polcy = fifo"
try "a misspelt setting" fails 2 "$config:7: polcy: .*did you mean policy\?" up
configure <<<"${head}[cgruop there]"
try "a misspelt section" fails 2 "$config:6: cgruop: .*did you mean cgroup\?" up
configure <<<"${head}[cgroup there]
policy = fiffo"
try "a misspelt policy" fails 5 "$config:7: no policy 'fiffo'; did you mean fifo\?" up
configure <<<"${head}[cgroup therre]
policy = fifo"
try "a misspelt cgroup" fails 5 "$config:6: .*no such cgroup; did you mean $root/there\?" up
configure <<<"${head}[cgroup there]
policy = $tuned
set = anser=3"
try "a misspelt tunable" fails 5 "$config:6: .*no tunable 'anser'; did you mean answer\?" up
configure <<<"${head}[cgroup there]
policy = build/tests/vm/policies/newer_callback.bpf.o"
try "a policy for a newer kernel" fails 7 "$config:6: .*which this kernel does not know" up
configure <<<"[evictors]
cpus = 0,7
[device]
backend = dram
size = 64M"
try "a CPU that is not there" fails 5 "$config:1: 0,7: CPU 7 is not online; online are 0-1" up
configure <<<"${head}[device]
backend = rdma
address = 127.0.0.1
size = 1G
secret-file = $work/none"
try "a secret that is not there" fails 5 "$config:10: $work/none: cannot read the secret" up
try "nothing has changed by all that" same "the state" "$before" "$(state)"

# -- What fails later is undone

configure <<<"${head}[device]
backend = dram
size = 4K
[cgroup there]
policy = fifo"
unchanged "a device that cannot be swap, after one that can" 1 "$config:6: .*swap header" up

# -- All of it

configure <<EOF
# Everything that there is.
[evictors]
cpus = 0

[device]
backend = dram
size = 64M
latency = 1us
priority = 5

[cgroup there]
policy = fifo
memory.max = 16M

; Made at boot, for a service that comes later.
[cgroup /web/app]
create = yes
policy = $tuned
set = answer=64
set = shift=1
memory.max = 16M
memory.high = max
EOF
before=$(state)
try "checking it" "$MAGE" up --config "$config" --check
try "changes nothing" same "the state" "$before" "$(state)"
need "all of it" up
all_of_it()
{
	same "devices" "mage0 true" "$(devices)" &&
		same "domains" "$root/there fifo true, $root/web/app tuned true" "$(domains)" &&
		same "evictors" 0 "$(cat "$cpus")" &&
		same "memory.max" $((16 << 20)) "$(cat "$root/there/memory.max")" &&
		same "memory.max" $((16 << 20)) "$(cat "$root/web/app/memory.max")" &&
		same "a tunable" "64 1" "$("$MAGE" policy show "$root/web/app" --json |
			jq -r '[.tunables[] | select(.name == ("answer", "shift")).value] | sort | reverse | join(" ")')"
}
try "is there" all_of_it
try "the swap priority" grep -Eq '^/dev/mage0 .*[[:space:]]5$' /proc/swaps
try "pages are right in one" paged $root/there
try "pages are right in the other" paged $root/web/app
before=$(state)
try "once more" up
try "changes nothing, not even a link" same "the state" "$before" "$(state)"

try "somebody swaps a policy" "$MAGE" policy swap clock --cgroup there
try "and tunes another" "$MAGE" policy tune web/app answer=50
try "up" up
try "makes it as it was" all_of_it

# With processes in it a cgroup cannot have others below it: the last step fails.
need "a cgroup with a process" mkdir $root/busy
sleep 1000 &
echo $! >$root/busy/cgroup.procs
configure <<EOF
[device]
backend = dram
size = 64M
latency = 1us
priority = 5
[device]
backend = dram
size = 16M
[cgroup there]
policy = clock
memory.max = 24M
[cgroup new/below]
create = yes
policy = fifo
[cgroup busy/below]
create = yes
policy = fifo
EOF
unchanged "the last of all steps" 6 "$config:15: $root/busy: .*move its processes" up
try "the policy that was swapped is back" same "domains" \
	"$root/there fifo true, $root/web/app tuned true" "$(domains)"
try "pages are right under it" paged $root/there
kill %1
wait %1 2>/dev/null
rmdir $root/busy

# -- Down

configure <<EOF
[device]
backend = dram
size = 64M
latency = 1us
[cgroup there]
policy = fifo
[cgroup web/app]
create = yes
policy = fifo
EOF
mkfifo "$work/go"
need "an application with more than may be local" cg_start "$work/held.log" $root/there \
	python3 -u -c "$pages
print('ready')
open('$work/go').read()
for i in range(0, size, step):
    assert b[i:i + 8] == i.to_bytes(8, 'little')"
need "it has all of it" eventually 60 grep -q ready "$work/held.log"
try "a device with what does not fit stays" fails 6 \
	"the far devices: pages do not fit into local memory, by [0-9]+ MiB: .*; raise memory.max of $root/there" down
try "it is still swap" same "devices" "mage0 true" "$(devices)"
echo >"$work/go"
try "the application finds its pages" cg_wait
exec 9</dev/mage0
try "a device that somebody has open stays" fails 6 "mage0: .*; the policies stay in force" down
try "and so do the policies" same "domains" \
	"$root/there fifo true, $root/web/app tuned true" "$(domains)"
exec 9<&-
try "it is swap again" up
try "down" down
try "no device is left" same "devices" "" "$(devices)"
try "no policy is left" eventually 30 same "domains" "" "$(domains)"
try "no pin is left" same "pins" "" "$(ls $pins)"
try "the cgroup that was made is gone" test ! -e $root/web/app
try "the other one is not" test -d $root/there
try "once more" down

# -- mage killed: at each of its last system calls of a kind

# killed_at CALL NUMBER COMMAND...: dies before it makes that call for that time.
killed_at()
{
	local call=$1 number=$2
	shift 2
	strace -o /dev/null -e trace="$call" -e inject="$call:signal=SIGKILL:when=$number" \
		"$@" >/dev/null 2>&1
	[ $? -eq 137 ]
}

# traced CALLS COMMAND...: stops at those calls only, which is several times faster, as mage makes many
# others; but strace cannot inject anything then.
traced()
{
	strace -f --seccomp-bpf -o "$work/trace" -e trace="$1" "${@:2}" >/dev/null 2>&1
}

# count_calls CALL: in what was traced, each line with the number of its process.
count_calls()
{
	grep -c "^[0-9]* *$1(" "$work/trace"
}

# calls CALL COMMAND...: how many the command makes, done for once.
calls()
{
	local call=$1
	shift
	traced "$call" "$@" || return
	count_calls "$call"
}

# governed [POLICY...]: by one of them, or by the built-in one.
governed()
{
	local policy
	policy=$(domain_field "$root/there" policy)
	[[ " $* builtin " == *" ${policy:-none} "* ]] || { echo "the policy is ${policy:-none}"; return 1; }
}

need "a far device" "$MAGE" device connect --backend dram --size 64M --swapon
echo 16M >$root/there/memory.max

need "a policy" "$MAGE" policy load clock --cgroup there
swap=("$MAGE" policy swap fifo --cgroup there)
number=$(calls bpf "${swap[@]}")
try "a swap makes BPF calls" test "${number:-0}" -gt 5
for at in "bpf $((number - 3))" "bpf $number" "write 1"; do
	"$MAGE" policy swap clock --cgroup there >/dev/null
	# shellcheck disable=SC2086 # two words
	try "a swap that is killed before $at" killed_at $at "${swap[@]}"
	try "leaves a policy" governed clock fifo
	try "and it is pinned" same "pinned" true "$(domain_field $root/there pinned)"
done
try "pages are right" paged $root/there
try "unloading" "$MAGE" policy unload --cgroup there

load=("$MAGE" policy load fifo --cgroup there)
number=$(calls bpf "${load[@]}")
try "a load makes BPF calls" test "${number:-0}" -gt 5
for at in "bpf $((number - 1))" "bpf $number"; do
	"$MAGE" policy unload --cgroup there >/dev/null
	# shellcheck disable=SC2086 # two words
	try "a load that is killed before $at" killed_at $at "${load[@]}"
	try "leaves no pin" same "pins" "" "$(ls $pins)"
	try "pages are right" paged $root/there
	try "it can be done again" "${load[@]}"
	try "and it governs" same "domains" "$root/there fifo true" "$(domains)"
done
try "unloading" "$MAGE" policy unload --cgroup there
try "the far device goes" "$MAGE" device disconnect mage0 --swapoff

configure <<EOF
[evictors]
cpus = 1
[device]
backend = dram
size = 64M
[cgroup there]
policy = fifo
[cgroup web/app]
create = yes
policy = clock
memory.max = 16M
EOF
finished()
{
	same "devices" "mage0 true" "$(devices)" &&
		same "domains" "$root/there fifo true, $root/web/app clock true" "$(domains)"
}
traced swapon,bpf "$MAGE" up --config "$config"
try "up" finished
for call in swapon bpf; do
	number=$(count_calls "$call")
	try "down" down
	try "up that is killed at its last $call" killed_at $call "$number" "$MAGE" up --config "$config"
	try "up again" up
	try "is complete" finished
done
try "down again" down
try "nothing is left" same "devices and domains" " " "$(devices) $(domains)"
try "the cgroup is removed" rmdir $root/there
rm -rf "$work"
tap_end
