#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: --smp 4 --mem 512M --plugin build/bench/bin/transfers_plugin.so,user=on,out=build/vm/transfers.out
# groups: quick full
# host: tests/vm/transfers-known build/vm/transfers.out
#
# The plugin that counts what goes from one cache to another watches programs of which that is known.
# What must be is printed for the program that compares it with the plugin's file.
. "$(dirname "$0")/lib.sh"

for pattern in alternate own broadcast; do
	try "$pattern: runs" build/bench/bin/known_traffic "$pattern" 2000
	note <"$tap_out"
done
tap_end
