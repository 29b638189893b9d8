import Foundation
import PSACore

/// One broken set-up of an MSP's life, as data: what the other side answers, the command, and what a person must be told.
struct GuidanceCase: Sendable {
    /// An answer that replaces the other side's own.
    struct Rule: Sendable {
        var method: String?
        var path: String?
        var body: String?
        /// How often it answers; nil for always.
        var times: Int?
        var answer: Answer
    }

    /// What a rule answers.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        var headers: [(name: String, value: String)]
        /// The seconds it takes.
        var delay: Double
        /// Whether the connection ends without an answer.
        var drops: Bool
        /// Whether the request is executed all the same.
        var commits: Bool
    }

    /// What a person must be told.
    struct Expectation: Sendable {
        var codes: [String]
        var topCause: String
        var firstStep: String
        /// Acceptable settings to change; nil for any.
        var fields: [[String]]?
        var actors: [String]
    }

    let name: String
    let command: [String]
    let rules: [Rule]
    /// Resources that are refused, by name or by name and method, with the status.
    let deny: [String: Int]
    /// What the application was granted; nil for everything.
    let granted: String?
    /// How the creation of a ticket fails.
    let createMode: String?
    /// Whether a web page stands in front of the API alone.
    let hidesAPI: Bool
    /// The path the installation has; empty for none.
    let prefix: String
    let certificate: String?
    /// Whether the authority that signed the certificate is trusted.
    let isTrusted: Bool
    let speaksTLSToPlainPort: Bool
    let url: String?
    let urlSuffix: String
    /// Whether this machine may be reached.
    let allowsLoopback: Bool
    /// Settings by environment variable; an empty one is taken away.
    let variables: [String: String]
    let expected: Expectation

    /// The cases of the file beside this one.
    static func all() throws -> [GuidanceCase] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("guidance.json")
        return try JSONDocument(Array(Data(contentsOf: file))).root.elements.map(GuidanceCase.init)
    }
}

extension GuidanceCase {
    private init(_ view: JSONView) {
        let control = view["control"]
        name = view["name"]?.string ?? ""
        command = view["command"]?.elements.compactMap(\.string) ?? []
        rules = control?["rules"]?.elements.map(Rule.init) ?? []
        deny = Dictionary(uniqueKeysWithValues: (control?["deny"]?.members ?? []).map { ($0.name, $0.value.integer ?? 403) })
        granted = control?["granted"]?.string
        createMode = control?["create_mode"]?.string
        hidesAPI = control?["api_html"]?.bool ?? false
        prefix = control?["prefix"]?.string ?? ""
        certificate = view["tls"]?.string
        isTrusted = view["trust"]?.bool ?? false
        speaksTLSToPlainPort = view["https_to_http"]?.bool ?? false
        url = view["url"]?.string
        urlSuffix = view["url_suffix"]?.string ?? ""
        allowsLoopback = view["loopback"]?.bool ?? true
        var variables: [String: String] = [:]
        for (key, variable) in [
            ("tenant", "HALOPSA_TENANT"), ("scope", "HALOPSA_SCOPE"), ("client", "HALOPSA_CLIENT_ID"), ("secret", "HALOPSA_CLIENT_SECRET"),
            ("https_proxy", "https_proxy"),
        ] { variables[variable] = view[key]?.string }
        for (key, value) in view["settings"]?.members ?? [] {
            variables[SettingKey(key).environmentVariable(for: ConnectorID("halopsa"))] = value.text
        }
        for name in view["drop_env"]?.elements.compactMap(\.string) ?? [] { variables[name] = "" }
        self.variables = variables
        let expect = view["expect"]
        expected = Expectation(
            codes: expect?["codes"]?.elements.compactMap(\.string) ?? [], topCause: expect?["topCause"]?.string ?? "",
            firstStep: expect?["firstStep"]?.string ?? "",
            fields: expect?["fields"].map { $0.elements.map { $0.elements.compactMap(\.string) } },
            actors: expect?["actors"]?.elements.compactMap(\.string) ?? [])
    }
}

extension GuidanceCase.Rule {
    fileprivate init(_ view: JSONView) {
        method = view["m"]?.string
        path = view["path"]?.string
        body = view["body"]?.string
        times = view["times"]?.integer
        answer = GuidanceCase.Answer(view["do"])
    }
}

extension GuidanceCase.Answer {
    fileprivate init(_ view: JSONView?) {
        let type = view?["ctype"]?.string
        // A page or a plain text goes out as it is; any other text is the JSON string that HaloPSA answers with.
        let text = view?["body"]?.string
        let isPage = text?.hasPrefix("<") ?? false
        let isRaw = isPage || type != nil || text?.isEmpty ?? false
        body = isRaw ? Array((text ?? "").utf8) : view?["body"].map { Array($0.bytes) } ?? []
        status = view?["status"]?.integer ?? 200
        headers = [("Content-Type", type ?? (isPage ? "text/html; charset=utf-8" : "application/json; charset=utf-8"))]
        for pair in view?["headers"]?.elements.map(\.elements) ?? [] where pair.count == 2 {
            headers.append((pair[0].string ?? "", pair[1].string ?? ""))
        }
        delay = view?["delay"]?.double ?? 0
        drops = view?["drop"]?.bool ?? false
        commits = view?["commit"]?.bool ?? false
    }
}
