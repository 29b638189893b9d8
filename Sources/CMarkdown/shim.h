#ifndef CMARKDOWN_SHIM_H
#define CMARKDOWN_SHIM_H

#define CMARK_NO_SHORT_NAMES
#include <stdlib.h>
#include <string.h>
#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>

// The type of a table is a variable of a header that Debian does not ship; its name is what the library offers instead.
static inline int cmarkdown_is_table(cmark_node *node) {
    return strcmp(cmark_node_get_type_string(node), "table") == 0;
}

// What the renderer returns was allocated by the default allocator, which is the system's.
static inline void cmarkdown_free_text(char *text) {
    free(text);
}

#endif
