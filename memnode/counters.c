// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* InfiniBand counts port data in words of four bytes, for all link types. */
#define PORT_DATA_UNIT 4

static bool read_text(char *text, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static bool read_text(char *text, size_t len, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	FILE *file;
	bool good;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);

	file = fopen(path, "re");
	if (!file)
		return false;
	good = fgets(text, (int)len, file);
	fclose(file);
	if (good)
		text[strcspn(text, "\n")] = '\0';
	return good;
}

static bool parse_u64(const char *text, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 10);
	return end != text && !*end;
}

static bool read_pair(const char *directory, const char *received, const char *sent,
		      struct port_counters *port)
{
	char text[64];

	return read_text(text, sizeof(text), "%s/%s", directory, received) &&
	       parse_u64(text, &port->received) &&
	       read_text(text, sizeof(text), "%s/%s", directory, sent) &&
	       parse_u64(text, &port->sent);
}

static void read_hw(struct port_counters *port, const char *directory)
{
	char path[PATH_MAX], text[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/hw_counters", directory);
	dir = opendir(path);
	if (!dir)
		return;
	while (port->nr_hw < COUNTERS_HW_MAX && (entry = readdir(dir))) {
		struct counter *counter = &port->hw[port->nr_hw];

		/* "lifespan" is a setting, in milliseconds. */
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "lifespan") ||
		    strlen(entry->d_name) >= sizeof(counter->name))
			continue;
		if (!read_text(text, sizeof(text), "%s/%s", path, entry->d_name) ||
		    !parse_u64(text, &counter->value))
			continue;
		strcpy(counter->name, entry->d_name);
		port->nr_hw++;
	}
	closedir(dir);
}

static void read_port(struct port_counters *port, const char *sysfs)
{
	char directory[PATH_MAX / 2], path[PATH_MAX];

	snprintf(directory, sizeof(directory), "%s/class/infiniband/%s/ports/%u", sysfs,
		 port->device, port->port);
	if (!read_text(port->netdev, sizeof(port->netdev), "%s/gid_attrs/ndevs/0", directory))
		port->netdev[0] = '\0';
	read_hw(port, directory);

	snprintf(path, sizeof(path), "%s/counters", directory);
	if (read_pair(path, "port_rcv_data", "port_xmit_data", port)) {
		port->source = COUNTERS_PORT;
		port->received *= PORT_DATA_UNIT;
		port->sent *= PORT_DATA_UNIT;
		return;
	}

	snprintf(path, sizeof(path), "%s/class/net/%s/statistics", sysfs, port->netdev);
	if (port->netdev[0] && read_pair(path, "rx_bytes", "tx_bytes", port)) {
		port->source = COUNTERS_NETDEV;
		return;
	}
	port->source = COUNTERS_NONE;
	port->received = 0;
	port->sent = 0;
}

static void read_device(struct counters *counters, const char *sysfs, const char *device)
{
	struct dirent *entry;
	char path[PATH_MAX];
	uint64_t number;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/infiniband/%s/ports", sysfs, device);
	dir = opendir(path);
	if (!dir)
		return;
	while (counters->nr_ports < COUNTERS_PORTS_MAX && (entry = readdir(dir))) {
		struct port_counters *port = &counters->ports[counters->nr_ports];

		if (!parse_u64(entry->d_name, &number) || strlen(device) >= sizeof(port->device))
			continue;
		memset(port, 0, sizeof(*port));
		strcpy(port->device, device);
		port->port = (unsigned int)number;
		read_port(port, sysfs);
		counters->nr_ports++;
	}
	closedir(dir);
}

void counters_read(struct counters *counters, const char *sysfs)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *dir;

	counters->nr_ports = 0;
	snprintf(path, sizeof(path), "%s/class/infiniband", sysfs);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			read_device(counters, sysfs, entry->d_name);
	closedir(dir);
}

static const struct port_counters *find_port(const struct counters *counters,
					     const struct port_counters *like)
{
	for (unsigned int i = 0; i < counters->nr_ports; i++) {
		const struct port_counters *port = &counters->ports[i];

		if (!strcmp(port->device, like->device) && port->port == like->port &&
		    port->source == like->source && !strcmp(port->netdev, like->netdev))
			return port;
	}
	return NULL;
}

static void subtract_hw(struct port_counters *port, const struct port_counters *start)
{
	for (unsigned int i = 0; i < port->nr_hw; i++)
		for (unsigned int j = 0; j < start->nr_hw; j++)
			if (!strcmp(port->hw[i].name, start->hw[j].name))
				port->hw[i].value -= start->hw[j].value;
}

void counters_subtract(struct counters *now, const struct counters *start)
{
	for (unsigned int i = 0; i < now->nr_ports; i++) {
		struct port_counters *port = &now->ports[i];
		const struct port_counters *then = find_port(start, port);

		if (!then)
			continue;
		port->received -= then->received;
		port->sent -= then->sent;
		subtract_hw(port, then);
	}
}

const char *counters_source_name(enum counters_source source)
{
	switch (source) {
	case COUNTERS_PORT:
		return "port";
	case COUNTERS_NETDEV:
		return "netdev";
	case COUNTERS_NONE:
		break;
	}
	return "none";
}
