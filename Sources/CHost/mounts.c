#include "chost.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Declared here by number: glibc before 2.36 has no wrappers for these. */
#define FLAG_CLOEXEC 1
#define CONFIG_SET_FLAG 0
#define CONFIG_SET_STRING 1
#define CONFIG_CREATE 6
#define ATTRIBUTE_READ_ONLY 1
#define TREE_CLONE 1
#define MOVE_FROM_EMPTY_PATH 4

struct attributes {
    uint64_t set, clear, propagation, user_namespace;
};

static int64_t result_of(long value) { return value < 0 ? -(int64_t)errno : value; }

int64_t chost_fsopen(const char *type) { return result_of(syscall(SYS_fsopen, type, FLAG_CLOEXEC)); }

int64_t chost_fsconfig_string(int context, const char *key, const char *value) {
    return result_of(syscall(SYS_fsconfig, context, CONFIG_SET_STRING, key, value, 0));
}

int64_t chost_fsconfig_flag(int context, const char *key) {
    return result_of(syscall(SYS_fsconfig, context, CONFIG_SET_FLAG, key, NULL, 0));
}

int64_t chost_fsconfig_create(int context) {
    return result_of(syscall(SYS_fsconfig, context, CONFIG_CREATE, NULL, NULL, 0));
}

int64_t chost_fsmount(int context, bool read_only) {
    return result_of(syscall(SYS_fsmount, context, FLAG_CLOEXEC, read_only ? ATTRIBUTE_READ_ONLY : 0));
}

static int64_t make_read_only(int mount) {
    struct attributes attributes = {.set = ATTRIBUTE_READ_ONLY};
    return result_of(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
}

int64_t chost_open_tree_clone(const char *path, bool read_only) {
    int64_t mount = result_of(syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | O_CLOEXEC));
    if (mount < 0 || !read_only) return mount;
    int64_t result = make_read_only((int)mount);
    if (result == 0) return mount;
    close((int)mount);
    return result;
}

int64_t chost_move_mount(int mount, const char *target) {
    return result_of(syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_FROM_EMPTY_PATH));
}

int64_t chost_unmount(const char *target, bool lazily) {
    return result_of(umount2(target, (lazily ? MNT_DETACH : 0) | UMOUNT_NOFOLLOW));
}

struct classic {
    const char *const *lowers;
    size_t count;
    const char *upper, *work, *options;
    bool read_only;
    int64_t result;
};

/* Runs in a thread of its own: its namespace, root and working directory die with it; the mount lives on in the
   descriptor. Short names (links in a small tmpfs) let 500 lowers fit into the one page that mount(2) takes. */
static int64_t mount_classic(const struct classic *request) {
    if (unshare(CLONE_NEWNS | CLONE_FS) != 0) return -(int64_t)errno;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -(int64_t)errno;
    if (mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=0700") != 0) return -(int64_t)errno;
    if (chdir("/proc") != 0) return -(int64_t)errno;
    char name[24];
    for (size_t i = 0; i < request->count; i++) {
        snprintf(name, sizeof name, "%zu", i);
        if (symlink(request->lowers[i], name) != 0) return -(int64_t)errno;
    }
    if (request->upper && symlink(request->upper, "u") != 0) return -(int64_t)errno;
    if (request->work && symlink(request->work, "w") != 0) return -(int64_t)errno;
    if (mkdir("m", 0700) != 0) return -(int64_t)errno;
    if (mount("overlay", "m", "overlay", request->read_only ? MS_RDONLY : 0, request->options) != 0)
        return -(int64_t)errno;
    return chost_open_tree_clone("m", request->read_only);
}

static void *classic_thread(void *argument) {
    struct classic *request = argument;
    request->result = mount_classic(request);
    return NULL;
}

int64_t chost_overlay_classic(
    const char *const *lowers, size_t count, const char *upper, const char *work, const char *options, bool read_only) {
    struct classic request = {lowers, count, upper, work, options, read_only, 0};
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, classic_thread, &request);
    if (failure) return -(int64_t)failure;
    pthread_join(thread, NULL);
    return request.result;
}
