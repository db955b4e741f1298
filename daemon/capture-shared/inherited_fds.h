/* SPDX-License-Identifier: MIT */
/*
 * inherited_fds: the descriptors that hearken-capture gets from hearkend.
 */
#pragma once

#define HK_HELPER_CHANNEL_FD 3 /* shared_audio.h */
#define HK_HELPER_REPORT_FD 4  /* capture_message.h */
