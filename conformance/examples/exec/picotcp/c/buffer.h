/* The size of the receive queue is a constant of the build; here the set-up of a scenario says it. */
#include "pico_socket.h"
#undef PICO_DEFAULT_SOCKETQ
extern unsigned int lastack_receive_buffer;
#define PICO_DEFAULT_SOCKETQ lastack_receive_buffer
