#ifndef PSA_CSPAWN_H
#define PSA_CSPAWN_H

#include <sys/types.h>

// What glibc keeps behind _GNU_SOURCE, where Swift doesn't see it.

/// Makes a pipe that no child inherits; 0, or an error number.
int psa_pipe(int ends[2]);

/// Starts a program in a process group and a folder of its own, with three descriptors and no others, no blocked and no ignored signals.
/// Returns 0, or an error number.
int psa_spawn(pid_t *process, const char *path, const char *folder, char *const environment[], int input, int output, int errors);

#endif
