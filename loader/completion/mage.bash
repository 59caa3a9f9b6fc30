# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of mage(8) for bash.

# The policies that "mage policy load" finds by name, and objects in this directory.
_mage_policies()
{
	local cur=$1 program folder file
	local -a names=(builtin)

	program=$(command -v mage 2>/dev/null)
	for folder in "${program%/*}/../policies" "${program%/*}/../lib/mage/policies" \
		/usr/lib/mage/policies; do
		for file in "$folder"/*.bpf.o; do
			[[ -e $file ]] || continue
			file=${file##*/}
			names+=("${file%.bpf.o}")
		done
	done
	mapfile -t COMPREPLY < <(compgen -W "${names[*]}" -- "$cur"; compgen -f -X '!*.o' -- "$cur")
	if [[ $cur == */* ]]; then
		compopt -o filenames
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
	fi
}

# Cgroups by their whole paths, or below the cgroup file system as mage takes them, too.
_mage_cgroups()
{
	local cur=$1 root=/sys/fs/cgroup

	compopt -o filenames -o nospace 2>/dev/null
	if [[ -z $cur || $cur == /* ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "${cur:-$root/}")
	else
		mapfile -t COMPREPLY < <(cd "$root" 2>/dev/null && compgen -d -- "$cur")
	fi
}

# NAME= of each tunable of a policy, or of the policy of a cgroup.
_mage_tunables()
{
	local policy=$1 cur=$2

	compopt -o nospace 2>/dev/null
	[[ -n $policy ]] || return
	mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" policy show "$policy" 2>/dev/null |
		awk 'seen { print $1 "=" } $1 == "NAME" { seen = 1 }')" -- "$cur")
}

# The policy of "policy load", "policy swap" and "run", as far as it is typed.
_mage_policy_typed()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--policy) echo "${COMP_WORDS[i + 1]}"; return ;;
		load | swap)
			[[ ${COMP_WORDS[i + 1]} == -* ]] || echo "${COMP_WORDS[i + 1]}"
			return
			;;
		esac
	done
}

_mage_devices()
{
	local device
	local -a names=()

	for device in /dev/mage[0-9]*; do
		[[ -b $device ]] && names+=("${device##*/}")
	done
	mapfile -t COMPREPLY < <(compgen -W "${names[*]}" -- "$1")
}

# The words that are no options, before the one to be completed.
_mage_command()
{
	local i typed=()

	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || typed+=("${COMP_WORDS[i]}")
	done
	echo "${typed[0]-} ${typed[1]-}"
}

_mage()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command words=
	local -r leg="--backend --address --path --secret-file --loss-timeout --latency --bandwidth"
	local -r connect="$leg --size --mirror --stripe --legs --checksum --swapon --priority"

	COMPREPLY=()
	case $prev in
	--cgroup) _mage_cgroups "$cur"; return ;;
	--policy) _mage_policies "$cur"; return ;;
	--set) _mage_tunables "$(_mage_policy_typed)" "$cur"; return ;;
	--backend) words="rdma blk dram" ;;
	--checksum) words="on off" ;;
	--secret-file | --config | --output | --path)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--address | --size | --local | --cpus | --loss-timeout | --latency | --bandwidth | --legs | --column | --timeout | --priority | --count | --interval | --name | --seconds | \
		--max-references | --buffer | --for) return ;;
	--revert-if) words="p50 p90 p99 p999 faults evictions rescues waits fallbacks refaults" ;;
	esac

	if [[ -z $words ]]; then
		command=$(_mage_command)
		case $command in
		" ") words="device policy trace evictors run status top metrics doctor up down help --version --help --verbose" ;;
		"device " | "help device") words="connect disconnect add-leg remove-leg replace drain wait list" ;;
		"policy " | "help policy") words="load swap unload list show tune dump log features new" ;;
		"trace " | "help trace") words="faults batches rescues waits record" ;;
		"help ") words="device policy trace evictors run status top metrics doctor up down help" ;;
		"device connect") words=$connect ;;
		"device disconnect")
			[[ $cur == -* ]] || { _mage_devices "$cur"; return; }
			words=--swapoff
			;;
		"device add-leg" | "device replace" | "device remove-leg" | "device drain" | "device wait")
			[[ $cur == -* || $prev != "${command#* }" ]] || { _mage_devices "$cur"; return; }
			case $command in
			*add-leg) words="$leg --column" ;;
			*replace) words=$leg ;;
			*wait) words="--in-sync --timeout" ;;
			esac
			;;
		"device list" | "policy list") words=--json ;;
		"policy load" | "policy swap")
			[[ $cur == -* ]] || { _mage_policies "$cur"; return; }
			words="--cgroup --name --set --dry-run --json"
			[[ $command == *swap ]] && words+=" --keep-tunables --for --revert-if" || words+=" --force"
			;;
		"policy unload") words=--cgroup ;;
		"policy show" | "policy features")
			[[ $cur == -* ]] || { _mage_policies "$cur"; return; }
			words="--name --json"
			;;
		"policy dump")
			[[ $cur == -* ]] || { _mage_cgroups "$cur"; return; }
			words=--json
			;;
		"policy tune")
			if [[ $cur != -* && $prev == tune ]]; then
				_mage_cgroups "$cur"
				return
			elif [[ $cur != -* ]]; then
				_mage_tunables "${COMP_WORDS[3]}" "$cur"
				return
			fi
			;;
		"policy log") words="--cgroup --json" ;;
		"trace record")
			words="--cgroup --output --name --seconds --max-references --buffer --json"
			;;
		trace*) words="--cgroup --interval --count --json" ;;
		evictors*) words="--cpus --json" ;;
		run*)
			[[ $cur == -* ]] || { mapfile -t COMPREPLY < <(compgen -c -- "$cur"); return; }
			words="--local --policy --name --set --force"
			;;
		top*)
			words="--batch --interval --count --sort"
			[[ $prev != --sort ]] || words="faults evictions local far p99 waits name"
			;;
		metrics*) words=--output ;;
		up*) words="--config --check --force" ;;
		down*) words=--config ;;
		doctor*) words="--address --secret-file --size --json" ;;
		status*) words="--cgroup --watch --count --json" ;;
		esac
		[[ $cur != -* || $command == " " ]] || words+=" --help --verbose"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _mage mage
