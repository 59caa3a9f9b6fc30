#!/bin/bash
# vm: --smp 16 --mem 2G --timeout 900
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# As many processors as the kernel is configured for, with one evictor, then with four.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/boots.sh

choose()
{
	echo "$1" >"$evictor_cpus" && evictors_are "$1"
}

need "16 processors" has_cpus 16
try "there are frames" frames_are 1
try "the evictor is on the last one" evictors_are 15
domain_works 128 48 15 4
try "four evictors" choose 12-15
domain_works 128 48 12 4
try "each processor has its evictor" choose 0-15
try "one evictor again" choose 15
tap_end
