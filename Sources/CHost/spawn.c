#include "chost_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
enum { STACK = 256 << 10, EMPTY_PATH = 4 /* MOVE_MOUNT_F_EMPTY_PATH */ };

struct chost_spawner {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const char *const *joined; /* only until the thread is ready */
    size_t joined_count;
    void *stack;
    const struct chost_spawn *job;
    struct chost_spawned *result;
    int64_t ready; /* 1: not yet, 0: ready, < 0: failed */
    bool stop;
};

/* -- In the child, in the memory of the parent, whose thread waits -- */

struct birth {
    const struct chost_spawn *spawn;
    struct chost_spawned *result;
    int parent; /* pidfd */
};

static void reset_signals(void) {
    /* The kernel's own calls: glibc keeps two signals to itself, and they may have come in ignored. All zeros is
       SIG_DFL in every layout of the kernel's struct. */
    uint64_t standard[8] = {0};
    for (int signal = 1; signal < NSIG; signal++)
        if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, standard, NULL, sizeof(uint64_t));
    uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

static int attach_root(const struct chost_spawn *spawn) {
    if (spawn->root_mount >= 0)
        return (int)syscall(
            SYS_move_mount, spawn->root_mount, "", AT_FDCWD, spawn->root_target, EMPTY_PATH);
    return mount(spawn->root_directory, spawn->root_target, NULL, MS_BIND | MS_REC, NULL);
}

/* crun copies itself, or makes a read-only mount of itself, and starts a second time, so that a container cannot write
   to its file. When its file is on a read-only mount already it goes straight on, which saves a fifth of its time.
   No harm when this fails. */
static void seal(const char *path) {
    if (mount(path, path, NULL, MS_BIND, NULL) == 0) mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
}

static int place_streams(const int streams[3]) {
    int moved[3];
    /* A stream may itself have a number from 0 to 2 that another one is to get. */
    for (int i = 0; i < 3; i++) {
        moved[i] = streams[i];
        if (streams[i] >= 0 && streams[i] < 3 && (moved[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3)) < 0) return -1;
    }
    for (int i = 0; i < 3; i++)
        if (moved[i] >= 0 && dup2(moved[i], i) < 0) return -1;
    return 0;
}

static int prepare_mounts(const struct chost_spawn *spawn) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return CHOST_STAGE_MOUNTS_PRIVATE;
    for (const char *const *path = spawn->unmounted; path && *path; path++) umount2(*path, MNT_DETACH);
    for (const char *const *path = spawn->read_only; path && *path; path++)
        mount(NULL, *path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) return CHOST_STAGE_PROC;
    if (spawn->root_target && attach_root(spawn) != 0) return CHOST_STAGE_ROOT;
    for (int i = 0; spawn->mount_targets && spawn->mount_targets[i]; i++)
        if (syscall(SYS_move_mount, spawn->mounts[i], "", AT_FDCWD, spawn->mount_targets[i], EMPTY_PATH) != 0)
            return CHOST_STAGE_ATTACH;
    if (spawn->sealed) seal(spawn->executable);
    return 0;
}

static int child(void *argument) {
    struct birth *birth = argument;
    const struct chost_spawn *spawn = birth->spawn;
    int stage = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (spawn->group == CHOST_GROUP_SESSION) setsid();
    if (spawn->group == CHOST_GROUP_OWN) setpgid(0, 0);
    if (spawn->isolated) stage = prepare_mounts(spawn);
    if (stage == 0 && place_streams(spawn->streams) != 0) stage = CHOST_STAGE_STREAMS;
    if (stage == 0 && spawn->directory && chdir(spawn->directory) != 0) stage = CHOST_STAGE_DIRECTORY;
    /* The parent may have died before PR_SET_PDEATHSIG, when nobody heard of it. getppid() is 0 in a new pid
       namespace either way; its pidfd tells. */
    struct pollfd parent = {.fd = birth->parent, .events = POLLIN};
    if (stage == 0 && birth->parent >= 0 && poll(&parent, 1, 0) > 0) stage = CHOST_STAGE_PARENT;
    if (stage == 0) {
        umask(022);
        syscall(SYS_close_range, 3, ~0U, 0);
        reset_signals();
        execve(spawn->executable, spawn->arguments, spawn->environment);
        stage = CHOST_STAGE_EXECUTE;
    }
    birth->result->error = errno;
    birth->result->stage = stage;
    _exit(127);
}

