/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small seeded generator: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). The
 * same seed gives the same numbers everywhere. Nothing of it is a secret. */
#pragma once

#include <stdint.h>

typedef struct {
	uint64_t state;
} Random;

/** The next 64 bits. */
static inline uint64_t random_next(Random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/** A seed that depends on both. */
static inline uint64_t random_mix(uint64_t seed, uint64_t value)
{
	return random_next(&(Random){seed ^ random_next(&(Random){value})});
}

/** Evenly from 0 to 1, which it never is. */
static inline double random_share(Random *random)
{
	return (double)(random_next(random) >> 11) * 0x1p-53;
}

/** Normally distributed, mean 0 and standard deviation 1, at most 6 either way: the sum of twelve even ones, which needs
 *  no libm and so is the same number on every machine. */
static inline double random_normal(Random *random)
{
	int64_t sum = 0;
	for (int i = 0; i < 3; i++) {
		uint64_t bits = random_next(random);
		for (int k = 0; k < 4; k++, bits >>= 16)
			sum += (int64_t)(bits & 0xffff);
	}
	return ((double)sum + 6.0) / 65536.0 - 6.0; /* each is on average half a step too low */
}
