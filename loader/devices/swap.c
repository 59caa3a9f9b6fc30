// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/swap.h>

#include "base/error.h"
#include "base/tool.h"
#include "devices/swap.h"

/* The last line of what a tool said: where it says why it failed. */
static const char *last_line(char *said)
{
	char *line;

	while ((line = strrchr(said, '\n')) && !line[1])
		*line = '\0';
	return line ? line + 1 : said;
}

enum rc swap_format(const char *what, const char *device)
{
	const char *const argv[] = { "mkswap", device, NULL };
	char said[2048];
	int status;
	enum rc rc = tool_run(what, argv, "util-linux", said, sizeof(said), &status);

	if (rc || !status)
		return rc;
	return report(RC_FAILED, what, device, NULL, "cannot write a swap header: %s",
		      said[0] ? last_line(said) : "mkswap failed");
}

enum rc swap_activate(const char *what, const char *device, int priority)
{
	int flags = 0;

	if (priority >= 0)
		flags = SWAP_FLAG_PREFER | (priority & SWAP_FLAG_PRIO_MASK);
	if (swapon(device, flags))
		return report(rc_of_errno(errno), what, device, NULL, "swapon: %s",
			      strerror(errno));
	return RC_OK;
}
