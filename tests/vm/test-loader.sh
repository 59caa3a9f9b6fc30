#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# The command "mage": what it does, and what it says to bad input. Every error has to be one line on
# standard error with a documented exit status, and to leave nothing half made behind.
. "$(dirname "$0")/lib.sh"

root=/sys/fs/cgroup
pins=/sys/fs/bpf/mage
cg=$root/loader
objects=build/tests/vm
work=$(mktemp -d)
errors=$work/errors

devices_are()
{
	same "the number of far devices" "$1" \
		"$("$MAGE" device list --json | jq '.devices | length')"
}

domains_are()
{
	same "the number of domains" "$1" "$("$MAGE" policy list --json | jq '.domains | length')"
}

# governed_by POLICY: by one that is pinned.
governed_by()
{
	same "the policy" "$1" "$(domain_field "$cg" policy)" &&
		same "pinned" true "$(domain_field "$cg" pinned)" &&
		same "builtin" false "$(domain_field "$cg" builtin)" &&
		test -e "$pins/$(stat -c %i "$cg")"
}

ungoverned()
{
	same "domain" "" "$(domain_field "$cg" policy)" &&
		same "pins" "" "$(ls "$pins" 2>/dev/null)"
}

# -- The command line

try "help" "$MAGE" help
try "--help of a command" "$MAGE" policy load --help
try "--version" "$MAGE" --version
wrong "no command" 2 "no command given"
wrong "an unknown command" 2 "did you mean 'status'" statsu
wrong "an unknown command of a group" 2 "did you mean 'policy load'" policy laod
wrong "a command without its group" 2 "did you mean 'device list'" list
wrong "an unknown option" 2 "did you mean --json" status --jsn
wrong "an option without its argument" 2 "needs an argument" device connect --size
wrong "an option too many arguments" 2 "takes no argument" status --json=yes
wrong "a missing option" 2 "backend is missing" device connect --size 1G
wrong "a size of zero" 2 "is zero" device connect --backend dram --size 0
wrong "a size that is no page multiple" 2 "page size" device connect --backend dram --size 6000
wrong "a size with junk" 2 "--size 1Gx" device connect --backend dram --size 1Gx
wrong "a size that overflows" 2 "too large" device connect --backend dram --size 99999999999G
wrong "a latency without unit" 2 "unit" device connect --backend dram --size 1G --latency 20
wrong "an unknown backend" 2 "did you mean rdma" device connect --backend rmda --size 1G
wrong "an option of another backend" 2 "dram" device connect --backend dram --size 1G \
	--address node
wrong "a priority without swap" 2 "swapon" device connect --backend dram --size 1G --priority 1
wrong "a count without watching" 2 "watch" status --count 3
wrong "an interval of zero" 2 "zero" status --watch 0
wrong "what is no device's name" 2 "name" device disconnect sda
wrong "a policy without a cgroup" 2 "cgroup" policy load fifo
wrong "an unknown option before a command" 2 "did you mean --version" --versoin
wrong "help with too much" 2 "list: one argument too many" help status list
try "running where there is no Mage" mage_fails 125 "no Mage" unshare -n "$MAGE" run --local 16M true
try "a network namespace that has no Mage" mage_fails 3 "no Mage" unshare -n "$MAGE" status
wrong "a list of CPUs that is none" 2 "no list of CPUs" evictors --cpus one
wrong "no CPU at all" 2 "empty" evictors --cpus ""
wrong "a CPU that is not there" 5 "CPU 7 is not online; .* online are 0-1" evictors --cpus 0,7
try "evictors run on the last CPU" same "CPUs" "[1]" "$("$MAGE" evictors --json | jq -c .evictor_cpus)"
try "moving them" shows "^evictor CPUs +0$" evictors --cpus 0
try "they are there" same "CPUs" 0 "$(cat /sys/kernel/mm/mage/evictor_cpus)"
try "moving them as a user" mage_fails 4 "root" as_user "$MAGE" evictors --cpus 1
try "moving them to both" shows "^evictor CPUs +0-1$" evictors --cpus 0-1
try "and back" "$MAGE" evictors --cpus 1
try "an output that is full" mage_fails 1 "cannot write" bash -c "exec $MAGE policy list >/dev/full"

# -- Devices

wrong "a far device that is not there" 5 "no such far device" device disconnect mage0
wrong "a host without address" 5 "address" device connect --backend rdma --address "no host" \
	--size 16M --secret-file /dev/null
wrong "a secret that is not there" 5 "secret" device connect --backend rdma \
	--address 127.0.0.1 --size 16M --secret-file /nonexistent
: >"$work/secret"
chmod 600 "$work/secret"
wrong "an empty secret" 2 "empty" device connect --backend rdma --address 127.0.0.1 --size 16M \
	--secret-file "$work/secret"
echo "a guess, and a wrong one" >"$work/secret"
chmod 644 "$work/secret"
wrong "a secret that everybody may read" 1 "chmod" device connect --backend rdma \
	--address 127.0.0.1 --size 16M --secret-file "$work/secret"
