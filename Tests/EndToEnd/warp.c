// One wall clock for a group of processes, which a test moves while they run: LD_PRELOAD this, and name in $WARP a
// file that holds the seconds to add. Whoever writes them moves the time of all at once; monotonic clocks stay.
//
// It asks the kernel itself and never calls setenv or allocates: a Swift program finds its arguments beside the
// original environment, and this runs before main.
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
// A timer that is armed does not hear of a jump: it looks at the clock so often.
#define LOOK (SECOND / 50)
#define MOST_DESCRIPTORS 65536

static _Atomic int64_t *ahead;
static _Atomic unsigned char is_wall_timer[MOST_DESCRIPTORS];

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("WARP");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) ahead = page;
    close(file);
}

static int64_t offset(void) { return ahead ? atomic_load(ahead) : 0; }

static int64_t true_time(clockid_t clock) {
    struct timespec time;
    syscall(SYS_clock_gettime, clock, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static struct timespec timespec_of(int64_t nanoseconds) {
    return (struct timespec){.tv_sec = nanoseconds / SECOND, .tv_nsec = nanoseconds % SECOND};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += offset();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    int64_t now = true_time(CLOCK_REALTIME);
    *time = (struct timeval){.tv_sec = now / SECOND + offset(), .tv_usec = now % SECOND / 1000};
    return 0;
}

time_t time(time_t *result) {
    time_t now = true_time(CLOCK_REALTIME) / SECOND + offset();
    if (result) *result = now;
    return now;
}

int timerfd_create(clockid_t clock, int flags) {
    int timer = (int)syscall(SYS_timerfd_create, clock, flags);
    if (timer >= 0 && timer < MOST_DESCRIPTORS) is_wall_timer[timer] = clock == CLOCK_REALTIME;
    return timer;
}

// libdispatch arms its wall timer for an absolute moment, and arms it anew when it fired too early: so it may.
int timerfd_settime(int timer, int flags, const struct itimerspec *new, struct itimerspec *old) {
    struct itimerspec true_new = *new;
    int is_armed = new->it_value.tv_sec || new->it_value.tv_nsec;
    int is_wall = timer >= 0 && timer < MOST_DESCRIPTORS && is_wall_timer[timer];
    if (is_wall && is_armed && (flags & TFD_TIMER_ABSTIME)) {
        int64_t at = (new->it_value.tv_sec - offset()) * SECOND + new->it_value.tv_nsec;
        int64_t next_look = true_time(CLOCK_REALTIME) + LOOK;
        // Who wants to hear when the machine's own clock is set is left alone: here only time passes.
        if (!(flags & TFD_TIMER_CANCEL_ON_SET) && at > next_look) at = next_look;
        true_new.it_value = timespec_of(at > 1 ? at : 1);
    }
    return (int)syscall(SYS_timerfd_settime, timer, flags, &true_new, old);
}

// An idle thread of libdispatch waits some seconds for work before it ends.
int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    int64_t left = (until->tv_sec - offset()) * SECOND + until->tv_nsec - true_time(CLOCK_REALTIME);
    struct timespec end = timespec_of(true_time(CLOCK_MONOTONIC) + (left > 0 ? left : 0));
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, &end);
}
