#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

// This must be first: a header that defines _GNU_SOURCE would conflict with Dispatch's declaration of fd_set.
#include <sys/select.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <microhttpd.h>

// Swift cannot import macros with casts.
static const ssize_t cmhd_end_of_stream = -1;
static const ssize_t cmhd_end_with_error = -2;
static const uint64_t cmhd_unknown_size = UINT64_MAX;

// POLLRDHUP of poll(2) requires _GNU_SOURCE, and eventfd(2) is not part of the Glibc module.
static const short cmhd_poll_peer_closed = 0x2000;

static inline int cmhd_event_descriptor(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void cmhd_event_signal(int descriptor) {
    eventfd_write(descriptor, 1);
}

static inline void cmhd_event_clear(int descriptor) {
    eventfd_t count;
    eventfd_read(descriptor, &count);
}

struct cmhd_settings {
    unsigned int idle_seconds;
    unsigned int connection_limit;
    size_t memory_per_connection;
};

static inline void cmhd_discard_log(void *context, const char *format, va_list arguments) {
    (void) context;
    (void) format;
    (void) arguments;
}

static inline size_t cmhd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void) context;
    (void) connection;
    return strlen(text);
}

typedef void *(*cmhd_request_line_callback)(void *context, const char *target, struct MHD_Connection *connection);

// On failure the library closes the listening socket.
static inline struct MHD_Daemon *cmhd_start(
    int listening_socket, struct cmhd_settings settings, MHD_AcceptPolicyCallback accept_policy,
    cmhd_request_line_callback request_line,
    MHD_AccessHandlerCallback access, MHD_RequestCompletedCallback completed,
    MHD_NotifyConnectionCallback connection_changed, void *context
) {
    // MHD_OPTION_STRICT_FOR_CLIENT is off: with it, 0.9.75 rejects a request without Host, but sends the head of that response
    // twice. The caller performs the same checks.
    // Newer versions answer more malformed requests themselves, unless they are asked to leave that to the caller, whose checks of every
    // line and body are stricter than any level of the library.
    // The logger must be first: otherwise messages about later options go to standard error.
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, accept_policy, context, access, context,
        MHD_OPTION_EXTERNAL_LOGGER, &cmhd_discard_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, listening_socket,
        MHD_OPTION_UNESCAPE_CALLBACK, &cmhd_keep_escapes, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, request_line, context,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
        MHD_OPTION_CONNECTION_TIMEOUT, settings.idle_seconds,
        MHD_OPTION_CONNECTION_LIMIT, settings.connection_limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings.memory_per_connection,
#if MHD_VERSION >= 0x00097701
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, -3,
#endif
        MHD_OPTION_END);
}

static inline int cmhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static inline const struct sockaddr *cmhd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info == NULL ? NULL : info->client_addr;
}

static inline size_t cmhd_header_size(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

static inline void *cmhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

#endif
