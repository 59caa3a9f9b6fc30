# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# The Redis that the demo and test-redis-rdma.sh run; sourced after lib.sh.

redis_keys=${MAGE_REDIS_KEYS:-16000}
redis_value=4096
# With what Redis adds to each key, about 72 MiB for the default number of them; it gets half.
redis_limit=$((redis_keys * (redis_value + 600) / 2 / 1048576))M
redis_dir=$(mktemp -d)
redis_socket=$redis_dir/socket
redis_load=(--socket "$redis_socket" --keys "$redis_keys" --value "$redis_value")

redis_answers()
{
	[ "$(redis-cli -s "$redis_socket" ping 2>/dev/null)" = PONG ]
}

# redis_start CGROUP: memory only, on a Unix socket.
redis_start()
{
	cg_start "$redis_dir/log" "$1" redis-server --port 0 --unixsocket "$redis_socket" \
		--dir "$redis_dir" --save "" --appendonly no --daemonize no
	eventually 60 redis_answers && return
	cat "$redis_dir/log"
	return 1
}

redis_stop()
{
	redis-cli -s "$redis_socket" shutdown nosave 2>/dev/null
	cg_wait
}
