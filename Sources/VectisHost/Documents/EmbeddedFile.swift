/// A text file of the repository that is part of the program, so that no file has to be installed beside it.
///
/// Its static members are written during the build by `EmbedPlugin`: ``all``, and one for each file, named after it.
struct EmbeddedFile: Sendable {
    /// Its path from the repository's root.
    let path: String
    /// What is in it, to the byte.
    let text: String
}
