#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <stddef.h>
#include <sqlite3.h>

// Extended codes are defined by macros that Swift cannot import.
static const int csqlite_constraint_foreign_key = SQLITE_CONSTRAINT_FOREIGNKEY;
static const int csqlite_constraint_primary_key = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int csqlite_constraint_row_id = SQLITE_CONSTRAINT_ROWID;
static const int csqlite_constraint_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int csqlite_ioerr_shmsize = SQLITE_IOERR_SHMSIZE;

// SQLITE_TRANSIENT is a macro with a cast, which Swift cannot import; a null pointer would bind NULL instead of an empty value.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    return sqlite3_bind_text64(statement, index, count ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    return sqlite3_bind_blob64(statement, index, count ? bytes : "", count, SQLITE_TRANSIENT);
}

static int csqlite_authorize(void *flag, int action, const char *a, const char *b, const char *c, const char *d) {
    (void)a, (void)b, (void)c, (void)d;
    int controls = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT || action == SQLITE_ATTACH || action == SQLITE_DETACH;
    return controls && !*(const int *)flag ? SQLITE_DENY : SQLITE_OK;
}

// Rejects statements that begin or end transactions or attach files, unless *flag is set. The flag must outlive the connection.
static inline int csqlite_reserve_transactions(sqlite3 *connection, int *flag) {
    return sqlite3_set_authorizer(connection, csqlite_authorize, flag);
}

// sqlite3_db_config is variadic.
static inline int csqlite_switch(sqlite3 *connection, int option, int on) {
    return sqlite3_db_config(connection, option, on, (int *)NULL);
}

// No double-quoted strings (which would hide a misspelled column), no untrusted schema, no direct writes to the schema.
static inline int csqlite_harden(sqlite3 *connection) {
    // Statements use RETURNING and IS DISTINCT FROM.
    if (sqlite3_libversion_number() < 3039000) return SQLITE_ERROR;
    int failed = csqlite_switch(connection, SQLITE_DBCONFIG_DEFENSIVE, 1);
    if (!failed) failed = csqlite_switch(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    if (!failed) failed = csqlite_switch(connection, SQLITE_DBCONFIG_DQS_DML, 0);
    if (!failed) failed = csqlite_switch(connection, SQLITE_DBCONFIG_DQS_DDL, 0);
    return failed;
}

// sqlite3_config is variadic.
static inline int csqlite_stop_counting_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
