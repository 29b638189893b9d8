// The settings of the C library's allocator, which the Glibc module leaves out.
#include <malloc.h>
