/* The door between lwIP's raw API and its Rust caller: one table of functions, one list of connections.

   A failed assertion of lwIP jumps back to the door (ENTER) and the call returns FAULTED; what lwIP's memory
   holds then is worth nothing, and the caller restores it. Packets leave through a function of the caller's
   that never unwinds. */
#include <setjmp.h>
#include <stddef.h>

#include "lwip/init.h"
#include "lwip/ip.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"

#define CONNS_MAX 64
#define BACKLOG   8
#define FAULTED   (-1000)
#define UNKNOWN   (-1001)
/* Slow ticks of lwIP's timer after which it is looked at in any case: a minute. */
#define REST_MAX  120
/* Segments that may wait unread in buffers of the pool. */
#define LOOSE_MAX 24

struct lastack_setup {
  uint32_t addr, mask; /* host order */
  uint64_t seed;
  uint32_t iss;
  uint8_t  has_iss, nagle_off, keep_alive;
  uint16_t wnd, snd_buf, mtu;
  uint32_t keep_alive_ms;
};

/* Takes a packet; 0 when the transmit queue is full. */
typedef int (*emit_fn)(void *port, const uint8_t *packet, size_t len);

enum kind { NOTHING, LISTENER, CONNECTION };

struct conn {
  enum kind kind;
  struct tcp_pcb *pcb;      /* may be freed by lwIP without a word: see find */
  struct conn *listener;    /* which made it, until it is accepted */
  struct pbuf *unread;      /* but for the last segments, which may lie in the pool */
  struct pbuf *fresh;       /* those */
  uint8_t ended;            /* the peer's FIN was read up */
  uint8_t closed;           /* by the user, who may not name the pcb any more */
  err_t lost;               /* what the error callback said */
};

uint16_t lastack_wnd = 4 * TCP_MSS;
uint16_t lastack_snd_buf = 2 * TCP_MSS;

static struct conn conns[CONNS_MAX];
static struct lastack_setup setup;
static struct netif netif;
static uint64_t now_us, random_state;
static uint32_t isn_base, isn_count;
static uint32_t connecting; /* 1 within tcp_connect, whose SYN has the number before the one it asks for */
static emit_fn emit;
static void *port;
static jmp_buf door;
static char fault[96];

#define ENTER(p) do { port = (p); if (_setjmp(door) != 0) return FAULTED; } while (0)

/* ------------------------------------------------------------- what lwIP asks of its port */

void lastack_assert(const char *message)
{
  strncpy(fault, message, sizeof fault - 1);
  longjmp(door, 1);
}

/* SplitMix64. */
static uint64_t draw(void)
{
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

unsigned lastack_rand(void) { return (unsigned)draw(); }

u32_t sys_now(void) { return (u32_t)(now_us / 1000); }

/* RFC 9293 3.4.1: a clock of 4 us, and a step for every connection in place of the keyed hash. */
uint32_t lastack_isn(void)
{
  uint32_t clock = (uint32_t)(now_us / 4);
  if (isn_count == 0) isn_base = setup.has_iss ? setup.iss - clock : (uint32_t)draw();
  return isn_base + clock + 64000u * isn_count++ + connecting;
}

static err_t output(struct netif *out, struct pbuf *p, const ip4_addr_t *to)
{
  uint8_t packet[2048];
  LWIP_UNUSED_ARG(out);
  LWIP_UNUSED_ARG(to);
  if (p->tot_len > sizeof packet) return ERR_BUF;
  pbuf_copy_partial(p, packet, p->tot_len, 0);
  return emit(port, packet, p->tot_len) ? ERR_OK : ERR_MEM;
}

static err_t bring_up(struct netif *added)
{
  added->name[0] = 'l';
  added->name[1] = 'a';
  added->mtu = 1500;
  added->output = output;
  added->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_LINK_UP;
  return ERR_OK;
}

/* ------------------------------------------------------------- connections */

static struct conn *conn_at(int id, enum kind kind)
{
  if (id < 0 || id >= CONNS_MAX || conns[id].kind != kind) return NULL;
  return &conns[id];
}

static struct conn *conn_new(enum kind kind)
{
  int i;
  for (i = 0; i < CONNS_MAX; i++) {
    if (conns[i].kind == NOTHING) {
      conns[i].kind = kind;
      return &conns[i];
    }
  }
  return NULL;
}

/* The pcb, if lwIP still has it: one that has ended after a close is freed in silence, and its memory may be
   somebody else's. */
static struct tcp_pcb *find(const struct conn *c)
{
  struct tcp_pcb *pcb;
  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
    if (pcb == c->pcb && pcb->callback_arg == c) return pcb;
  for (pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next)
    if (pcb == c->pcb && pcb->callback_arg == c) return pcb;
  return NULL;
}

static struct pbuf *joined(struct pbuf *first, struct pbuf *then)
{
  if (first == NULL) return then;
  if (then != NULL) pbuf_cat(first, then);
  return first;
}

/* However small segments are, they must not use up the pool's buffers while the user does not read: what arrives
   then would be lost without anybody's knowing. */
static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
  struct conn *c = arg;
  LWIP_UNUSED_ARG(pcb);
  LWIP_UNUSED_ARG(err);
  if (p == NULL) c->ended = 1;
  else c->fresh = joined(c->fresh, p);
  if (c->fresh != NULL && pbuf_clen(c->fresh) >= LOOSE_MAX) {
    c->unread = joined(c->unread, pbuf_coalesce(c->fresh, PBUF_RAW));
    c->fresh = NULL;
  }
  return ERR_OK;
}

