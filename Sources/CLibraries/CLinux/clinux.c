#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    argument_count = argc;
    arguments = argv;
}

void linux_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

const char *linux_argument(int number) { return number < argument_count ? arguments[number] : NULL; }

// The end of 2199: it never fires by itself.
static int watch_on(int descriptor) {
    struct itimerspec never = {.it_value = {.tv_sec = 7258118399}};
    return timerfd_settime(descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int linux_clock_watch(void) {
    int descriptor = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (descriptor >= 0 && watch_on(descriptor) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

int linux_clock_was_set(int descriptor) {
    uint64_t expirations;
    int was_set = read(descriptor, &expirations, sizeof expirations) < 0 && errno == ECANCELED;
    watch_on(descriptor);
    return was_set;
}
