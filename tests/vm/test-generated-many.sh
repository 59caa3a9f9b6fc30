#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 3600
# groups: soak
# SPDX-License-Identifier: GPL-2.0-only
#
# Policies made at random, 10,000 of them: see generated.sh. Where loads are not long it is 2,000.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/generated.sh

# The load of torture outlives them all.
long=$((100 * long))
generated $((2000 * longer)) "$seed" $((16 * longer))
tap_end
