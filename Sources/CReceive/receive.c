#define _GNU_SOURCE
#include "CReceive.h"

#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// More than the usual limit of descriptors of a process; a socket beyond it is refused by the server.
#define OBSERVED_DESCRIPTORS 65536

struct observation {
    _Atomic(creceive_observer) observer;
    void *context;
};

static struct observation observations[OBSERVED_DESCRIPTORS];

bool creceive_observe(int descriptor, creceive_observer observer, void *context) {
    if (descriptor < 0 || descriptor >= OBSERVED_DESCRIPTORS) return false;
    observations[descriptor].context = context;
    atomic_store_explicit(&observations[descriptor].observer, observer, memory_order_release);
    return true;
}

void creceive_forget(int descriptor) {
    if (descriptor < 0 || descriptor >= OBSERVED_DESCRIPTORS) return;
    atomic_store_explicit(&observations[descriptor].observer, NULL, memory_order_release);
}

__attribute__((visibility("default")))
ssize_t recv(int descriptor, void *buffer, size_t size, int flags) {
    ssize_t count = syscall(SYS_recvfrom, descriptor, buffer, size, flags, NULL, NULL);
    if (count > 0 && descriptor >= 0 && descriptor < OBSERVED_DESCRIPTORS && (flags & MSG_PEEK) == 0) {
        creceive_observer observer = atomic_load_explicit(&observations[descriptor].observer, memory_order_acquire);
        if (observer != NULL) observer(observations[descriptor].context, buffer, (size_t) count);
    }
    return count;
}
