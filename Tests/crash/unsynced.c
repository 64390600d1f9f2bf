/* A disk that forgets: loaded in front of libc (LD_PRELOAD), it keeps of every file of one folder what is needed to undo whatever was not
 * synced. After the process was killed, disk.py undoes all of it or some of it: what a machine may find after its power went.
 *
 * For each file a journal of undo records (offset, bytes before, size before), emptied when the file is synced; for the folder a log of
 * names made, taken away and moved, emptied when the folder is synced. Nothing is really synced: that is not what is tested, and it is slow.
 * Not seen: what is written through mmap (SQLite's -shm, which is thrown away anyway), through stdio, and below subfolders.
 *
 * Environment: UNSYNCED_FOLDER, the folder, a real path; UNSYNCED_JOURNALS, a folder on the same file system; UNSYNCED_IGNORE=1, syncs are
 * answered and not done; UNSYNCED_FAULTS, a file of `struct faults` through which another process makes the disk full, read-only or slow. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FULL = 1, READ_ONLY = 2, SYNC_FAILS = 4, SLOW = 8 };
struct faults {
    int32_t what;
    int32_t milliseconds; /* before a sync, where SLOW */
    int64_t room;         /* bytes by which files may still grow, where FULL */
    int64_t met;          /* how often a fault was met */
};

enum { WRITE = 1, TRUNCATE = 2 };
struct undo {
    uint32_t magic, kind;
    uint64_t offset; /* of a write; of a truncation the new size */
    uint64_t length; /* bytes written */
    uint64_t saved;  /* bytes that follow: what was there before */
    uint64_t size;   /* of the file before */
};
#define MAGIC 0x756e646f
#define HEAD 8 /* a journal begins with how much of it counts: what a kill cut off does not */

#define MOST 65536
static struct { ino_t inode; int journal; } tracked[MOST]; /* by descriptor; journal 0: not ours */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX], journals[PATH_MAX];
static size_t folder_length;
static int ignores, folder_log = -1;
static volatile struct faults *faults;

#define REAL(name) ((typeof(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int), (*real_fsync)(int), (*real_unlink)(const char *), (*real_rename)(const char *, const char *);
static int (*real_ftruncate)(int, off_t);
static ssize_t (*real_write)(int, const void *, size_t), (*real_pwrite)(int, const void *, size_t, off_t);

__attribute__((constructor)) static void begin(void) {
    if (real_open) return;
    real_close = REAL(close), real_fsync = REAL(fsync), real_unlink = REAL(unlink), real_rename = REAL(rename);
    real_ftruncate = REAL(ftruncate), real_write = REAL(write), real_pwrite = REAL(pwrite);
    real_open = REAL(open);
    const char *where = getenv("UNSYNCED_FOLDER"), *kept = getenv("UNSYNCED_JOURNALS"), *control = getenv("UNSYNCED_FAULTS");
    if (!where || !kept) return;
    snprintf(journals, sizeof journals, "%s", kept);
    folder_length = (size_t)snprintf(folder, sizeof folder, "%s", where);
    ignores = getenv("UNSYNCED_IGNORE") != NULL;
    if (control) {
        int file = real_open(control, O_RDWR | O_CLOEXEC);
        void *map = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (map != MAP_FAILED) faults = map;
        if (file >= 0) real_close(file);
    }
}

static int meets(int what) {
    if (!faults || !(faults->what & what)) return 0;
    __sync_fetch_and_add(&faults->met, 1);
    return 1;
}

/* The name of a path directly in the folder; NULL for any other. -shm is memory. */
static const char *own(const char *path) {
    if (!folder_length || !path || strncmp(path, folder, folder_length) || path[folder_length] != '/') return NULL;
    const char *name = path + folder_length + 1;
    size_t length = strlen(name);
    if (!length || strchr(name, '/') || (length > 4 && !strcmp(name + length - 4, "-shm"))) return NULL;
    return name;
}

static int journal_of(ino_t inode, int fresh) {
    char path[PATH_MAX + 40];
    snprintf(path, sizeof path, "%s/%llu.undo", journals, (unsigned long long)inode);
    int file = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0 && fresh) real_ftruncate(file, 0);
    return file;
}

