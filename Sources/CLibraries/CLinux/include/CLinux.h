#ifndef SNAPWARDEN_CLINUX_H
#define SNAPWARDEN_CLINUX_H

/// Makes standard output line-buffered: to a pipe it is fully buffered, and lines would come only at exit (setvbuf(3)).
void linux_line_buffer_stdout(void);

#endif
