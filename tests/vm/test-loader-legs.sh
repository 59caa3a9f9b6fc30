#!/bin/bash
# vm: --smp 2 --mem 1G --timeout 900 --disk 80M --disk 80M --disk 80M
# groups: full
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# Far devices of several legs, as "mage" makes, shows, changes and waits for them, under a load that verifies
# every byte; and what is refused, which leaves nothing behind. A disk is taken out, and replaced.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh

work=$(mktemp -d)
dying=$(cg_dying)
dram=(device connect --backend dram)

# legs FILTER: of each leg of $far, by jq, one a line.
legs()
{
	"$MAGE" device list --json |
		jq -r --arg name "$far" ".devices[] | select(.name == \$name) | .legs[] | $1"
}

# legs_are TEXT: number, column and state of each, with blanks.
legs_are()
{
	same "the legs" "$1" "$(legs '"\(.number)/\(.column)/\(.state)"' | sort | tr '\n' ' ' | sed 's/ $//')"
}

# numbers_are NUMBER...: of the legs.
numbers_are()
{
	same "the legs" "$*" "$(legs .number | sort -n | tr '\n' ' ' | sed 's/ $//')"
}

# finds VERDICT PATTERN: in what "mage doctor" says, which may find what is wrong.
finds()
{
	"$MAGE" doctor >"$work/output" 2>&1
	grep -E -- "^$1 .*$2" "$work/output" || { cat "$work/output"; return 1; }
}

metrics()
{
	"$MAGE" metrics >"$work/metrics" && tests/vm/metrics_check.py "$work/metrics" docs/grafana.json
}

metric()
{
	grep -Eq "^$1\$" "$work/metrics" || { cat "$work/metrics"; return 1; }
}

# unchanged NAME STATUS PATTERN ARGUMENT...: "mage ARGUMENT..." fails, and the legs are as they were.
unchanged()
{
	local before
	before=$(legs '"\(.number) \(.column)"')
	wrong "$@"
	try "$1: the legs are as they were" same "the legs" "$before" "$(legs '"\(.number) \(.column)"')"
}

# filling NUMBER: the leg is.
filling()
{
	same "the state of leg $1" resync "$(legs "select(.number == $1) | .state")"
}

# -- The command line

wrong "several, for nothing" 2 "2 legs, and it is not said what they are for; add --mirror to keep each page on all of them, --stripe" \
	"${dram[@]}" --size 16M --legs 2
wrong "a mirror of one" 2 "a mirror needs two legs or more; add --legs 2" "${dram[@]}" --size 16M --mirror
wrong "a stripe of one" 2 "a stripe needs two legs or more; give another --path" \
	device connect --backend blk --path /dev/vda --stripe
wrong "a number that does not fit" 2 "3 legs do not make columns of 2 copies; give a multiple" \
	"${dram[@]}" --size 16M --legs 3 --mirror --stripe
wrong "one column" 2 "all 2 legs are copies of one another" "${dram[@]}" --size 16M --legs 2 --mirror --stripe
wrong "no number of copies" 2 "1: is no number of copies; write --mirror" "${dram[@]}" --size 16M --legs 2 --mirror=1
wrong "nine" 2 "--legs 9: is too large; give 2 to 8" "${dram[@]}" --size 16M --legs 9 --mirror
wrong "the same disk twice" 2 "/dev/vda: is there twice" \
	device connect --backend blk --path /dev/vda --path /dev/vda --mirror
wrong "a size that one has not" 1 "/dev/vdb: the block device has 83886080 bytes only; give a smaller --size" \
	device connect --backend blk --path /dev/vdb --path /dev/vda --mirror --size 96M
wrong "the second is not there" 5 "/dev/nowhere: No such file" \
	device connect --backend blk --path /dev/vda --path /dev/nowhere --mirror
