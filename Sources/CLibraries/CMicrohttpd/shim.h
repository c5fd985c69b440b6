#ifndef SNAPWARDEN_CMICROHTTPD_H
#define SNAPWARDEN_CMICROHTTPD_H
#include <microhttpd.h>
#endif