static void on_error(void *arg, err_t err)
{
  struct conn *c = arg;
  c->pcb = NULL;
  c->lost = err;
}

static void adopt(struct conn *c, struct tcp_pcb *pcb)
{
  c->pcb = pcb;
  tcp_arg(pcb, c);
  tcp_recv(pcb, on_receive);
  tcp_err(pcb, on_error);
  if (setup.nagle_off) tcp_nagle_disable(pcb);
  if (setup.keep_alive) {
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = pcb->keep_intvl = setup.keep_alive_ms;
  }
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
  struct conn *c;
  if (pcb == NULL || err != ERR_OK || (c = conn_new(CONNECTION)) == NULL) return ERR_MEM;
  c->listener = arg;
  adopt(c, pcb);
  tcp_backlog_delayed(pcb);
  return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
  LWIP_UNUSED_ARG(arg);
  LWIP_UNUSED_ARG(pcb);
  return err;
}

/* A closed pcb, bound to this port. */
static err_t bind_new(uint16_t local_port, struct tcp_pcb **out)
{
  struct tcp_pcb *pcb = tcp_new();
  err_t err;
  if (pcb == NULL) return ERR_MEM;
  ip_set_option(pcb, SOF_REUSEADDR);
  err = tcp_bind(pcb, &netif.ip_addr, local_port);
  if (err != ERR_OK) tcp_close(pcb);
  *out = pcb;
  return err;
}

/* ------------------------------------------------------------- the calls */

static int boot(emit_fn to)
{
  ENTER(NULL);
  emit = to;
  lwip_init();
  return netif_add(&netif, NULL, NULL, NULL, NULL, bring_up, ip_input) == NULL ? ERR_IF : ERR_OK;
}

static int begin(void *p, const struct lastack_setup *wanted)
{
  ip4_addr_t addr, mask;
  ENTER(p);
  setup = *wanted;
  random_state = setup.seed;
  lastack_wnd = setup.wnd;
  lastack_snd_buf = setup.snd_buf;
  addr.addr = lwip_htonl(setup.addr);
  mask.addr = lwip_htonl(setup.mask);
  netif.mtu = setup.mtu;
  netif_set_addr(&netif, &addr, &mask, IP4_ADDR_ANY4);
  netif_set_default(&netif);
  netif_set_up(&netif);
  return ERR_OK;
}

static int input(void *p, const uint8_t *packet, size_t len)
{
  struct pbuf *q;
  ENTER(p);
  if (len == 0 || len > 0xffff) return ERR_BUF;
  q = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
  if (q == NULL) return ERR_MEM;
  pbuf_take(q, packet, (u16_t)len);
  if (netif.input(q, &netif) != ERR_OK) pbuf_free(q);
  return ERR_OK;
}

/* Slow ticks (500 ms) until `limit` of them have passed since `since`, the tick that sees it included. */
static u32_t ticks_past(u32_t since, u32_t limit)
{
  u32_t passed = tcp_ticks - since;
  return passed >= limit ? 1 : limit + 1 - passed;
}

