#ifndef CHOST_H
#define CHOST_H

/* What Swift cannot call: variadic system calls, ioctls, calls that glibc does not wrap.
   Every function returns a value >= 0, or -errno. Interrupted calls (EINTR) are repeated here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chost_metadata {
    uint32_t mode; /* with the type bits */
    uint32_t uid, gid, links;
    uint64_t size, inode, device, blocks;
    uint32_t device_major, device_minor;
    int64_t modified_seconds, changed_seconds;
    uint32_t modified_nanoseconds, changed_nanoseconds;
};

/* -- Opening. `flags` are O_ flags; O_CLOEXEC is always added. -- */
int64_t chost_open(const char *path, int flags, uint32_t mode);
int64_t chost_openat(int directory, const char *path, int flags, uint32_t mode);
/* Resolves `path` with `root` as "/": symlinks, ".." and absolute paths stay inside; magic links are refused. */
int64_t chost_open_in_root(int root, const char *path, int flags, uint32_t mode);
/* Resolves `path` below `root` without following any symlink. */
int64_t chost_open_beneath(int root, const char *path, int flags, uint32_t mode);
/* Opens the directory that holds the last component of `path` and points `name` to that component inside `path`.
   Returns `root` itself when there is no parent to open, else a descriptor that the caller closes.
   -EINVAL when the last component is "", "." or "..". */
int64_t chost_open_parent(int root, const char *path, const char **name);
int64_t chost_close(int descriptor);
int64_t chost_duplicate(int descriptor);

/* -- Metadata -- */
/* An empty `name` means the descriptor itself. */
int64_t chost_metadata_at(int directory, const char *name, bool follow, struct chost_metadata *out);
int64_t chost_path_metadata(const char *path, bool follow, struct chost_metadata *out);
int64_t chost_getdents(int directory, void *buffer, size_t size);
int64_t chost_readlinkat(int directory, const char *name, char *buffer, size_t size);
int64_t chost_realpath(int descriptor, char *buffer, size_t size);

/* -- Names -- */
int64_t chost_mkdirat(int directory, const char *name, uint32_t mode);
int64_t chost_unlinkat(int directory, const char *name, bool is_directory);
int64_t chost_symlinkat(const char *target, int directory, const char *name);
int64_t chost_linkat(int from_directory, const char *from, int to_directory, const char *to);
/* `mode` holds the type bits. */
int64_t chost_mknodat(int directory, const char *name, uint32_t mode, uint32_t major, uint32_t minor);
enum { CHOST_RENAME_NOREPLACE = 1, CHOST_RENAME_EXCHANGE = 2 };
int64_t chost_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);

/* -- Attributes; an empty `name` means the descriptor itself. Never follow a symlink. -- */
int64_t chost_chown(int directory, const char *name, uint32_t uid, uint32_t gid);
int64_t chost_chmod(int directory, const char *name, uint32_t mode);
int64_t chost_set_modified(int directory, const char *name, int64_t seconds, int64_t nanoseconds);
int64_t chost_listxattr(int directory, const char *name, char *buffer, size_t size);
int64_t chost_getxattr(int directory, const char *name, const char *key, void *buffer, size_t size);
int64_t chost_setxattr(int directory, const char *name, const char *key, const void *value, size_t size);
int64_t chost_removexattr(int directory, const char *name, const char *key);

/* -- Bytes -- */
int64_t chost_read(int descriptor, void *buffer, size_t size);
int64_t chost_pread(int descriptor, void *buffer, size_t size, int64_t offset);
int64_t chost_write(int descriptor, const void *buffer, size_t size);
int64_t chost_pwrite(int descriptor, const void *buffer, size_t size, int64_t offset);
int64_t chost_truncate(int descriptor, int64_t size);
int64_t chost_allocate(int descriptor, int64_t size);
int64_t chost_sync(int descriptor);
int64_t chost_seek_data(int descriptor, int64_t offset);
int64_t chost_seek_hole(int descriptor, int64_t offset);
int64_t chost_seek(int descriptor, int64_t offset);
int64_t chost_clone_file(int from, int to);
int64_t chost_copy_range(int from, int to, int64_t offset, size_t size);
int64_t chost_sequential(int descriptor);

/* -- Locks -- */
int64_t chost_flock(int descriptor, bool exclusive, bool wait);
int64_t chost_unlock(int descriptor);

/* -- Mounts -- */
int64_t chost_fsopen(const char *type);
int64_t chost_fsconfig_string(int context, const char *key, const char *value);
int64_t chost_fsconfig_flag(int context, const char *key);
int64_t chost_fsconfig_create(int context);
int64_t chost_fsmount(int context, bool read_only);
/* A private copy of the mount at `path` (the directory tree below it), attached nowhere. */
int64_t chost_open_tree_clone(const char *path, bool read_only);
int64_t chost_move_mount(int mount, const char *target);
int64_t chost_unmount(const char *target, bool lazily);
/* For kernels without "lowerdir+": mounts in a thread that has a mount namespace of its own, takes the mount out.
   `options` refer to the lowers as 0, 1, 2 …, to the upper directory as u and to the work directory as w. */
int64_t chost_overlay_classic(
    const char *const *lowers, size_t count, const char *upper, const char *work, const char *options, bool read_only);

/* -- This process -- */
uint32_t chost_uid(void);
uint32_t chost_gid(void);
int64_t chost_processors(void);
int64_t chost_page_size(void);
void chost_now(int64_t *seconds, int64_t *nanoseconds);
int32_t chost_process(void);
/* Whether the effective capability set holds this capability. */
bool chost_has_capability(unsigned capability);
/* Starts a detached thread with an 8 MiB stack. */
int64_t chost_start_thread(void *(*body)(void *), void *argument);

#endif
