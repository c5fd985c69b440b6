#ifndef SNAPWARDEN_CLINUX_H
#define SNAPWARDEN_CLINUX_H

/// Makes standard output line-buffered: to a pipe it is fully buffered, and lines would come only at exit (setvbuf(3)).
void linux_line_buffer_stdout(void);

/// The program's argument of that number, or NULL behind the last.
///
/// Swift 6.3 looks for argv on the stack before environ, and finds none once anything has moved environ (setenv(3) in a
/// preloaded library does); the C library hands the true one to every constructor.
const char *linux_argument(int number);

/// Gives large buffers back to the system as soon as they are free, whatever was freed before (mallopt(3),
/// M_MMAP_THRESHOLD).
///
/// Left to itself the C library moves what counts as large up to 32 MiB, and pages of replies, a megabyte and more each,
/// leave holes between what is kept of them.
void linux_return_large_buffers(void);

/// Gives the pages of programs and libraries back that no segment may write, and what the heap does not need; what is used
/// again comes back from the system's own copy of the files (madvise(2), MADV_DONTNEED; malloc_trim(3)).
///
/// A pass touches far more of them than waiting for the next one does.
void linux_release_file_pages(void);

/// A descriptor that becomes readable when the wall clock is set, or -1 (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET).
int linux_clock_watch(void);

/// Takes the news from such a descriptor and watches on; true if the clock was set since the last time.
int linux_clock_was_set(int descriptor);

/// Starts a program, looked for in PATH, in a process group of its own; 0, or an errno (posix_spawn(3)).
///
/// It has nothing on standard input, none of our descriptors and no signal ignored; its standard output comes out of
/// `output`, which the caller closes, and its standard error is thrown away. Both arrays end with NULL.
int linux_spawn(char *const arguments[], char *const environment[], int *process, int *output);

/// A descriptor that becomes readable when that process has ended, or -1 (pidfd_open(2)).
int linux_process(int process);

/// A socket that listens at that path, readable and writable for user and group, or a negative errno (unix(7)).
///
/// What a process before left there goes. It does not block, nor does what is accepted.
int linux_listen(const char *path);

/// The next one who has connected, or -1.
int linux_accept(int listener);

/// A connection to the socket at that path, which blocks, or a negative errno.
int linux_connect(const char *path);

/// Who was at the other end when it was connected: the user, and as many of its groups as there is room for (unix(7),
/// SO_PEERCRED and SO_PEERGROUPS); gives how many, or -1.
int linux_peer(int descriptor, unsigned *user, unsigned groups[], int capacity);

#endif
