#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
#
# "mage policy": tunables, descriptions, the log of policies that left, a new policy from nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/policy.sh"

cg=/sys/fs/cgroup/policy
work=$(mktemp -d)
mage=$(realpath "$MAGE")
tuned=build/tests/vm/policies/tuned.bpf.o

# exits JQ: about the records of policies that left.
exits()
{
	"$MAGE" policy log --json | jq -r "$1"
}

need "a far device" "$MAGE" device connect --backend dram --size 128M --swapon
need "the cgroup" cg_make "$cg" 16M

# -- What there is

try "the policies there are" shows "^Available:.* builtin,.* clock,.* fifo" policy list
try "the same as JSON" same "policies" '["builtin","clock","fifo"]' \
	"$("$MAGE" policy list --json | jq -c '.available | map(select(. == ("builtin", "clock", "fifo")))')"
try "one of them" shows "^callbacks .*select" policy show fifo
try "the built-in one" shows "^callbacks +none" policy show builtin
try "tunables, their ranges and what they mean" \
	shows "^shift +0 +-1000\.\.1000 +any time +added to the answer" policy show $tuned
try "constants" shows "^none +false +true or false +at load" policy show $tuned
try "only what is declared" same "tunables" '["answer","more","none","shift"]' \
	"$("$MAGE" policy show $tuned --json | jq -c '.tunables | map(.name) | sort')"
wrong "a misspelt policy" 5 "no policy 'clok'; did you mean clock" policy show clok
wrong "a misspelt cgroup" 5 "did you mean $cg" policy show ${cg}y
wrong "a cgroup without policy" 5 "governed by no policy" policy show $cg

# -- What the kernel has of what a policy needs

bad=build/tests/vm/policies
# lacks PATTERN OBJECT: the table, one line on standard error, and the exit status of a bad policy.
lacks()
{
	"$MAGE" policy features "$2" >"$work/output" 2>"$work/errors"
	same "the exit status" 7 $? || { cat "$work/output" "$work/errors"; return 1; }
	cat "$work/errors"
	same "the number of error lines" 1 "$(wc -l <"$work/errors")" && grep -Eq -- "$1" "$work/errors"
}

# features JQ: of those of the kernel.
features()
{
	"$MAGE" policy features --json | jq -c ".features | map(select($1).name)"
}

try "callbacks" same "callbacks" '["init","select"]' \
	"$(features '.kind == "callback" and (.name == ("init", "select"))')"
try "flags of walks" same "flags" 4 "$(features '.kind == "walk flag"' | jq length)"
try "functions that the kernel does not have" same "functions" '[]' "$(features '.in_kernel | not')"
try "functions that it has" shows "^function +mage_batch_add +yes" policy features
try "what a policy uses" same "kinds" "callback function member" \
	"$("$MAGE" policy features clock --json | jq -r '.features | map(.kind) | unique | map(select(. != "flag")) | join(" ")')"
try "the kernel has all of it" shows "^callback +select +yes$" policy features clock
try "the built-in policy uses nothing" same "lines" 1 "$("$MAGE" policy features builtin | wc -l)"
try "a callback that is missing" lacks "lacks what it needs: callback foresee;" $bad/newer_callback.bpf.o
try "a function that is missing" lacks "lacks what it needs: function mage_frame_foresee;" $bad/newer_function.bpf.o
try "one that it does without" shows "^function +mage_frame_foresee +no, not needed" \
	policy features $bad/newer_optional.bpf.o
need "that one loads" "$MAGE" policy load $bad/newer_optional.bpf.o --cgroup $cg
try "pages move under it" hog
try "it governs" governed_by newer_optional
try "unloading it" "$MAGE" policy unload --cgroup $cg
wrong "a misspelt policy" 5 "did you mean clock" policy features clok

# -- Set at load

try "a policy with a prefetcher" "$MAGE" policy load fifo --cgroup "$cg" --set prefetch=1
try "the kernel calls it" shows "^callbacks +.*prefetch" policy show $cg
try "the same without" "$MAGE" policy swap fifo --cgroup "$cg" --set prefetch=0
try "the kernel calls none" shows "^callbacks +select$" policy show $cg
try "unloading it" "$MAGE" policy unload --cgroup $cg

load=(policy load "$tuned" --cgroup "$cg")
wrong "no such tunable" 5 "no tunable 'anser'; did you mean answer" "${load[@]}" --set anser=3
wrong "out of range" 2 "answer: '1001' is out of range; give 0..1000" "${load[@]}" --set answer=1001
wrong "the second out of range" 2 "shift: .*-1001.*; give -1000..1000" "${load[@]}" \
	--set answer=1 --set shift=-1001
wrong "no number" 2 "'x' is no number" "${load[@]}" --set answer=x
wrong "neither true nor false" 2 "'maybe' is neither" "${load[@]}" --set none=maybe
wrong "no value" 2 "write NAME=VALUE" "${load[@]}" --set answer
wrong "what is no tunable" 5 "no tunable 'calls'" "${load[@]}" --set calls=1
wrong "a policy without tunables" 5 "it has none at all" policy load $bad/idle.bpf.o --cgroup "$cg" --set a=1
wrong "the built-in one has none, too" 5 "it has none" policy load builtin --cgroup "$cg" --set a=1
try "nothing governs after all that" same "the policy" "" "$(domain_field "$cg" policy)"

