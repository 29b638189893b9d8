public import WebServer

extension WebServer.Configuration {
    /// The limits of a server that a test puts in the place of a vendor's.
    ///
    /// Its handlers share two threads with all other tests. With the deadline of a real server, a busy machine answers 503 in the vendor's
    /// place.
    public static let test = WebServer.Configuration(handlerDeadline: .seconds(600))
}
