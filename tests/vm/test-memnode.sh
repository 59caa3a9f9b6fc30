#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 2 --mem 1G --timeout 1500
# cpus: 1
#
# Tests mage-memnoded with real connections, over soft-RoCE inside one virtual
# machine.  Run it there, as root:
#
#   tests/vm/run -- tests/vm/test-memnode.sh
#
# Prints TAP; exit status 1 when a test failed.  Needs what "make" built:
# memnode/mage-memnoded and tests/memnode_client below $MAGE_BUILD.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${MAGE_BUILD:-$top/build}
daemon=$build/memnode/mage-memnoded
client=$build/tests/memnode_client
work=$(mktemp -d)
address=192.0.2.1
address6=fd00:6d61:6765::1
port=7477
secret="the secret of this test"
slowness=${MAGE_SLOWNESS:-1}
count=0
failed=0
pid=

MIB=$((1 << 20))

report() { # STATUS NAME
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=$((failed + 1))
	fi
}

check() { # NAME COMMAND...
	local name=$1
	shift
	# Not in a subshell: start() and stop() keep the daemon's pid.
	"$@" >"$work/said" 2>&1
	report $? "$name"
	sed 's/^/# /' "$work/said"
}

start() { # OPTION...
	: >"$work/out"
	"$daemon" --port $port "$@" >"$work/out" 2>>"$work/log" &
	pid=$!
	listens
}