/* -- In the spawner's thread -- */

/* clone3 with a stack and a function for the child: glibc has none. -ENOSYS where nobody wrote it. */
static long clone_into(struct clone_args *arguments, int (*body)(void *), void *argument) {
#if defined(__x86_64__)
    long result;
    register void *function __asm__("r12") = (void *)body;
    register void *data __asm__("r13") = argument;
    __asm__ volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xor %%ebp, %%ebp\n\t"
        "mov %%r13, %%rdi\n\t"
        "call *%%r12\n\t"
        "hlt\n"
        "1:"
        : "=a"(result)
        : "0"(SYS_clone3), "D"(arguments), "S"(sizeof *arguments), "r"(function), "r"(data)
        : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x0 __asm__("x0") = (long)arguments;
    register long x1 __asm__("x1") = sizeof *arguments;
    register long x8 __asm__("x8") = SYS_clone3;
    register void *function __asm__("x20") = (void *)body;
    register void *data __asm__("x21") = argument;
    __asm__ volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x29, #0\n\t"
        "mov x0, x21\n\t"
        "blr x20\n\t"
        "brk #1\n"
        "1:"
        : "+r"(x0)
        : "r"(x1), "r"(x8), "r"(function), "r"(data)
        : "memory");
    return x0;
#else
    (void)arguments, (void)body, (void)argument;
    return -ENOSYS;
#endif
}

static int enter_cgroup(int directory, int pid) {
    char text[16];
    int length = 0;
    do text[15 - length++] = (char)('0' + pid % 10);
    while ((pid /= 10) > 0);
    int file = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t written = write(file, text + 16 - length, (size_t)length);
    int error = errno;
    close(file);
    errno = error;
    return written == length ? 0 : -1;
}

static void give_birth(struct chost_spawner *spawner, const struct chost_spawn *spawn, struct chost_spawned *out) {
    struct birth birth = {.spawn = spawn, .result = out};
    uint64_t flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
    int pidfd = -1;
    if (spawn->isolated) flags |= CLONE_NEWNS | CLONE_NEWPID;
    birth.parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
    struct clone_args arguments = {
        .flags = flags | (spawn->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)spawner->stack,
        .stack_size = STACK,
        .cgroup = spawn->cgroup >= 0 ? (uint64_t)spawn->cgroup : 0,
    };
    long pid = clone_into(&arguments, child, &birth);
    if (pid == -ENOSYS || (pid == -E2BIG && spawn->cgroup >= 0)) {
        /* A sandbox around us may not know clone3. The child is moved when it runs; it needs milliseconds before it
           starts anything itself, this takes microseconds on a quiet kernel. */
        pid = clone(child, (char *)spawner->stack + STACK, (int)flags | SIGCHLD, &birth, &pidfd);
        if (pid < 0) pid = -errno;
        if (pid > 0 && out->stage == 0 && spawn->cgroup >= 0 && enter_cgroup(spawn->cgroup, (int)pid) != 0) {
            out->stage = CHOST_STAGE_CGROUP;
            out->error = errno;
            kill((pid_t)pid, SIGKILL);
        }
    }
    if (birth.parent >= 0) close(birth.parent);
    if (pid < 0) {
        out->stage = CHOST_STAGE_CLONE;
        out->error = (int32_t)-pid;
        return;
    }
    if (out->stage != 0) {
        close(pidfd);
        while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR) {}
        return;
    }
    out->pid = (int32_t)pid;
    out->pidfd = pidfd;
}

static int64_t join(const char *const *paths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int file = open(paths[i], O_WRONLY | O_CLOEXEC);
        if (file < 0) return -errno;
        ssize_t written = write(file, "0", 1); /* "0" is the calling thread */
        int error = errno;
        close(file);
        if (written != 1) return -error;
    }
    return 0;
}

static void *serve(void *argument) {
    struct chost_spawner *spawner = argument;
    int64_t ready = join(spawner->joined, spawner->joined_count);
    pthread_mutex_lock(&spawner->mutex);
    spawner->ready = ready;
    pthread_cond_broadcast(&spawner->changed);
    while (ready == 0 && !spawner->stop) {
        if (!spawner->job) {
            pthread_cond_wait(&spawner->changed, &spawner->mutex);
            continue;
        }
        /* The caller waits for this job; nobody else touches it. */
        pthread_mutex_unlock(&spawner->mutex);
        give_birth(spawner, spawner->job, spawner->result);
        pthread_mutex_lock(&spawner->mutex);
        spawner->job = NULL;
        pthread_cond_broadcast(&spawner->changed);
    }
    pthread_mutex_unlock(&spawner->mutex);
    return NULL;
}