chmod 600 "$work/secret"
wrong "a memory node that is unreachable" 1 "192.0.2.1" device connect --backend rdma \
	--address 192.0.2.1 --size 16M --secret-file "$work/secret"
wrong "a swap area that is too small" 1 "swap header" device connect --backend dram --size 4K \
	--swapon
try "connecting as a user" mage_fails 4 "root" as_user "$MAGE" device connect --backend dram --size 16M
# As in a container that may set up its network.
try "connecting with CAP_NET_ADMIN alone" mage_fails 4 "root" setpriv --bounding-set=-all,+net_admin \
	"$MAGE" device connect --backend dram --size 16M
try "no device is left of all that" devices_are 0

need "a far device" "$MAGE" device connect --backend dram --size 16M --latency 5us --bandwidth 1G
try "its name was printed" same "the output" /dev/mage0 "$(cat "$tap_out")"
try "its block device exists" test -b /dev/mage0
try "its latency" same "latency_ns" 5000 "$(device_field mage0 latency_ns)"
try "its size" same "size_bytes" $((16 << 20)) "$(device_field mage0 size_bytes)"
try "the list for people" shows "^mage0 .*dram" device list
try "the list as a user" as_user "$MAGE" device list
exec 9</dev/mage0
wrong "disconnecting what is open" 6 "open" device disconnect mage0
exec 9<&-
try "disconnecting as a user" mage_fails 4 "root" as_user "$MAGE" device disconnect mage0
try "disconnecting by its path" "$MAGE" device disconnect /dev/mage0
try "no device is left" devices_are 0

need "a far device as swap" "$MAGE" device connect --backend dram --size 128M --swapon --priority 7
try "it is active with its priority" grep -Eq '^/dev/mage0 .*[[:space:]]7$' /proc/swaps
try "its state" same "swap" true "$(device_field mage0 swap)"
wrong "disconnecting what is swap" 6 "add --swapoff" device disconnect mage0

# -- Policies

need "the cgroup" cg_make "$cg" 32M
mkdir "$cg/inner"

load=(policy load "$POLICIES/fifo.bpf.o" --cgroup)
wrong "no such cgroup" 5 "did you mean $cg" "${load[@]}" $root/loadr
wrong "a path with a mistake above the end" 5 "did you mean $cg/inner\?" "${load[@]}" $root/laoder/inner
wrong "a path that nothing is like" 5 "create it with mkdir" "${load[@]}" $root/elsewhere/entirely
wrong "a directory that is no cgroup" 5 "no cgroup" "${load[@]}" /tmp
wrong "the root cgroup" 1 "root cgroup" "${load[@]}" $root
wrong "a cgroup without the memory controller" 1 "subtree_control" "${load[@]}" "$cg/inner"
wrong "no such policy" 5 "no policy 'fiffo'; did you mean fifo" policy load fiffo --cgroup "$cg"
wrong "no such file" 5 "no such file" policy load /nonexistent/x.bpf.o --cgroup "$cg"
wrong "a file that is no object" 7 "no BPF object" policy load tests/vm/test-loader.sh \
	--cgroup "$cg"
wrong "an object that is no policy" 7 "holds no policy" policy load \
	"$objects/not_a_policy.bpf.o" --cgroup "$cg"
wrong "an object with several policies" 2 "choose one with --name" policy load \
	"$objects/loader_policies.bpf.o" --cgroup "$cg"
wrong "a name that it does not have" 5 "did you mean plain" policy load \
	"$objects/loader_policies.bpf.o" --name plian --cgroup "$cg"
wrong "flags that the kernel does not know" 7 "refused 'flags'" policy load \
	"$objects/loader_policies.bpf.o" --name flags --cgroup "$cg"
wrong "swapping where nothing governs" 5 "policy load" policy swap fifo --cgroup "$cg"
wrong "unloading where nothing governs" 5 "no policy" policy unload --cgroup "$cg"
wrong "the status of what is not governed" 5 "no policy" status --cgroup "$cg"
try "loading as a user" mage_fails 4 "root" as_user "$MAGE" "${load[@]}" "$cg"

"$MAGE" policy load "$objects/refused_policy.bpf.o" --cgroup "$cg" 2>"$errors"
try "what the verifier refuses" same "the exit status" 7 $?
try "its program and the verdict are named" \
	grep -Eq "^mage: .*verifier refused program 'wild_batch': .*invalid mem access" "$errors"
try "the end of the log follows" grep -q "^processed " "$errors"
try "nothing is left of all that" ungoverned

need "fifo governs" "$MAGE" "${load[@]}" "$cg"
try "it is pinned" governed_by fifo
try "the list for people" shows "^/loader +fifo +bpf .* yes " policy list
wrong "loading another one" 6 "governed by the policy 'fifo'; use 'mage policy swap'" \
	policy load clock --cgroup "$cg"
try "clock instead" "$MAGE" policy swap "$POLICIES/clock.bpf.o" --cgroup loader/
try "clock governs" governed_by clock
try "the exit of fifo is on record" same "kind" replaced "$(domain_field "$cg" last_exit.kind)"
wrong "swapping for what is no policy" 7 "the policy 'clock' stays in force" policy swap \
	"$objects/not_a_policy.bpf.o" --cgroup "$cg"
