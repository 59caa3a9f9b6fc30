# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# (variables come from who sources it)
#
# Far devices of several legs, that fail under a load; lib.sh and load.sh first.

# leg_is NUMBER STATE
leg_is()
{
	same "the state of leg $1" "$2" "$(device_field "$far" "legs[] | select(.number == $1) | .state")"
}

# leg_field NUMBER FIELD
leg_field()
{
	device_field "$far" "legs[] | select(.number == $1) | .$2"
}

is_degraded()
{
	same "degraded" true "$(device_field "$far" degraded)"
}

not_degraded()
{
	same "degraded" false "$(device_field "$far" degraded)"
}

# no_page_lost: by what the far device says.
no_page_lost()
{
	same "read_errors of $far" 0 "$(device_field "$far" read_errors)" &&
		same "the state" connected "$(device_field "$far" state)"
}

# mark, goes_on: pages go out and come back that did not before.
mark()
{
	reads=$(device_field "$far" reads)
	writes=$(device_field "$far" writes)
}

goes_on()
{
	[ "$(device_field "$far" writes)" -gt $((writes + 100)) ] &&
		[ "$(device_field "$far" reads)" -gt $((reads + 100)) ]
}

# under_way NAME: nobody was killed, and pages move.
under_way()
{
	mark
	try "$1: pages go out and come back" eventually 60 goes_on
	try "$1: the load lives" kill -0 "$cg_pid"
	try "$1: no page is lost" no_page_lost
}
