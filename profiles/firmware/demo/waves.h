// SPDX-License-Identifier: MIT
#pragma once
#include <stdint.h>

#define WAVE_SAMPLES 4096 // one period

extern const int16_t wave_sine[WAVE_SAMPLES];
extern const int16_t wave_multi[WAVE_SAMPLES];
extern const int16_t wave_sweep[WAVE_SAMPLES];
