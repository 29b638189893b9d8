import Foundation
import PSACore

/// The vendor's own list of parameters and body fields (OpenAPI v2, copies of April 2025 and of autumn 2026), reduced to what the connector uses.
struct HaloContract: Sendable {
    private let root: JSONView

    /// Reads the fixture beside the tests.
    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures/halo-contract.json")
        root = try JSONDocument(Array(Data(contentsOf: file))).root
    }

    /// What a request has that the vendor's contract has not; empty if it keeps to it.
    ///
    /// `_uploading` and `_tempid` are exceptions: HaloPSA's own page sends them with uploads, and the document leaves them out.
    func violations(of request: TransportRequest) -> [String] {
        if request.route == "/auth/token" { return request.query.filter { $0.name != "tenant" }.map { "/auth/token?\($0.name)" } }
        let path = request.route == "/api/authinfo" ? "/AuthInfo" : request.route.replacing("/api", with: "")
        guard let operation = root["paths"]?[path]?[request.method.rawValue.lowercased()] else {
            return ["\(request.method.rawValue) \(path) is not in the contract"]
        }
        let known = Set((operation["query"]?.elements ?? []).compactMap(\.string))
        let unknownQuery = request.query.map(\.name).filter { !known.contains($0) }
        return unknownQuery.map { "\(path)?\($0)" } + bodyViolations(of: request, schema: operation["body"]?.string)
    }

    private func bodyViolations(of request: TransportRequest, schema: String?) -> [String] {
        guard let body = request.body else { return [] }
        guard let schema, let fields = root["bodies"]?[schema], let document = try? JSONDocument(body), document.root.isArray else {
            return ["\(request.route) takes an array of records"]
        }
        return document.root.elements.flatMap { record in
            record.members.compactMap { name, value in
                if schema == "Attachment", ["_uploading", "_tempid"].contains(name) { return nil }
                guard let type = fields[name]?.string else { return "\(schema).\(name) does not exist" }
                return Self.fits(value, type) ? nil : "\(schema).\(name) is \(type)"
            }
        }
    }

    private static func fits(_ value: JSONView, _ type: String) -> Bool {
        switch type {
        case "boolean": value.string == nil && value.bool != nil && value.integer == nil
        case "string", "string:date-time", "string:uuid": value.string != nil
        case "integer:int32": value.string == nil && value.integer.flatMap(Int32.init(exactly:)) != nil
        case "number:double": value.string == nil && value.double != nil
        default: true
        }
    }
}
