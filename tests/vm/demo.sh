#!/bin/bash
# vm: --memnodes 1 --smp 4 --mem 2G --timeout 600
# SPDX-License-Identifier: GPL-2.0-only
#
# The demo: Redis gets half of the memory that it needs; the rest of it lives on a memory node.
# Its exit status is 0 only if every key was right.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/redis.sh"

cg=/sys/fs/cgroup/redis
watch_pid=

# say TEXT: what happens next.
say()
{
	printf '\n== %s\n' "$1"
}

# show COMMAND...: what one would type, and what it prints.
show()
{
	echo "\$ $*"
	"$@" || give_up "'$*' failed"
}

give_up()
{
	echo "demo: $1" >&2
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
clean_up()
{
	[ -z "$watch_pid" ] || kill "$watch_pid" 2>/dev/null
	rm -rf "$tap_out" "$redis_dir"
}
trap clean_up EXIT

# wire FIELD: MiB over the wire, as the memory node counted them.
wire()
{
	tests/vm/memnode stats | jq -r "(.wire.$1 / 1048576 * 10 | round / 10 | tostring) + \" MiB\""
}

address=${MAGE_MEMNODES%% *}
say "The memory node $address lends memory over RDMA; it becomes a swap device"
show "$MAGE" device connect --backend rdma --address "$address" \
	--secret-file "$MAGE_SECRET_FILE" --size 512M --swapon
show "$MAGE" device list

say "A cgroup with $redis_limit of local memory, under the policy fifo"
show mkdir "$cg"
echo "\$ echo $redis_limit > $cg/memory.max"
echo "$redis_limit" >"$cg/memory.max"
show "$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$cg"

say "Redis runs in it and is filled with $redis_keys keys, twice of what fits"
redis_start "$cg" || give_up "Redis does not start"
"$MAGE" status --watch --cgroup "$cg" &
watch_pid=$!
"$REDIS_CHECK" "${redis_load[@]}" --quiet fill || give_up "Redis was not filled"

say "Every key is read back and compared; half way the policy becomes clock"
"$REDIS_CHECK" "${redis_load[@]}" --quiet \
	--at-half "$MAGE policy swap $POLICIES/clock.bpf.o --cgroup $cg" verify
right=$?
kill "$watch_pid"
wait "$watch_pid" 2>/dev/null
watch_pid=

direct=$(cg_stat "$cg" pgscan_direct)
say "What happened"
[ $right -eq 0 ] && verdict="all $redis_keys right" || verdict="NOT ALL RIGHT"
cat <<END
keys verified            $verdict
pages out                $(domain_field "$cg" evictions)
pages in                 $(domain_field "$cg" faults)
rescued on their way out $(domain_field "$cg" rescues)
direct-reclaim events    $direct
policy now               $(domain_field "$cg" policy)
memory node received     $(wire received_bytes)
memory node sent         $(wire sent_bytes)
END

redis_stop
say "What to try next"
cat <<'END'
The same by hand, in a machine of your own:
  tests/vm/run --memnodes 1 --smp 4 -- bash tests/vm/demo.sh     this demo again
  MAGE_REDIS_KEYS=60000 make demo                                a larger Redis
  build/loader/mage help                                         devices, policies, status
A policy of your own: README.md has one of 20 lines.
END
exit $right
