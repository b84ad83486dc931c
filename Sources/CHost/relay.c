#include "chost_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* More connections than this at once wait in the listener's queue. */
enum { PAIRS = 32, BUFFER = 16 << 10 };

/* Bytes on their way in one direction. */
struct way {
    int from, to;
    size_t start, end;
    bool drained; /* nothing more will come, and all has been passed on */
    char bytes[BUFFER];
};

struct pair {
    struct way out, back;
    bool used;
};

struct chost_relay {
    pthread_t thread;
    int listener, stop;
    struct sockaddr_un upstream;
    struct pair pairs[PAIRS];
};

static void drop(struct pair *pair) {
    close(pair->out.from);
    close(pair->out.to);
    pair->used = false;
}

/* Reads when there is room, writes when there is something. False when the connection is broken. */
static bool move_bytes(struct way *way) {
    if (way->drained) return true;
    if (way->start == way->end) {
        ssize_t count = recv(way->from, way->bytes, BUFFER, MSG_DONTWAIT);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        if (count == 0) {
            shutdown(way->to, SHUT_WR);
            way->drained = true;
            return true;
        }
        way->start = 0;
        way->end = (size_t)count;
    }
    ssize_t count = send(way->to, way->bytes + way->start, way->end - way->start, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    way->start += (size_t)count;
    return true;
}

static void accept_one(struct chost_relay *relay) {
    struct pair *pair = NULL;
    for (int i = 0; i < PAIRS && !pair; i++)
        if (!relay->pairs[i].used) pair = &relay->pairs[i];
    if (!pair) return;
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) return;
    /* Not blocking: a queue that is full is an agent that does not answer. */
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&relay->upstream, sizeof relay->upstream) != 0) {
        if (server >= 0) close(server);
        close(client);
        return;
    }
    pair->used = true;
    pair->out = (struct way){.from = client, .to = server};
    pair->back = (struct way){.from = server, .to = client};
}

/* A way waits for its reader's end while it is empty, and for its writer's end while it is not. */
static void watch(const struct way *way, struct pollfd *from, struct pollfd *to) {
    if (way->drained) return;
    if (way->start == way->end) from->events |= POLLIN;
    else to->events |= POLLOUT;
}

static void *serve(void *argument) {
    struct chost_relay *relay = argument;
    for (;;) {
        struct pollfd polled[2 + 2 * PAIRS];
        bool full = true;
        for (int i = 0; i < PAIRS; i++) {
            struct pair *pair = &relay->pairs[i];
            struct pollfd *client = &polled[2 + 2 * i], *server = client + 1;
            *client = (struct pollfd){.fd = -1};
            *server = (struct pollfd){.fd = -1};
            if (!pair->used) {
                full = false;
                continue;
            }
            watch(&pair->out, client, server);
            watch(&pair->back, server, client);
            if (client->events) client->fd = pair->out.from;
            if (server->events) server->fd = pair->out.to;
        }
        polled[0] = (struct pollfd){.fd = relay->stop, .events = POLLIN};
        polled[1] = (struct pollfd){.fd = full ? -1 : relay->listener, .events = POLLIN};
        if (poll(polled, 2 + 2 * PAIRS, -1) < 0 && errno != EINTR) break;
        if (polled[0].revents) break;
        for (int i = 0; i < PAIRS; i++) {
            struct pair *pair = &relay->pairs[i];
            if (!pair->used || !(polled[2 + 2 * i].revents | polled[3 + 2 * i].revents)) continue;
            bool lives = move_bytes(&pair->out) && move_bytes(&pair->back);
            if (!lives || (pair->out.drained && pair->back.drained)) drop(pair);
        }
        if (polled[1].revents) accept_one(relay);
    }
    for (int i = 0; i < PAIRS; i++)
        if (relay->pairs[i].used) drop(&relay->pairs[i]);
    return NULL;
}

static int64_t failed(struct chost_relay *relay) {
    int64_t error = -(int64_t)errno;
    if (relay->listener >= 0) close(relay->listener);
    if (relay->stop >= 0) close(relay->stop);
    free(relay);
    return error;
}

int64_t chost_relay_start(
    int directory, const char *name, const char *upstream, uint32_t mode, uint32_t uid, uint32_t gid,
    chost_relay **out) {
    struct chost_relay *relay = calloc(1, sizeof *relay);
    if (!relay) return -ENOMEM;
    relay->listener = relay->stop = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    relay->upstream.sun_family = AF_UNIX;
    errno = ENAMETOOLONG;
    if (strlen(upstream) >= sizeof relay->upstream.sun_path) return failed(relay);
    strcpy(relay->upstream.sun_path, upstream);
    /* The only way to name a place in a mount that is attached nowhere. */
    int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof address.sun_path) return failed(relay);
    relay->stop = eventfd(0, EFD_CLOEXEC);
    relay->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (relay->stop < 0 || relay->listener < 0) return failed(relay);
    if (bind(relay->listener, (struct sockaddr *)&address, sizeof address) != 0) return failed(relay);
    if (fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) return failed(relay);
    if (fchmodat(directory, name, mode, 0) != 0) return failed(relay);
    if (listen(relay->listener, PAIRS) != 0) return failed(relay);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&relay->thread, NULL, serve, relay);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    if (failure != 0) return failed(relay);
    *out = relay;
    return 0;
}

void chost_relay_stop(chost_relay *relay) {
    uint64_t one = 1;
    while (write(relay->stop, &one, sizeof one) < 0 && errno == EINTR) {}
    pthread_join(relay->thread, NULL);
    close(relay->listener);
    close(relay->stop);
    free(relay);
}
