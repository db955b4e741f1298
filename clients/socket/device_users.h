/* SPDX-License-Identifier: MIT */
/*
 * device_users: which instances of the daemon hear which device. Daemons that do not answer, or may
 * not be asked, are left out without a word: the list of devices is worth having without them.
 */
#pragma once

#include <jansson.h>

/* An object: device -> [type Source of io.hearken with its `instance`, ...]; the caller's. NULL:
 * out of memory. */
json_t *hk_device_users(void);
