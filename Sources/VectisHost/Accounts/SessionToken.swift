import Sodium

/// What a browser shows to prove that it is signed in; 256 random bits.
struct SessionToken: Sendable, Hashable, CustomStringConvertible {
    /// The text in the cookie, and nowhere else.
    let cookieValue: String

    /// Draws a new one.
    ///
    /// - Throws: What the system throws that has no randomness to give.
    init() throws { cookieValue = try RandomBytes.token() }

    /// Takes one from a cookie; nil if it can't be one.
    init?(cookieValue: String) {
        let isToken =
            cookieValue.utf8.count == 43
            && cookieValue.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
        guard isToken else { return nil }
        self.cookieValue = cookieValue
    }

    /// What the storage knows it by; the token can't be found from it.
    var digest: [UInt8] { Digest(of: Array(cookieValue.utf8)).bytes }

    /// A placeholder.
    var description: String { "•••••" }
}
