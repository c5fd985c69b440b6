#ifndef SNAPWARDEN_CYAML_H
#define SNAPWARDEN_CYAML_H
#include <yaml.h>
#endif
