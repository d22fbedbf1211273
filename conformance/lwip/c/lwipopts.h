/* lwIP as it is driven here. Everything that is not named has lwIP's own default (opt.h). */
#ifndef LASTACK_LWIPOPTS_H
#define LASTACK_LWIPOPTS_H

#include <stdint.h>

/* The raw API in one thread; time comes from the caller. */
#define NO_SYS                      1
#define SYS_LIGHTWEIGHT_PROT        0
#define LWIP_SOCKET                 0
#define LWIP_NETCONN                0
#define LWIP_TIMERS                 1

/* TCP over IPv4 packets, and nothing else. */
#define LWIP_ARP                    0
#define LWIP_ETHERNET               0
#define LWIP_RAW                    0
#define LWIP_UDP                    0
#define LWIP_ICMP                   1
#define IP_REASSEMBLY               0
#define IP_FRAG                     0
#define LWIP_NETIF_LOOPBACK         0
#define LWIP_STATS                  0

/* All memory is static, so that a copy of it is a copy of the stack. Every element of a pool is checked for
   writes past its ends when it is freed: what is found there is an assertion. The heap is not: with its check
   on, mem_trim holds a size with the guards against one without, and asserts where nothing is wrong. */
#define MEM_LIBC_MALLOC             0
#define MEMP_MEM_MALLOC             0
#define MEM_ALIGNMENT               8
#define MEM_OVERFLOW_CHECK          0
#define MEMP_OVERFLOW_CHECK         1
#define MEM_SIZE                    (128 * 1024)
#define PBUF_POOL_SIZE              128
#define PBUF_POOL_BUFSIZE           640
#define MEMP_NUM_TCP_PCB            24
#define MEMP_NUM_TCP_PCB_LISTEN     8
#define MEMP_NUM_TCP_SEG            256

/* Sizes that a build of lwIP fixes are variables here, set before the first connection; the preprocessor
   cannot check them, so the caller does (LASTACK_MSS, see shim.c). */
extern uint16_t lastack_wnd;
extern uint16_t lastack_snd_buf;
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#define TCP_MSS                     536 /* lwIP's default */
#define TCP_WND                     (lastack_wnd)
#define TCP_SND_BUF                 (lastack_snd_buf)
#define TCP_SND_QUEUELEN            200

/* What a listener keeps, and what several connections of one local port need. */
#define TCP_LISTEN_BACKLOG          1
#define SO_REUSE                    1
#define LWIP_TCP_KEEPALIVE          1
/* lwIP's defaults; the package's 2.1.2 has others. */
#define TCP_KEEPCNT_DEFAULT         9U
#define TCP_KEEPIDLE_DEFAULT        7200000UL
#define TCP_KEEPINTVL_DEFAULT       75000UL

/* RFC 7323 and RFC 2018, which lwIP leaves out by default. */
#ifdef LASTACK_OPTIONS
#define LWIP_WND_SCALE              1
#define TCP_RCV_SCALE               2
#define LWIP_TCP_TIMESTAMPS         1
#define LWIP_TCP_SACK_OUT           1
/* init.c wants to see a window that is not 0 before there is one: to the preprocessor every name is 0. */
enum { lastack_one = 1 };
#undef TCP_WND
#define TCP_WND                     (lastack_wnd | (lastack_one == 0) << 12)
#endif

/* The first sequence number is the caller's. */
uint32_t lastack_isn(void);
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) lastack_isn()

#endif
