import PSACore

extension CommandLineProgram {
    /// The environment variable beside `--allow-network`.
    static let networksVariable = "VECTIS_ALLOW_NETWORK"

    /// Which addresses the connections of a command may reach: those of the public internet, and what the operator allows besides.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for what is no network.
    func addressPolicy(_ command: ParsedCommand, reachesLoopback: Bool = false) throws -> AddressPolicy {
        let policy: AddressPolicy = command.has(.allowLoopback) || reachesLoopback ? .allowingLoopback : .publicOnly
        let options = command.all(.allowNetwork).map { (CommandOption.allowNetwork.rawValue, $0) }
        let variable = environment[Self.networksVariable].map { [(Self.networksVariable, $0)] } ?? []
        return policy.allowing(try (options + variable).flatMap(Self.networks))
    }

    private static func networks(_ source: String, _ list: String) throws -> [IPNetwork] {
        try list.split { $0 == "," || $0 == " " }.map { text in
            guard let network = IPNetwork(String(text)) else {
                throw UsageError.invalid(source, .notANetwork(String(text.prefix(60))))
            }
            return network
        }
    }
}