static void note(const char *line) {
    if (folder_log < 0) {
        char path[PATH_MAX + 40];
        snprintf(path, sizeof path, "%s/folder.log", journals);
        folder_log = real_open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (real_write(folder_log, line, strlen(line)) < 0) abort();
}

/* Keeps a name's file under another name, so that it can come back. */
static void keep(const char *path, char *kept, size_t size) {
    static unsigned count;
    snprintf(kept, size, "%s/kept-%d-%u", journals, (int)getpid(), count++);
    if (link(path, kept)) snprintf(kept, size, "-");
}

/* Writes one record behind what counts, then counts it. Held under the lock of the journal: other processes write the same file. */
static void record(int file, int journal, uint32_t kind, uint64_t offset, uint64_t length) {
    struct stat now;
    if (fstat(file, &now)) return;
    uint64_t size = (uint64_t)now.st_size, from = offset, until = kind == WRITE ? offset + length : size;
    if (until > size) until = size;
    uint64_t saved = until > from ? until - from : 0, end = HEAD;
    char *text = malloc(sizeof(struct undo) + saved);
    struct undo head = {MAGIC, kind, offset, length, saved, size};
    memcpy(text, &head, sizeof head);
    if (saved && pread(file, text + sizeof head, saved, (off_t)from) != (ssize_t)saved) abort();
    if (pread(journal, &end, sizeof end, 0) != sizeof end) end = HEAD;
    if (real_pwrite(journal, text, sizeof head + saved, (off_t)end) < 0) abort();
    end += sizeof head + saved;
    if (real_pwrite(journal, &end, sizeof end, 0) < 0) abort();
    free(text);
}

static int journal(int file) { return file >= 0 && file < MOST ? tracked[file].journal : 0; }

/* Whether a write may go on; it has then been noted and the journal is locked until `done`. */
static int may(int file, int journal, uint32_t kind, uint64_t offset, uint64_t length) {
    if (meets(READ_ONLY)) { errno = EROFS; return 0; }
    struct stat now;
    if (kind == WRITE && faults && faults->what & FULL && !fstat(file, &now) && offset + length > (uint64_t)now.st_size) {
        int64_t more = (int64_t)(offset + length) - now.st_size;
        if (__sync_sub_and_fetch(&faults->room, more) < 0) {
            __sync_add_and_fetch(&faults->room, more);
            meets(FULL);
            errno = ENOSPC;
            return 0;
        }
    }
    pthread_mutex_lock(&lock);
    flock(journal, LOCK_EX);
    record(file, journal, kind, offset, length);
    return 1;
}
static void done(int journal) {
    int before = errno;
    flock(journal, LOCK_UN);
    pthread_mutex_unlock(&lock);
    errno = before;
}

static int opened(const char *path, int flags, mode_t mode) {
    begin();
    const char *name = own(path);
    if (!name) {
        int file = real_open(path, flags, mode);
        /* The folder itself, to be synced. */
        if (file >= 0 && file < MOST && folder_length && path && !strcmp(path, folder)) tracked[file].journal = -1;
        return file;
    }
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (writes && meets(READ_ONLY)) { errno = EROFS; return -1; }
    int wanted = flags & ~O_TRUNC;
    if ((flags & O_ACCMODE) == O_WRONLY) wanted = (wanted & ~O_ACCMODE) | O_RDWR; /* what is overwritten is read first */
    pthread_mutex_lock(&lock);
    struct stat before, after;
    int was = !stat(path, &before);
    int file = real_open(path, wanted, mode);
    if (file >= 0 && file < MOST && !fstat(file, &after) && S_ISREG(after.st_mode)) {
        int fresh = !was && flags & O_CREAT;
        if (fresh) {
            char line[PATH_MAX + 60];
            snprintf(line, sizeof line, "create %llu %s\n", (unsigned long long)after.st_ino, name);
            note(line);
        }
        tracked[file].journal = journal_of(after.st_ino, fresh);
        tracked[file].inode = after.st_ino;
    }
    pthread_mutex_unlock(&lock);
    if (file >= 0 && flags & O_TRUNC && writes) ftruncate(file, 0);
    return file;
}
static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }
#define OPEN(name)                                                                                                                         \
    int name(const char *path, int flags, ...) {                                                                                          \
        va_list more;                                                                                                                      \
        va_start(more, flags);                                                                                                             \
        mode_t mode = mode_of(flags, more);                                                                                                \
        va_end(more);                                                                                                                      \
        return opened(path, flags, mode);                                                                                                  \
    }
#define OPEN_AT(name)                                                                                                                      \
    int name(int at, const char *path, int flags, ...) {                                                                                  \
        va_list more;                                                                                                                      \
        va_start(more, flags);                                                                                                             \
        mode_t mode = mode_of(flags, more);                                                                                                \
        va_end(more);                                                                                                                      \
        if (path[0] == '/' || at == AT_FDCWD) return opened(path, flags, mode);                                                            \
        return REAL(openat)(at, path, flags, mode);                                                                                        \
    }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
