// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counters.h"

static char sysfs[] = "/tmp/memnode_counters.XXXXXX";

/* Writes a file below the false sysfs, and the directories it is in. */
static void put(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	for (char *slash = path + sizeof(sysfs); (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	fclose(file);
}

static int make_sysfs(void **state)
{
	(void)state;
	return mkdtemp(sysfs) ? 0 : -1;
}

static int remove_sysfs(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", sysfs);
	return system(command);
}

static const struct port_counters *find(const struct counters *counters, const char *device)
{
	for (unsigned int i = 0; i < counters->nr_ports; i++)
		if (!strcmp(counters->ports[i].device, device))
			return &counters->ports[i];
	return NULL;
}

static void nothing_there(void **state)
{
	struct counters counters;

	(void)state;
	counters_read(&counters, sysfs);
	assert_int_equal(counters.nr_ports, 0);
}

static void differences(void **state)
{
	static struct counters start, now;
	const struct port_counters *port;

	(void)state;
	put("class/infiniband/rxe0/ports/1/gid_attrs/ndevs/0", "eth7");
	put("class/infiniband/rxe0/ports/1/hw_counters/sent_pkts", "10");
	put("class/infiniband/rxe0/ports/1/hw_counters/lifespan", "12");
	put("class/infiniband/rxe0/ports/1/hw_counters/broken", "no number");
	put("class/net/eth7/statistics/rx_bytes", "1000");
	put("class/net/eth7/statistics/tx_bytes", "2000");
	put("class/infiniband/mlx5_0/ports/1/counters/port_rcv_data", "100");
	put("class/infiniband/mlx5_0/ports/1/counters/port_xmit_data", "200");
	put("class/infiniband/bare/ports/1/state", "4: ACTIVE");
	counters_read(&start, sysfs);
	assert_int_equal(start.nr_ports, 3);

	put("class/infiniband/rxe0/ports/1/hw_counters/sent_pkts", "15");
	put("class/net/eth7/statistics/rx_bytes", "1500");
	put("class/net/eth7/statistics/tx_bytes", "2007");
	put("class/infiniband/mlx5_0/ports/1/counters/port_rcv_data", "111");
	put("class/infiniband/mlx5_0/ports/1/counters/port_xmit_data", "202");
	put("class/infiniband/late/ports/1/counters/port_rcv_data", "1");
	put("class/infiniband/late/ports/1/counters/port_xmit_data", "2");
	counters_read(&now, sysfs);
	counters_subtract(&now, &start);
	assert_int_equal(now.nr_ports, 4);

	port = find(&now, "rxe0");
	assert_int_equal(port->source, COUNTERS_NETDEV);
	assert_string_equal(port->netdev, "eth7");
	assert_int_equal(port->received, 500);
	assert_int_equal(port->sent, 7);
	assert_int_equal(port->nr_hw, 1);
	assert_string_equal(port->hw[0].name, "sent_pkts");
	assert_int_equal(port->hw[0].value, 5);

	/* Words of four bytes. */
	port = find(&now, "mlx5_0");
	assert_int_equal(port->source, COUNTERS_PORT);
	assert_int_equal(port->received, 44);
	assert_int_equal(port->sent, 8);

	port = find(&now, "bare");
	assert_int_equal(port->source, COUNTERS_NONE);
	assert_int_equal(port->received, 0);

	port = find(&now, "late");
	assert_int_equal(port->received, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(differences),
	};

	return cmocka_run_group_tests(tests, make_sysfs, remove_sysfs);
}
