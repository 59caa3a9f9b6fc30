// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "keyring.h"
#include "refusal.h"

#define ALPHA "alpha's own key, 0123456789"
#define BETA "beta's own key, 0123456789"
#define GAMMA "gamma's own key, 0123456789"
#define MIB (UINT64_C(1) << 20)

static const char *const names[] = { "alpha", "beta", "gamma", "alpha.bak", ".hidden", "shared" };
static const uint8_t nonce[MAGE_WIRE_NONCE_LEN] = { 1, 2, 3 };

static char directory[] = "/tmp/memnode_keyring.XXXXXX";
static struct options options;
static struct keyring keyring;
static struct verdict verdict;
static char error[512];

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static int start(void **state)
{
	(void)state;
	options = (struct options){ .clients = directory };
	return 0;
}

static int end(void **state)
{
	(void)state;
	keyring_clear(&keyring);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	return 0;
}

static void put(const char *name, const char *text)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void load(void)
{
	error[0] = '\0';
	if (keyring_load(&keyring, &options, error, sizeof(error)))
		fail_msg("%s", error);
}

static void does_not_load(const char *part)
{
	error[0] = '\0';
	assert_int_equal(keyring_load(&keyring, &options, error, sizeof(error)), -1);
	if (!strstr(error, part))
		fail_msg("\"%s\" does not say \"%s\"", error, part);
}

/* The key that a hello is taken for that somebody signs with this secret. */
static struct key *key_of(const char *secret)
{
	struct mage_wire_hello message = {
		.magic = htobe32(MAGE_WIRE_MAGIC),
		.version = htobe16(MAGE_WIRE_VERSION),
		.nr_queues = htobe16(1),
		.size = htobe64(MIB),
	};
	uint8_t text[11 + MAGE_WIRE_NONCE_LEN + offsetof(struct mage_wire_hello, hmac)];
	struct hello hello;

	memcpy(text, "mage client", 11);
	memcpy(text + 11, nonce, sizeof(nonce));
	memcpy(text + 11 + sizeof(nonce), &message, offsetof(struct mage_wire_hello, hmac));
	HMAC(EVP_sha256(), secret, (int)strlen(secret), text, sizeof(text), message.hmac, NULL);
	return keyring_check_hello(&keyring, &message, sizeof(message), nonce, &hello, &verdict);
}

static void is_key(const char *secret, const char *name)
{
	struct key *key = key_of(secret);

	if (!name) {
		assert_null(key);
		assert_int_equal(verdict.status, MAGE_WIRE_BAD_SECRET);
		return;
	}
	assert_non_null(key);
	assert_string_equal(key->name, name);
}

/* The address sanitizer sees who still looks at it. */
static void is_forgotten(const char *name)
{
	for (struct key *key = keyring.keys; key; key = key->next)
		assert_string_not_equal(key->name, name);
}

static void each_client_has_its_key(void **state)
{
	(void)state;
	put("alpha", "key = " ALPHA "\n");
	put("beta", "# of the second one\n\n  key\t=  " BETA "  \nquota = 2M\nqueues=4\n"
		    "sessions = 3\ngrace = 5m");
	put("alpha.bak", "nonsense");
	put(".hidden", "nonsense");
	load();
	assert_int_equal(keyring.nr, 2);
	is_key(ALPHA, "alpha");
	is_key(BETA, "beta");
	is_key(GAMMA, NULL);
	is_key("", NULL);
	assert_int_equal(key_of(ALPHA)->settings.quota, KEY_UNLIMITED);
	assert_int_equal(key_of(ALPHA)->settings.queues, MAGE_WIRE_QUEUES_MAX);
	assert_int_equal(key_of(BETA)->settings.quota, 2 * MIB);
	assert_int_equal(key_of(BETA)->settings.queues, 4);
	assert_int_equal(key_of(BETA)->settings.sessions, 3);
	assert_int_equal(key_of(BETA)->settings.grace, 300);
}

