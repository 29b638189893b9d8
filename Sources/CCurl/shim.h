#ifndef PSA_CCURL_SHIM_H
#define PSA_CCURL_SHIM_H

// This must be first: a later header defines _GNU_SOURCE, and fd_set would then be declared differently.
#include <sys/select.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

// Swift cannot call variadic functions, so there is one wrapper for each C type of an option or information.

// An enumeration in the libcurl of Debian 12, a macro in that of Debian 13.
static const long psa_use_ssl_all = CURLUSESSL_ALL;

static inline CURLcode psa_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode psa_set_size(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode psa_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode psa_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode psa_set_headers(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode psa_set_write_callback(CURL *easy, curl_write_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
}

static inline CURLcode psa_set_header_callback(CURL *easy, curl_write_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
}

static inline CURLcode psa_set_socket_callback(CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode psa_set_request_callback(CURL *easy, curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode psa_set_read_callback(CURL *easy, curl_read_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_READFUNCTION, callback);
}

static inline CURLcode psa_set_debug_callback(CURL *easy, curl_debug_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, callback);
}

static inline CURLcode psa_set_mail_recipients(CURL *easy, struct curl_slist *list) {
    return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, list);
}

// Sends a mail to the other recipients when one is refused. The option had one letter more before libcurl 8.2.
static inline CURLcode psa_set_allows_refused_recipients(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x080200
    return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#else
    return curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
}

static inline CURLMcode psa_set_multi_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline long psa_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t psa_get_size(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline void *psa_get_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline const char *psa_get_string(CURL *easy, CURLINFO info) {
    char *value = NULL;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

static inline CURLcode psa_set_close_callback(CURL *easy, curl_closesocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

static inline bool psa_has_end(const struct sockaddr_storage *end, const char *address, int port) {
    char text[INET6_ADDRSTRLEN] = "";
    if (end->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)end;
        if (ntohs(v4->sin_port) != port) return false;
        inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
    } else if (end->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)end;
        if (ntohs(v6->sin6_port) != port) return false;
        inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
    }
    return strcmp(text, address) == 0;
}

// Returns whether a socket is the connection with these two ends.
static inline bool psa_connects(
    curl_socket_t socket, const char *local_address, int local_port, const char *remote_address, int remote_port) {
    struct sockaddr_storage local, remote;
    socklen_t local_length = sizeof(local), remote_length = sizeof(remote);
    if (getsockname(socket, (struct sockaddr *)&local, &local_length) != 0) return false;
    if (getpeername(socket, (struct sockaddr *)&remote, &remote_length) != 0) return false;
    return psa_has_end(&local, local_address, local_port) && psa_has_end(&remote, remote_address, remote_port);
}

// How many bytes a TCP socket has received since it was opened, or -1 if the kernel does not say.
// The offset is that of tcpi_bytes_received in Linux's tcp_info, which the struct of glibc does not have.
static inline int64_t psa_received_bytes(curl_socket_t socket) {
    unsigned char info[256];
    socklen_t length = sizeof(info);
    uint64_t received;
    if (getsockopt(socket, IPPROTO_TCP, 11 /* TCP_INFO */, info, &length) != 0 || length < 136) return -1;
    memcpy(&received, info + 128, sizeof(received));
    return (int64_t)received;
}

// The facts of the server's own certificate: lines such as "Issuer:CN = Example".
static inline struct curl_slist *psa_get_certificate(CURL *easy) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL || chain->num_of_certs < 1) return NULL;
    return chain->certinfo[0];
}

// Returns whether libcurl was built to read the system's certificate authorities from one file.
static inline bool psa_has_authority_bundle(void) {
    return curl_version_info(CURLVERSION_NOW)->cainfo != NULL;
}

// The address in network order: 4 bytes, 16 bytes, or 0 for another family.
// A Swift copy of a sockaddr is too short for an IPv6 address.
static inline size_t psa_copy_address(const struct curl_sockaddr *target, unsigned char bytes[16]) {
    const void *address = &target->addr;
    if (target->family == AF_INET && target->addrlen >= sizeof(struct sockaddr_in)) {
        memcpy(bytes, &((const struct sockaddr_in *)address)->sin_addr, 4);
        return 4;
    }
    if (target->family == AF_INET6 && target->addrlen >= sizeof(struct sockaddr_in6)) {
        memcpy(bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

#endif
