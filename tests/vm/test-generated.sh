#!/bin/bash
# vm: --smp 4 --mem 1G --timeout 900
# groups: full
# SPDX-License-Identifier: GPL-2.0-only
#
# Policies made at random, 200 of them: see generated.sh.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/generated.sh

generated 200 1 8
tap_end
