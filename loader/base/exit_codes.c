// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/exit_codes.h"

enum rc rc_of_errno(int err)
{
	switch (err) {
	case 0:
		return RC_OK;
	case EPERM:
	case EACCES:
		return RC_NOT_PERMITTED;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return RC_NOT_FOUND;
	case EEXIST:
	case EBUSY:
		return RC_EXISTS;
	default:
		return RC_FAILED;
	}
}
