# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# The way to a memory node, which a test cuts and mends; lib.sh first.

# All frames to the memory node have somebody else's address, so that none arrives, until they have not.
# (Of an interface that is down soft-RoCE says so at once; but who then sends a datagram of the connection
# manager has its queue pair for those broken, and nothing but removing the device mends it.)
read -ra link_nodes <<<"$MAGE_MEMNODES"

# cut NODE: counted from 0.
cut()
{
	local n=$1
	ip neigh replace "${link_nodes[n]%:*}" lladdr 02:00:00:00:00:99 nud permanent dev "eth$n"
}

# mend NODE
mend()
{
	local n=$1
	ip neigh del "${link_nodes[n]%:*}" dev "eth$n"
}

# state_is STATE: of the far device $far.
state_is()
{
	same "the state of $far" "$1" "$(device_field "$far" state)"
}
