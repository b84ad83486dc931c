#include "chost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call)                                        \
    do {                                                    \
        int64_t result_;                                    \
        do {                                                \
            result_ = (int64_t)(call);                      \
        } while (result_ == -1 && errno == EINTR);          \
        return result_ == -1 ? -(int64_t)errno : result_;   \
    } while (0)

/* -- Opening -- */

int64_t chost_openat(int directory, const char *path, int flags, uint32_t mode) {
    RESULT(openat(directory, path, flags | O_CLOEXEC, (mode_t)mode));
}

int64_t chost_open(const char *path, int flags, uint32_t mode) { return chost_openat(AT_FDCWD, path, flags, mode); }

static int64_t open_resolved(int root, const char *path, int flags, uint32_t mode, uint64_t resolve) {
    struct open_how how = {0};
    how.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC);
    how.mode = (flags & (O_CREAT | __O_TMPFILE)) ? (mode & 07777) : 0;
    how.resolve = resolve;
    /* EAGAIN: a rename or mount happened while ".." was resolved; the kernel asks to try again. */
    for (int attempt = 0;; attempt++) {
        long result = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (result >= 0) return result;
        if (errno == EINTR) continue;
        if (errno == EAGAIN && attempt < 128) continue;
        return -(int64_t)errno;
    }
}

int64_t chost_open_in_root(int root, const char *path, int flags, uint32_t mode) {
    return open_resolved(root, *path ? path : ".", flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int64_t chost_open_beneath(int root, const char *path, int flags, uint32_t mode) {
    return open_resolved(root, *path ? path : ".", flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int64_t chost_open_parent(int root, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!*last || !strcmp(last, ".") || !strcmp(last, "..")) return -EINVAL;
    *name = last;
    if (!slash || slash == path) return root;
    size_t length = (size_t)(slash - path);
    if (length >= 4096) return -ENAMETOOLONG;
    char parent[4096];
    memcpy(parent, path, length);
    parent[length] = 0;
    return chost_open_in_root(root, parent, O_PATH | O_DIRECTORY, 0);
}

int64_t chost_close(int descriptor) {
    /* Linux closes the descriptor even when it reports EINTR. */
    return close(descriptor) == 0 || errno == EINTR ? 0 : -(int64_t)errno;
}

int64_t chost_duplicate(int descriptor) { RESULT(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)); }

/* -- Metadata -- */

static int64_t metadata(int directory, const char *name, int flags, struct chost_metadata *out) {
    struct statx x;
    while (statx(directory, name, flags, STATX_BASIC_STATS, &x) != 0)
        if (errno != EINTR) return -(int64_t)errno;
    out->mode = x.stx_mode;
    out->uid = x.stx_uid;
    out->gid = x.stx_gid;
    out->links = x.stx_nlink;
    out->size = x.stx_size;
    out->inode = x.stx_ino;
    out->device = makedev(x.stx_dev_major, x.stx_dev_minor);
    out->blocks = x.stx_blocks;
    out->device_major = x.stx_rdev_major;
    out->device_minor = x.stx_rdev_minor;
    out->modified_seconds = x.stx_mtime.tv_sec;
    out->modified_nanoseconds = x.stx_mtime.tv_nsec;
    out->changed_seconds = x.stx_ctime.tv_sec;
    out->changed_nanoseconds = x.stx_ctime.tv_nsec;
    return 0;
}

int64_t chost_metadata_at(int directory, const char *name, bool follow, struct chost_metadata *out) {
    return metadata(directory, name, (follow ? 0 : AT_SYMLINK_NOFOLLOW) | (*name ? 0 : AT_EMPTY_PATH), out);
}

int64_t chost_path_metadata(const char *path, bool follow, struct chost_metadata *out) {
    return metadata(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, out);
}

int64_t chost_getdents(int directory, void *buffer, size_t size) {
    RESULT(syscall(SYS_getdents64, directory, buffer, size));
}

int64_t chost_readlinkat(int directory, const char *name, char *buffer, size_t size) {
    RESULT(readlinkat(directory, name, buffer, size));
}

int64_t chost_realpath(int descriptor, char *buffer, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    RESULT(readlink(path, buffer, size));
}

/* -- Names -- */

int64_t chost_mkdirat(int directory, const char *name, uint32_t mode) {
    RESULT(mkdirat(directory, name, (mode_t)mode));
}
int64_t chost_unlinkat(int directory, const char *name, bool is_directory) {
    RESULT(unlinkat(directory, name, is_directory ? AT_REMOVEDIR : 0));
}
int64_t chost_symlinkat(const char *target, int directory, const char *name) {
    RESULT(symlinkat(target, directory, name));
}
int64_t chost_linkat(int from_directory, const char *from, int to_directory, const char *to) {
    RESULT(linkat(from_directory, from, to_directory, to, 0));
}
int64_t chost_mknodat(int directory, const char *name, uint32_t mode, uint32_t major_number, uint32_t minor_number) {
    RESULT(mknodat(directory, name, (mode_t)mode, makedev(major_number, minor_number)));
}
int64_t chost_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    RESULT(syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}

/* -- Attributes -- */

int64_t chost_chown(int directory, const char *name, uint32_t uid, uint32_t gid) {
    RESULT(fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH)));
}

static int64_t chmod_descriptor(int descriptor, uint32_t mode) {
    /* fchmod refuses O_PATH descriptors; their link in /proc does not. */
    if (fchmod(descriptor, (mode_t)mode) == 0) return 0;
    if (errno != EBADF) return -(int64_t)errno;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    RESULT(chmod(path, (mode_t)mode));
}