wrong "no leg" 2 "say what the leg stands on" device add-leg mage0
wrong "two legs at once" 2 "one leg at a time, and these are 2" device add-leg mage0 --path /dev/vda --path /dev/vdb
wrong "which leg?" 2 "is missing" device remove-leg mage0
wrong "wait, for what?" 2 "it is not said for what; add --in-sync" device wait mage0
wrong "a time that is none" 2 "the timeout" device wait mage0 --in-sync --timeout soon
wrong "no such device" 5 "no such far device" device wait mage0 --in-sync
wrong "no such device to add to" 5 "no such far device" device add-leg mage0 --backend dram
try "as a user" mage_fails 4 "root" as_user "$MAGE" "${dram[@]}" --size 16M --legs 2 --mirror
mkswap -q /dev/ram1 && swapon -p 0 /dev/ram1
wrong "the second is in use" 6 "in use" device connect --backend blk --path /dev/vda --path /dev/ram1 --mirror
swapoff /dev/ram1
try "nothing is there" no_devices

# -- A device of one store

far=$(far_connect --backend dram --size 1M)
wrong "one store has no legs to add to" 1 "it is one store, and has no legs; a device that is connected with --mirror" \
	device add-leg "$far" --backend dram
wrong "nor to wait for" 1 "it is one store" device wait "$far" --in-sync
wrong "nor to remove" 1 "it is one store" device remove-leg "$far" 0
try "it is no degraded one" same "degraded, legs" "false []" "$("$MAGE" device list --json | jq -r '.devices[0] | "\(.degraded) \(.legs)"')"
try "it is disconnected" "$MAGE" device disconnect "$far"

# -- A mirror

# Pages that are mostly far, and looked at again at the end: each has its number.
hold()
{
	mkfifo "$work/go"
	cg_start "$work/log" "$cg" python3 -u -c "
size, step = 32 << 20, 4096
b = bytearray(size)
for i in range(0, size, step):
    b[i:i + 8] = i.to_bytes(8, 'little')
print('ready')
open('$work/go').read()
for i in range(0, size, step):
    assert b[i:i + 8] == i.to_bytes(8, 'little') and not any(b[i + 8:i + 64])"
	eventually 300 grep -q ready "$work/log"
}

# To fill it takes two minutes or more: 64 pages a second. Legs do not come or go within a window of 512.
slow=(--backend dram --bandwidth $((256 / MAGE_SLOWNESS))K)

need "the cgroup" cg_make "$cg" 12M
need "a mirror" far_up dram 64M --legs 2 --mirror
need "the policy" "$MAGE" policy load builtin --cgroup "$cg"
try "it is one of two" legs_are "0/0/in-sync 1/0/in-sync"
try "it is a set" same "backend, degraded" "set false" "$("$MAGE" device list --json | jq -r '.devices[0] | "\(.backend) \(.degraded)"')"
try "list says so" shows "^$far +set +connected .* mirror of 2$" device list
try "status has the legs" shows "^$far +1 +0 dram +in-sync +100.0 " status
try "the doctor, too" finds ok "all 2 legs of $far are in sync"
try "waiting takes no time" "$MAGE" device wait "$far" --in-sync
need "pages on it" hold
try "each page goes to both" same "legs without writes" "" "$(legs 'select(.writes == 0) | .number')"

# The one that has all of it can go only when another one has it, too.
try "removing the first" shows "^$far: leg 0 removed$" device remove-leg "$far" 0
try "one more leg" shows "^$far: leg 2, column 0$" device add-leg "$far" "${slow[@]}"
unchanged "the one that is needed" 6 "in sync; 'mage device drain $far 1' waits until" device remove-leg "$far" 1
"$MAGE" device drain "$far" 1 >"$work/drained" 2>&1 &
drain=$!
try "it is being filled" filling 2
try "status says so" shows "^$far is degraded: leg 2 \(-\) is being filled: [0-9.]+ %, [0-9]+ pages are left; wait for it: mage device wait $far --in-sync$" status
try "the doctor notes it" finds note "$far is degraded: leg 2 .* is being filled"
try "top has it" shows "^  leg 2 +dram +resync" top -b --interval 0.1 --count 1
try "so have the metrics" metrics
try "as degraded" metric "mage_device_degraded\{device=\"$far\"\} 1"
try "as a state" metric "mage_leg_state\{device=\"$far\",leg=\"2\",state=\"resync\"\} 1"
wrong "it takes its time" 9 "not in sync after 0.1 s: [0-9]+ of [0-9]+ pages are left" device wait "$far" --in-sync --timeout 0.1
unchanged "replacing meanwhile" 6 "leg 2 of the same column is being filled; wait for it" device replace "$far" 1 --backend dram
unchanged "one that is gone" 5 "$far leg 17: no such leg" device remove-leg "$far" 17
unchanged "no number" 2 "is no number of a leg" device drain "$far" one
unchanged "a column that is none" 2 "has no such column" device add-leg "$far" --backend dram --column 1

