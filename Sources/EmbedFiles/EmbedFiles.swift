import Foundation

/// `EmbedFiles OUTPUT ROOT FILE…` writes the text of files as Swift source; the build runs it through `EmbedPlugin`.
@main enum EmbedFiles {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 3 else { stop("error: EmbedFiles needs OUTPUT ROOT FILE…") }
        let (output, root, files) = (arguments[1], arguments[2], arguments.dropFirst(2))
        do {
            try write(EmbeddedSource(files.map { try EmbeddedDocument(file: $0, root: root) }).text, to: output)
        } catch {
            stop("\(error)")
        }
    }

    /// Writes the source, unless it is there already: a file that keeps its time is not compiled again.
    private static func write(_ source: String, to path: String) throws {
        let bytes = Data(source.utf8)
        guard FileManager.default.contents(atPath: path) != bytes else { return }
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func stop(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(1)
    }
}