/* Until the next probe of a window that is closed; tcp.c has the same numbers. */
static u32_t persist_rest(const struct tcp_pcb *pcb)
{
  static const u8_t backoff[7] = { 3, 6, 12, 24, 48, 96, 120 };
  u8_t wanted;
  if (pcb->unsent == NULL || pcb->unacked != NULL || pcb->snd_wnd != 0 || pcb->persist_backoff > 7
      || pcb->persist_probe >= TCP_MAXRTX)
    return 1;
  wanted = backoff[pcb->persist_backoff - 1];
  return pcb->persist_cnt >= wanted ? 1 : (u32_t)(wanted - pcb->persist_cnt);
}

/* Slow ticks, the next included, before this one can change anything: tcp_slowtmr and tcp_fasttmr read backwards.
   Too few cost time, too many would hide a timer. */
static u32_t rest_of(const struct tcp_pcb *pcb)
{
  const u16_t busy = TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND | TF_NAGLEMEMERR;
  u32_t rest = REST_MAX;
  if ((pcb->flags & busy) || pcb->refused_data != NULL || pcb->nrtx >= TCP_SYNMAXRTX
      || ip_get_option(pcb, SOF_KEEPALIVE))
    return 1;
  if (pcb->persist_backoff > 0) rest = persist_rest(pcb);
  else if (pcb->unsent != NULL) return 1;
  else if (pcb->rtime >= 0) rest = pcb->rtime >= pcb->rto ? 1 : (u32_t)(pcb->rto - pcb->rtime);
  if (pcb->state == SYN_RCVD)
    rest = LWIP_MIN(rest, ticks_past(pcb->tmr, TCP_SYN_RCVD_TIMEOUT / TCP_SLOW_INTERVAL));
  if (pcb->state == FIN_WAIT_2 && (pcb->flags & TF_RXCLOSED))
    rest = LWIP_MIN(rest, ticks_past(pcb->tmr, TCP_FIN_WAIT_TIMEOUT / TCP_SLOW_INTERVAL));
  if (pcb->state == LAST_ACK) rest = LWIP_MIN(rest, ticks_past(pcb->tmr, 2 * TCP_MSL / TCP_SLOW_INTERVAL));
  if (pcb->ooseq != NULL) {
    u32_t kept = tcp_ticks - pcb->tmr, limit = (u32_t)pcb->rto * TCP_OOSEQ_TIMEOUT;
    rest = LWIP_MIN(rest, kept >= limit ? 1 : limit - kept);
  }
  return rest;
}

/* Slow ticks, the next included, before one can change anything; 0 where lwIP ticks for nobody. */
static u32_t rest_of_all(void)
{
  const struct tcp_pcb *pcb;
  u32_t rest = REST_MAX;
  if (tcp_active_pcbs == NULL && tcp_tw_pcbs == NULL) return 0;
  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) rest = LWIP_MIN(rest, rest_of(pcb));
  for (pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next)
    rest = LWIP_MIN(rest, ticks_past(pcb->tmr, 2 * TCP_MSL / TCP_SLOW_INTERVAL));
  return rest;
}

/* Slow ticks that would only count, and the fast ones between them, pass at once: most of a silent scenario. */
static void skip_idle(uint64_t at_us)
{
  u32_t rest = rest_of_all(), sleep = sys_timeouts_sleeptime(), idle;
  uint64_t due_ms = now_us / 1000 + sleep;
  struct tcp_pcb *pcb;
  if (rest <= 1 || sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE || due_ms * 1000 > at_us) return;
  idle = (u32_t)LWIP_MIN(rest - 1, (at_us / 1000 - due_ms + TCP_FAST_INTERVAL) / TCP_SLOW_INTERVAL);
  if (idle == 0) return;
  tcp_ticks += idle;
  for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next) {
    if (pcb->persist_backoff > 0) pcb->persist_cnt = (u8_t)(pcb->persist_cnt + idle);
    else if (pcb->rtime >= 0) pcb->rtime = (s16_t)(pcb->rtime + idle);
  }
  now_us = (due_ms + (uint64_t)idle * TCP_SLOW_INTERVAL) * 1000;
  sys_restart_timeouts();
}

/* Every tick at its own time: a late one would be counted from now. */
static int run(void *p, uint64_t at_us)
{
  ENTER(p);
  for (;;) {
    u32_t sleep;
    uint64_t due_ms;
    skip_idle(at_us);
    sleep = sys_timeouts_sleeptime();
    due_ms = now_us / 1000 + sleep;
    if (sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE || due_ms * 1000 > at_us) break;
    now_us = LWIP_MAX(now_us, due_ms * 1000);
    sys_check_timeouts();
  }
  now_us = at_us;
  return ERR_OK;
}

