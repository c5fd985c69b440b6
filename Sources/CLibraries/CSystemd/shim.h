#ifndef SNAPWARDEN_CSYSTEMD_H
#define SNAPWARDEN_CSYSTEMD_H
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#endif
