import PSATesting
import Testing
@testable import PSACore

@Suite("Window of a rate limit that processes share", .timeLimit(.minutes(2))) struct SharedRateWindowTests {
    private static func request(_ count: Int, _ limit: RateLimit, _ urgency: RequestUrgency = .delivery) -> RateReservationRequest {
        RateReservationRequest(tenant: "acme", count: count, limit: limit, urgency: urgency)
    }

    /// Processes ask, are answered late, make their requests at any time of the slice, give back the rest, or are killed.
    private struct Simulation {
        enum Step {
            case ask(process: Int)
            case handle(process: Int, begun: Int64, request: RateReservationRequest)
            case take(process: Int, begun: Int64, RateReservation)
            case send
            case giveBack(Int, RateReservation)
        }

        var random: SeededGenerator
        let limit: RateLimit
        var window = SharedRateWindow()
        var steps: [(time: Int64, step: Step)] = []
        var killed: Set<Int> = []
        var sent: [Int64] = []
        /// What the clock of the store differs by; it is only set back.
        var clockError: Int64 = 0

        mutating func add(_ step: Step, at time: Int64) {
            let place = steps.firstIndex { $0.time > time } ?? steps.endIndex
            steps.insert((time, step), at: place)
        }

        mutating func delay(_ most: Int64) -> Int64 { Int64.random(in: 0...most, using: &random) }

        mutating func run(processes: Int, until end: Int64) {
            let slice = SharedRateWindow.slice(of: limit).milliseconds
            for process in 0..<processes { add(.ask(process: process), at: delay(1_000)) }
            while !steps.isEmpty {
                let (now, step) = steps.removeFirst()
                guard now < end else { continue }
                if delay(2_000) == 0 { clockError -= delay(delay(3) == 0 ? 200_000 : 5_000) }
                switch step {
                case .ask(let process):
                    // A killed process is replaced by another one.
                    if delay(60) == 0 { killed.insert(process) }
                    let next = killed.contains(process) ? process + processes : process
                    add(.ask(process: next), at: now + delay(2 * limit.window.milliseconds / 20))
                    guard let urgency = [RequestUrgency.delivery, .interactive, .background, .bulk].randomElement(using: &random) else {
                        return
                    }
                    let count = Int(delay(Int64(SharedRateWindow.batch(of: limit)))) + 1
                    add(
                        .handle(process: next, begun: now, request: SharedRateWindowTests.request(count, limit, urgency)),
                        at: now + delay(300))
                case .handle(let process, let begun, let request):
                    guard case .granted(let reservation) = window.reserve(request, at: now + clockError) else { continue }
                    add(.take(process: process, begun: begun, reservation), at: now + delay(300))
                case .take(let process, let begun, let reservation):
                    if killed.contains(process) { continue }
                    let used = now < begun + slice ? Int(delay(Int64(reservation.count))) : 0
                    // What counts is when the vendor gets it.
                    let transit = SharedRateWindow.transit(of: limit).milliseconds
                    for _ in 0..<used { add(.send, at: now + delay(begun + slice - now - 1) + delay(transit)) }
                    add(.giveBack(reservation.count - used, reservation), at: max(now, begun + slice) + delay(1_000))
                case .send: sent.append(now)
                case .giveBack(let count, let reservation): window.giveBack(count, of: reservation)
                }
            }
        }
    }

    @Test(arguments: [RateLimit(3, per: .seconds(10)), RateLimit(20, per: .seconds(5)), RateLimit(700, per: .seconds(300))], 1...12)
    func noWindowHoldsMoreThanTheLimitWhicheverProcessSends(limit: RateLimit, seed: UInt64) {
        var simulation = Simulation(random: SeededGenerator(seed: seed), limit: limit)
        simulation.run(processes: 5, until: limit.window.milliseconds * 12)
        let sent = simulation.sent.sorted()
        #expect(sent.count > limit.requests)
        for (index, time) in sent.enumerated().dropFirst(limit.requests) {
            #expect(time - sent[index - limit.requests] >= limit.window.milliseconds)
        }
    }

    @Test func aClockThatIsSetBackFarMovesWhatIsCountedWithIt() {
        var window = SharedRateWindow()
        let limit = RateLimit(1, per: .seconds(10))
        #expect(window.reserve(Self.request(1, limit), at: 1_000_000_000).isGranted)
        #expect(!window.reserve(Self.request(1, limit), at: 5_000).isGranted)
        #expect(window.reserve(Self.request(1, limit), at: 5_000 + 11_200).isGranted)
    }

    @Test func aBatchIsAFiftiethOfTheLimitAndOneRequestWhereOthersMayNeedTheRest() {
        let limit = RateLimit(100, per: .seconds(60))
        var window = SharedRateWindow()
        var granted: [Int] = []
        while case .granted(let reservation) = window.reserve(Self.request(9, limit, .bulk), at: 0) { granted.append(reservation.count) }
        #expect(granted == Array(repeating: 2, count: 31) + Array(repeating: 1, count: 8))
        #expect(window.count == 70)
    }

    @Test func theReservesAreForMoreUrgentRequestsOfAllProcesses() {
        let limit = RateLimit(100, per: .seconds(60))
        var window = SharedRateWindow()
        for (urgency, most) in [(RequestUrgency.bulk, 70), (.background, 80), (.interactive, 90), (.delivery, 100)] {
            while window.reserve(Self.request(1, limit, urgency), at: 0).isGranted {}
            #expect(window.count == most)
        }
    }

    @Test func whileADeliveryWaitsNothingElseIsServed() {
        let limit = RateLimit(10, per: .seconds(10))
        var window = SharedRateWindow()
        while window.reserve(Self.request(1, limit), at: 0).isGranted {}
        guard case .wait(let wait) = window.reserve(Self.request(1, limit), at: 0) else { return #expect(Bool(false)) }
        let free = wait.milliseconds
        #expect(!window.reserve(Self.request(1, limit, .interactive), at: free).isGranted)
        #expect(window.reserve(Self.request(1, limit), at: free).isGranted)
        #expect(window.reserve(Self.request(1, limit, .interactive), at: free + 1_000).isGranted)
    }

    @Test func aRefusalOfThePSAHoldsBackAllRequests() {
        let limit = RateLimit(10, per: .seconds(10))
        var window = SharedRateWindow()
        window.holdBack(for: .seconds(7), at: 1_000)
        #expect(window.reserve(Self.request(1, limit), at: 2_000) == .wait(.seconds(6)))
        #expect(window.reserve(Self.request(1, limit), at: 8_000).isGranted)
    }

    @Test func whatIsGivenBackIsFreeAtOnce() {
        let limit = RateLimit(100, per: .seconds(60))
        var window = SharedRateWindow()
        guard case .granted(let reservation) = window.reserve(Self.request(2, limit), at: 0) else { return #expect(Bool(false)) }
        window.giveBack(1, of: reservation)
        #expect(window.count == 1)
        window.giveBack(5, of: reservation)
        #expect(window.count == 0)
    }

    @Test func aWindowIsReadAsItWasWritten() throws {
        let limit = RateLimit(100, per: .seconds(60))
        var window = SharedRateWindow()
        for step in 0..<300 { _ = window.reserve(Self.request(2, limit), at: 1_790_000_000_000 + Int64(step) * 400) }
        window.holdBack(for: .seconds(2), at: 1_790_000_120_000)
        #expect(window.encodedText.utf8.count < 2_048)
        #expect(SharedRateWindow(encodedText: window.encodedText) == window)
        #expect(SharedRateWindow(encodedText: SharedRateWindow().encodedText) == SharedRateWindow())
        for text in [
            "", "2;1;0;0;", "1;1;0", "1;x;0;0;", "1;1;0;0;5:-1", "1;1;0;0;5", "1;9223372036854775807;0;0;", "1;1;-9223372036854775808;0;",
            "1;1;0;9223372036854775807;", "1;1;0;0;9223372036854775807:1", "1;1;0;0;5:9223372036854775807",
        ] {
            #expect(SharedRateWindow(encodedText: text) == nil)
        }
    }

    @Test func aWindowLongerThanAnyTimeCountsItsRequests() {
        let limit = RateLimit(1, per: .seconds(Int64.max))
        var window = SharedRateWindow()
        #expect(window.reserve(Self.request(1, limit), at: 1_800_000_000_000).isGranted)
        #expect(!window.reserve(Self.request(1, limit), at: 1_900_000_000_000).isGranted)
        window.holdBack(for: .seconds(Int64.max), at: 1_900_000_000_000)
        #expect(window.count(at: 1_900_000_000_000, of: limit) == 1)
    }
}

extension RateReservationAnswer {
    fileprivate var isGranted: Bool {
        if case .granted = self { true } else { false }
    }
}
