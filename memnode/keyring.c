// SPDX-License-Identifier: GPL-2.0-only
#include "keyring.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

static void key_free(struct key *key)
{
	explicit_bzero(key, sizeof(*key));
	free(key);
}

void keyring_clear(struct keyring *keyring)
{
	struct key *key;

	while ((key = keyring->keys)) {
		keyring->keys = key->next;
		key_free(key);
	}
	keyring->nr = 0;
}

static struct key *find_secret(const struct keyring *keyring, const struct secret *secret)
{
	for (struct key *key = keyring->keys; key; key = key->next)
		if (key->settings.secret.len == secret->len &&
		    !memcmp(key->settings.secret.bytes, secret->bytes, secret->len))
			return key;
	return NULL;
}

static struct key *find_name(const struct keyring *keyring, const char *name)
{
	for (struct key *key = keyring->keys; key; key = key->next)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

/* In front; the keyring takes the settings, not the memory they are in. */
static int add(struct keyring *keyring, const char *name, const struct key_settings *settings,
	       char *error, size_t error_len)
{
	const struct key *same = find_secret(keyring, &settings->secret);
	struct key *key;

	if (same) {
		snprintf(error, error_len, "%s has the key that %s has, too: give each its own",
			 name[0] ? name : "the shared secret",
			 same->name[0] ? same->name : "the shared secret");
		return -1;
	}
	if (keyring->nr == KEYRING_MAX) {
		snprintf(error, error_len, "there are more than %d keys", KEYRING_MAX);
		return -1;
	}
	key = calloc(1, sizeof(*key));
	if (!key) {
		snprintf(error, error_len, "no memory for keys");
		return -1;
	}
	snprintf(key->name, sizeof(key->name), "%s", name);
	key->settings = *settings;
	key->next = keyring->keys;
	keyring->keys = key;
	keyring->nr++;
	return 0;
}

static int add_file(struct keyring *keyring, const char *directory, const char *name, char *error,
		    size_t error_len)
{
	struct key_settings settings;
	char path[PATH_MAX], why[256];
	int ret;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path)) {
		snprintf(error, error_len, "the path of %s is too long", name);
		return -1;
	}
	if (key_read(&settings, path, error, error_len))
		return -1;
	ret = add(keyring, name, &settings, why, sizeof(why));
	if (ret)
		snprintf(error, error_len, "%s: %s", path, why);
	explicit_bzero(&settings, sizeof(settings));
	return ret;
}

/* As in other such directories, editors' copies and what is hidden do not count. */
static int is_key(const struct dirent *entry)
{
	return key_name_is_good(entry->d_name);
}

static int add_directory(struct keyring *keyring, const char *directory, char *error,
			 size_t error_len)
{
	struct dirent **entries;
	int nr = scandir(directory, &entries, is_key, alphasort), ret = 0;

	if (nr < 0) {
		snprintf(error, error_len, "%s: %s", directory, strerror(errno));
		return -1;
	}
	if (!nr) {
		snprintf(error, error_len,
			 "%s: there is no key: add a file NAME with a line \"key = TEXT\"",
			 directory);
		ret = -1;
	}
	for (int i = 0; i < nr; i++) {
		if (!ret)
			ret = add_file(keyring, directory, entries[i]->d_name, error, error_len);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int add_shared(struct keyring *keyring, const char *file, char *error, size_t error_len)
{
	struct key_settings settings = key_defaults;
	int ret = file ? secret_load(&settings.secret, file, error, error_len) : 0;

	if (!ret)
		ret = add(keyring, "", &settings, error, error_len);
	explicit_bzero(&settings, sizeof(settings));
	return ret;
}

/* Takes the key out of the list. */
static void forget(struct keyring *keyring, struct key *key)
{
	struct key **link = &keyring->keys;

	while (*link != key)
		link = &(*link)->next;
	*link = key->next;
	key_free(key);
}

/* Clients point to keys, so those that stay keep their place. */
static void replace(struct keyring *keyring, struct keyring *fresh)
{
	struct key *key, *next, *now;

	for (key = keyring->keys; key; key = next) {
		next = key->next;
		now = find_name(fresh, key->name);
		key->revoked = !now;
		if (now) {
			key->settings = now->settings;
			forget(fresh, now);
		} else if (!key->nr_sessions) {
			forget(keyring, key);
		}
	}
	while ((key = fresh->keys)) {
		fresh->keys = key->next;
		key->next = keyring->keys;
		keyring->keys = key;
	}
	keyring->nr = fresh->nr;
}

int keyring_load(struct keyring *keyring, const struct options *options, char *error,
		 size_t error_len)
{
	struct keyring fresh = { 0 };

	if ((options->secret_file || options->insecure_no_secret) &&
	    add_shared(&fresh, options->secret_file, error, error_len))
		goto err;
	if (options->clients && add_directory(&fresh, options->clients, error, error_len))
		goto err;
	replace(keyring, &fresh);
	return 0;

err:
	keyring_clear(&fresh);
	return -1;
}

struct key *keyring_check_hello(const struct keyring *keyring, const void *data, size_t len,
				const uint8_t nonce[static MAGE_WIRE_NONCE_LEN],
				struct hello *hello, struct verdict *verdict)
{
	refuse(verdict, MAGE_WIRE_BAD_SECRET, "the memory node has no key any more");
	for (struct key *key = keyring->keys; key; key = key->next) {
		if (key->revoked)
			continue;
		if (protocol_parse_hello(data, len, &key->settings.secret, nonce, hello, verdict))
			return key;
		/* Whatever else is wrong is wrong with every key. */
		if (verdict->status != MAGE_WIRE_BAD_SECRET)
			return NULL;
	}
	return NULL;
}

struct key *keyring_restore(struct keyring *keyring, const char *name, uint64_t size)
{
	struct key *key = find_name(keyring, name);

	if (!key) {
		key = calloc(1, sizeof(*key));
		if (!key)
			return NULL;
		snprintf(key->name, sizeof(key->name), "%s", name);
		key->settings = key_defaults;
		key->revoked = true;
		key->next = keyring->keys;
		keyring->keys = key;
	}
	key_restore(key, size);
	return key;
}

void keyring_give_back(struct keyring *keyring, struct key *key, uint64_t size)
{
	key_give_back(key, size);
	if (key->revoked && !key->nr_sessions)
		forget(keyring, key);
}
