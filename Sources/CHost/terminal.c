#include "chost_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int chost_terminal_size(int fd, int *columns, int *rows) {
    struct winsize size;
    if (!isatty(fd)) return 0;
    *columns = 0;
    *rows = 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
        *columns = size.ws_col;
        *rows = size.ws_row;
    }
    return 1;
}

static atomic_int restore_descriptor = -1;
static _Atomic(const char *) restore_bytes = NULL;

void chost_terminal_restore_with(int fd, const char *bytes) {
    atomic_store(&restore_descriptor, fd);
    atomic_store(&restore_bytes, bytes);
}

static atomic_int interrupts = 0;
static int wake[2] = {-1, -1};
static void (*interrupt_handler)(void *, int) = NULL;
static void *interrupt_context = NULL;

static void on_interrupt(int signal) {
    int saved = errno;
    if (atomic_fetch_add(&interrupts, 1) > 0) {
        const char *bytes = atomic_load(&restore_bytes);
        if (bytes != NULL) {
            ssize_t ignored = write(atomic_load(&restore_descriptor), bytes, strlen(bytes));
            (void)ignored;
        }
        _exit(128 + signal);
    }
    unsigned char byte = (unsigned char)signal;
    ssize_t ignored = write(wake[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

static void on_broken_pipe(int signal) { (void)signal; }

static void *wait_for_interrupt(void *unused) {
    unsigned char byte;
    (void)unused;
    for (;;) {
        ssize_t got = read(wake[0], &byte, 1);
        if (got == 1) interrupt_handler(interrupt_context, byte);
        else if (got == 0 || errno != EINTR) return NULL;
    }
}

int chost_watch_interrupts(void (*handler)(void *context, int signal), void *context) {
    struct sigaction action;
    pthread_attr_t attributes;
    pthread_t thread;
    interrupt_handler = handler;
    interrupt_context = context;
    if (pipe2(wake, O_CLOEXEC) != 0) return errno;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failure = pthread_create(&thread, &attributes, wait_for_interrupt, NULL);
    pthread_attr_destroy(&attributes);
    if (failure != 0) return failure;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return 0;
}

void chost_survive_broken_pipes(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = on_broken_pipe;
    sigaction(SIGPIPE, &action, NULL);
}
