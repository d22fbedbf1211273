/* picoTCP behind the pipe protocol of lastack, version 1 (conformance/src/subject/exec/protocol.md). */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "pico_device.h"
#include "pico_ipv4.h"
#include "pico_socket.h"
#include "pico_stack.h"
#include "pico_tcp.h"

enum { HELLO = 1, RESET, CALL, DELIVER, POLL, ADVANCE };
enum { R_HELLO = 129, R_DONE, R_REFUSED, R_OUTCOME, R_PACKET, R_QUIET, R_FAILED };
enum { DONE, OCTETS, WOULD_BLOCK, END_OF_STREAM, CLOSING, WAS_RESET, REFUSED, TIMED_OUT, NO_CONNECTION, EXISTS, INVALID, FAILED,
       NO_RESOURCES, IN_STATE, UNSUPPORTED };
enum { S_OPEN, S_RESET, S_REFUSED, S_TIMED_OUT, S_PEER_CLOSED, S_CLOSED };
enum { FRAME_MAX = 1 << 20, OCTETS_MAX = 1 << 16, HANDLES = 256, SIGNALS_MAX = 8, BACKLOG = 16, TICKS_MAX = 10000, QUIET_TICKS = 3 };
/* picoTCP counts whole frames: in less than this a full segment never finds room. */
enum { SEND_LEAST = 4096 };
/* picoTCP takes 0 for no time at all. */
enum { START_MS = 100000 };

extern pico_time lastack_next_timer(void);
extern int lastack_serve(void);

volatile unsigned int pico_ms_tick = START_MS;
unsigned int lastack_receive_buffer = 16384;
static uint32_t send_buffer = 16384;
static uint8_t nagle = 2;
static uint64_t keep_alive;
static uint64_t now;

/* What a handle of the tool stands for. */
struct held {
    struct pico_socket *socket; /* NULL once picoTCP has deleted it */
    int listens;
    int closed;      /* the user has called CLOSE or ABORT */
    int peer_closed; /* picoTCP has said so */
    int opened;      /* it was ESTABLISHED */
    int error;       /* picoTCP's word for why it ended, 0 for none */
    uint8_t signals[SIGNALS_MAX];
    int signal_count;
};
static struct held held[HANDLES];
static struct pico_device *device;
static size_t room;
static size_t sent;

/* ---- numbers, big-endian ---- */

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static uint64_t get64(const uint8_t *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }
static void put32(uint8_t *p, uint32_t v) { for (int i = 3; i >= 0; i--, v >>= 8) p[i] = (uint8_t)v; }
static void put64(uint8_t *p, uint64_t v) { put32(p, (uint32_t)(v >> 32)); put32(p + 4, (uint32_t)v); }

/* ---- frames: output is collected, input is read without a buffer, so that parent and child share it ---- */

static uint8_t *in; /* shared with a child, and not put back */
static uint8_t out[1 << 16];
static size_t out_len;

static void flush(void) {
    for (size_t done = 0; done < out_len;) {
        ssize_t n = write(1, out + done, out_len - done);
        if (n < 0 && errno != EINTR) _exit(1);
        if (n > 0) done += (size_t)n;
    }
    out_len = 0;
}

static void say_octets(const void *octets, size_t len) {
    for (size_t done = 0; done < len;) {
        size_t part = sizeof out - out_len < len - done ? sizeof out - out_len : len - done;
        memcpy(out + out_len, (const uint8_t *)octets + done, part);
        out_len += part;
        done += part;
        if (out_len == sizeof out) flush();
    }
}

static void say_head(uint8_t code, size_t len) {
    uint8_t head[5];
    put32(head, (uint32_t)(len + 1));
    head[4] = code;
    say_octets(head, sizeof head);
}

static void say(uint8_t code, const void *fields, size_t len) {
    say_head(code, len);
    say_octets(fields, len);
}

static size_t hear_octets(uint8_t *to, size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t n = read(0, to + done, len - done);
        if (n == 0 || (n < 0 && errno != EINTR)) return done;
        if (n > 0) done += (size_t)n;
    }
    return done;
}

/* The next frame into `in`; its length, or 0 at the end of the input. */
static uint32_t hear(void) {
    uint8_t head[4];
    if (hear_octets(head, 4) != 4) return 0;
    uint32_t len = get32(head);
    if (len == 0 || len > FRAME_MAX || hear_octets(in, len) != len) _exit(1);
    return len;
}

/* ---- the device ---- */

/* 0 says that the queue is full; picoTCP keeps the packet. */
static int device_send(struct pico_device *dev, void *packet, int len) {
    (void)dev;
    if (sent >= room) return 0;
    sent++;
    say(R_PACKET, packet, (size_t)len);
    return len;
}

