#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 400
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage trace": what it shows of a verified load against the domain's own counters, the same by plain
# bpftool as docs/tracing.md has it, and recorded traces.
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/traced
work=$(mktemp -d)
kinds="faults batches rescues waits"

# Threads that write, and verify, pages of their own in order, three times; more memory than there is room for.
cat >"$work/hog.py" <<'END'
import sys, threading
pages, marks = int(sys.argv[1]), bytes(range(1, 252))
def work(number):
    memory = bytearray(pages << 12)
    want = bytes(marks[(page + number) % len(marks)] for page in range(pages))
    for _ in range(3):
        for page in range(pages):
            memory[page << 12] = want[page]
        assert memory[::4096] == want
        assert memory[1::4096] == bytes(pages)
threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("right", len(threads))
END

# hog PAGES: of each thread.
hog()
{
	local said
	said=$( (cg_exec "$cg" python3 "$work/hog.py" "$1") 2>&1)
	same "what the load says" "right 2" "$said"
}

# start NAME ARGUMENT...: "mage trace" in the background; returns when it traces.
start()
{
	local name=$1
	shift
	"$MAGE" trace "$@" >"$work/$name.out" 2>"$work/$name.err" &
	pid[$name]=$!
	eventually 60 grep -Eq '^(Tracing|Recording)' "$work/$name.err"
}

# end NAME [SIGNAL]: its exit status.
end()
{
	[ -z "${2-}" ] || kill -s "$2" "${pid[$1]}"
	wait "${pid[$1]}"
}

counters()
{
	"$MAGE" status --json --cgroup "$cg" | jq -c '.domains[0]'
}

# settled: the evictors have ended what they had begun for the load, so that what is traced stands as still
# as the counters.
settled()
{
	try "$1: the evictors are at rest" eventually 30 domain_empties "$cg"
}

# grown FIELD: from $before to $after.
grown()
{
	jq -n --argjson a "$before" --argjson b "$after" "\$b.$1 - \$a.$1"
}

# sum NAME JQ: of what "mage trace NAME --json" has printed about the domain.
sum()
{
	jq -s --argjson id "$(stat -c %i "$cg")" \
		"[.[].domains[] | select(.cgroup_id == \$id).$1 | $2] | add // 0" "$work/$1.out"
}

# at_least WHAT LEAST NUMBER
at_least()
{
	echo "$1: $3"
	[ "${3:-0}" -ge "$2" ]
}

# -- What is wrong at once

wrong "no kind" 2 "no command given" trace
wrong "a misspelt kind" 2 "did you mean 'trace faults'" trace fauts
wrong "a kind without its group" 2 "did you mean 'trace rescues'" rescues
wrong "an interval of zero" 2 "interval is zero" trace faults --interval 0
wrong "no interval" 2 "give seconds" trace batches --interval soon
wrong "a count of zero" 2 "count is zero" trace waits --count 0
wrong "an operand" 2 "takes no such argument" trace rescues all
wrong "no cgroup to record" 2 "say which cgroup" trace record --output "$work/x"
wrong "no file to record to" 2 "say where to write" trace record --cgroup "$cg"
wrong "a name of two words" 2 "one word" trace record --cgroup "$cg" --output "$work/x" --name "a b"
wrong "no reference to record" 2 "references is zero" \
	trace record --cgroup "$cg" --output "$work/x" --max-references 0
wrong "a buffer too large" 2 "buffer is too large" \
	trace record --cgroup "$cg" --output "$work/x" --buffer 2G

need "a far device" "$MAGE" device connect --backend dram --latency 20us --size 256M --swapon
need "the cgroup" cg_make "$cg" 12M
wrong "no such cgroup" 5 "did you mean $cg" trace faults --cgroup ${cg}x
wrong "a cgroup that is no domain" 5 "governed by no policy; put it under one" trace waits --cgroup $cg
wrong "recording one that is no domain" 5 "governed by no policy" \
	trace record --cgroup $cg --output "$work/x"