/* Milliseconds of the clock before which no timer does anything; -1 for none. lwIP ticks every 250 ms whether there
   is something to do or not, and a caller that polled it as often would do little else. */
static int64_t next_timer(void)
{
  u32_t sleep, rest;
  ENTER(NULL);
  sleep = sys_timeouts_sleeptime();
  if (sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE) return -1;
  rest = LWIP_MAX(rest_of_all(), 1);
  /* The next tick may be a slow one. */
  return (int64_t)(now_us / 1000) + sleep + (int64_t)(rest - 1) * TCP_SLOW_INTERVAL;
}

static int open_passive(void *p, uint16_t local_port)
{
  struct tcp_pcb *pcb = NULL, *listening;
  struct conn *c;
  err_t err;
  ENTER(p);
  err = bind_new(local_port, &pcb);
  if (err != ERR_OK) return err;
  listening = tcp_listen_with_backlog_and_err(pcb, BACKLOG, &err);
  if (listening == NULL || (c = conn_new(LISTENER)) == NULL) {
    tcp_close(listening == NULL ? pcb : listening);
    return listening == NULL ? err : ERR_MEM;
  }
  c->pcb = listening;
  tcp_arg(listening, c);
  tcp_accept(listening, on_accept);
  return (int)(c - conns);
}

static int open_active(void *p, uint16_t local_port, uint32_t remote, uint16_t remote_port)
{
  struct tcp_pcb *pcb = NULL;
  struct conn *c;
  ip_addr_t to;
  err_t err;
  ENTER(p);
  err = bind_new(local_port, &pcb);
  if (err != ERR_OK) return err;
  if ((c = conn_new(CONNECTION)) == NULL) {
    tcp_close(pcb);
    return ERR_MEM;
  }
  adopt(c, pcb);
  ip_addr_set_ip4_u32(&to, lwip_htonl(remote));
  connecting = 1;
  err = tcp_connect(pcb, &to, remote_port, on_connected);
  connecting = 0;
  if (err != ERR_OK) {
    tcp_err(pcb, NULL);
    tcp_close(pcb);
    memset(c, 0, sizeof *c);
    return err;
  }
  return (int)(c - conns);
}

/* The oldest connection of a listener that is still there. */
static int accept_one(void *p, int id)
{
  struct conn *c = conn_at(id, LISTENER);
  int i;
  ENTER(p);
  if (c == NULL) return ERR_CONN;
  for (i = 0; i < CONNS_MAX; i++) {
    struct tcp_pcb *pcb;
    if (conns[i].listener != c || (pcb = find(&conns[i])) == NULL) continue;
    conns[i].listener = NULL;
    tcp_backlog_accepted(pcb);
    return i;
  }
  return ERR_WOULDBLOCK;
}

static int send_text(void *p, int id, const uint8_t *octets, size_t len)
{
  struct conn *c = conn_at(id, CONNECTION);
  struct tcp_pcb *pcb;
  size_t n;
  err_t err;
  ENTER(p);
  if (c == NULL || c->closed) return UNKNOWN;
  if (c->lost != ERR_OK) return c->lost;
  if ((pcb = find(c)) == NULL) return ERR_CONN;
  n = LWIP_MIN(len, tcp_sndbuf(pcb));
  if (n == 0 && len != 0) {
    /* lwIP's own word for a connection that cannot send. */
    err = tcp_write(pcb, octets, 1, TCP_WRITE_FLAG_COPY);
    return err == ERR_MEM ? ERR_WOULDBLOCK : err;
  }
  /* A small window of the peer makes many segments, more than lwIP queues: its own applications (httpd.c) then
     ask for half as much. */
  while ((err = tcp_write(pcb, octets, (u16_t)n, TCP_WRITE_FLAG_COPY)) == ERR_MEM && n > 1) n /= 2;
  if (err == ERR_MEM) return ERR_WOULDBLOCK;
  if (err != ERR_OK) return err;
  tcp_output(pcb);
  return (int)n;
}

