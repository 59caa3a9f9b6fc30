#!/bin/bash
# vm: --memnodes 1 --smp 2 --mem 1G --timeout 600
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# A far device is being connected to a memory node that does not answer: meanwhile all else answers,
# others connect and disconnect, and when that is broken off nothing of it is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/link.sh"

to=${MAGE_MEMNODES%% *}
connect=("$MAGE" device connect --backend rdma --address "$to" --secret-file "$MAGE_SECRET_FILE" --size 16M)

# in_kernel: $pid waits for the memory node there.
in_kernel()
{
	grep mage_rdma "/proc/$pid/stack"
}

# connecting: unless it is under way it is begun, as $pid. It gives up after a while.
connecting()
{
	in_kernel && return
	"${connect[@]}" >"$tap_out.connecting" 2>&1 &
	pid=$!
	eventually 60 in_kernel
}

# meanwhile COMMAND...: it ends well, and before the connecting does that was under way. On a slow machine
# that may have been about to give up: the command is one that can be given again.
meanwhile()
{
	local attempt
	for attempt in {1..10}; do
		connecting && "$@" || return
		in_kernel && return
		echo "attempt $attempt: it was not connecting any more when '$*' ended"
	done
	return 1
}

# broken_off SIGNAL
broken_off()
{
	local status
	connecting && kill -s "$1" "$pid" || return
	wait "$pid"
	status=$?
	same "the exit status" $((128 + $(kill -l "$1"))) "$status"
}

nothing_is_left()
{
	no_devices && [ -z "$(find /dev /sys/block -maxdepth 1 -name 'mage*')" ]
}

# The devices are those, and no other.
# They are listed in the order in which they came to be, which two that connect at once leave open.
devices_are()
{
	same "the far devices" "$1" "$("$MAGE" device list --json | jq -r '[.devices[].name] | sort | join(" ")')"
}

beside_comes()
{
	[ -n "$beside" ] || beside=$(far_connect --backend dram --size 16M --swapon)
}

beside_goes()
{
	[ -z "$beside" ] || "$MAGE" device disconnect "$beside" --swapoff && beside=
}

# The name of what is being connected, which is the first that is free.
first_is_refused()
{
	refuses 5 "" "$MAGE" device disconnect mage0
}

# Two at once, each with a name of its own.
two_at_once()
{
	local first status
	"${connect[@]}" >"$tap_out.first" &
	first=$!
	"${connect[@]}"
	status=$?
	wait "$first" && [ "$status" -eq 0 ] && devices_are "mage0 mage1"
}

# Both take the same device: one has it, and the other is told that there is none.
one_of_two_disconnects()
{
	local first status other
	"$MAGE" device disconnect "$1" &
	first=$!
	"$MAGE" device disconnect "$1"
	status=$?
	wait "$first"
	other=$?
	echo "they ended with $status and $other"
	[ $((status == 0)) -ne $((other == 0)) ]
}

pid=self
beside=
for signal in TERM KILL; do
	cut 0
	need "SIG$signal: a far device is being connected" connecting
	try "SIG$signal: mage status answers" meanwhile "$MAGE" status
	try "SIG$signal: what is not there yet is not listed" meanwhile devices_are ""
	try "SIG$signal: nor disconnected" meanwhile first_is_refused
	try "SIG$signal: another device is connected and used" meanwhile beside_comes
	try "SIG$signal: and disconnected" meanwhile beside_goes
	try "SIG$signal: connecting is broken off" broken_off "$signal"
	try "SIG$signal: nothing is left of it" nothing_is_left
	mend 0
	try "SIG$signal: now it is connected, by the first name" eventually 60 "${connect[@]}"
	try "SIG$signal: which is the only one" devices_are mage0
	try "SIG$signal: and disconnected" "$MAGE" device disconnect mage0
done

try "two are connected at once" two_at_once
try "of two that disconnect one does" one_of_two_disconnects mage1
try "the other device is still there" devices_are mage0
try "it is disconnected" "$MAGE" device disconnect mage0
try "nothing is left" nothing_is_left
tap_end
