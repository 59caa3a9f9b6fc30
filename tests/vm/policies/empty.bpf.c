// SPDX-License-Identifier: GPL-2.0-only
/* An empty table is a working policy. */
#include "mage.bpf.h"

MAGE_POLICY(empty, );