try "another leg, for later" shows "^$far: leg 3, column 0$" device add-leg "$far" --backend dram
try "draining waits" kill -0 $drain
try "the slow one goes" shows "^$far: leg 2 removed$" device remove-leg "$far" 2
wait $drain
try "draining has ended" same "the status" 0 $?
try "it says so" grep -qx "$far: leg 1 removed" "$work/drained"
try "one is left" legs_are "3/0/in-sync"
try "pages were copied to it" test "$(legs .copied)" -gt 0
unchanged "the last one" 6 "no other leg that works has the pages of column 0; add another one first" device remove-leg "$far" 3
unchanged "draining the last one" 6 "no other leg that works" device drain "$far" 3
wrong "a mirror of one is waited for in vain" 1 "a leg of column 0 is missing; add one: mage device add-leg $far" device wait "$far" --in-sync
try "and is degraded" finds WRONG "$far is degraded: a leg of column 0 is missing"

# A signal does no harm.
"$MAGE" device replace "$far" 3 "${slow[@]}" 2>"$work/replace" &
replace=$!
try "replacing begins" eventually 60 numbers_are 3 4
# It keeps the signal, for when it waits, once it catches that.
try "it catches signals" eventually 60 grep -q 'SigCgt:.*[4-7c-f]...$' "/proc/$replace/status"
kill -TERM $replace
wait $replace
try "and is interrupted" same "the status" 1 $?
try "what holds is said" grep -q "^mage: device replace: $far: interrupted; leg 4 is filled all the same; then 'mage device drain $far 3'" "$work/replace"
try "it is filled all the same" filling 4
try "the new one is given up" "$MAGE" device remove-leg "$far" 4
try "replacing" shows "^$far: leg 5 instead of leg 3$" device replace "$far" 3 --backend dram
try "it has its place" legs_are "5/0/in-sync"
for _ in 6 7 8 9 10 11 12; do
	"$MAGE" device add-leg "$far" --backend dram >/dev/null
done
unchanged "a ninth leg" 1 "a device has at most 8 legs" device add-leg "$far" --backend dram
try "eight are filled" "$MAGE" device wait "$far" --in-sync --timeout 300
for leg in 5 6 7 8 9 10; do
	"$MAGE" device remove-leg "$far" $leg >/dev/null
done
try "those that were filled are left" legs_are "11/0/in-sync 12/0/in-sync"
echo >"$work/go"
try "the program finds its pages" cg_wait
try "they were read from them" test "$(legs .reads | awk '{ sum += $1 } END { print sum }')" -gt 0
nothing_left "mirror"
try "mirror: it is disconnected" "$MAGE" device disconnect "$far" --swapoff

# -- A stripe of mirrors

try "stripe: a device" far_up dram 64M --legs 4 --mirror --stripe
try "stripe: two columns" legs_are "0/0/in-sync 1/0/in-sync 2/1/in-sync 3/1/in-sync"
try "stripe: list says so" shows " stripe of 2 mirrors$" device list
load "stripe" --size 32M --threads 2 --seconds 4
try "stripe: pages were in all columns" same "legs without writes" "" "$(legs 'select(.writes == 0) | .number')"
try "stripe: without one" "$MAGE" device remove-leg "$far" 2
unchanged "stripe: the last of a column" 6 "has the pages of column 1" device remove-leg "$far" 3
try "stripe: it is missing" shows "^$far is degraded: a leg of column 1 is missing; add one: mage device add-leg $far --backend dram$" device list
try "stripe: the thinnest column gets the next" shows "^$far: leg 4, column 1$" device add-leg "$far" --backend dram
try "stripe: unless it is named" shows "^$far: leg 5, column 0$" device add-leg "$far" --backend dram --column 0
try "stripe: waiting" "$MAGE" device wait "$far" --in-sync --timeout 300
load "stripe, again" --size 32M --threads 2 --seconds 4
nothing_left "stripe"
try "stripe: it is disconnected" "$MAGE" device disconnect "$far" --swapoff

