// SPDX-License-Identifier: GPL-2.0-only
/* A BPF object that is fine, but no policy: for tests/vm/test-loader.sh. */

__attribute__((section("socket"), used)) int accept_all(void *skb)
{
	(void)skb;
	return -1;
}

__attribute__((section("license"), used)) char _license[] = "GPL";
