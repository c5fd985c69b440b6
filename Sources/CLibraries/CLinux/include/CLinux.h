#ifndef SNAPWARDEN_CLINUX_H
#define SNAPWARDEN_CLINUX_H

/// Makes standard output line-buffered: to a pipe it is fully buffered, and lines would come only at exit (setvbuf(3)).
void linux_line_buffer_stdout(void);

/// The program's argument of that number, or NULL behind the last.
///
/// Swift 6.3 looks for argv on the stack before environ, and finds none once anything has moved environ (setenv(3) in a
/// preloaded library does); the C library hands the true one to every constructor.
const char *linux_argument(int number);

/// A descriptor that becomes readable when the wall clock is set, or -1 (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
int linux_clock_watch(void);

/// Takes the news from such a descriptor and watches on; true if the clock was set since the last time.
int linux_clock_was_set(int descriptor);

#endif
