/* A stack behind the pipe protocol of lastack, version 1 (conformance/src/subject/exec/protocol.md).
 *
 * It is the smallest host that RFC 9293 allows: every port is CLOSED, so every segment but a RST is answered by a
 * RST (3.10.7.1), and every OPEN is refused for want of resources. Put your own stack where a comment says HERE.
 *
 *   cc -O2 -o template template.c
 *   lastack protocol --exec ./template          (says what is missing: a listener)
 *   lastack replay FILE --exec ./template
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELLO = 1, RESET, CALL, DELIVER, POLL, ADVANCE };
enum { R_HELLO = 129, R_DONE, R_REFUSED, R_OUTCOME, R_PACKET, R_QUIET, R_FAILED };
enum { NO_CONNECTION = 8, NO_RESOURCES = 12, IN_STATE = 13 };
enum { CALL_OPEN_PASSIVE = 1, CALL_OPEN_ACTIVE = 2, CALL_STATUS = 9 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { FRAME_MAX = 1 << 20, QUEUE_MAX = 64, PACKET_MAX = 100 };

static uint8_t in[FRAME_MAX];
static uint64_t now;
static struct { uint8_t octets[PACKET_MAX]; size_t len; } queue[QUEUE_MAX];
static size_t queued;

/* ---- numbers, big-endian ---- */

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static uint64_t get64(const uint8_t *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }
static void put16(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, (uint16_t)(v >> 16)); put16(p + 2, (uint16_t)v); }
static void put64(uint8_t *p, uint64_t v) { put32(p, (uint32_t)(v >> 32)); put32(p + 4, (uint32_t)v); }

/* ---- frames ---- */

static void say(uint8_t code, const void *fields, size_t len) {
    uint8_t head[5];
    put32(head, (uint32_t)(len + 1));
    head[4] = code;
    fwrite(head, 1, sizeof head, stdout);
    fwrite(fields, 1, len, stdout);
}

/* The next frame into `in`; its length, or 0 at the end of the input. */
static size_t hear(void) {
    uint8_t head[4];
    if (fread(head, 1, 4, stdin) != 4) return 0;
    size_t len = get32(head);
    if (len == 0 || len > FRAME_MAX || fread(in, 1, len, stdin) != len) exit(1);
    return len;
}

/* ---- the stack: RFC 9293 3.10.7.1 ---- */

static uint32_t sum(uint32_t total, const uint8_t *p, size_t len) {
    for (; len > 1; p += 2, len -= 2) total += get16(p);
    return len ? total + (uint32_t)(p[0] << 8) : total;
}

