#ifndef SNAPWARDEN_CSQLITE_H
#define SNAPWARDEN_CSQLITE_H
#include <sqlite3.h>
/* SQLITE_TRANSIENT is a cast macro, which Swift does not import. */
static inline int shim_bind_text(sqlite3_stmt *s, int i, const char *t, sqlite3_uint64 n) {
    return sqlite3_bind_text64(s, i, t, n, SQLITE_TRANSIENT, SQLITE_UTF8);
}
#endif
