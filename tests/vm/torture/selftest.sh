#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# selftest.sh TORTURE: shows on the running kernel, without root or pressure,
# that the program passes when all is right and fails when one page is not.
set -u

torture=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# result STATUS NAME: one line of TAP; what was printed follows a failure.
result()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/out"
		failed=1
	fi
}

# expect STATUS PATTERN NAME OPTION...
expect()
{
	want=$1 pattern=$2 name=$3
	shift 3
	"$torture" "$@" >"$work/out" 2>&1
	status=$?
	[ "$status" -eq "$want" ] && grep -q -- "$pattern" "$work/out"
	result $? "$name (status $status)"
}

# says TEXT: waits for a line of the program in the background, or for its end.
says()
{
	while ! grep -q -- "$1" "$work/out" && kill -0 "$pid" 2>/dev/null; do
		sleep 0.1
	done
}

# phases STATUS PATTERN NAME OPTION...: as expect; errors are expected for a second, then no more.
phases()
{
	want=$1 pattern=$2 name=$3
	shift 3
	# Before the program has written a line.
	: >"$work/out"
	"$torture" "$@" --may-sigbus >"$work/out" 2>&1 &
	pid=$!
	says 'torture: filled'
	kill -USR1 "$pid" 2>/dev/null
	says 'errors may happen'
	sleep 1
	kill -USR2 "$pid" 2>/dev/null
	says 'every page is right'
	kill -TERM "$pid" 2>/dev/null
	wait "$pid"
	status=$?
	[ "$status" -eq "$want" ] && grep -q -- "$pattern" "$work/out"
	result $? "$name (status $status)"
}

load="--size 16M --threads 2 --seconds 2 --quiet"

# shellcheck disable=SC2086 # a list of options
{
	expect 0 'torture: ok:' 'all operations, all right' $load
	expect 0 'torture: kill-test ok:' 'kill test, all right' --kill-test $load
	for seed in 1 2 3; do
		expect 1 'lost (reads as zero)' "a zeroed page is found, seed $seed" \
			$load --ops none --break zero --seed $seed
		expect 1 'stale (an older version)' "a stale page is found, seed $seed" \
			$load --ops none --break stale --seed $seed
		expect 1 'torn (checksum mismatch)' "a torn page is found, seed $seed" \
			$load --ops none --break torn --seed $seed
		expect 1 'foreign (another owner)' "a foreign page is found, seed $seed" \
			$load --ops none --break foreign --seed $seed
	done
	expect 1 'FAIL: signal 7' 'a page that cannot be read is an error' $load --ops none \
		--break sigbus
	expect 0 'torture: ok:.* sigbus=0 pages=0 unreadable=0;' 'nothing raises SIGBUS' $load \
		--may-sigbus
	phases 0 'torture: ok:.* sigbus=[1-9][0-9]* pages=[1-9][0-9]* unreadable=0;' \
		'pages that cannot be read for a while are counted' \
		$load --seconds 60 --ops none --break sigbus
	phases 1 'stale (an older version)' 'a page that comes back stale is found' \
		$load --seconds 60 --ops none --break sigbus-stale
	phases 1 'FAIL: signal 7' 'a page that stays unreadable is found' \
		$load --seconds 60 --ops none --break sigbus-stays
	expect 1 'FAIL: kill-test' 'bytes in a fresh mapping are found' --kill-test $load \
		--break foreign
}
expect 2 'no number' 'a size that is no number' --size 12x
expect 2 'multiple of 2M' 'a size of zero' --size 0
expect 2 'no operation' 'an operation that does not exist' --ops fork,frok
expect 2 'not with --may-sigbus' 'an operation that cannot bear SIGBUS' --may-sigbus --ops fork
expect 2 'direct-file' 'O_DIRECT without a file' --ops direct-read
echo "1..$n"
exit $failed