# -- A disk that is taken out

try "disk: a mirror of two" far_on /dev/vda --path /dev/vdb --mirror
try "disk: it has the size of one" same "size" 83886080 "$(device_field "$far" size_bytes)"
unchanged "disk: one that is in use" 6 "in use" device add-leg "$far" --path /dev/vda
try "disk: the load" load_start --size 32M --threads 2 --seconds "$long" --ops none
address=$(basename "$(readlink -f /sys/block/vda/device/..)")
try "disk: it goes" bash -c "echo 1 >/sys/bus/pci/devices/$address/remove"
try "disk: its leg has failed" eventually 60 legs_are "0/0/failed 1/0/in-sync"
try "disk: the device works on" same "the state" connected "$(device_field "$far" state)"
try "disk: status says so, and what to do" shows \
	"^$far is degraded: leg 0 \(/dev/vda\) failed [0-9]+ s ago: .*; replace it: mage device replace $far 0 --path FILE$" status
try "disk: so does the doctor" finds WRONG "$far is degraded: leg 0 \(/dev/vda\) failed"
wrong "disk: waiting would take forever" 1 "leg 0 .* failed .*; replace it: mage device replace $far 0" device wait "$far" --in-sync
try "disk: replacing it" shows "^$far: leg 2 instead of leg 0$" device replace "$far" 0 --path /dev/vdc
try "disk: all is well" legs_are "1/0/in-sync 2/0/in-sync"
load_end "disk"
nothing_left "disk"
try "disk: it is disconnected" "$MAGE" device disconnect "$far" --swapoff

# -- The configuration

config=$work/mage.conf
cat >"$config" <<EOT
[device]
backend = blk
path = /dev/vdb
path = /dev/vdc
mirror = yes
size = 64M
EOT
try "up: it is checked" shows "1 far devices, 0 cgroups, nothing wrong" up --check --config "$config"
try "up" shows "^/dev/mage[0-9]+: connected, /dev/vdb, /dev/vdc, 64M$" up --config "$config"
far=$("$MAGE" device list --json | jq -r '.devices[0].name')
try "up: two legs" legs_are "0/0/in-sync 1/0/in-sync"
try "up: once more" shows "^/dev/$far: is there$" up --config "$config"
try "up: a leg goes" "$MAGE" device remove-leg "$far" 1
try "up: it is missed" shows "^/dev/$far: /dev/vdc is no leg of it$" up --check --config "$config"
try "up: checking adds none" legs_are "0/0/in-sync"
try "up: it is added" shows "^/dev/$far: /dev/vdc is leg 2, and is being filled$" up --config "$config"
try "up: it is there" "$MAGE" device wait "$far" --in-sync --timeout 60
try "up: another one has its place" "$MAGE" device replace "$far" 2 --backend dram
try "up: which stays" shows "^/dev/$far: leg 3 \(-\) stays, though it is not in the file$" up --config "$config"
try "up: nothing more is added" numbers_are 0 3
sed -i 's/^mirror = yes/mirror = maybe/' "$config"
wrong "up: no number of copies" 2 "$config:5: maybe: is no number of copies; write yes, no, or 2 to 8" up --config "$config"
sed -i 's/^mirror = maybe/mirror = no/' "$config"
wrong "up: what for?" 2 "$config:4: there are 2 legs, and it is not said what they are for; write mirror = yes" up --config "$config"
sed -i 's/^mirror = no/mirror = yes/' "$config"
try "down" shows "^/dev/$far: disconnected$" down --config "$config"
try "down: nothing is there" no_devices

try "unloading" "$MAGE" policy unload --cgroup "$cg"
cg_reclaim_orphans "$cg"
try "the cgroup is removed, and none is left dying" cg_remove "$cg" "$dying"
tap_end
