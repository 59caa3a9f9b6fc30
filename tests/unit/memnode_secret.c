// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "secret.h"

static char directory[] = "/tmp/memnode_secret.XXXXXX";
static char path[64];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	strcat(strcpy(path, directory), "/secret");
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static void put(const void *bytes, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void good(void **state)
{
	char longest[MAGE_WIRE_SECRET_MAX + 1];
	struct secret secret;
	char error[256];

	(void)state;
	put("0123456789abcdef", 16, 0600);
	assert_int_equal(secret_load(&secret, path, error, sizeof(error)), 0);
	assert_int_equal(secret.len, SECRET_MIN);
	assert_memory_equal(secret.bytes, "0123456789abcdef", 16);

	/* One newline goes, other bytes stay whatever they are. */
	put("0123456789abcd\0\n\n", 17, 0640);
	assert_int_equal(secret_load(&secret, path, error, sizeof(error)), 0);
	assert_int_equal(secret.len, 16);
	assert_memory_equal(secret.bytes, "0123456789abcd\0\n", 16);

	memset(longest, 'x', sizeof(longest));
	longest[MAGE_WIRE_SECRET_MAX] = '\n';
	put(longest, sizeof(longest), 0400);
	assert_int_equal(secret_load(&secret, path, error, sizeof(error)), 0);
	assert_int_equal(secret.len, MAGE_WIRE_SECRET_MAX);
}

static void refused(const char *part)
{
	struct secret secret;
	char error[256] = "";

	assert_int_equal(secret_load(&secret, path, error, sizeof(error)), -1);
	if (!strstr(error, part))
		fail_msg("\"%s\" does not say \"%s\"", error, part);
}

static void bad(void **state)
{
	char longer[MAGE_WIRE_SECRET_MAX + 64];
	struct secret secret;
	char error[256];

	(void)state;
	put("", 0, 0600);
	refused("empty");
	put("\n", 1, 0600);
	refused("empty");
	/* What is guessed is no secret; the newline does not count. */
	put("x", 1, 0600);
	refused("shorter than 16");
	put("0123456789abcde\n", 16, 0600);
	refused("shorter than 16");
	refused("head -c 32 /dev/urandom");
	memset(longer, 'x', sizeof(longer));
	put(longer, sizeof(longer), 0600);
	refused("longer than 64");
	put(longer, MAGE_WIRE_SECRET_MAX + 1, 0600);
	refused("longer than 64");
	put("0123456789abcdef", 16, 0604);
	refused("everybody");
	put("0123456789abcdef", 16, 0602);
	refused("everybody");
	unlink(path);
	refused("No such file");
	assert_int_equal(secret_load(&secret, directory, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "not a regular file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
