// SPDX-License-Identifier: GPL-2.0-only
#include "work.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "random.h"

void *work_array(size_t nr, size_t size)
{
	void *array =
		mmap(NULL, nr * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (array == MAP_FAILED) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
	madvise(array, nr * size, MADV_NOHUGEPAGE);
	return array;
}

void work_limit(const char *path, const char *bytes)
{
	int fd;

	if (!path || !bytes)
		return;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, bytes, strlen(bytes)) < 0) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	close(fd);
}

uint64_t work_sum(uint64_t sum, const void *data, size_t size)
{
	const char *at = data;
	uint64_t word = 0;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		size_t left = size - i;

		memcpy(&word, at + i, left < sizeof(word) ? left : sizeof(word));
		sum = random_mix(sum ^ word);
	}
	return sum;
}

void work_report(const char *unit, uint64_t nr, uint64_t ns, const struct histogram *steps,
		 uint64_t checksum)
{
	uint64_t count = histogram_count(steps);

	printf("{\"unit\": \"%s\", \"throughput\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, "
	       "\"checksum\": \"%016" PRIx64 "\"}\n",
	       unit, (double)nr * 1e9 / (double)ns,
	       (double)histogram_quantile(steps, count, 0.5) / 1e3,
	       (double)histogram_quantile(steps, count, 0.99) / 1e3, checksum);
}
