# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For test scripts: prints results as TAP.  Source it, then
#
#   check "what is tested" COMMAND [ARG...]    ok if COMMAND succeeds; what it
#                                              printed is shown if not
#   ok "what"            not_ok "what" [DETAIL]
#   skip "what" REASON
#   done_testing         at the end; the exit status says if all was ok

tap_count=0
tap_failed=0

ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

check() {
	local what=$1 output

	shift
	if output=$("$@" 2>&1); then
		ok "$what"
	else
		not_ok "$what" "exit status $?: $*"$'\n'"$output"
	fi
}

done_testing() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
