/* SPDX-License-Identifier: MIT */
/*
 * cards: the sound cards' capture devices as the kernel lists them, whether they can be opened now
 * or not. PortAudio leaves out those that somebody holds open, also when it is we ourselves.
 */
#pragma once

#include <stdbool.h>

/* DEVICE: as PortAudio would call it, "CARD: PCM (hw:1,0)"; valid in the call. */
typedef void hk_card_fn(void *owner, const char *device);

/* PROC_ASOUND: "/proc/asound"; no such folder: no cards. */
void hk_cards_list(const char *proc_asound, hk_card_fn *callback, void *owner);
