# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Which files of the repository a check is about; new ones count before they
# are added to git.

repository_files() {	# PATHSPEC...
	local file

	git -c safe.directory='*' ls-files --cached --others --exclude-standard \
		-- "$@" | while IFS= read -r file; do
		if [ -f "$file" ] && ! [ -L "$file" ]; then
			echo "$file"
		fi
	done
}

# Scripts without a suffix, by their first line.
files_with_interpreter() {	# REGEX
	local file line

	repository_files . | grep -v '\.' | while IFS= read -r file; do
		IFS= read -r line <"$file" || true
		if [[ $line =~ ^\#!.*[/\ ]($1)( |$) ]]; then
			echo "$file"
		fi
	done 2>/dev/null
}