int64_t chost_chmod(int directory, const char *name, uint32_t mode) {
    if (!*name) return chmod_descriptor(directory, mode);
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
    static bool missing = false; /* a benign race: every thread would store the same value */
    if (!__atomic_load_n(&missing, __ATOMIC_RELAXED)) {
        if (syscall(SYS_fchmodat2, directory, name, mode, AT_SYMLINK_NOFOLLOW) == 0) return 0;
        if (errno != ENOSYS) return -(int64_t)errno;
        __atomic_store_n(&missing, true, __ATOMIC_RELAXED);
    }
    int64_t descriptor = chost_openat(directory, name, O_PATH | O_NOFOLLOW, 0);
    if (descriptor < 0) return descriptor;
    struct chost_metadata found;
    int64_t result = chost_metadata_at((int)descriptor, "", false, &found);
    if (result == 0) result = S_ISLNK(found.mode) ? -EOPNOTSUPP : chmod_descriptor((int)descriptor, mode);
    close((int)descriptor);
    return result;
}

int64_t chost_set_modified(int directory, const char *name, int64_t seconds, int64_t nanoseconds) {
    struct timespec times[2] = {{.tv_sec = seconds, .tv_nsec = nanoseconds}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    if (*name) RESULT(utimensat(directory, name, times, AT_SYMLINK_NOFOLLOW));
    if (futimens(directory, times) == 0) return 0;
    if (errno != EBADF) return -(int64_t)errno;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
    RESULT(utimensat(AT_FDCWD, path, times, 0));
}

/* The xattr calls know no directory descriptor: go through its link in /proc, then one component, not followed. */
#define WITH_PATH(call_on_name, call_on_descriptor)                                    \
    do {                                                                               \
        char path[320];                                                                \
        if (!*name) {                                                                  \
            snprintf(path, sizeof path, "/proc/self/fd/%d", directory);                \
            RESULT(call_on_descriptor);                                                \
        }                                                                              \
        if (strlen(name) > 255) return -ENAMETOOLONG;                                  \
        if (strchr(name, '/')) return -EINVAL;                                         \
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);           \
        RESULT(call_on_name);                                                          \
    } while (0)

int64_t chost_listxattr(int directory, const char *name, char *buffer, size_t size) {
    WITH_PATH(llistxattr(path, buffer, size), listxattr(path, buffer, size));
}
int64_t chost_getxattr(int directory, const char *name, const char *key, void *buffer, size_t size) {
    WITH_PATH(lgetxattr(path, key, buffer, size), getxattr(path, key, buffer, size));
}
int64_t chost_setxattr(int directory, const char *name, const char *key, const void *value, size_t size) {
    WITH_PATH(lsetxattr(path, key, value, size, 0), setxattr(path, key, value, size, 0));
}
int64_t chost_removexattr(int directory, const char *name, const char *key) {
    WITH_PATH(lremovexattr(path, key), removexattr(path, key));
}

/* -- Bytes -- */

int64_t chost_read(int descriptor, void *buffer, size_t size) { RESULT(read(descriptor, buffer, size)); }
int64_t chost_pread(int descriptor, void *buffer, size_t size, int64_t offset) {
    RESULT(pread(descriptor, buffer, size, offset));
}
int64_t chost_write(int descriptor, const void *buffer, size_t size) { RESULT(write(descriptor, buffer, size)); }
int64_t chost_pwrite(int descriptor, const void *buffer, size_t size, int64_t offset) {
    RESULT(pwrite(descriptor, buffer, size, offset));
}
int64_t chost_truncate(int descriptor, int64_t size) { RESULT(ftruncate(descriptor, size)); }
int64_t chost_allocate(int descriptor, int64_t size) { RESULT(fallocate(descriptor, 0, 0, size)); }
int64_t chost_sync(int descriptor) { RESULT(fsync(descriptor)); }
int64_t chost_seek_data(int descriptor, int64_t offset) { RESULT(lseek(descriptor, offset, SEEK_DATA)); }
int64_t chost_seek_hole(int descriptor, int64_t offset) { RESULT(lseek(descriptor, offset, SEEK_HOLE)); }
int64_t chost_seek(int descriptor, int64_t offset) { RESULT(lseek(descriptor, offset, SEEK_SET)); }
int64_t chost_clone_file(int from, int to) { RESULT(ioctl(to, FICLONE, from)); }
int64_t chost_copy_range(int from, int to, int64_t offset, size_t size) {
    loff_t in = offset, out = offset;
    RESULT(copy_file_range(from, &in, to, &out, size, 0));
}
int64_t chost_sequential(int descriptor) { return -(int64_t)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL); }

/* -- Locks -- */

int64_t chost_flock(int descriptor, bool exclusive, bool wait) {
    RESULT(flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | (wait ? 0 : LOCK_NB)));
}
int64_t chost_unlock(int descriptor) { RESULT(flock(descriptor, LOCK_UN)); }

/* -- This process -- */

uint32_t chost_uid(void) { return geteuid(); }
uint32_t chost_gid(void) { return getegid(); }
int64_t chost_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? count : 1;
}
int64_t chost_page_size(void) { return sysconf(_SC_PAGESIZE); }
void chost_now(int64_t *seconds, int64_t *nanoseconds) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *seconds = now.tv_sec;
    *nanoseconds = now.tv_nsec;
}
int32_t chost_process(void) { return getpid(); }

bool chost_has_capability(unsigned capability) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];
    memset(data, 0, sizeof data);
    if (capability > 63 || syscall(SYS_capget, &header, data) != 0) return false;
    return (data[capability / 32].effective >> (capability % 32)) & 1;
}

int64_t chost_start_thread(void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 8 << 20);
    int result = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return -(int64_t)result;
}
