/// The requests of a tenant in the window of its limit, as the processes that share the tenant keep them.
///
/// A store keeps one for each tenant, changes it in one transaction, and passes the time of its clock. What it promises: **no window of the
/// limit's length contains more requests than the limit**, whichever process made them and when, also if processes are killed.
///
/// Why this holds: A process asks at b, the store grants at t by its clock, and the process makes the requests before b + s, where s is
/// the length of ``slice(of:)`` and b ≤ t. A vendor counts a request when it arrives, at most ``transit(of:)`` later, d. So they arrive
/// between t and t + s + d. The store counts them as made at e ≥ t + s + d, until e + w, where w is the length of the window. Take any window of that length, from x to x + w, and of the reservations with a
/// request in it the one that was granted last, at t ≤ x + w. Each of the others had been granted before, and has e ≥ x, because a
/// request of it was made after x; so it was still counted at t ≤ e + w. The grant at t was made only because all of them together, itself
/// included, were within the limit. A killed process makes no more requests than it reserved, and requests that are given back are never made.
///
/// The time does not go back: a step of up to ``clockTolerance`` holds the clock until it has caught up, and a longer one moves everything
/// back with it. A clock that is set forward frees the window early, as the clock of one process would.
public struct SharedRateWindow: Sendable, Equatable {
    /// Requests that are counted together.
    private struct Slot: Sendable, Equatable {
        /// When they are counted as made, in milliseconds.
        var time: Int64
        var count: Int
    }

    /// How far a clock may be set back, in milliseconds, without moving everything with it.
    public static let clockTolerance: Int64 = 60_000
    /// How long others wait for a delivery after the time at which it should ask again, in milliseconds.
    private static let precedence: Int64 = 500

    /// The latest time.
    private var clock: Int64 = 0
    /// Until when no requests are reserved, because the PSA has refused one.
    private var heldBackUntil: Int64 = 0
    /// Until when only deliveries are served, because one waits.
    private var deliveryUntil: Int64 = 0
    /// The earliest first; at most about a hundred, and those of a slice.
    private var slots: [Slot] = []

    /// Creates a window without requests.
    public init() {}

    /// How long reserved requests may be made: a twentieth of the window, at least a quarter of a second and at most two seconds.
    public static func slice(of limit: RateLimit) -> Duration { min(max(limit.window / 20, .milliseconds(250)), .seconds(2)) }

    /// How long a request may be on its way until the vendor counts it, without more than the limit in a window: as long as a slice.
    public static func transit(of limit: RateLimit) -> Duration { slice(of: limit) }

    /// The most requests that a process reserves at a time: a fiftieth of the limit, at least one.
    public static func batch(of limit: RateLimit) -> Int { max(1, limit.requests / 50) }

    /// How many requests are counted.
    public var count: Int { slots.reduce(0) { $0 + $1.count } }

    /// How many requests are in the window of a limit at a time.
    ///
    /// - Parameters:
    ///   - time: The time of the store's clock, in milliseconds since 1970.
    ///   - limit: The limit.
    /// - Returns: The number of requests.
    public func count(at time: Int64, of limit: RateLimit) -> Int {
        let window = limit.window.milliseconds
        return slots.reduce(0) { $0 + ($1.time + window > time ? $1.count : 0) }
    }

    /// Reserves requests, or says how long to wait.
    ///
    /// At most ``batch(of:)`` are reserved at a time, and only one where a more urgent request may need the rest. While a delivery waits, nothing
    /// else is served.
    ///
    /// - Parameters:
    ///   - request: What is asked for; its limit has at least one request, and a window.
    ///   - time: The time of the store's clock, in milliseconds since 1970.
    /// - Returns: The answer.
    public mutating func reserve(_ request: RateReservationRequest, at time: Int64) -> RateReservationAnswer {
        let (limit, now) = (request.limit, advance(to: time))
        let window = limit.window.milliseconds
        slots.removeAll { $0.time + window <= now }
        if heldBackUntil > now { return .wait(.milliseconds(heldBackUntil - now)) }
        let isDelivery = request.urgency == .delivery
        let used = count
        let places = max(1, limit.requests - request.urgency.reserve(of: limit))
        let isPreceded = !isDelivery && deliveryUntil > now
        if !isPreceded, used < places {
            let isContested = used + request.count > limit.requests - RequestUrgency.bulk.reserve(of: limit)
            let granted = isContested ? 1 : min(max(request.count, 1), Self.batch(of: limit), places - used)
            return .granted(reserve(granted, limit, now))
        }
        var wait = isPreceded ? deliveryUntil - now : 1
        var remaining = used
        for slot in slots where remaining >= places {
            remaining -= slot.count
            wait = max(wait, slot.time + window - now)
        }
        if isDelivery { deliveryUntil = max(deliveryUntil, now + wait + Self.precedence) }
        return .wait(.milliseconds(wait))
    }

