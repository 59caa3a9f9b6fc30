// SPDX-License-Identifier: GPL-2.0-only
/* "mage metrics" */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options.h"
#include "commands/metrics.h"
#include "domains/metrics.h"
#include "domains/sample_take.h"
#include "kernel/genl.h"

#define WHAT "metrics"

static enum rc cannot_write(const char *path, int err)
{
	return report(rc_of_errno(err), WHAT, path, NULL, "cannot write it: %s", strerror(err));
}

/* Whoever reads @path meanwhile finds the old file or the new one, whole. */
static enum rc write_file(const char *path, const struct sample *sample)
{
	char temporary[PATH_MAX];
	bool failed;
	FILE *out;
	int fd, err;

	/* Collectors of text files take those named *.prom. */
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return cannot_write(path, ENAMETOOLONG);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return cannot_write(path, errno);
	out = fdopen(fd, "w");
	if (!out) {
		err = errno;
		close(fd);
		unlink(temporary);
		return cannot_write(path, err);
	}
	metrics_write(out, sample, MAGE_VERSION);
	/* The collector is another user. */
	failed = fchmod(fd, 0644) != 0 || ferror(out);
	if (fclose(out) || failed || rename(temporary, path)) {
		err = errno;
		unlink(temporary);
		return cannot_write(path, err);
	}
	return RC_OK;
}

enum rc cmd_metrics(int argc, char **argv)
{
	const char *output = NULL;
	const struct option_spec specs[] = {
		{ "output", .value = &output },
		{ 0 },
	};
	struct sample sample;
	struct genl *genl;
	enum rc rc;
	int err;

	if ((rc = options_only(WHAT, argc, argv, specs)) || (rc = genl_open(WHAT, &genl)))
		return rc;
	err = sample_take(genl, 0, &sample);
	if (err) {
		rc = genl_fail(genl, err, WHAT, NULL, NULL);
	} else {
		if (output)
			rc = write_file(output, &sample);
		else
			metrics_write(stdout, &sample, MAGE_VERSION);
		sample_free(&sample);
	}
	genl_close(genl);
	return rc;
}
