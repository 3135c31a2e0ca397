#pragma once
#include <stdint.h>

/// How often this process asked for memory so far, on any thread.
int64_t allocations_so_far(void);
