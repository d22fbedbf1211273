/* The port's part of lwIP: the compiler is gcc, the C library is there. */
#ifndef LASTACK_ARCH_CC_H
#define LASTACK_ARCH_CC_H

#include <stdlib.h>
#include <string.h>

/* A failed assertion ends the call in which it fails: see shim.c. */
void lastack_assert(const char *message) __attribute__((noreturn));
#define LWIP_PLATFORM_ASSERT(x) lastack_assert(x)
#define LWIP_PLATFORM_DIAG(x)

unsigned lastack_rand(void);
#define LWIP_RAND() lastack_rand()

#endif
