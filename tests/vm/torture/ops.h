/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The operations that run beside the workers. Each does its own verification. It returns 0 when
 * it did what it is for, or the errno with which the kernel refused (see refused()).
 */
#ifndef TORTURE_OPS_H
#define TORTURE_OPS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "region.h"

int op_fork(struct actor *a);
int op_fork_kill(struct actor *a);
int op_exec(struct actor *a);
int op_clone_vm(struct actor *a);
int op_threads(struct actor *a);

int op_mremap(struct actor *a);
int op_mprotect(struct actor *a);
int op_munmap(struct actor *a);
int op_mlock(struct actor *a);

int op_dontneed(struct actor *a);
int op_free(struct actor *a);
int op_pageout(struct actor *a);
int op_cold(struct actor *a);
int op_willneed(struct actor *a);
int op_populate(struct actor *a);

int op_thp(struct actor *a);
int op_collapse(struct actor *a);
int op_ksm(struct actor *a);
int op_compact(struct actor *a);

int op_vm_readv(struct actor *a);
int op_vm_readv_child(struct actor *a);
int op_vm_writev(struct actor *a);
int op_proc_mem(struct actor *a);
int op_vmsplice(struct actor *a);

int op_direct_read(struct actor *a);
int op_direct_write(struct actor *a);
void direct_open(const char *path, unsigned int op_threads);

int op_pagemap(struct actor *a);
int op_smaps(struct actor *a);
int op_soft_dirty(struct actor *a);
void proc_open(void);

int op_uffd_wp(struct actor *a);

/* Run by the child that op_exec executes. */
int exec_child(uint64_t seed);

/* @list: "all", "none", or names separated by commas; @strict: the optional ones have to work, too.
 */
void ops_select(const char *list, bool have_direct, bool strict);
void ops_print_names(FILE *out);
void ops_start(unsigned int threads, uint64_t seed);
/* Waits until every selected operation has been tried at least once, those that must work often. */
void ops_stop(void);
void ops_print_counts(FILE *out);
uint64_t ops_done(void);
uint64_t ops_verified(void);
void ops_report_stuck(void);
/* True if every selected operation that must work has worked; names the others. */
bool ops_all_worked(void);

#endif
