/* What of the program is put back at a RESET: see memory.c. */
#ifndef LASTACK_MEMORY
#define LASTACK_MEMORY
#include <stddef.h>

void *lastack_zalloc(size_t size);
void lastack_free(void *memory);
/* Makes the heap. 0 where there is no memory. */
int lastack_begin(void);
/* Keeps what there is now. 0 where nothing can be kept. */
int lastack_keep(void);
/* Puts back what was kept. */
int lastack_put_back(void);
#endif
