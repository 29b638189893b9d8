#ifndef CRECEIVE_H
#define CRECEIVE_H

#include <stdbool.h>
#include <stddef.h>

// Shows the bytes that recv(2) returns for a socket, on the thread that reads them, before the caller of recv sees them.
//
// libmicrohttpd 0.9.75 joins folded header fields, ends lines at zero bytes and keeps no copy of what it received; it has no hook
// that shows the bytes. It reads with recv(2), which this target defines for the whole program: the dynamic linker prefers a
// function of the program to that of the C library. A socket that is not observed is read as without this target.

typedef void (*creceive_observer)(void *context, const void *bytes, size_t count);

// Observes a socket; false for a descriptor beyond the table of observed sockets.
bool creceive_observe(int descriptor, creceive_observer observer, void *context);

// Ends the observation. It must come before the descriptor is closed, on the thread that reads the socket.
void creceive_forget(int descriptor);

#endif
