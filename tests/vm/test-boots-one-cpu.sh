#!/bin/bash
# vm: --smp 1 --mem 1G --timeout 400
# cpus: 1
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by way of "try"
#
# One processor: the evictor has it together with those that it evicts from.
. "$(dirname "$0")/lib.sh"
. tests/vm/load.sh
. tests/vm/boots.sh

need "one processor" has_cpus 1
try "there are frames" frames_are 1
try "the evictor is on it" evictors_are 0
try "no other processor can be chosen" refuses 1 "Numerical result out of range" \
	bash -c "echo 99 >$evictor_cpus"
domain_works 128 32 2 6
try "the evictor is still there" evictors_are 0
tap_end
