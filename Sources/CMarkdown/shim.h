#ifndef CMARKDOWN_SHIM_H
#define CMARKDOWN_SHIM_H

#define CMARK_NO_SHORT_NAMES
#include <stdlib.h>
#include <string.h>
#include <cmark-gfm.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm-core-extensions.h>

// Debian does not ship the header that declares the node type of tables, so tables are recognized by their type name.
static inline int cmarkdown_is_table(cmark_node *node) {
    return strcmp(cmark_node_get_type_string(node), "table") == 0;
}

// The renderer's result is allocated by the default allocator, which is that of the system.
static inline void cmarkdown_free_text(char *text) {
    free(text);
}

#endif
