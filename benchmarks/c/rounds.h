/* What the programs here share: a clock, and rounds on request, so that a caller can take turns with them. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

_Noreturn static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline void *must(void *memory)
{
    if (!memory)
        die("memory");
    return memory;
}

/* Reads how many operations the next round has; 0 when the caller has closed the pipe. */
static inline unsigned next_round(void)
{
    unsigned operations;
    return scanf("%u", &operations) == 1 ? operations : 0;
}

#endif