static void shared_secret_beside_them(void **state)
{
	(void)state;
	options.secret_file = path_of("shared");
	put("shared", GAMMA "\n");
	options.clients = NULL;
	load();
	is_key(GAMMA, "");
	is_key(ALPHA, NULL);
	unlink(path_of("shared"));
	does_not_load("No such file");
	is_key(GAMMA, "");

	options.secret_file = NULL;
	options.insecure_no_secret = true;
	load();
	is_key("", "");
	is_key(GAMMA, NULL);
}

static void quota_is_for_all_sessions_of_a_key(void **state)
{
	struct key *alpha, *beta;

	(void)state;
	put("alpha", "key = " ALPHA "\nquota = 2M\nqueues = 4\nsessions = 2\n");
	put("beta", "key = " BETA "\n");
	load();
	alpha = key_of(ALPHA);
	beta = key_of(BETA);

	assert_false(key_take(alpha, 3 * MIB, 1, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_LARGE);
	assert_int_equal(verdict.cause, REFUSAL_QUOTA);
	assert_string_equal(verdict.message, "3 MiB asked, the quota of this key is 2 MiB");
	assert_false(key_take(alpha, MIB, 5, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_BAD_SIZE);
	assert_int_equal(alpha->reserved, 0);

	assert_true(key_take(alpha, MIB, 4, &verdict));
	assert_false(key_take(alpha, 2 * MIB, 1, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_FULL);
	assert_string_equal(verdict.message,
			    "2 MiB asked, 1 MiB left of this key's quota of 2 MiB");
	assert_true(key_take(alpha, MIB / 2, 1, &verdict));
	assert_false(key_take(alpha, MIB / 2, 1, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_MANY);
	/* Others are not concerned. */
	assert_true(key_take(beta, 1000 * MIB, MAGE_WIRE_QUEUES_MAX, &verdict));

	keyring_give_back(&keyring, alpha, MIB);
	assert_int_equal(alpha->reserved, MIB / 2);
	assert_true(key_take(alpha, MIB, 1, &verdict));
}

static void reread_keeps_sessions(void **state)
{
	struct key *alpha, *beta;

	(void)state;
	put("alpha", "key = " ALPHA "\nquota = 4M\n");
	put("beta", "key = " BETA "\n");
	load();
	alpha = key_of(ALPHA);
	beta = key_of(BETA);
	assert_true(key_take(alpha, 4 * MIB, 1, &verdict));
	assert_true(key_take(beta, MIB, 1, &verdict));

	/* One has another key and less quota, one is gone, one is new. */
	put("alpha", "key = " GAMMA "\nquota = 1M\n");
	unlink(path_of("beta"));
	put("gamma", "key = " ALPHA "\n");
	load();
	assert_int_equal(keyring.nr, 2);
	is_key(BETA, NULL);
	is_key(ALPHA, "gamma");
	assert_ptr_equal(key_of(GAMMA), alpha);
	assert_int_equal(alpha->reserved, 4 * MIB);
	assert_false(key_take(alpha, 4096, 1, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_FULL);
	assert_true(beta->revoked);
	assert_int_equal(beta->reserved, MIB);

	/* It comes back while its session is still there. */
	put("beta", "key = " BETA "\n");
	load();
	assert_ptr_equal(key_of(BETA), beta);
	unlink(path_of("beta"));
	load();
	/* With the last session it is gone. */
	keyring_give_back(&keyring, beta, MIB);
	is_forgotten("beta");
}

/* A daemon that starts has keys, and sessions that the one before has left. */
static void sessions_of_before_have_keys(void **state)
{
	struct key *alpha, *beta;

	(void)state;
	put("alpha", "key = " ALPHA "\nquota = 1M\nsessions = 1\n");
	load();
	alpha = keyring_restore(&keyring, "alpha", 4 * MIB);
	assert_ptr_equal(alpha, key_of(ALPHA));
	assert_int_equal(alpha->reserved, 4 * MIB);
	assert_int_equal(alpha->nr_sessions, 1);
	assert_false(key_take(alpha, 4096, 1, &verdict));

	/* Its file was removed in between. */
	beta = keyring_restore(&keyring, "beta", MIB);
	assert_non_null(beta);
	assert_true(beta->revoked);
	assert_int_equal(keyring.nr, 1);
	is_key(BETA, NULL);
	is_key("", NULL);
	put("beta", "key = " BETA "\n");
	load();
	assert_ptr_equal(key_of(BETA), beta);
	unlink(path_of("beta"));
	load();
	keyring_give_back(&keyring, beta, MIB);
	is_forgotten("beta");
	keyring_give_back(&keyring, alpha, 4 * MIB);
	assert_int_equal(alpha->reserved, 0);
}

static void bad_file_changes_nothing(void **state)
{
	char longest[KEY_TEXT_MAX + 2];
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{ "", "/beta:1: the key is missing" },
		{ "quota = 1M\n", "/beta:1: the key is missing" },
		{ "key = short\n", "/beta:1: key: the secret is shorter than 16 bytes" },
		{ "key =\n", "/beta:1: key: the secret is shorter" },
		{ "key = 0123456789012345678901234567890123456789012345678901234567890123X",
		  "/beta:1: key: the secret is longer than 64" },
		{ "\n#\nkey = " BETA "\nquota = 12X", "/beta:4: quota: \"12X\" is not a size" },
		{ "key = " BETA "\nquota = 0", "/beta:2: quota: 0 is no multiple" },
		{ "key = " BETA "\nquota = 5000", "/beta:2: quota: 5000 is no multiple" },
		{ "key = " BETA "\nquota = 99999999T", "/beta:2: quota: " },
		{ "key = " BETA "\nqueues = 257",
		  "/beta:2: queues: \"257\" is not a number from 1" },
		{ "key = " BETA "\nqueues = 0", "/beta:2: queues: " },
		{ "key = " BETA "\nsessions = -1", "/beta:2: sessions: " },
		{ "key = " BETA "\ngrace = soon", "/beta:2: grace: \"soon\" is not a time" },
		{ "key = " BETA "\ngrace = 99999h", "/beta:2: grace: " },
		{ "key = " BETA "\nsize = 1M", "/beta:2: there is no setting \"size\"" },
		{ "key = " BETA "\nquota", "/beta:2: that is no \"NAME = VALUE\"" },
		{ "key = " BETA "\nkey = " GAMMA, "/beta:2: key: it is there already" },
		{ "key = " ALPHA "\n", "/beta: beta has the key that alpha has" },
	};

	(void)state;
	put("alpha", "key = " ALPHA "\nquota = 3M\n");
	load();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("alpha", "key = " ALPHA "\nquota = 4M\n");
		put("beta", cases[i].text);
		does_not_load(cases[i].part);
		assert_null(strstr(error, "own key"));
		assert_int_equal(keyring.nr, 1);
		assert_int_equal(key_of(ALPHA)->settings.quota, 3 * MIB);
		is_key(BETA, NULL);
	}
	put("beta", "key = " BETA "\n");
	chmod(path_of("beta"), 0604);
	does_not_load("/beta: everybody has access");
	unlink(path_of("beta"));
	memset(longest, '\n', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	put("beta", longest);
	does_not_load("/beta:1: the file is longer than 4096");
	unlink(path_of("beta"));
	mkdir(path_of("beta"), 0700);
	does_not_load("/beta: not a regular file");
	rmdir(path_of("beta"));
	unlink(path_of("alpha"));
	does_not_load("there is no key");
	is_key(ALPHA, "alpha");
}

static void text_with_a_zero_byte_is_refused(void **state)
{
	struct key_settings settings = { .quota = 7 };

	(void)state;
	assert_int_equal(key_parse(&settings, "key = a\0b", 9, error, sizeof(error)), -1);
	assert_int_equal(settings.quota, 7);
	assert_int_equal(key_parse(&settings, NULL, 0, error, sizeof(error)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_client_has_its_key, start, end),
		cmocka_unit_test_setup_teardown(shared_secret_beside_them, start, end),
		cmocka_unit_test_setup_teardown(quota_is_for_all_sessions_of_a_key, start, end),
		cmocka_unit_test_setup_teardown(reread_keeps_sessions, start, end),
		cmocka_unit_test_setup_teardown(sessions_of_before_have_keys, start, end),
		cmocka_unit_test_setup_teardown(bad_file_changes_nothing, start, end),
		cmocka_unit_test(text_with_a_zero_byte_is_refused),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
