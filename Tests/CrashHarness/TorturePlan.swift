import HaloSimulator

/// What happens in one run; the same seed plans the same.
struct TorturePlan: Sendable {
    /// What a run does besides sending events while faults are on.
    enum Scenario: Sendable {
        case plain
        /// The data folder is copied while events wait, and put back when they are done.
        case restore
        /// The host is started with a key that opens nothing, and later with the right one.
        case wrongKey
        /// How the ticket changes between the first event of a device and the next.
        case changed(HaloSimulator.TicketChange)
    }

    /// What the run counts as in the table.
    let name: String
    /// Its number; two runs of one name differ by it.
    let number: Int
    var scenario = Scenario.plain
    /// Where the host ends itself, such as `after-answer:1`.
    var crash = "none:0"
    /// The simulator's faults until the time limit.
    var faults: [String] = []
    /// For how many milliseconds from the first event on.
    var faultTime = 0
    /// The simulator's permanent faults.
    var lastingFaults: [String] = []
    /// The milliseconds from the first event on at which the host is killed from outside.
    var kills: [Int] = []
    /// What is sent, in this order.
    var events: [TortureEvent] = []
    /// The milliseconds between two events.
    var pause = 0
    /// Whether all events are sent at the same time, by a sender each.
    var isAtOnce = false
    /// Whether the PSA's rejections are wrong in this run.
    var believesRefusals = false
    /// For how many seconds the run waits until nothing is left to be done.
    var timeout = 60

    /// Whether the run changes files of the data folder, which says nothing about a server.
    var changesFiles: Bool {
        switch scenario {
        case .restore, .wrongKey: true
        case .plain, .changed: false
        }
    }

    /// Distinguishes the run's events from those of all others.
    var label: String { Self.label(name, number) }

    static func label(_ name: String, _ number: Int) -> String {
        "\(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })-\(number)"
    }

    init(_ name: String, _ number: Int) {
        self.name = name
        self.number = number
    }

    /// A plan with so many equal events, of a device each or all of one device, whose events but the first become notes.
    init(_ name: String, _ number: Int, events: Int, isAppending: Bool = false) {
        self.init(name, number)
        self.events = (0..<events).map { index in
            TortureEvent(
                "\(label).\(index)", type: isAppending ? PreparedData.appending : PreparedData.single,
                device: isAppending ? label : "\(label).\(index)")
        }
    }

    /// Keeps a fault to the writes of one event.
    static func fault(_ text: String, of event: TortureEvent) -> String { "\(text)@\(event.mark)" }
}
