#ifndef CHOST_SPAWN_H
#define CHOST_SPAWN_H

/* Starting a program in a mount and process namespace of its own. The child shares this process's memory until it
   executes the program (a fork of a big process takes tens of milliseconds), so everything it does is C, on a stack of
   its own, and nothing in it allocates or locks. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far the child had come when it failed. */
enum {
    CHOST_STAGE_CLONE = 1,
    CHOST_STAGE_CGROUP,
    CHOST_STAGE_PARENT, /* this process died meanwhile */
    CHOST_STAGE_MOUNTS_PRIVATE,
    CHOST_STAGE_PROC,
    CHOST_STAGE_ROOT,
    CHOST_STAGE_ATTACH,
    CHOST_STAGE_STREAMS,
    CHOST_STAGE_DIRECTORY,
    CHOST_STAGE_EXECUTE
};

/* To which session and process group the child belongs. */
enum { CHOST_GROUP_INHERITED = 0, CHOST_GROUP_OWN, CHOST_GROUP_SESSION };

struct chost_spawn {
    const char *executable;
    char *const *arguments;   /* NULL at the end */
    char *const *environment; /* NULL at the end */
    const char *directory;    /* to work in; NULL: this process's */
    int streams[3];           /* to be 0, 1 and 2; -1: this process's */
    int group;
    bool isolated; /* a new mount and pid namespace, with a fresh /proc; the rest needs this */
    int root_mount;                /* a detached mount to attach, or -1 */
    const char *root_directory;    /* else this directory is bound, recursively; NULL: no root */
    const char *root_target;       /* where */
    const int *mounts;             /* more detached mounts to attach, one for each target */
    const char *const *mount_targets; /* NULL at the end or NULL */
    const char *const *unmounted;  /* NULL at the end or NULL: mount points to take away first; errors are ignored */
    const char *const *read_only;  /* NULL at the end or NULL: mount points to make read-only; errors are ignored */
    bool sealed; /* the executable is remounted read-only onto itself */
    int cgroup;  /* directory of a version 2 control group to be born in, or -1 */
};

struct chost_spawned {
    int32_t pid;
    int32_t pidfd;
    int32_t stage; /* of a failure */
    int32_t error; /* its errno */
};

/* A thread that starts programs and then lives on: PR_SET_PDEATHSIG fires when the *thread* that started a program
   ends, and a thread hands its control groups on to what it starts.
   `joined`: "tasks" files of version 1 control groups that the thread enters, once, before its first program: entering
   takes 5 to 20 ms (the kernel waits for a grace period), inheriting nothing. */
typedef struct chost_spawner chost_spawner;
int64_t chost_spawner_create(const char *const *joined, size_t count, chost_spawner **out);
/* Returns 0 when the program runs, else -1 with stage and error in `out`. One call at a time. */
int chost_spawner_spawn(chost_spawner *spawner, const struct chost_spawn *spawn, struct chost_spawned *out);
/* Ends the thread, and with it every program that it started and that still runs. */
void chost_spawner_destroy(chost_spawner *spawner);

/* Waits until one of the descriptors can be read (or is at its end) and sets its bit. Negative ones are left out. */
int64_t chost_poll_readable(const int *descriptors, size_t count, int milliseconds, uint32_t *ready);
/* The wait status of a child that has ended: exit code, or 256 + signal. Waits. */
int64_t chost_reap(int pid);
int64_t chost_signal(int pidfd, int signal);
int64_t chost_pipe(int out[2]);
int64_t chost_set_nonblocking(int descriptor);

/* Passes SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 of this process on to a child until stopped, then puts
   the former handlers back. One child at a time: -EBUSY otherwise. */
int64_t chost_forward_signals(int pidfd);
void chost_stop_forwarding(void);

/* A socket `name` in `directory` (which may be in a detached mount): what connects to it is connected to the socket
   `upstream`, by a thread of its own, until stopped. Removes nothing. */
typedef struct chost_relay chost_relay;
int64_t chost_relay_start(
    int directory, const char *name, const char *upstream, uint32_t mode, uint32_t uid, uint32_t gid, chost_relay **out);
void chost_relay_stop(chost_relay *relay);

/* Lets the version 2 control group open only the devices that every container has (null, zero, full, random, urandom,
   tty, console, ptmx and pseudo-terminals, tun) and make any node: what docker's device list says, as a program. */
int64_t chost_restrict_devices(int cgroup);

/* Soft and hard limit on open descriptors. */
int64_t chost_open_file_limit(uint64_t *soft, uint64_t *hard);
bool chost_is_terminal(int descriptor);

/* -- What the host offers -- */
int64_t chost_file_system_space(const char *path, uint64_t *free_bytes, uint64_t *total_bytes);
/* `release` takes at least 65 bytes. */
void chost_kernel(char *release, char *machine);
/* Whether a child may make a user namespace: 0 or -errno. */
int64_t chost_try_user_namespace(void);
bool chost_has_seccomp(void);
bool chost_has_openat2(void);
bool chost_is_executable(const char *path);
bool chost_is_writable(const char *path);

#endif
