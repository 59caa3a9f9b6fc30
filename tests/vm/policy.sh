# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# (variables come from who sources it)
#
# What the tests of "mage policy" share; lib.sh first, and $cg is the cgroup.

# governed_by POLICY [true]: by what was loaded, or by the built-in one.
governed_by()
{
	same "the policy" "$1" "$(domain_field "$cg" policy)" &&
		same "builtin" "${2-false}" "$(domain_field "$cg" builtin)"
}

# value TUNABLE: as the kernel has it now.
value()
{
	"$MAGE" policy show "$cg" --json | jq -r --arg name "$1" '.tunables[] | select(.name == $name) | .value'
}

# hog: more than its limit, read once.
hog()
{
	(cg_exec "$cg" python3 -c '
b, marks = bytearray(24 << 20), bytes(i & 255 for i in range(6144))
b[::4096] = marks
assert b[::4096] == marks')
}
