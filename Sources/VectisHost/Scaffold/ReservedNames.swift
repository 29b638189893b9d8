/// Names that a module can't have beside Swift's own modules, keywords and everyday types.
enum ReservedNames {
    static let all = modules.union(keywords).union(types)

    private static let modules: Set<String> = [
        "Builtin", "CoreFoundation", "Cxx", "CxxStdlib", "Dispatch", "Distributed", "Foundation", "FoundationEssentials",
        "FoundationInternationalization", "FoundationNetworking", "FoundationXML", "Glibc", "Musl", "Observation", "PackageDescription",
        "PackagePlugin", "RegexBuilder", "Swift", "SwiftOnoneSupport", "SwiftShims", "Synchronization", "Testing", "XCTest",
    ]

    private static let keywords: Set<String> = ["Any", "AnyObject", "Protocol", "Self", "Type"]

    private static let types: Set<String> = [
        "Actor", "AnyHashable", "Array", "ArraySlice", "AsyncSequence", "AsyncStream", "Bool", "CaseIterable", "Character", "Clock",
        "ClosedRange", "Codable", "Collection", "Comparable", "Continuation", "Data", "Date", "Decodable", "Decoder", "Dictionary",
        "Double",
        "Duration", "Encodable", "Encoder", "Equatable", "Error", "Executor", "Float", "Hashable", "Hasher", "Identifiable", "Int", "Int16",
        "Int32", "Int64", "Int8", "Iterator", "KeyPath", "Mirror", "Never", "Operation", "Optional", "Process", "Range", "Regex", "Result",
        "Sendable", "Sequence", "Set", "Slice", "StaticString", "String", "Substring", "Suite", "Task", "Test", "Thread", "Trait", "UInt",
        "UInt16", "UInt32", "UInt64", "UInt8", "Unicode", "Unmanaged", "Void",
    ]
}