/* Octets that were received are the user's, also after the connection is gone. */
static int receive_text(void *p, int id, uint8_t *into, size_t max)
{
  struct conn *c = conn_at(id, CONNECTION);
  struct tcp_pcb *pcb;
  u16_t n;
  ENTER(p);
  if (c == NULL || c->closed) return UNKNOWN;
  c->unread = joined(c->unread, c->fresh);
  c->fresh = NULL;
  if (c->unread != NULL) {
    n = (u16_t)LWIP_MIN(max, c->unread->tot_len);
    pbuf_copy_partial(c->unread, into, n, 0);
    c->unread = pbuf_free_header(c->unread, n);
    if ((pcb = find(c)) != NULL && n > 0) tcp_recved(pcb, n);
    return n;
  }
  if (c->lost != ERR_OK) return c->lost;
  if (c->ended) return ERR_CLSD;
  return find(c) == NULL ? ERR_CONN : ERR_WOULDBLOCK;
}

static int shut_down_write(void *p, int id)
{
  struct conn *c = conn_at(id, CONNECTION);
  struct tcp_pcb *pcb;
  ENTER(p);
  if (c == NULL || c->closed) return UNKNOWN;
  if (c->lost != ERR_OK) return c->lost;
  if ((pcb = find(c)) == NULL) return ERR_CONN;
  return tcp_shutdown(pcb, 0, 1);
}

/* CLOSE, or ABORT where `hard`. The user names the connection no more. */
static int close_conn(void *p, int id, int hard)
{
  struct conn *c = conn_at(id, LISTENER);
  struct tcp_pcb *pcb;
  err_t err = ERR_OK;
  ENTER(p);
  if (c != NULL) {
    err = tcp_close(c->pcb);
    memset(c, 0, sizeof *c);
    return err;
  }
  if ((c = conn_at(id, CONNECTION)) == NULL || c->closed) return UNKNOWN;
  pcb = find(c);
  if (pcb != NULL && hard) tcp_abort(pcb);
  else if (pcb != NULL) err = tcp_close(pcb);
  else if (c->lost != ERR_OK) err = c->lost;
  else err = ERR_CONN;
  c->closed = 1;
  c->unread = joined(c->unread, c->fresh);
  if (c->unread != NULL) pbuf_free(c->unread);
  c->unread = c->fresh = NULL;
  return err;
}

/* lwIP's number of a state; CLOSED where there is no connection. */
static int state_of(int id)
{
  const struct conn *c = conn_at(id, CONNECTION);
  const struct tcp_pcb *pcb;
  if (conn_at(id, LISTENER) != NULL) return LISTEN;
  if (c == NULL || (pcb = find(c)) == NULL) return CLOSED;
  return pcb->state;
}

static int set_nagle(int id, int on)
{
  struct conn *c = conn_at(id, CONNECTION);
  struct tcp_pcb *pcb;
  if (c == NULL || c->closed || (pcb = find(c)) == NULL) return UNKNOWN;
  if (on) tcp_nagle_enable(pcb);
  else tcp_nagle_disable(pcb);
  return ERR_OK;
}

static int set_keep_alive(int id, uint32_t interval_ms)
{
  struct conn *c = conn_at(id, CONNECTION);
  struct tcp_pcb *pcb;
  if (c == NULL || c->closed || (pcb = find(c)) == NULL) return UNKNOWN;
  if (interval_ms == 0) {
    ip_reset_option(pcb, SOF_KEEPALIVE);
  } else {
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = pcb->keep_intvl = interval_ms;
  }
  return ERR_OK;
}

static const char *last_fault(void) { return fault; }

/* ------------------------------------------------------------- the table */

/* Everything writable of this lwIP lies between them: see state.ld. */
extern uint8_t lastack_state_start[], lastack_state_end[];

struct lastack_api {
  uint8_t *state_start, *state_end;
  int (*boot)(emit_fn);
  int (*begin)(void *, const struct lastack_setup *);
  int (*input)(void *, const uint8_t *, size_t);
  int (*run)(void *, uint64_t);
  int64_t (*next_timer)(void);
  int (*open_passive)(void *, uint16_t);
  int (*open_active)(void *, uint16_t, uint32_t, uint16_t);
  int (*accept)(void *, int);
  int (*send)(void *, int, const uint8_t *, size_t);
  int (*receive)(void *, int, uint8_t *, size_t);
  int (*shut_down_write)(void *, int);
  int (*close)(void *, int, int);
  int (*state_of)(int);
  int (*set_nagle)(int, int);
  int (*set_keep_alive)(int, uint32_t);
  const char *(*last_fault)(void);
};

const struct lastack_api lastack_lwip_api = {
  lastack_state_start, lastack_state_end,
  boot, begin, input, run, next_timer, open_passive, open_active, accept_one, send_text, receive_text,
  shut_down_write, close_conn, state_of, set_nagle, set_keep_alive, last_fault,
};
