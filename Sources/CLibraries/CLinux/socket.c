#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// An address holds 107 characters and paths are longer: the folder is named by a descriptor.
static int with_address(const char *path, int (*call)(const struct sockaddr_un *, int), int descriptor) {
    char folder[PATH_MAX], name[PATH_MAX];
    if (strlen(path) >= PATH_MAX) return -ENAMETOOLONG;
    strcpy(folder, path);
    strcpy(name, path);
    int parent = open(dirname(folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return -errno;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", parent, basename(name));
    int result = length < (int)sizeof address.sun_path ? call(&address, descriptor) : -ENAMETOOLONG;
    close(parent);
    return result;
}

static int listen_at(const struct sockaddr_un *address, int descriptor) {
    struct stat there;
    // One that was killed leaves its socket behind.
    if (lstat(address->sun_path, &there) == 0 && S_ISSOCK(there.st_mode)) unlink(address->sun_path);
    if (bind(descriptor, (const struct sockaddr *)address, sizeof *address) != 0) return -errno;
    if (chmod(address->sun_path, 0660) != 0) return -errno;
    return listen(descriptor, 16) == 0 ? 0 : -errno;
}

static int connect_to(const struct sockaddr_un *address, int descriptor) {
    return connect(descriptor, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : -errno;
}

static int open_socket(const char *path, int flags, int (*call)(const struct sockaddr_un *, int)) {
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (descriptor < 0) return -errno;
    int result = with_address(path, call, descriptor);
    if (result == 0) return descriptor;
    close(descriptor);
    return result;
}

int linux_listen(const char *path) { return open_socket(path, SOCK_NONBLOCK, listen_at); }

int linux_connect(const char *path) { return open_socket(path, 0, connect_to); }

int linux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int linux_peer(int descriptor, unsigned *user, unsigned groups[], int capacity) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || capacity < 1) return -1;
    *user = credentials.uid;
    groups[0] = credentials.gid;
    size = (capacity - 1) * sizeof *groups;
    // Whoever is in more groups than that is known by the first one alone.
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) != 0) return 1;
    return 1 + size / sizeof *groups;
}
