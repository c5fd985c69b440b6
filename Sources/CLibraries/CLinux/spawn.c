#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <unistd.h>

// What the new process does before it becomes the program.
static int describe(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int output) {
    // The daemon ignores the signals that it handles itself, and a program would inherit that.
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int fault = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!fault) fault = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (!fault) fault = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!fault) fault = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    if (!fault) fault = posix_spawnattr_setsigdefault(attributes, &all);
    if (!fault) fault = posix_spawnattr_setsigmask(attributes, &none);
    if (!fault) fault = posix_spawnattr_setpgroup(attributes, 0);
    if (!fault)
        fault = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return fault;
}

int linux_spawn(char *const arguments[], char *const environment[], int *process, int *output) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    pid_t pid = 0;
    int fault = describe(&actions, &attributes, ends[1]);
    if (!fault) fault = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    if (fault) close(ends[0]);
    *process = pid;
    *output = ends[0];
    return fault;
}

int linux_process(int process) { return pidfd_open(process, 0); }
