/// A text file of the repository that travels inside the binary, so that no file has to lie beside it.
///
/// The files themselves are in `Embedded`, written by `make embed` from the list in `.ci/embed`.
struct EmbeddedFile: Sendable {
    /// Its path from the repository's root.
    let path: String
    /// What is in it, to the byte.
    let text: String
}
