#define _GNU_SOURCE
#include "CLinux.h"
#include <stdio.h>

static int argument_count;
static char **arguments;

__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
    argument_count = argc;
    arguments = argv;
}

void linux_line_buffer_stdout(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

const char *linux_argument(int number) { return number < argument_count ? arguments[number] : NULL; }