/* ---- sockets ---- */

static struct held *find(struct pico_socket *s) {
    for (int i = 0; i < HANDLES; i++)
        if (held[i].socket == s) return &held[i];
    return NULL;
}

static void signal_user(struct held *h, uint8_t signal) {
    if (h->signal_count < SIGNALS_MAX) h->signals[h->signal_count++] = signal;
}

/* What picoTCP tells the owner of a socket. */
static void wakeup(uint16_t events, struct pico_socket *s) {
    struct held *h = s ? find(s) : NULL;
    if (!h || h->listens) return;
    if ((events & PICO_SOCK_EV_CONN) && !h->opened) {
        h->opened = 1;
        signal_user(h, S_OPEN);
    }
    if ((events & PICO_SOCK_EV_CLOSE) && !h->peer_closed) {
        h->peer_closed = 1;
        signal_user(h, S_PEER_CLOSED);
    }
    if ((events & PICO_SOCK_EV_ERR) && !h->error) {
        h->error = pico_err;
        signal_user(h, pico_err == PICO_ERR_ECONNREFUSED ? S_REFUSED : S_RESET);
    }
}

/* Lets go of what picoTCP has deleted: it frees the memory 10 ms later. */
static void sweep(void) {
    for (int i = 0; i < HANDLES; i++)
        if (held[i].socket && held[i].socket->state == PICO_SOCKET_STATE_CLOSED) held[i].socket = NULL;
}

static uint8_t state_of(const struct pico_socket *s) {
    static const uint8_t number[PICO_SOCKET_STATE_TCP_ARRAYSIZ] = {0, 0, 1, 2, 3, 4, 7, 9, 5, 6, 8, 10};
    unsigned state = s ? s->state >> 8 : 0;
    return state < PICO_SOCKET_STATE_TCP_ARRAYSIZ ? number[state] : 0;
}

static void set_options(struct pico_socket *s) {
    uint32_t receive = lastack_receive_buffer, send = send_buffer > SEND_LEAST ? send_buffer : SEND_LEAST;
    pico_socket_setoption(s, PICO_SOCKET_OPT_RCVBUF, &receive);
    pico_socket_setoption(s, PICO_SOCKET_OPT_SNDBUF, &send);
    if (nagle < 2) {
        int off = nagle == 0;
        pico_socket_setoption(s, PICO_TCP_NODELAY, &off);
    }
    if (keep_alive) {
        uint32_t idle = (uint32_t)(keep_alive / 1000), count = 3;
        pico_socket_setoption(s, PICO_SOCKET_OPT_KEEPIDLE, &idle);
        pico_socket_setoption(s, PICO_SOCKET_OPT_KEEPINTVL, &idle);
        pico_socket_setoption(s, PICO_SOCKET_OPT_KEEPCNT, &count);
    }
}

static uint8_t why(void) {
    switch (pico_err) {
    case PICO_ERR_EADDRINUSE: return EXISTS;
    case PICO_ERR_ENOMEM: return NO_RESOURCES;
    default: return INVALID;
    }
}

static uint8_t open_socket(uint8_t handle, uint16_t port, const uint8_t *remote, uint16_t remote_port) {
    struct held *h = &held[handle];
    if (h->socket) return EXISTS;
    memset(h, 0, sizeof *h);
    struct pico_socket *s = pico_socket_open(PICO_PROTO_IPV4, PICO_PROTO_TCP, wakeup);
    if (!s) return NO_RESOURCES;
    set_options(s);
    struct pico_ip4 own, peer;
    pico_string_to_ipv4("192.0.2.1", &own.addr);
    uint16_t local = short_be(port);
    if (pico_socket_bind(s, &own, &local) < 0) {
        uint8_t outcome = why();
        pico_socket_close(s);
        return outcome;
    }
    h->socket = s;
    if (remote) {
        memcpy(&peer.addr, remote, 4);
        if (pico_socket_connect(s, &peer, short_be(remote_port)) == 0) return DONE;
    } else {
        h->listens = 1;
        if (pico_socket_listen(s, BACKLOG) == 0) return DONE;
    }
    uint8_t outcome = why();
    pico_socket_del(s);
    h->socket = NULL;
    return outcome;
}

static uint8_t accept_on(struct held *h, uint8_t taken) {
    struct pico_ip4 peer;
    uint16_t port;
    if (held[taken].socket) return EXISTS;
    struct pico_socket *s = h->listens ? pico_socket_accept(h->socket, &peer, &port) : NULL;
    if (!s) return h->listens ? WOULD_BLOCK : INVALID;
    memset(&held[taken], 0, sizeof held[taken]);
    held[taken].socket = s;
    held[taken].opened = 1;
    set_options(s);
    return DONE;
}

