#define _GNU_SOURCE
#include "CLinux.h"
#include <stdio.h>

void linux_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
