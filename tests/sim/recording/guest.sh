#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of tests/sim/recording/record that runs in the virtual machine:
#
#   guest.sh DIR [NAME...]
#
# Each program runs once, alone, under a limit that is as small as it bears.
. "$(dirname "$0")/../../vm/lib.sh"
. tests/vm/redis.sh

into=$1
shift
cg=/sys/fs/cgroup/recorded

die()
{
	echo "record: $1" >&2
	exit 1
}

# begin NAME LIMIT: a cgroup under the kernel's own policy, first in first out, being recorded.
begin()
{
	echo "$1, in $2:"
	cg_make $cg "$2" || die "no cgroup"
	"$MAGE" policy load builtin --cgroup $cg >/dev/null || die "no policy"
	"$MAGE" trace record --cgroup $cg --output "$into/$1.trace" 2>"$redis_dir/says" &
	recorder=$!
	eventually 60 grep -q ^Recording "$redis_dir/says" || die "$(cat "$redis_dir/says")"
}

# The recording ends with the last process.
end()
{
	wait $recorder || die "$(cat "$redis_dir/says")"
	"$MAGE" policy unload --cgroup $cg >/dev/null || die "the policy stays"
	eventually 60 rmdir $cg || die "the cgroup stays"
}

# program NAME LIMIT COMMAND...
program()
{
	begin "$1" "$2"
	shift 2
	(cg_exec $cg "$@") >"$redis_dir/output" || die "$*: failed"
	end
}

# Values are asked for the more often the lower their number, before that is scattered; in the end
# each is verified.
redis()
{
	begin redis 6M
	redis_start $cg || die "no Redis"
	"$REDIS_CHECK" --socket "$redis_socket" --keys 7000 --value 2048 --quiet fill || die "redis_check"
	awk 'BEGIN {
		srand(1)
		for (i = 0; i < 30000; i++)
			print "GET key:" int(7000 * rand() * rand() * rand()) * 3 % 7000
	}' | redis-cli -s "$redis_socket" >/dev/null
	"$REDIS_CHECK" --socket "$redis_socket" --keys 7000 --value 2048 --quiet verify || die "redis_check"
	redis_stop
	end
}

record()
{
	case $1 in
	scan) program scan 1M build/recording/pages --pattern scan --pages 2048 --touches 30720 ;;
	zipf) program zipf 1M build/recording/pages --pattern zipf --pages 4096 --touches 150000 ;;
	scan-zipf)
		program scan-zipf 1M build/recording/pages --pattern scan-zipf --pages 6144 \
			--touches 120000
		;;
	pagerank) program pagerank 1M build/bench/bin/pagerank --scale 16 --degree 8 --iterations 4 ;;
	redis) redis ;;
	*) die "no trace '$1'; there are scan, zipf, scan-zipf, pagerank and redis" ;;
	esac
}

far_connect --backend dram --size 256M --swapon >/dev/null || die "no far device"
[ $# -gt 0 ] || set -- scan zipf scan-zipf pagerank redis
for name in "$@"; do
	record "$name"
done