need "a tuned policy" "$MAGE" "${load[@]}" --set answer=17 --set more=3 --set shift=-5
try "a variable" same "answer" 17 "$(value answer)"
try "one that was zero" same "shift" -5 "$(value shift)"
try "a constant" same "more" 3 "$(value more)"
try "pages move" hog
try "it governs" governed_by tuned
try "callbacks of what governs" shows "^callbacks +batch_size" policy show $cg

# -- Set while it governs

wrong "a constant, now" 1 "more: can be set only when the policy is loaded" policy tune $cg more=1
wrong "two, one of them wrong" 2 "out of range" policy tune $cg shift=1 answer=1001
try "none of the two is set" same "shift" -5 "$(value shift)"
wrong "a misspelt policy that governs" 5 "did you mean tuned" policy tune tund answer=1
wrong "nothing to set" 2 "NAME=VALUE is missing" policy tune $cg
wrong "a policy that does not govern" 5 "governs" policy tune fifo answer=1
try "by the policy's name" shows "^shift: 7 instead of -5" policy tune tuned shift=7
try "it is so" same "shift" 7 "$(value shift)"
try "by the cgroup" "$MAGE" policy tune $cg shift=0 answer=600
try "the policy answers with it" hog
try "too much of it, with the constant" eventually 30 same "message" "batch_size answered 603; it must be 1 to 512" \
	"$(exits '.exits[-1].message')"
try "and is ejected" eventually 30 governed_by builtin true
wrong "nothing to tune then" 5 "no policy that could be tuned" policy tune $cg answer=1
try "the record" same "record" "tuned bad-number $cg" \
	"$(exits '.exits[-1] | "\(.policy) \(.kind) \(.cgroup)"')"
need "the constant of truth" "$MAGE" "${load[@]}" --set none=true
try "the application goes on" hog
try "it counted" eventually 30 same "message" "batch_size answered 0; it must be 1 to 512" \
	"$(exits '.exits[-1].message')"

# -- The built-in one by name

need "the built-in policy" "$MAGE" policy load builtin --cgroup $cg
try "it governs, with a link" governed_by builtin
try "pages move under it" hog
try "swapping it for another" "$MAGE" policy swap $tuned --cgroup $cg --set answer=9
try "the tunable is set at a swap" same "answer" 9 "$(value answer)"
try "and back" "$MAGE" policy swap builtin --cgroup $cg

# -- The log

# Each swap leaves a record. Most are made by one process that has loaded its policies before.
many_swaps()
{
	echo | build/tests/policy_swaps "$(stat -c %i "$cg")" 66 "$POLICIES"/{fifo,clock}.bpf.o
}
try "unloading it" "$MAGE" policy unload --cgroup $cg
try "many swaps" many_swaps
for _ in 1 2 3; do
	"$MAGE" policy swap builtin --cgroup $cg >/dev/null
done
try "the log keeps 64 records" same "records" 64 "$(exits '.exits | length')"
try "they are the last, in their order" same "in order" true "$(exits '.exits | map(.number) | . == [range(.[-1] - 63; .[-1] + 1)]')"
try "times do not go back" same "in order" true "$(exits '.exits | map(.time) | . == sort')"
try "for people" shows "^20..-..-.. .* /policy +builtin +replaced .*: replaced by builtin" policy log --cgroup $cg
try "unloading" "$MAGE" policy unload --cgroup $cg
try "that is in the log" same "record" "builtin unload" \
	"$(exits '.exits[-1] | "\(.policy) \(.kind)"')"
need "another cgroup" cg_make "${cg}2" 32M
wrong "no record of that one" 5 "did you mean" policy log --cgroup ${cg}3
try "none" same "records" 0 "$("$MAGE" policy log --json --cgroup ${cg}2 | jq '.exits | length')"
try "it is removed" rmdir ${cg}2

# -- A new policy

here=$PWD
cd "$work" || exit 2
"$mage" policy new fresh >"$work/says"
try "a new policy is written" same "the exit status" 0 $?
sed -n '/^  clang/,/bpf.o$/p' "$work/says" >"$work/build.sh"
try "it builds, as was said, without a warning" bash -ec ". $work/build.sh 2>&1 | tee errors; ! test -s errors"
try "it loads" "$mage" policy load ./fresh.bpf.o --cgroup $cg --set share=50
MAGE=$mage
try "pages move under it" hog
try "it governs" governed_by fresh
try "its tunable" same "share" 50 "$(value share)"
try "unloading it" "$mage" policy unload --cgroup $cg
wrong "the same name again" 6 "fresh.bpf.c: File exists; choose another" policy new fresh
wrong "what is no name" 2 "is no name" policy new ../fresh
wrong "the built-in one's name" 6 "kernel's own" policy new builtin
wrong "no name" 2 "name is missing" policy new
try "nothing else was written" same "files" "fresh.bpf.c" "$(ls -- *.bpf.c)"
cd "$here" || exit 2

try "the cgroup is removed" rmdir "$cg"
try "the far device is disconnected" "$MAGE" device disconnect mage0 --swapoff
rm -rf "$work"
tap_end
