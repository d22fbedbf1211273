/* What of picoTCP is built; its own Makefile would write this file. */
#define PICO_SUPPORT_CRC
#define PICO_SUPPORT_ICMP4
#define PICO_SUPPORT_IPV4
#define PICO_SUPPORT_TCP
