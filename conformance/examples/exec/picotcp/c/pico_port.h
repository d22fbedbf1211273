/* picoTCP's port: the clock is the tool's, and so is the memory, so that both can be put back. */
#ifndef LASTACK_PICO_PORT
#define LASTACK_PICO_PORT
#include <stddef.h>

extern volatile unsigned int pico_ms_tick;
extern void *lastack_zalloc(size_t size);
extern void lastack_free(void *memory);

#define dbg(...) do {} while (0)
#define pico_zalloc(size) lastack_zalloc(size)
#define pico_free(memory) lastack_free(memory)

static inline pico_time PICO_TIME_MS(void) { return (pico_time)pico_ms_tick; }
static inline pico_time PICO_TIME(void) { return PICO_TIME_MS() / 1000; }
static inline void PICO_IDLE(void) {}
#endif
