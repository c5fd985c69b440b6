#ifndef SNAPWARDEN_CEXPAT_H
#define SNAPWARDEN_CEXPAT_H
#include <expat.h>
#endif
