/* SPDX-License-Identifier: GPL-2.0-only */
/* Natively the parameters of a callback need not be taken out of an array. */
#ifndef SIM_BPF_TRACING_H
#define SIM_BPF_TRACING_H

#define BPF_PROG(name, args...) name(args)

#endif