int __open_2(const char *path, int flags) { return opened(path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(path, flags, 0); }
int creat(const char *path, mode_t mode) { return opened(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int file) {
    begin();
    if (journal(file) > 0) real_close(tracked[file].journal);
    if (file >= 0 && file < MOST) tracked[file].journal = 0;
    return real_close(file);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    begin();
    int own = journal(file);
    if (own <= 0) return real_pwrite(file, bytes, length, offset);
    if (!may(file, own, WRITE, (uint64_t)offset, length)) return -1;
    ssize_t count = real_pwrite(file, bytes, length, offset);
    done(own);
    return count;
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) { return pwrite(file, bytes, length, offset); }

static off_t place(int file) {
    struct stat now;
    if (fcntl(file, F_GETFL) & O_APPEND) return fstat(file, &now) ? 0 : now.st_size;
    return lseek(file, 0, SEEK_CUR);
}
ssize_t write(int file, const void *bytes, size_t length) {
    begin();
    int own = journal(file);
    if (own <= 0) return real_write(file, bytes, length);
    if (!may(file, own, WRITE, (uint64_t)place(file), length)) return -1;
    ssize_t count = real_write(file, bytes, length);
    done(own);
    return count;
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    begin();
    if (journal(file) <= 0) return REAL(writev)(file, parts, count);
    ssize_t all = 0;
    for (int part = 0; part < count; part++) {
        ssize_t wrote = write(file, parts[part].iov_base, parts[part].iov_len);
        if (wrote < 0) return all ? all : -1;
        all += wrote;
        if ((size_t)wrote < parts[part].iov_len) break;
    }
    return all;
}
int ftruncate(int file, off_t size) {
    begin();
    int own = journal(file);
    if (own <= 0) return real_ftruncate(file, size);
    if (!may(file, own, TRUNCATE, (uint64_t)size, 0)) return -1;
    int result = real_ftruncate(file, size);
    done(own);
    return result;
}
int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }
int posix_fallocate(int file, off_t offset, off_t length) {
    begin();
    int own = journal(file);
    if (own <= 0) return REAL(posix_fallocate)(file, offset, length);
    struct stat now;
    return fstat(file, &now) || now.st_size >= offset + length || !ftruncate(file, offset + length) ? 0 : errno;
}
int posix_fallocate64(int file, off64_t offset, off64_t length) { return posix_fallocate(file, offset, length); }

static void sync_folder(void) {
    char command[PATH_MAX + 40], path[2 * PATH_MAX], line[4 * PATH_MAX];
    snprintf(command, sizeof command, "%s/folder.log", journals);
    FILE *log = fopen(command, "r+");
    if (!log) return;
    while (fgets(line, sizeof line, log)) {
        char *kept = strrchr(line, ' ');
        if (!kept || strncmp(kept + 1, "/", 1)) continue;
        kept[strcspn(kept, "\n")] = 0;
        struct stat now;
        if (!stat(kept + 1, &now) && now.st_nlink == 1) {
            snprintf(path, sizeof path, "%s/%llu.undo", journals, (unsigned long long)now.st_ino);
            real_unlink(path);
        }
        real_unlink(kept + 1);
    }
    if (real_ftruncate(fileno(log), 0)) abort();
    fclose(log);
}
int fsync(int file) {
    begin();
    int own = journal(file);
    if (!own) return real_fsync(file);
    if (faults && faults->what & SLOW) meets(SLOW), usleep((useconds_t)faults->milliseconds * 1000);
    if (meets(SYNC_FAILS)) { errno = EIO; return -1; }
    if (ignores) return 0;
    pthread_mutex_lock(&lock);
    if (own < 0) {
        sync_folder();
    } else {
        uint64_t end = HEAD;
        flock(own, LOCK_EX);
        if (real_pwrite(own, &end, sizeof end, 0) < 0 || real_ftruncate(own, HEAD)) abort();
        flock(own, LOCK_UN);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}
int fdatasync(int file) { return fsync(file); }

int unlink(const char *path) {
    begin();
    struct stat now;
    const char *name = own(path);
    if (!name || stat(path, &now)) return real_unlink(path);
    if (meets(READ_ONLY)) { errno = EROFS; return -1; }
    char kept[PATH_MAX + 60], line[3 * PATH_MAX];
    pthread_mutex_lock(&lock);
    keep(path, kept, sizeof kept);
    snprintf(line, sizeof line, "unlink %llu %s %s\n", (unsigned long long)now.st_ino, name, kept);
    note(line);
    int result = real_unlink(path);
    pthread_mutex_unlock(&lock);
    return result;
}
int unlinkat(int at, const char *path, int flags) {
    if (flags == 0 && (path[0] == '/' || at == AT_FDCWD)) return unlink(path);
    return REAL(unlinkat)(at, path, flags);
}
int remove(const char *path) {
    struct stat now;
    if (!lstat(path, &now) && S_ISDIR(now.st_mode)) return rmdir(path);
    return unlink(path);
}
int rename(const char *from, const char *to) {
    begin();
    struct stat now;
    const char *before = own(from), *after = own(to);
    if (!before || !after || stat(from, &now)) return real_rename(from, to);
    if (meets(READ_ONLY)) { errno = EROFS; return -1; }
    char kept[PATH_MAX + 60], line[4 * PATH_MAX];
    pthread_mutex_lock(&lock);
    keep(to, kept, sizeof kept);
    snprintf(line, sizeof line, "rename %llu %s %s %s\n", (unsigned long long)now.st_ino, before, after, kept);
    note(line);
    int result = real_rename(from, to);
    pthread_mutex_unlock(&lock);
    return result;
}
int renameat(int at, const char *from, int to_at, const char *to) {
    if (at == AT_FDCWD && to_at == AT_FDCWD) return rename(from, to);
    return REAL(renameat)(at, from, to_at, to);
}
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) {
    if (flags == 0) return renameat(at, from, to_at, to);
    return REAL(renameat2)(at, from, to_at, to, flags);
}