/* -- In the callers' threads -- */

static void release(struct chost_spawner *spawner) {
    pthread_cond_destroy(&spawner->changed);
    pthread_mutex_destroy(&spawner->mutex);
    munmap(spawner->stack, STACK);
    free(spawner);
}

int64_t chost_spawner_create(const char *const *joined, size_t count, chost_spawner **out) {
    struct chost_spawner *spawner = calloc(1, sizeof *spawner);
    if (!spawner) return -ENOMEM;
    spawner->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (spawner->stack == MAP_FAILED) {
        free(spawner);
        return -ENOMEM;
    }
    pthread_mutex_init(&spawner->mutex, NULL);
    pthread_cond_init(&spawner->changed, NULL);
    spawner->joined = joined;
    spawner->joined_count = count;
    spawner->ready = 1;
    /* The thread inherits the mask: no handler of this process ever runs in it, nor in a child of it. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&spawner->thread, NULL, serve, spawner);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        release(spawner);
        return -failure;
    }
    pthread_mutex_lock(&spawner->mutex);
    while (spawner->ready > 0) pthread_cond_wait(&spawner->changed, &spawner->mutex);
    int64_t ready = spawner->ready;
    pthread_mutex_unlock(&spawner->mutex);
    spawner->joined = NULL;
    if (ready < 0) {
        pthread_join(spawner->thread, NULL);
        release(spawner);
        return ready;
    }
    *out = spawner;
    return 0;
}

int chost_spawner_spawn(chost_spawner *spawner, const struct chost_spawn *spawn, struct chost_spawned *out) {
    memset(out, 0, sizeof *out);
    out->pidfd = -1;
    pthread_mutex_lock(&spawner->mutex);
    spawner->job = spawn;
    spawner->result = out;
    pthread_cond_broadcast(&spawner->changed);
    while (spawner->job) pthread_cond_wait(&spawner->changed, &spawner->mutex);
    pthread_mutex_unlock(&spawner->mutex);
    return out->stage == 0 ? 0 : -1;
}

void chost_spawner_destroy(chost_spawner *spawner) {
    pthread_mutex_lock(&spawner->mutex);
    spawner->stop = true;
    pthread_cond_broadcast(&spawner->changed);
    pthread_mutex_unlock(&spawner->mutex);
    pthread_join(spawner->thread, NULL);
    release(spawner);
}

int64_t chost_poll_readable(const int *descriptors, size_t count, int milliseconds, uint32_t *ready) {
    struct pollfd polled[8];
    if (count > 8) return -EINVAL;
    for (size_t i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    int result;
    do result = poll(polled, (nfds_t)count, milliseconds);
    while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    *ready = 0;
    for (size_t i = 0; i < count; i++)
        if (polled[i].revents != 0) *ready |= 1U << i;
    return result;
}

int64_t chost_reap(int pid) {
    int status = 0;
    pid_t result;
    do result = waitpid(pid, &status, 0);
    while (result < 0 && errno == EINTR);
    if (result < 0) return -errno;
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

int64_t chost_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : -errno;
}

int64_t chost_pipe(int out[2]) { return pipe2(out, O_CLOEXEC) == 0 ? 0 : -errno; }

int64_t chost_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : -errno;
}

/* -- Signals -- */

static atomic_int forwarded = -1;
static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };
static struct sigaction before_forwarding[PASSED_ON];

static void forward(int signal) {
    int error = errno;
    int pidfd = atomic_load(&forwarded);
    if (pidfd >= 0) syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
    errno = error;
}

int64_t chost_forward_signals(int pidfd) {
    int none = -1;
    if (!atomic_compare_exchange_strong(&forwarded, &none, pidfd)) return -EBUSY;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigfillset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    action.sa_handler = forward;
    for (int i = 0; i < PASSED_ON; i++) sigaction(passed_on[i], &action, &before_forwarding[i]);
    return 0;
}

void chost_stop_forwarding(void) {
    for (int i = 0; i < PASSED_ON; i++) sigaction(passed_on[i], &before_forwarding[i], NULL);
    atomic_store(&forwarded, -1);
}