    private mutating func reserve(_ granted: Int, _ limit: RateLimit, _ now: Int64) -> RateReservation {
        // Requests of about a hundredth of the window are counted together, at the end of it.
        let step = max(limit.window.milliseconds / 100, 1)
        let end = now + Self.slice(of: limit).milliseconds + Self.transit(of: limit).milliseconds
        let time = (end + step - 1) / step * step
        if let place = slots.firstIndex(where: { $0.time == time }) {
            slots[place].count += granted
        } else {
            slots.insert(Slot(time: time, count: granted), at: slots.firstIndex { $0.time > time } ?? slots.endIndex)
        }
        return RateReservation(count: granted, countedAt: time)
    }

    /// Takes back requests that were reserved and are never made.
    public mutating func giveBack(_ count: Int, of reservation: RateReservation) {
        guard count > 0, let place = slots.firstIndex(where: { $0.time == reservation.countedAt }) else { return }
        slots[place].count -= min(count, slots[place].count)
        if slots[place].count == 0 { slots.remove(at: place) }
    }

    /// Reserves nothing for some time, because the PSA has refused a request; a longer time that was set before stays.
    public mutating func holdBack(for duration: Duration, at time: Int64) {
        let now = advance(to: time)
        heldBackUntil = max(heldBackUntil, now + duration.milliseconds)
    }

    private mutating func advance(to time: Int64) -> Int64 {
        if time < clock - Self.clockTolerance {
            let shift = time - clock
            slots = slots.map { Slot(time: $0.time + shift, count: $0.count) }
            heldBackUntil += shift
            deliveryUntil += shift
            clock = time
        }
        clock = max(clock, time)
        return clock
    }
}

extension SharedRateWindow {
    private static let format = "1"
    /// The times and numbers that a window can have; sums of them are numbers.
    private static let range: ClosedRange<Int64> = (-1 << 53)...(1 << 53)

    /// The window as a store keeps it, in at most about two kilobytes.
    public var encodedText: String {
        let slots = slots.map { "\($0.time - clock):\($0.count)" }.joined(separator: ",")
        return [Self.format, "\(clock)", "\(heldBackUntil)", "\(deliveryUntil)", slots].joined(separator: ";")
    }

    /// Reads what ``encodedText`` wrote; nil if it is of another version, or has a number that no window has.
    public init?(encodedText: String) {
        let parts = encodedText.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == Self.format, let clock = Int64(parts[1]), let heldBackUntil = Int64(parts[2]),
            let deliveryUntil = Int64(parts[3]), [clock, heldBackUntil, deliveryUntil].allSatisfy(Self.range.contains)
        else { return nil }
        var slots: [Slot] = []
        for text in parts[4].split(separator: ",") {
            let sides = text.split(separator: ":")
            guard sides.count == 2, let offset = Int64(sides[0]), let count = Int(sides[1]), Self.range.contains(offset),
                (1...1 << 32).contains(count)
            else { return nil }
            slots.append(Slot(time: clock + offset, count: count))
        }
        (self.clock, self.heldBackUntil, self.deliveryUntil, self.slots) = (clock, heldBackUntil, deliveryUntil, slots)
    }
}

extension Duration {
    /// The duration in whole milliseconds, rounded up, and at most a hundred years, so that its sum with a time is a number.
    var milliseconds: Int64 {
        let longest: Duration = .seconds(3_155_760_000)
        let (seconds, rest) = min(max(self, .zero - longest), longest).components
        return seconds * 1_000 + (rest + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