# The daemon that was started last.
listens() {
	for _ in $(seq $((600 * slowness))); do
		grep -q '^mage-memnoded: listening on' "$work/out" && return 0
		kill -0 $pid 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

# Stops the daemon; its exit status.
stop() {
	local status
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	pid=
	return $status
}

talk() { # TEST [SIZE]
	"$client" $address $port "$secret" "$@"
}

# The same when the daemon has seen off the clients before.
alone() { # TEST [SIZE]
	becomes clients "[]" && talk "$@"
}

# A daemon that must not start: STATUS and PART of what it says, OPTIONS.
refuses() {
	local wanted=$1 part=$2 status said
	shift 2
	said=$(timeout $((60 * slowness)) "$daemon" --port $port "$@" 2>&1)
	status=$?
	echo "$said"
	[ $status = "$wanted" ] && [[ $said == *"$part"* ]]
}

# The daemon's statistics as JSON.
stats() {
	rm -f "$work/stats"
	kill -USR1 "$pid"
	for _ in $(seq $((600 * slowness))); do
		[ -s "$work/stats" ] && break
		sleep 0.1
	done
	cat "$work/stats"
}

# Within a minute, or more where all is slow, the statistics say "KEY":VALUE.
becomes() { # KEY VALUE
	local end=$((SECONDS + 60 * slowness)) said
	while [ $SECONDS -lt $end ]; do
		said=$(stats)
		[[ $said == *"\"$1\":$2,"* ]] && return 0
		sleep 0.2
	done
	printf '%s\n' "$1 does not become $2" "$said"
	return 1
}

clean_up() {
	[ -z "$pid" ] || kill -KILL "$pid"
	rdma link delete magerxe 2>/dev/null
	ip link delete magea 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT

setup() {
	ip link add magea type veth peer name mageb &&
		ip addr add $address/24 dev magea &&
		ip addr add $address6/64 dev magea nodad &&
		ip link set mageb mtu 4200 up &&
		ip link set magea mtu 4200 up &&
		rdma link add magerxe type rxe netdev magea
}

if ! setup; then
	echo "Bail out! cannot set up soft-RoCE on a veth pair"
	exit 1
fi
printf '%s\n' "$secret" >"$work/secret"
chmod 600 "$work/secret"
with_secret=(--listen "$address" --secret-file "$work/secret" --stats "$work/stats")

# -- Command line and files

check "no option: status 2" refuses 2 "--size is missing"
check "size zero: status 2" refuses 2 "must not be zero" --size 0 "${with_secret[@]}"
check "more than the machine has: status 2" refuses 2 "cannot be lent" --size 1000T "${with_secret[@]}"
check "no secret file: status 3" refuses 3 "No such file" --size 1M --secret-file "$work/none"
cp "$work/secret" "$work/open"
chmod 644 "$work/open"
check "secret that all can read: status 3" refuses 3 "everybody" --size 1M --secret-file "$work/open"
echo x >"$work/short"
chmod 600 "$work/short"
check "secret of one byte: status 3" refuses 3 "shorter than 16 bytes" --size 1M --secret-file "$work/short"
mkdir "$work/clients.d"
check "no key: status 3" refuses 3 "there is no key" --size 1M --clients "$work/clients.d"
check "foreign address: status 4" refuses 4 "cannot listen on 198.51.100.1" --size 1M \
	--listen 198.51.100.1 --secret-file "$work/secret"
check "no address: status 4" refuses 4 "numeric" --size 1M --listen nonsense \
	--secret-file "$work/secret"

# -- A daemon that serves

# More clients than there are at a time: one that goes on to the next session may be there twice for a while.
serve=(start --size 8M --max-client 6M --handshake-timeout $((3 * slowness)) --grace 0 "${with_secret[@]}")
check "starts" "${serve[@]}" --max-clients 6
check "port taken: status 4" refuses 4 "another program has the port" --size 1M "${with_secret[@]}"
check "memory is zero, keeps what is written, and ends where it ends" alone memory $MIB
check "memory is zero again for the next client" alone memory $MIB
check "another client's key is worth nothing" alone isolation $MIB
check "an old key is worth nothing" alone stale-key $MIB
check "wrong token, queue taken, queue not announced" alone bad-token $MIB
check "wrong secret" alone bad-secret
check "size zero" alone zero
check "size no multiple of 4096" alone odd-size
check "no queues" alone no-queues
check "larger than a client gets" alone too-large $((7 * MIB))
check "request of garbage" alone garbage-request
check "request without data" alone empty-request
check "request of another version" alone other-version
check "hello of garbage" alone garbage-hello
check "hello too long" alone huge-hello
check "silence" alone silence
check "without a grace a lost client has nothing to come back to" talk vanish $MIB
check "all memory is free again" becomes reserved 0
check "no client is left" becomes clients "[]"
check "stops" stop

check "starts for two clients" "${serve[@]}" --max-clients 2
"$client" $address $port "$secret" hold $((5 * MIB)) >"$work/hold1" &
first=$!
check "a client holds memory" becomes reserved $((5 * MIB))
check "node full" talk full $((4 * MIB))
"$client" $address $port "$secret" hold $MIB >"$work/hold2" &
second=$!
check "a second client holds memory" becomes reserved $((6 * MIB))
check "too many clients" talk too-many $MIB
check "still serves those that are there" becomes reserved $((6 * MIB))

kill -KILL $second
wait $second 2>/dev/null
check "a killed client's memory is free again" becomes reserved $((5 * MIB))
check "memory is zero after a killed client" talk memory $((3 * MIB))

check "SIGTERM with a client: status 0" stop
wait $first
report $? "the client was told"
check "it printed its statistics" grep "0 bytes of 8 MiB reserved" "$work/out"
check "its statistics are JSON, with nothing reserved" python3 -c '
import json, sys
stats = json.load(open(sys.argv[1]))
assert stats["reserved"] == 0 and stats["clients"] == [], stats
assert stats["reserved_peak"] == 8 << 20, stats
assert stats["wire"]["ports"][0]["hw_counters"]["rcvd_pkts"] > 0, stats
' "$work/stats"

# -- Hostile clients beside honest ones

hostile=()

# A crowd of NUMBER silent clients from ADDRESS is there: IN of them were let in.
crowd() { # ADDRESS NUMBER IN
	local said=$work/crowd.$1
	: >"$said"
	MEMNODE_SOURCE=$1 "$client" $address $port "$secret" crowd "$2" >"$said" &
	hostile+=($!)
	for _ in $(seq $((600 * slowness))); do
		grep -q refused "$said" && break
		kill -0 $! || break
		sleep 0.1
	done
	cat "$said"
	grep -q "^$3 in, $(($2 - $3)) refused" "$said"
}

from() { # ADDRESS TEST [SIZE]
	local MEMNODE_SOURCE=$1
	export MEMNODE_SOURCE
	shift
	talk "$@"
}

# PYTHON is true, where "s" is the statistics and "by" is why clients were refused.
said_of() { # PYTHON
	stats | python3 -c "
import json, sys
s = json.load(sys.stdin)
by = s['refused_by']
print(s)
assert sum(by.values()) == s['clients_refused']
assert $1"
}

for host in $(seq 66 73); do
	ip addr add "192.0.2.$host/24" dev magea
done
check "starts beside hostile clients" start --size 8M --handshake-timeout 600 \
	--max-unproven 8 --connect-rate 100 "${with_secret[@]}"
check "of 64 silent clients from one address 8 get in" crowd 192.0.2.66 64 8
check "they are counted, with the cause" said_of \
	"s['unproven'] == 8 and by['source_full'] == 56 and s['clients_refused'] == 56"
check "by address, too" said_of "[a['refused'] for a in s['sources'] if a['address'] == '192.0.2.66'] == [56]"
check "beside them another one is served" talk memory $MIB
for host in $(seq 67 71); do
	check "8 more from 192.0.2.$host get in" crowd "192.0.2.$host" 8 8
done
check "no place is free now" said_of "s['unproven'] == 48 and s['clients_refused'] == 56"
check "one that was there before is served" talk memory $MIB
check "for it places are kept: nobody had to go" said_of "by['displaced'] == 0"
check "one that was never there is served" from 192.0.2.72 memory $MIB
check "one of the silent ones had to go" said_of "by['displaced'] == 1"
kill -KILL "${hostile[@]}"
wait "${hostile[@]}" 2>/dev/null
hostile=()
check "when they are gone no place is taken" becomes unproven 0
check "they are counted, too" said_of "by['broken_off'] == 47"
check "half handshakes" from 192.0.2.73 break-off 6
check "a giant size" talk giant
check "a hello said again" talk replay $MIB
check "all are gone" becomes unproven 0
check "each is counted" said_of \
	"(by['broken_off'], by['too_large'], by['bad_secret'], by['silent']) == (53, 1, 1, 0)"
check "stops" stop

# -- A key for each client

# NAME's file has these LINEs.
key_file() { # NAME LINE...
	printf '%s\n' "${@:2}" >"$work/clients.d/$1"
	chmod 600 "$work/clients.d/$1"
}

as() { # SECRET TEST [SIZE]
	local secret=$1
	shift
	talk "$@"
}

# The daemon has reread its keys, and says TEXT.
rereads() { # TEXT
	local before
	before=$(grep -c "keys" "$work/log")
	kill -HUP "$pid"
	for _ in $(seq $((600 * slowness))); do
		[ "$(grep -c "keys" "$work/log")" -gt "$before" ] && break
		sleep 0.1
	done
	tail -n 1 "$work/log"
	grep "keys" "$work/log" | tail -n 1 | grep -qF "$1"
}

promtool_is_content() {
	! command -v promtool >/dev/null || promtool check metrics <"$work/metrics.prom"
}

alpha="the key of alpha, and of nobody else"
beta="the key of beta, and of nobody else"
key_file alpha "key = $alpha" "quota = 3M" "queues = 2"
key_file beta "key = $beta"
check "starts with keys of clients" start --size 16M --handshake-timeout 600 --connect-rate 100 --grace 0 \
	--listen $address --clients "$work/clients.d" --stats "$work/stats" --metrics "$work/metrics.prom"
check "one client is served" as "$alpha" memory $MIB
check "another one is served" as "$beta" memory $((4 * MIB))
check "who knows no key is not" talk bad-secret
check "more than the quota" as "$alpha" too-large $((4 * MIB))
"$client" $address $port "$alpha" hold $((2 * MIB)) >"$work/hold1" &
first=$!
check "a client holds memory" becomes reserved $((2 * MIB))
check "whose it is" said_of \
	"[(k['reserved'], k['sessions']) for k in s['keys'] if k['name'] == 'alpha'] == [(2 << 20, 1)] and s['clients'][0]['key'] == 'alpha'"
check "no quota left" as "$alpha" full $((2 * MIB))
check "another key has its own" as "$beta" memory $((4 * MIB))
check "they are counted" said_of "by['quota'] == 2 and by['bad_secret'] == 1"
# The module is one of Debian's own Python.
check "metrics for Prometheus say the same" /usr/bin/python3 -c '
import json, sys
from prometheus_client.parser import text_string_to_metric_families
s = json.load(open(sys.argv[1]))
found = {}
for family in text_string_to_metric_families(open(sys.argv[2]).read()):
    for sample in family.samples:
        labels = tuple(sorted(sample.labels.items()))
        assert (sample.name, labels) not in found, sample
        found[sample.name.removeprefix("mage_memnode_"), labels] = sample.value
print(found)
assert found["size_bytes", ()] == s["size"] == 16 << 20
assert found["reserved_bytes", ()] == s["reserved"] == 2 << 20
assert found["served_total", ()] == s["clients_served"] > 0
for cause, number in s["refused_by"].items():
    assert found["refused_total", (("cause", cause),)] == number
assert found["clients", (("state", "serving"),)] == 1
assert found["key_reserved_bytes", (("key", "alpha"),)] == 2 << 20
assert found["key_quota_bytes", (("key", "alpha"),)] == 3 << 20
assert ("key_quota_bytes", (("key", "beta"),)) not in found
assert ("received_bytes_total", (("device", "magerxe"), ("port", "1"), ("source", "netdev"))) in found
' "$work/stats" "$work/metrics.prom"
check "promtool has nothing to say, where it is installed" promtool_is_content
key_file beta "key = $beta" "quota = much"
check "a bad file names file and line" rereads "left as they were: $work/clients.d/beta:2: quota"
check "and changes nothing" as "$beta" memory $MIB
rm "$work/clients.d/alpha"
key_file beta "key = $beta" "quota = 1M"
check "SIGHUP rereads the keys" rereads "read 1 keys"
check "a key that is gone is worth nothing" as "$alpha" revoked-secret $MIB
check "its session goes on" becomes reserved $((2 * MIB))
check "a quota that was changed holds" as "$beta" too-large $((2 * MIB))
kill -KILL $first
wait $first 2>/dev/null
check "its session is over" becomes clients "[]"
check "its memory is free again, and it is forgotten" said_of \
	"s['reserved'] == 0 and [k['name'] for k in s['keys']] == ['beta']"
check "stops" stop

# -- Connections that are lost

check "starts with a grace" start --size 8M --grace 300 "${with_secret[@]}"
check "a client comes back, and finds every byte" alone resume $MIB
check "it was counted" becomes clients_resumed 3
check "what is still under way on old connections does not arrive" alone fence $MIB
check "who is not the client does not get its session" alone thieves $MIB
check "a goodbye frees the memory at once" becomes reserved 0
check "a client vanishes" talk vanish $MIB
check "it is missed" becomes clients_suspended 4
check "its memory is kept" becomes reserved $MIB
check "stops with a session that is suspended" stop
check "starts with a short grace" start --size 8M --grace 1 "${with_secret[@]}"
check "a client vanishes again" talk vanish $MIB
check "its memory is free after the grace" becomes reserved 0
check "stops" stop

# -- What a daemon leaves to the next one

# left OPTION...: becomes the daemon, started as systemd does if the store has a session of two files.
left() {
	exec 3<>"$work/memory" 4<>"$work/record"
	LISTEN_PID=$BASHPID LISTEN_FDS=2 \
		LISTEN_FDNAMES=0123456789abcdef.memory:0123456789abcdef.record \
		exec "$daemon" --port $port --size 8M --grace 0 "$@"
}

left_fails() { # TEXT OPTION...
	local text=$1 status
	shift
	truncate -s 1M "$work/memory"
	echo "something else" >"$work/record"
	truncate -s 4K "$work/record"
	(left "$@") >"$work/left" 2>&1
	status=$?
	cat "$work/left"
	[ $status = 5 ] && grep -q "$text" "$work/left" && grep -q "service manager" "$work/left"
}

# One that was forgotten, by a daemon that was killed before the store heard of it.
left_wiped() {
	truncate -s 1M "$work/memory"
	truncate -s 0 "$work/record"
	truncate -s 4K "$work/record"
	: >"$work/out"
	left "${with_secret[@]}" >"$work/out" 2>>"$work/log" &
	pid=$!
	listens
}

check "keeps nothing where nobody would have it" refuses 2 "NOTIFY_SOCKET is not set" \
	--size 8M "${with_secret[@]}" --keep
check "what is no session stays in the store" \
	left_fails "this is no session of a mage-memnoded" "${with_secret[@]}"
check "a wrong command line does not cost the memory of clients" \
	left_fails "unknown option --huge-pages" "${with_secret[@]}" --huge-pages
check "and a key that cannot be used neither" left_fails "keys: " --secret-file "$work/none"
check "a session that was forgotten is none" left_wiped
check "nothing of it was taken over" becomes clients_restored 0
check "stops" stop

# -- Draining

# The daemon ends by itself, with status 0.
ends() {
	wait "$pid" || return
	pid=
}

check "starts to be drained" start --size 8M --handshake-timeout 600 "${with_secret[@]}"
mkfifo "$work/stay"
"$client" $address $port "$secret" stay $((2 * MIB)) <"$work/stay" >"$work/hold1" &
first=$!
exec 7>"$work/stay"
check "a client holds memory" becomes reserved $((2 * MIB))
kill -USR2 "$pid"
check "it drains" becomes draining true
check "new clients are told" talk drained $MIB
check "the one that is there stays" said_of \
	"s['reserved'] == 2 << 20 and by['stopping'] == 1"
exec 7>&-
wait $first
report $? "it ends its session"
check "when it is gone the daemon ends" ends
check "nothing is left" python3 -c '
import json, sys
assert json.load(open(sys.argv[1]))["reserved"] == 0' "$work/stats"
check "starts to be drained with no client" start --size 8M "${with_secret[@]}"
kill -USR2 "$pid"
check "ends at once" ends

# -- Other ways to start

check "starts without a secret, on all addresses" start --size 4M --insecure-no-secret --json
check "wrong secret there" talk bad-secret
shared=$secret
secret=
check "serves without a secret" talk memory $MIB
check "serves over IPv6" "$client" $address6 $port "" memory $MIB
check "stops" stop
check "printed JSON" python3 -c '
import json, sys
json.loads(open(sys.argv[1]).read().splitlines()[-1])' "$work/out"
secret=$shared

if [ -e /proc/sys/vm/nr_hugepages ]; then
	echo 4 >/proc/sys/vm/nr_hugepages
	check "starts with huge pages" start --size 8M --hugepages "${with_secret[@]}"
	check "serves from huge pages" talk memory $((3 * MIB))
	echo 1 >/proc/sys/vm/nr_hugepages
else
	check "starts with huge pages" start --size 8M --hugepages "${with_secret[@]}"
fi
check "more than there are huge pages" talk no-memory $((8 * MIB))
check "stops" stop

check "starts" start --size 512M --grace 0 "${with_secret[@]}"
"$client" $address $port "$secret" hold $((400 * MIB)) >"$work/hold1" &
first=$!
check "a client takes much" becomes reserved $((400 * MIB))
check "another one does not wait for it" talk memory $MIB
kill -KILL $first
wait $first 2>/dev/null
check "stops while it zeroes" stop
check "nothing left" python3 -c '
import json, sys
assert json.load(open(sys.argv[1]))["reserved"] == 0' "$work/stats"

echo "1..$count"
[ $failed = 0 ] || sed 's/^/# /' "$work/log"
[ $failed = 0 ]