/* What a connection that is gone answers. */
static uint8_t gone(const struct held *h) {
    if (h->error == PICO_ERR_ECONNREFUSED) return REFUSED;
    if (h->error == PICO_ERR_ECONNRESET) return WAS_RESET;
    return NO_CONNECTION;
}

static uint8_t send_text(struct held *h, const uint8_t *octets, size_t len, uint32_t *count) {
    if (h->listens) return INVALID;
    if (h->closed || h->socket->state & PICO_SOCKET_STATE_SHUT_LOCAL) return CLOSING;
    if (state_of(h->socket) == 2 || state_of(h->socket) == 3) return WOULD_BLOCK;
    int n = pico_socket_write(h->socket, octets, (int)len);
    if (n < 0) return FAILED;
    *count = (uint32_t)n;
    return n == 0 && len > 0 ? WOULD_BLOCK : OCTETS;
}

static uint8_t receive_text(struct held *h, uint8_t *octets, size_t most, uint32_t *count) {
    if (h->listens) return INVALID;
    if (h->closed) return CLOSING;
    int n = pico_socket_read(h->socket, octets, (int)most);
    if (n < 0) return pico_err == PICO_ERR_ESHUTDOWN ? END_OF_STREAM : FAILED;
    *count = (uint32_t)n;
    return n > 0 ? OCTETS : WOULD_BLOCK;
}

static uint8_t close_both(struct held *h, int abort) {
    if (h->closed) return CLOSING;
    h->closed = 1;
    /* picoTCP's way to abort: a lingering of no time. */
    uint32_t none = 0;
    if (abort && !h->listens) pico_socket_setoption(h->socket, PICO_SOCKET_OPT_LINGER, &none);
    pico_socket_close(h->socket);
    return DONE;
}

static uint8_t shut_write(struct held *h) {
    if (h->listens) return INVALID;
    if (h->closed || h->socket->state & PICO_SOCKET_STATE_SHUT_LOCAL) return CLOSING;
    return pico_socket_shutdown(h->socket, PICO_SHUT_WR) == 0 ? DONE : INVALID;
}

static uint8_t set(struct held *h, uint8_t what, const uint8_t *fields) {
    uint32_t value;
    switch (what) {
    case 10: value = fields[0] == 0; return pico_socket_setoption(h->socket, PICO_TCP_NODELAY, &value) == 0 ? DONE : INVALID;
    case 13:
        value = (uint32_t)(get64(fields) / 1000);
        pico_socket_setoption(h->socket, PICO_SOCKET_OPT_KEEPINTVL, &value);
        return pico_socket_setoption(h->socket, PICO_SOCKET_OPT_KEEPIDLE, &value) == 0 ? DONE : INVALID;
    default: return UNSUPPORTED;
    }
}

static void call(uint8_t handle, uint8_t what, const uint8_t *fields, size_t len) {
    static uint8_t octets[OCTETS_MAX];
    struct held *h = &held[handle];
    uint32_t value = 0;
    uint8_t outcome;
    if (what == 1) outcome = open_socket(handle, get16(fields), NULL, 0);
    else if (what == 2) outcome = open_socket(handle, get16(fields), fields + 3, get16(fields + 7));
    else if (what == 9) { outcome = IN_STATE; value = state_of(h->socket); }
    else if (!h->socket && what == 5 && h->peer_closed && !h->closed) outcome = END_OF_STREAM;
    else if (!h->socket) outcome = gone(h);
    else switch (what) {
    case 3: outcome = accept_on(h, fields[0]); break;
    case 4: outcome = send_text(h, fields, len, &value); break;
    case 5: {
        size_t most = get32(fields);
        outcome = receive_text(h, octets, most < sizeof octets ? most : sizeof octets, &value);
        break;
    }
    case 6: outcome = shut_write(h); break;
    case 7: outcome = close_both(h, 0); break;
    case 8: outcome = close_both(h, 1); break;
    default: outcome = set(h, what, fields);
    }
    sweep();
    uint8_t head[6] = {outcome};
    put32(head + 1, value);
    head[5] = state_of(h->socket);
    size_t count = what == 5 && outcome == OCTETS ? value : 0;
    say_head(R_OUTCOME, sizeof head + count);
    say_octets(head, sizeof head);
    say_octets(octets, count);
}

