#ifndef SNAPWARDEN_CLINUX_H
#define SNAPWARDEN_CLINUX_H

/// Makes standard output line-buffered: to a pipe it is fully buffered, and lines would come only at exit (setvbuf(3)).
void linux_line_buffer_stdout(void);

/// The program's argument of that number, or NULL behind the last.
///
/// Swift 6.3 looks for argv on the stack before environ, and finds none once anything has moved environ (setenv(3) in a
/// preloaded library does); the C library hands the true one to every constructor.
const char *linux_argument(int number);

#endif
