// SPDX-License-Identifier: MIT
// The three test signals, one period each, signed 16 bit.
//
// No generator and no table in the repository: the compiler itself computes every sample. GCC folds __builtin_sin of a
// constant with MPFR, correctly rounded, so the bytes do not depend on the machine that builds.

#include "waves.h"

#define TURN 6.283185307179586 // 2 pi

// f(i), f(i + 1), … f(i + 4095)
#define R4(f, i) f(i), f((i) + 1), f((i) + 2), f((i) + 3)
#define R16(f, i) R4(f, i), R4(f, (i) + 4), R4(f, (i) + 8), R4(f, (i) + 12)
#define R64(f, i) R16(f, i), R16(f, (i) + 16), R16(f, (i) + 32), R16(f, (i) + 48)
#define R256(f, i) R64(f, i), R64(f, (i) + 64), R64(f, (i) + 128), R64(f, (i) + 192)
#define R1024(f, i) R256(f, i), R256(f, (i) + 256), R256(f, (i) + 512), R256(f, (i) + 768)
#define R4096(f) R1024(f, 0), R1024(f, 1024), R1024(f, 2048), R1024(f, 3072)

#define ROUND(x) (int16_t)((x) < 0 ? (x) - 0.5 : (x) + 0.5)
#define SIN(turns) __builtin_sin(TURN * (turns))

// One clean tone: what distortion is measured with.
#define SINE(i) ROUND(32767 * SIN((i) / 4096.0))
const int16_t wave_sine[WAVE_SAMPLES] = {R4096(SINE)};

// Ten tones an octave apart (1, 2, 4 … 512 cycles), all equally strong: a whole frequency response in one measurement.
// Their phases, in eighths of a turn, come from a random search for a low peak: the sum reaches 5.59 tones, not 10.
#define TONE(i, k, eighths) SIN((i) * (double)(1 << (k)) / 4096.0 - (eighths) / 8.0)
#define LOW(i) TONE(i, 0, 0) + TONE(i, 1, 1) + TONE(i, 2, 2) + TONE(i, 3, 4) + TONE(i, 4, 0)
#define HIGH(i) TONE(i, 5, 0) + TONE(i, 6, 0) + TONE(i, 7, 0) + TONE(i, 8, 0) + TONE(i, 9, 7)
#define MULTI(i) ROUND(5867 * (LOW(i) + HIGH(i)))
const int16_t wave_multi[WAVE_SAMPLES] = {R4096(MULTI)};

// A sweep over eight octaves, as long in each: 184 whole cycles, so the end meets the beginning without a click.
#define SWEEP(i) ROUND(32767 * SIN(184 * (__builtin_exp2((i) / 512.0) - 1) / 255))
const int16_t wave_sweep[WAVE_SAMPLES] = {R4096(SWEEP)};
