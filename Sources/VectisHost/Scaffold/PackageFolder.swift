import FoundationEssentials
import PSACore

/// The folder of this package's source, as far as writing a connector reads it.
struct PackageFolder: Sendable {
    static let manifest = "Package.swift"

    let path: String

    /// Takes a folder that holds this package.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for any other folder.
    init(_ path: String) throws {
        self.path = path
        guard text(of: Self.manifest)?.contains("name: \"psa-connectors\"") == true else {
            throw PSAError(scaffold: .notThePackage(path))
        }
    }

    /// What stands in a file, or nil if it can't be read.
    func text(of file: String) -> String? { try? String(contentsOfFile: path + "/" + file, encoding: .utf8) }

    /// The paths of the Swift files in a folder and the folders in it.
    func sources(in folder: String) -> [String] {
        let names = try? FileManager.default.subpathsOfDirectory(atPath: path + "/" + folder)
        return (names ?? []).filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }.sorted()
    }

    /// Refuses a name that something in the package has already, in any spelling of its letters.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which says where the name is.
    func checkIsFree(_ name: ConnectorName) throws {
        for file in [name.folder, name.testFolder, name.guide] {
            let parts = file.split(separator: "/")
            let siblings = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + parts[0])) ?? []
            if let taken = siblings.first(where: { $0.lowercased() == parts[1].lowercased() }) {
                throw PSAError(scaffold: .takenName(name.module, place: "\(parts[0])/\(taken)"))
            }
        }
        let manifest = text(of: Self.manifest) ?? ""
        let wanted = Set(name.declarations.map { $0.lowercased() })
        for quoted in manifest.matches(of: /"(\w+)"/) where wanted.contains(quoted.1.lowercased()) {
            throw PSAError(scaffold: .takenName(String(quoted.1), place: Self.manifest))
        }
        for file in ["Sources", "Plugins"].flatMap(sources) {
            for type in (text(of: file) ?? "").matches(of: /\b(?:struct|class|enum|actor|protocol|typealias) (\w+)/)
            where name.declarations.contains(String(type.1)) {
                throw PSAError(scaffold: .takenName(String(type.1), place: file))
            }
        }
    }

    /// Refuses a name that the core has as a word: the check that the core knows no vendor could not tell the two apart.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid`, which says where the word is.
    func checkIsNoWordOfTheCore(_ name: ConnectorName) throws {
        for file in sources(in: "Sources/PSACore") {
            let code = (text(of: file) ?? "").split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            if code.contains(where: { $0.lowercased().contains(name.vendorWord) }) {
                throw PSAError(scaffold: .wordOfTheCore(name.vendorWord, place: file))
            }
        }
    }
}
