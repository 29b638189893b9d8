import Foundation
import Testing

@testable import EmbedFiles

@Suite("Source of embedded files") struct EmbeddedSourceTests {
    private func document(_ path: String, _ text: String = "x\n") throws -> EmbeddedDocument {
        try EmbeddedDocument(path: path, bytes: Array(text.utf8), file: path)
    }

    @Test(
        "a member is named after its file",
        arguments: [
            ("Docs/ConnectHaloPSA.md", "connectHaloPSA"), ("Docs/OpenAPI.json", "openAPI"), ("Assets/vectis.css", "vectisCSS"),
            ("Assets/icon.svg", "iconSVG"),
        ])
    func name(path: String, member: String) throws { #expect(try document(path).member == member) }

    @Test(
        "a file name that is no Swift name stops the build",
        arguments: ["Docs/all.md", "Docs/a-b.md", "Docs/1.md", "Docs/Connect", "Docs/a.b.md"])
    func unusableName(path: String) {
        #expect { try document(path) } throws: { "\($0)".hasPrefix("\(path): error: “") }
    }

    @Test func theLiteralOutdoesTheNumberSignsOfItsText() throws {
        let text = "# One\n\"\"\"## \\#(two)\n"
        let source = try EmbeddedSource([document("Docs/A.md", text), document("Docs/B.md")]).text
        #expect(source.contains("text: ###\"\"\"\n\(text)\n\"\"\"###)"))
        #expect(source.contains("static let all: [EmbeddedFile] = [.a, .b]"))
    }

    @Test func twoFilesOfOneNameStopTheBuild() throws {
        let documents = [try document("Docs/A.md"), try document("Docs/Other/a.json")]
        #expect { try EmbeddedSource(documents) } throws: {
            "\($0)" == "Docs/Other/a.json: error: Docs/A.md has the same name in Swift, “a”"
        }
    }

    @Test(
        "content that a literal can't repeat stops the build, with file and line",
        arguments: [
            (Array("one\ntwo\r\n".utf8), "F:2: error: the line has a carriage return; lines end with \\n"),
            (Array("one\n\0".utf8), "F:2: error: the line has a zero byte"), ([0x61, 0xFF], "F: error: the file is not UTF-8"),
        ])
    func unusableContent(bytes: [UInt8], message: String) {
        #expect { try EmbeddedDocument(path: "A.md", bytes: bytes, file: "F") } throws: { "\($0)" == message }
    }

    @Test func aMissingFileStopsTheBuild() {
        #expect { try EmbeddedDocument(file: "/nowhere/A.md", root: "/nowhere") } throws: {
            "\($0)" == "/nowhere/A.md: error: the file can't be read"
        }
    }
}