/* Lets the stack work until it is quiet at this instant. */
static void poll(size_t most, const uint8_t *handles, uint8_t count) {
    room = most;
    sent = 0;
    size_t before = 0;
    for (int ticks = 0, quiet = 0; ticks < TICKS_MAX && quiet < QUIET_TICKS; ticks++) {
        pico_stack_tick();
        sweep();
        quiet = sent == before ? quiet + 1 : 0;
        before = sent;
        if (sent >= room && device->q_out->frames > 0) break;
    }
    uint8_t fields[18 + 255 * (2 + SIGNALS_MAX)];
    size_t len = 18;
    fields[0] = room > 0 && sent >= room && device->q_out->frames > 0;
    pico_time next = lastack_next_timer();
    fields[1] = next != 0;
    uint64_t at = next > START_MS ? (uint64_t)(next - START_MS) * 1000 : 0;
    put64(fields + 2, at > now ? at : now);
    put64(fields + 10, now);
    for (uint8_t i = 0; i < count; i++) {
        struct held *h = &held[handles[i]];
        fields[len++] = state_of(h->socket);
        fields[len++] = (uint8_t)h->signal_count;
        memcpy(fields + len, h->signals, (size_t)h->signal_count);
        len += (size_t)h->signal_count;
        h->signal_count = 0;
    }
    say(R_QUIET, fields, len);
}

/* ---- one scenario ---- */

static void reset(const uint8_t *fields, size_t len) {
    static const char only4[] = "this build is for IPv4";
    if (len < 42 || fields[0] != 4) { say(R_REFUSED, only4, sizeof only4 - 1); return; }
    lastack_receive_buffer = get32(fields + 1);
    send_buffer = get32(fields + 5);
    nagle = fields[9];
    device->mtu = get16(fields + 11);
    keep_alive = get64(fields + 26);
    pico_rand_feed(get32(fields + 34));
    pico_rand_feed(get32(fields + 38));
    now = 0;
    say(R_DONE, "", 0);
}

/* Serves until a frame comes that is none of a scenario's: it stays in `in`, and its length is the result. */
static uint32_t play(uint32_t len) {
    reset(in + 1, len - 1);
    flush();
    while ((len = hear()) != 0) {
        const uint8_t *fields = in + 1;
        switch (in[0]) {
        case CALL: call(fields[0], fields[1], fields + 2, len - 3); break;
        case DELIVER: pico_stack_recv(device, in + 1, len - 1); continue;
        case ADVANCE:
            now = get64(fields);
            pico_ms_tick = START_MS + (unsigned int)(now / 1000);
            continue;
        case POLL: poll(get16(fields) == 0xffff ? SIZE_MAX : get16(fields), fields + 3, fields[2]); break;
        default: return len;
        }
        flush();
    }
    return 0;
}

/* The same in a child, for a stack that cannot be put back. */
static uint32_t play_in_child(uint32_t len) {
    uint32_t *left = (uint32_t *)(void *)(in + FRAME_MAX);
    *left = 0;
    pid_t child = fork();
    if (child < 0) _exit(1);
    if (child == 0) {
        *left = play(len);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) _exit(1);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return *left;
    static const char what[] = "the stack has ended; its report is on standard error";
    say(R_FAILED, what, sizeof what - 1);
    flush();
    return 0;
}

static int make_stack(void) {
    struct pico_ip4 own, mask;
    if (pico_stack_init() < 0) return -1;
    device = lastack_zalloc(sizeof *device);
    if (!device) return -1;
    device->send = device_send;
    if (pico_device_init(device, "pipe", NULL) < 0) return -1;
    pico_string_to_ipv4("192.0.2.1", &own.addr);
    pico_string_to_ipv4("255.255.255.0", &mask.addr);
    if (pico_ipv4_link_add(device, own, mask) < 0) return -1;
    /* Who is not on the link is behind a router, as everywhere. */
    struct pico_ip4 any = {0}, router;
    pico_string_to_ipv4("192.0.2.254", &router.addr);
    return pico_ipv4_route_add(any, any, router, 1, NULL);
}

int lastack_serve(void) {
    /* Its manual lists RFC 1337, names "linger time for TCP TIME_WAIT state" (3 s by default), and says that
     * pico_socket_close "always closes read and write connection"; it is silent about the rest. */
    static const char hello[] = "\0\1name picotcp\nversion sys-0.2.1\n"
                                "profile time_wait_rst=ignore,msl=1500ms,half_duplex=yes\n"
                                "can ipv4 many exact-recv-buffer reads-when-full half-close keep-alive virtual-time names-errors\n"
                                "listener forks 16\n";
    in = mmap(NULL, FRAME_MAX + sizeof(uint32_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in == MAP_FAILED || !lastack_begin() || make_stack() < 0) return 1;
    int keeps = lastack_keep();
    uint32_t len = hear();
    while (len != 0) {
        if (in[0] == HELLO) {
            say(R_HELLO, hello, sizeof hello - 1);
            flush();
            len = hear();
        } else if (in[0] != RESET) {
            return 1;
        } else if (keeps && lastack_put_back()) {
            len = play(len);
        } else {
            len = play_in_child(len);
        }
    }
    return 0;
}