wrong "swapping for what the kernel refuses" 7 "the policy 'clock' stays in force" policy swap \
	"$objects/loader_policies.bpf.o" --name flags --cgroup "$cg"
try "clock still governs" governed_by clock
try "the status for people" shows "^/loader +clock " status --cgroup "$cg"
try "watching" same "lines" 3 "$("$MAGE" status --watch 0.1 --count 2 | wc -l)"
try "watching as JSON" same "objects" 2 "$("$MAGE" status --watch=0.1 --count 2 --json |
	jq -c 'select(.interval_s > 0.05 and .domains[0].faults_per_s != null)' | wc -l)"

# -- Metrics

metrics()
{
	"$MAGE" metrics >"$work/metrics" && tests/vm/metrics_check.py "$work/metrics" docs/grafana.json
}

# metric PATTERN: it is among them.
metric()
{
	grep -Eq "^$1\$" "$work/metrics" || { cat "$work/metrics"; return 1; }
}

pages_go_out()
{
	(cg_exec "$cg" python3 -c 'b = bytearray(48 << 20)
for i in range(0, len(b), 4096): b[i] = i >> 12 & 255
for i in range(0, len(b), 4096): assert b[i] == i >> 12 & 255')
}

written_whole()
{
	"$MAGE" metrics --output "$work/mage.prom" && same "files" mage.prom "$(cd "$work" && ls mage.prom*)" &&
		same "its mode" 644 "$(stat -c %a "$work/mage.prom")" && tests/vm/metrics_check.py "$work/mage.prom"
}

need "pages that go out and come back" pages_go_out
try "metrics are what Prometheus reads" metrics
try "the pages are counted" metric 'mage_domain_faults_total\{cgroup_id="[0-9]+",cgroup="/loader"\} [1-9][0-9]*'
try "how long they took, too" metric 'mage_domain_fault_latency_seconds_bucket\{.*cgroup="/loader",le="\+Inf"\} [1-9][0-9]*'
try "the policy" metric 'mage_domain_info\{.*policy="clock",builtin="false"\} 1'
try "the far device" metric 'mage_device_pages_written_total\{device="mage0"\} [1-9][0-9]*'
try "written to a file" written_whole
wrong "a folder that is not there" 5 "/nowhere/mage.prom: cannot write it" metrics --output /nowhere/mage.prom
try "metrics as a user" as_user "$MAGE" metrics

try "unloading" "$MAGE" policy unload --cgroup "$cg"
try "nothing governs" eventually 30 ungoverned

# -- Ejection

hog()
{
	(cg_exec "$cg" python3 -c 'b = bytearray(64 << 20)')
}

ejected()
{
	same "the kind of exit" bad-number "$(domain_field "$cg" last_exit.kind)" &&
		same "builtin" true "$(domain_field "$cg" builtin)" &&
		same "pinned" false "$(domain_field "$cg" pinned)"
}

zero=(policy load "$objects/loader_policies.bpf.o" --name zero --cgroup "$cg")
need "a policy that will be ejected" "$MAGE" "${zero[@]}"
try "the application goes on" hog
try "the policy was ejected" eventually 30 ejected
try "the status says so" shows "'zero' ejected: answered with a number" status
wrong "swapping after an ejection" 5 "since 'zero' left .*policy load|policy load" \
	policy swap fifo --cgroup "$cg"
try "loading after an ejection" "$MAGE" "${load[@]}" "$cg"
try "fifo governs" governed_by fifo
try "the application goes on under fifo" hog
try "unloading" "$MAGE" policy unload --cgroup "$cg"
need "once more" "$MAGE" "${zero[@]}"
try "the application goes on once more" hog
try "the policy was ejected once more" eventually 30 ejected
try "unloading after an ejection" "$MAGE" policy unload --cgroup "$cg"
try "nothing governs after it" eventually 30 ungoverned

# -- Removal of a governed cgroup

need "fifo governs once more" "$MAGE" "${load[@]}" "$cg"
try "the cgroup is removed" rmdir "$cg/inner" "$cg"
try "its domain is gone" eventually 30 domains_are 0
need "another cgroup" cg_make "$cg" 32M
try "plain governs it" "$MAGE" policy load "$objects/loader_policies.bpf.o" --name plain_ops \
	--cgroup "$cg"
try "the pin of the first is swept" same "the number of pins" 1 "$(find "$pins" -type f | wc -l)"
try "unloading it" "$MAGE" policy unload --cgroup "$cg"
try "the other cgroup is removed" rmdir "$cg"
try "no domain is left" eventually 30 domains_are 0

try "disconnecting what is swap with --swapoff" "$MAGE" device disconnect mage0 --swapoff
try "no swap is left" same "lines of /proc/swaps" 1 "$(wc -l </proc/swaps)"
try "no device is left at the end" devices_are 0
rm -rf "$work"
tap_end
