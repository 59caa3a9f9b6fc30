/* SPDX-License-Identifier: GPL-2.0-only */
/* What libbpf has to say is kept, so that one line can be made of it. */
#ifndef MAGE_BASE_BPF_MESSAGES_H
#define MAGE_BASE_BPF_MESSAGES_H

#include "base/verifier_log.h"

/* Keeps libbpf's warnings from now on; with --verbose they are also shown at once. */
void bpf_messages_start(void);

/* All of them; "" if none. */
const char *bpf_messages(void);

/* Why something failed with @err, an errno value: the first of them, or else its words. */
struct span bpf_reason(int err);

#endif