need "a policy" "$MAGE" policy load builtin --cgroup $cg
wrong "a folder that is not there" 5 "cannot write the trace" \
	trace record --cgroup $cg --output "$work/none/x"
try "without permission" refuses 4 "; run it as root" \
	setpriv --reuid 1000 --clear-groups "$MAGE" trace faults --count 1

# -- What happened is what the domain has counted

declare -A pid
for kind in $kinds; do
	try "tracing $kind begins" start "$kind" "$kind" --cgroup $cg --interval 600 --json
done
try "tracing all domains begins" start text faults --interval 600
try "recording begins" start record record --cgroup $cg --output "$work/hog.trace" --json
before=$(counters)
try "pages move" hog 2000
try "recording ends with the load" end record
settled "what was traced"
after=$(counters)
for kind in $kinds text; do
	try "tracing $kind ends" end "$kind" INT
done

try "there were faults" at_least faults 1000 "$(grown faults)"
try "and batches" at_least batches 10 "$(grown batches)"
note <<<"waits $(grown waits), rescues $(grown rescues)"
try "the faults are those" same faults "$(grown faults)" "$(sum faults '.read.events, .write.events')"
try "some were there to write" at_least writes 100 "$(sum faults .write.events)"
try "their histogram is of all" same faults "$(grown faults)" \
	"$(sum faults '[.read, .write] | map(.histogram[].number) | add')"
try "the waits are those" same waits "$(grown waits)" "$(sum waits '.room.events, .["given-up"].events')"
try "so is their time" same wait_ns "$(grown wait_ns)" "$(sum waits '.room.total_ns, .["given-up"].total_ns')"
try "the rescues are those" same rescues "$(grown rescues)" "$(sum rescues '.first.events, .again.events')"
try "each batch went through each stage" same batches "7 stages, $(grown batches)" \
	"$(jq -rs '.[0].domains[0].batches | "\(length) stages, \(map(.events) | unique | join(" "))"' "$work/batches.out")"
try "with all that was evicted" at_least victims "$(grown evictions)" "$(sum batches .free.victims)"
try "nothing was lost" same lost "0" "$(cat "$work"/{faults,batches,rescues,waits}.out | jq -s 'map(.lost) | add')"
note <"$work/text.out"
try "the same for people" grep -Eq "^/traced: $(grown faults) faults in [0-9.]+ s: [0-9]+ to read, [0-9]+ to write; p50" "$work/text.out"

# -- The recorded trace

# It reads the format by itself.
cat >"$work/read.py" <<'END'
import sys
data = open(sys.argv[1], "rb").read()
line, _, rest = data.partition(b"\n")
magic, version, pages, references, name = line.split()
assert (magic, version) == (b"mage-trace", b"1"), line
numbers, number, shift = [], 0, 0
for byte in rest:
    number |= (byte & 127) << shift
    shift += 7
    if not byte & 128:
        numbers.append(number)
        number = shift = 0
page, seen, ups, writes = 0, set(), 0, 0
for number in numbers:
    writes += number & 1
    delta = number >> 1
    delta = delta >> 1 ^ -(delta & 1)
    page += delta
    ups += delta == 1
    seen.add(page)
