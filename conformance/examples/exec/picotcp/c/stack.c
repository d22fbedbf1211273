/* picoTCP's main loop, and when its next timer is due: the heap of timers is private to that file. */
#include "pico_stack.c"

/* In milliseconds; 0 where no timer runs. A timer runs in the first tick after the instant that it is set to. */
pico_time lastack_next_timer(void);
pico_time lastack_next_timer(void) {
    struct pico_timer_ref *first = heap_first(Timers);
    return first ? first->expire + 1 : 0;
}
