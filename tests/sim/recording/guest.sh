#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of tests/sim/recording/record that runs in the virtual machine:
#
#   guest.sh DIR [NAME...]
#
# Each program runs once, alone, under a limit that is as small as it bears, and verifies its data.
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

# govern LIMIT: a cgroup under the kernel's own policy, first in first out.
govern()
{
	cg_make $cg "$1" || die "no cgroup"
	"$MAGE" policy load builtin --cgroup $cg >/dev/null || die "no policy"
}

# begin NAME [OPTION...]: to record what comes in.
begin()
{
	"$MAGE" trace record --cgroup $cg --output "$into/$1.trace" "${@:2}" 2>"$redis_dir/says" &
	recorder=$!
	eventually 60 grep -q ^Recording "$redis_dir/says" || die "$(cat "$redis_dir/says")"
}

# The recording ends, unless before, with the last process.
end()
{
	wait $recorder || die "$(cat "$redis_dir/says")"
}

release()
{
	"$MAGE" policy unload --cgroup $cg >/dev/null || die "the policy stays"
	eventually 60 rmdir $cg || die "the cgroup stays"
}

# program NAME LIMIT COMMAND...
program()
{
	govern "$2"
	begin "$1"
	shift 2
	(cg_exec $cg "$@") >"$redis_dir/output" || die "$*: failed"
	end
	release
}

pagerank=(build/bench/bin/pagerank --scale 18 --degree 4 --iterations 100 --threads 2)

iterates()
{
	local threads=(/proc/"$cg_pid"/task/*)
	[ ${#threads[@]} -gt 1 ]
}

# Without the making of the graph: it has a second thread only while it iterates. The ranks are those
# of a run without limit.
pagerank_iterations()
{
	local ranks
	ranks=$("${pagerank[@]}" | jq .checksum)
	govern 256M
	cg_start "$redis_dir/output" $cg "${pagerank[@]}"
	until iterates; do
		kill -0 "$cg_pid" || die "pagerank has ended: $(cat "$redis_dir/output")"
	done
	echo 1536K >$cg/memory.max
	begin pagerank --max-references 100000
	end
	echo max >$cg/memory.max
	cg_wait || die "pagerank failed"
	[ "$(jq .checksum "$redis_dir/output")" = "$ranks" ] || die "pagerank: wrong ranks"
	release
}

# Values are asked for the more often the lower their number, before that is scattered; in the end
# each is verified.
redis()
{
	govern 6M
	begin redis
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
	release
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
	pagerank) pagerank_iterations ;;
	redis) redis ;;
	*) die "no trace '$1'; there are scan, zipf, scan-zipf, pagerank and redis" ;;
	esac
}

far_connect --backend dram --size 256M --swapon >/dev/null || die "no far device"
[ $# -gt 0 ] || set -- scan zipf scan-zipf pagerank redis
for name in "$@"; do
	record "$name"
done