assert len(numbers) == int(references) and seen == set(range(int(pages)))
print(name.decode(), int(references), int(pages), 100 * ups // len(numbers), writes)
END
read -r name references pages ups writes <<<"$(python3 "$work/read.py" "$work/hog.trace")"
try "it has its file's name" same name hog "$name"
try "its faults are the domain's" same faults "$(grown faults)" "$(jq .faults "$work/record.out")"
try "so are its first touches" same "first touches" "$(grown first_touches)" "$(jq .first_touches "$work/record.out")"
try "they are all in the file" same references "$(($(grown faults) + $(grown first_touches)))" "$references"
try "first touches and faults to write are writes" same writes \
	"$(($(grown first_touches) + $(sum faults .write.events)))" "$writes"
try "every page of the load is there" at_least pages 4000 "$pages"
# Private copies of file pages are first touched at one address and read in at another.
try "there are few others than those first touched" at_least "to spare" 0 \
	$(($(jq .first_touches "$work/record.out") * 11 / 10 - pages))
try "neighbours in memory follow each other" at_least "percent" 50 "$ups"

try "recording so many begins" start most record --cgroup $cg --output "$work/most.trace" --name most --max-references 500
try "pages move again" hog 1500
try "recording so many ends" end most
try "it says why" grep -q "500 references .*ended by --max-references" "$work/most.out"
try "it has so many, and its name" same trace "most 500" \
	"$(python3 "$work/read.py" "$work/most.trace" | cut -d' ' -f1,2)"

try "recording with a small buffer begins" start small record --cgroup $cg --output "$work/small.trace" --buffer 4K
kill -STOP "${pid[small]}"
try "pages move unseen" hog 1500
kill -CONT "${pid[small]}"
end small
try "losses are an error" same "the exit status" 1 $?
try "with their number" grep -Eq "[0-9]+ of [0-9]+ references were lost; nothing was written" "$work/small.err"
try "there is no file" test ! -e "$work/small.trace"
try "recording nothing is an error" refuses 1 "no page came in" \
	"$MAGE" trace record --cgroup $cg --output "$work/none.trace" --seconds 0.2

# -- Plain bpftool, as docs/tracing.md has it

bpftool()
{
	build/bpftool/bpftool "$@"
}

# said KIND BEGINNING LINES: so many lines of the document, the first of which begins so, for KIND.
said()
{
	grep -m 1 -A $(($3 - 1)) "^    $2" docs/tracing.md | sed "s/faults/$1/g"
}

for kind in $kinds; do
	try "bpftool loads $kind" eval "$(said "$kind" 'bpftool prog loadall' 1)"
done
before=$(counters)
try "pages move under bpftool" hog 1500
settled "under bpftool"
after=$(counters)
dump=$(said KIND 'bpftool -j map dump .*jq -c' 2)
# counted KIND JQ
counted()
{
	eval "${dump//KIND/$1}" | jq -s "map($2) | add // 0"
}
try "its faults are the domain's" same faults "$(grown faults)" "$(counted faults .events)"
try "its waits, too" same "ns of waits" "$(grown wait_ns)" "$(counted waits .ns)"
try "its rescues, too" same rescues "$(grown rescues)" "$(counted rescues .events)"
try "its batches, too" same batches "$(grown batches)" \
	"$(counted batches 'select(.key.class == 7) | .events')"
eval "$(said batches 'bpftool .*batches_maps' 4)" >"$work/stages"
note <"$work/stages"
try "stages by name" same stages "arm commit free shoot shoot again write writing" \
	"$(cut -f2 "$work/stages" | sort | paste -sd ' ')"
for kind in $kinds; do
	try "and $kind ends" eval "$(said "$kind" 'rm -r /sys/fs/bpf' 1)"
done

# -- ftrace

# One event of the kind, as text.
events=/sys/kernel/tracing/events/mage
try "a filter by cgroup" eval "echo cgroup_id == $(stat -c %i $cg) >$events/filter"
echo 1 >$events/mage_fault_in/enable
try "pages move under ftrace" hog 1500
echo 0 >$events/mage_fault_in/enable
try "the tracepoint shows them" grep -Eq "mage_fault_in: cgroup_id=$(stat -c %i $cg) mm=[0-9a-f]+ address=[0-9a-f]+ slot=[0-9]+ write=[01] ns=[0-9]+" /sys/kernel/tracing/trace

try "unloading" "$MAGE" policy unload --cgroup $cg
try "the cgroup is removed" rmdir $cg
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
