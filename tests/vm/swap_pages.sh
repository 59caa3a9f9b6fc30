# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests that use swap_pages share; lib.sh first.

: "${SWAP_PAGES:=build/tests/swap_pages}"

# steps CGROUP STEP...: swap_pages takes the steps in the cgroup.
steps()
{
	local cgroup=$1
	shift
	(cg_exec "$cgroup" "$SWAP_PAGES" "$@")
}

# steps_start CGROUP STEP...: the same in the background, for steps that include "wait".
steps_start()
{
	coproc STEPS { steps "$@" 2>&1; }
	# Those of a coprocess are gone when it has ended.
	exec {steps_out}<&"${STEPS[0]}" {steps_in}>&"${STEPS[1]}"
	# shellcheck disable=SC2153 # the shell sets it
	steps_pid=$STEPS_PID
}

# steps_ready: it has come to the next "wait".
steps_ready()
{
	local line
	read -r line <&"$steps_out" && [ "$line" = ready ] && return
	echo "it says: $line"
	steps_end
	return 1
}

# steps_go: and goes on.
steps_go()
{
	echo >&"$steps_in"
}

# steps_end: its output and status, once it has ended.
steps_end()
{
	exec {steps_in}>&-
	cat <&"$steps_out"
	exec {steps_out}<&-
	wait "$steps_pid"
}
