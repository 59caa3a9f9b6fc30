# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests that run the kernel's own selftests share; lib.sh first. Each program is run in a plain
# cgroup and in a governed one with the same limit, and has to say the same there.

: "${SELFTESTS:=build/selftests}"

# shellcheck disable=SC2034 # who sources this uses it
plain=/sys/fs/cgroup/selftests-plain
governed=/sys/fs/cgroup/selftests

# "PROGRAM RESULT" to the reason why it is left out of the comparison.
declare -A left_out

mnt=$(mktemp -d)
disk=$(mktemp)
# shellcheck disable=SC2154 # lib.sh sets it
trap 'umount -l "$mnt" 2>/dev/null; rm -rf "$tap_out" "$tap_out".* "$disk" "$mnt"' EXIT

# The programs' files and directories are there.
selftests_fs()
{
	truncate -s 512M "$disk" && mkfs.ext4 -q "$disk" && mount -o loop "$disk" "$mnt" &&
		cp -r "$SELFTESTS/$1" "$mnt/selftests"
}

# selftests_cgroups LIMIT: both, on the same far device.
selftests_cgroups()
{
	far_connect --backend dram --latency 20us --size 768M --swapon &&
		cg_make "$plain" "$1" && cg_make "$governed" "$1" &&
		"$MAGE" policy load "$POLICIES/fifo.bpf.o" --cgroup "$governed"
}

# results PROGRAM: what its output, on standard input, says of each test, without its number; of what
# failed without figures, too. Those of userfaultfd have a form of their own.
results()
{
	local line
	sed -E 's/^Testing (.*)\.\.\. done/ok 1 \1/
		s/^Testing (.*)\.\.\. skipped.*/ok 1 # SKIP \1/
		s/^Testing (.*)/not ok 1 \1/' |
		sed -nE 's/^(not ok|ok) [0-9]+( -)?/\1/p' | sed -E '/^not ok/s/[0-9]+/N/g; s/\s+$//' |
		while read -r line; do
			[ -n "${left_out["$1 ${line##*ok }"]-}${left_out["$1 ${line##*SKIP }"]-}" ] ||
				echo "$line"
		done
}

# result STATUS: that of a program that says nothing of single tests.
result()
{
	case $1 in
	0) echo "ok" ;;
	4) echo "ok # SKIP" ;;
	*) echo "not ok: it ended with status $1" ;;
	esac
}

# What a program that was ended has left behind.
selftests_clear()
{
	local dir
	echo 1 >"$1/cgroup.kill" && eventually 60 cg_is_empty "$1" || return
	find "$1" -mindepth 1 -depth -type d | while read -r dir; do
		rmdir "$dir" || return
	done
}

# both PROGRAM HOW [ARGUMENT...]: once on either side, with results in files.
both()
{
	local name=$1 side status how=$2
	shift 2
	for side in plain governed; do
		"$how" "${!side}" "$name" "$@" >"$tap_out.$side" 2>&1 </dev/null
		status=$?
		results "$name" <"$tap_out.$side" >"$tap_out.$side.results"
		# 137 if it took too long.
		if ! [ -s "$tap_out.$side.results" ] || [ $status -ge 124 ]; then
			result $status | tee -a "$tap_out.$side" >>"$tap_out.$side.results"
		fi
		selftests_clear "${!side}" || return
	done
}

# The tests whose results in these files differ, or are no success without Mage.
wrong()
{
	{
		diff "$tap_out.plain.results" "$tap_out.governed.results" | grep "^[<>]"
		grep "^not ok" "$tap_out.plain.results"
	} | sed -E 's/^[<>] //; s/^(not ok|ok)( # SKIP)?:? ?//' | sort -u
}

# selftest PROGRAM HOW [ARGUMENT...]: "HOW CGROUP PROGRAM [ARGUMENT...]" runs it, on either side. Each of its
# tests ends in the same way on both, and none fails without Mage: in one of three attempts, as some
# give others a certain time, which they need more of now and then.
selftest()
{
	local attempt side
	for attempt in 1 2 3; do
		both "$@" || return
		if [ $attempt -eq 1 ]; then
			wrong >"$tap_out.wrong"
		else
			wrong | comm -12 "$tap_out.wrong" - >"$tap_out.still"
			mv "$tap_out.still" "$tap_out.wrong"
		fi
		[ -s "$tap_out.wrong" ] || break
		echo "attempt $attempt, not the same, or not ok without Mage:"
		cat "$tap_out.wrong"
	done
	sort "$tap_out.plain.results" | sed -E 's/^(not ok|ok)( # SKIP)?.*/\1\2/' | uniq -c
	[ -s "$tap_out.wrong" ] || return 0
	diff "$tap_out.plain.results" "$tap_out.governed.results"
	for side in plain governed; do
		echo "all of what it says $side:"
		tail -n 100 "$tap_out.$side"
	done
	return 1
}

# selftests_end: what was left out, and what is true of the governed side.
selftests_end()
{
	local name
	for name in "${!left_out[@]}"; do
		echo "left out: $name: ${left_out[$name]}"
	done | sort | note
	try "pages went out and came back" domain_paged "$governed"
	try "fifo governs" same "the policy" fifo "$(domain_field "$governed" policy)"
	tap_end
}
