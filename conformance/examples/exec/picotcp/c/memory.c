/* Memory that can be put back. picoTCP is one stack per process and has no way back to its beginning, so this keeps
 * what was there when nothing had happened: all of the program's own variables, and the heap, which is ours.
 *
 * Built with SANITIZE the heap is the C library's, where the sanitizer watches it, and nothing is put back: then every
 * RESET forks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"

#ifdef SANITIZE
void *lastack_zalloc(size_t size) { return calloc(1, size); }
void lastack_free(void *memory) { free(memory); }
int lastack_begin(void) { return 1; }
int lastack_keep(void) { return 0; }
int lastack_put_back(void) { return 0; }
#else

enum { HEAP = 64 << 20, CLASSES = 28 };

/* In front of every piece. */
struct piece {
    size_t class;
    struct piece *next; /* while it is free */
};

/* The variables of the program, by the linker. */
extern char __data_start, _end;

/* Not among them, and never put back: `kept` is where they are kept. */
static struct { uint8_t *heap, *kept; size_t used; } *fixed;
static uint8_t *heap;
static size_t used;
static struct piece *gone[CLASSES];

static size_t class_of(size_t size) {
    size_t class = 5;
    while (((size_t)1 << class) < size + sizeof(struct piece)) class++;
    return class;
}

void *lastack_zalloc(size_t size) {
    size_t class = class_of(size);
    if (class >= CLASSES) return NULL;
    struct piece *piece = gone[class];
    if (piece) {
        gone[class] = piece->next;
    } else {
        if (used + ((size_t)1 << class) > HEAP) return NULL;
        piece = (struct piece *)(void *)(heap + used);
        used += (size_t)1 << class;
    }
    piece->class = class;
    memset(piece + 1, 0, size);
    return piece + 1;
}

void lastack_free(void *memory) {
    if (!memory) return;
    struct piece *piece = (struct piece *)memory - 1;
    piece->next = gone[piece->class];
    gone[piece->class] = piece;
}

static void *pages(size_t size) {
    void *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return got == MAP_FAILED ? NULL : got;
}

int lastack_begin(void) {
    heap = pages(HEAP);
    return heap ? 1 : 0;
}

int lastack_keep(void) {
    size_t variables = (size_t)(&_end - &__data_start);
    fixed = pages(sizeof *fixed);
    uint8_t *kept = fixed ? pages(variables + used) : NULL;
    if (!kept) return 0;
    fixed->heap = heap;
    fixed->kept = kept;
    fixed->used = used;
    memcpy(kept, &__data_start, variables);
    memcpy(kept + variables, heap, used);
    return 1;
}

int lastack_put_back(void) {
    size_t variables = (size_t)(&_end - &__data_start);
    const uint8_t *kept = fixed->kept;
    memcpy(&__data_start, kept, variables);
    memcpy(fixed->heap, kept + variables, fixed->used);
    return 1;
}
#endif
