#include "chost_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- Devices of a version 2 control group: a program instead of version 1's lists (kernel docs, cgroup-v2.rst, "Device
   controller"). The context holds { access << 16 | type, major, minor }; 1 lets the call pass. -- */

enum { ANY = -1 };
static const struct { int major, minor; } allowed_devices[] = {
    {1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}, {136, ANY}, {10, 200},
};
enum { ALLOWED_DEVICES = sizeof allowed_devices / sizeof *allowed_devices };

#define LOAD(to, from, at) ((struct bpf_insn){BPF_LDX | BPF_MEM | BPF_W, to, from, at, 0})
#define COPY(to, from) ((struct bpf_insn){BPF_ALU | BPF_MOV | BPF_X, to, from, 0, 0})
#define AND(to, value) ((struct bpf_insn){BPF_ALU | BPF_AND | BPF_K, to, 0, 0, value})
#define SHIFT(to, value) ((struct bpf_insn){BPF_ALU | BPF_RSH | BPF_K, to, 0, 0, value})
#define SET(to, value) ((struct bpf_insn){BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value})
#define UNLESS(what, value, skip) ((struct bpf_insn){BPF_JMP | BPF_JNE | BPF_K, what, 0, skip, value})
#define RETURN ((struct bpf_insn){BPF_JMP | BPF_EXIT, 0, 0, 0, 0})

int64_t chost_restrict_devices(int cgroup) {
    struct bpf_insn program[16 + ALLOWED_DEVICES * 4];
    int n = 0;
    program[n++] = LOAD(2, 1, 0); /* type and access */
    program[n++] = LOAD(4, 1, 4); /* major */
    program[n++] = LOAD(5, 1, 8); /* minor */
    program[n++] = COPY(3, 2);
    program[n++] = SHIFT(3, 16);
    program[n++] = AND(2, 0xFFFF);
    /* Making a node is not opening it. */
    program[n++] = UNLESS(3, BPF_DEVCG_ACC_MKNOD, 2);
    program[n++] = SET(0, 1);
    program[n++] = RETURN;
    program[n++] = UNLESS(2, BPF_DEVCG_DEV_CHAR, ALLOWED_DEVICES * 4);
    for (int i = 0; i < ALLOWED_DEVICES; i++) {
        program[n++] = UNLESS(4, allowed_devices[i].major, 3);
        /* "AND 0 then compare with 0" would do for any minor too; a jump of 0 does the same. */
        program[n++] = UNLESS(5, allowed_devices[i].minor, (allowed_devices[i].minor == ANY ? 0 : 2));
        program[n++] = SET(0, 1);
        program[n++] = RETURN;
    }
    program[n++] = SET(0, 0);
    program[n++] = RETURN;

    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = (uint64_t)(uintptr_t)program;
    attributes.insn_cnt = (uint32_t)n;
    attributes.license = (uint64_t)(uintptr_t)"Apache-2.0";
    int loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
    if (loaded < 0) return -errno;
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)loaded;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    int64_t result = syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes) == 0 ? 0 : -errno;
    close(loaded);
    return result;
}

/* -- Facts -- */

int64_t chost_open_file_limit(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

bool chost_is_terminal(int descriptor) { return isatty(descriptor) == 1; }

int64_t chost_file_system_space(const char *path, uint64_t *free_bytes, uint64_t *total_bytes) {
    struct statvfs status;
    if (statvfs(path, &status) != 0) return -errno;
    *free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    *total_bytes = (uint64_t)status.f_blocks * status.f_frsize;
    return 0;
}

void chost_kernel(char *release, char *machine) {
    struct utsname name;
    memset(&name, 0, sizeof name);
    uname(&name);
    memcpy(release, name.release, 65);
    memcpy(machine, name.machine, 65);
}

static int leave_at_once(void *argument) {
    (void)argument;
    _exit(0);
}

int64_t chost_try_user_namespace(void) {
    static _Thread_local char stack[16 << 10] __attribute__((aligned(16)));
    int pid = clone(leave_at_once, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_NEWUSER | SIGCHLD, NULL);
    if (pid < 0) return -errno;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return 0;
}

bool chost_has_seccomp(void) {
    uint32_t action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool chost_has_openat2(void) {
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    long opened = syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how);
    if (opened >= 0) close((int)opened);
    return opened >= 0;
}

bool chost_is_executable(const char *path) { return access(path, X_OK) == 0; }

bool chost_is_writable(const char *path) { return access(path, W_OK) == 0; }
