/* SPDX-License-Identifier: GPL-2.0-only */
/* Natively a member is where the compiler says. */
#ifndef SIM_BPF_CORE_READ_H
#define SIM_BPF_CORE_READ_H

#define bpf_core_field_exists(field...) 1
#define bpf_core_type_exists(type) 1
#define bpf_core_enum_value_exists(type, value) 1

#endif