static uint16_t fold(uint32_t total) {
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

/* The sum of a TCP segment with its pseudo-header; `addresses` are source and destination. */
static uint16_t tcp_sum(const uint8_t *addresses, size_t len, const uint8_t *tcp, size_t tcp_len) {
    return fold(sum(sum(6 + (uint32_t)tcp_len, addresses, len), tcp, tcp_len));
}

/* HERE: your stack's input. */
static void input(const uint8_t *packet, size_t len) {
    static const uint8_t v4[] = {192, 0, 2, 1}, v6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    int six = len >= 40 && packet[0] >> 4 == 6;
    size_t ip = six ? 40 : 20, addr = six ? 16 : 4;
    const uint8_t *addresses = packet + (six ? 8 : 12);
    if (len < ip + 20 || (!six && (packet[0] != 0x45 || fold(sum(0, packet, 20)) != 0))) return;
    if (packet[six ? 6 : 9] != 6 || memcmp(addresses + addr, six ? v6 : v4, addr) != 0) return;
    size_t total = six ? 40u + get16(packet + 4) : get16(packet + 2);
    const uint8_t *tcp = packet + ip;
    if (total > len || total < ip + 20) return;
    size_t tcp_len = total - ip, offset = (size_t)(tcp[12] >> 4) * 4;
    if (offset < 20 || offset > tcp_len || tcp_sum(addresses, 2 * addr, tcp, tcp_len) != 0) return;
    uint8_t flags = tcp[13];
    /* A multicast, broadcast or unspecified source is nobody (MUST-63), and so is loopback from outside. */
    if (six ? addresses[0] == 0xff || memcmp(addresses, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0
            : addresses[0] == 0 || addresses[0] == 127 || addresses[0] >= 224 || addresses[3] == 255) return;
    if (flags & RST || queued == QUEUE_MAX) return;

    uint8_t *out = queue[queued].octets;
    size_t out_len = ip + 20;
    memset(out, 0, sizeof queue[queued].octets);
    memcpy(out, packet, 1);
    if (six) { put16(out + 4, 20); out[6] = 6; out[7] = 64; }
    else { put16(out + 2, (uint16_t)out_len); out[6] = 0x40; out[8] = 64; out[9] = 6; }
    uint8_t *to = out + (six ? 8 : 12), *rst = out + ip;
    memcpy(to, addresses + addr, addr);
    memcpy(to + addr, addresses, addr);
    if (!six) put16(out + 10, fold(sum(0, out, 20)));
    memcpy(rst, tcp + 2, 2);
    memcpy(rst + 2, tcp, 2);
    rst[12] = 0x50;
    if (flags & ACK) {
        memcpy(rst + 4, tcp + 8, 4); /* <SEQ=SEG.ACK><CTL=RST> */
        rst[13] = RST;
    } else { /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
        put32(rst + 8, get32(tcp + 4) + (uint32_t)(tcp_len - offset) + !!(flags & SYN) + !!(flags & FIN));
        rst[13] = RST | ACK;
    }
    put16(rst + 16, tcp_sum(to, 2 * addr, rst, 20));
    queue[queued++].len = out_len;
}

/* HERE: your stack's calls. Fields begin behind handle and call. */
static void call(uint8_t what) {
    uint8_t outcome[6] = {NO_CONNECTION}; /* outcome, value, state: CLOSED */
    if (what == CALL_OPEN_PASSIVE || what == CALL_OPEN_ACTIVE) outcome[0] = NO_RESOURCES;
    if (what == CALL_STATUS) outcome[0] = IN_STATE; /* value 0: CLOSED */
    say(R_OUTCOME, outcome, sizeof outcome);
}

/* HERE: let your stack work, send at most `room` packets. */
static void poll(size_t room, const uint8_t *handles, uint8_t count) {
    size_t sent = queued < room ? queued : room;
    for (size_t i = 0; i < sent; i++) say(R_PACKET, queue[i].octets, queue[i].len);
    memmove(queue, queue + sent, (queued - sent) * sizeof queue[0]);
    queued -= sent;
    uint8_t quiet[18 + 2 * 255] = {0};
    quiet[0] = queued > 0 && room > 0; /* more */
    quiet[1] = 0;            /* no timer */
    put64(quiet + 10, now);
    for (uint8_t i = 0; i < count; i++) {
        (void)handles[i];
        quiet[18 + 2 * i] = 0;     /* CLOSED */
        quiet[18 + 2 * i + 1] = 0; /* no signals */
    }
    say(R_QUIET, quiet, 18 + 2 * (size_t)count);
}

int main(void) {
    static const char hello[] = "\0\1name closed\nversion 1\nprofile msl=1s\ncan ipv4 ipv6 many reads-when-full virtual-time\n"
                                "listener becomes\n";
    size_t len;
    while ((len = hear()) != 0) {
        const uint8_t *fields = in + 1;
        switch (in[0]) {
        case HELLO: say(R_HELLO, hello, sizeof hello - 1); break;
        case RESET: queued = 0; now = 0; say(R_DONE, "", 0); break;
        case CALL: call(fields[1]); break;
        case DELIVER: input(fields, len - 1); continue;
        case ADVANCE: now = get64(fields); continue;
        case POLL: poll(get16(fields) == 0xffff ? SIZE_MAX : get16(fields), fields + 3, fields[2]); break;
        default: return 1;
        }
        fflush(stdout);
    }
    return 0;
}
