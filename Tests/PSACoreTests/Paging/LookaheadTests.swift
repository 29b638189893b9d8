import PSATesting
import Testing

@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct LookaheadTests {
    @Test func pagesAheadAreFetchedAtTheSameTimeAndDeliveredInOrder() async throws {
        let started = Signal()
        let third = Signal()
        let log = Shared<[Int]>([])
        let sequence = PagedSequence<Row> { at in
            let page = number(at)
            log.update { $0.append(page) }
            guard page > 1 else { return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)]) }
            // Neither answers before both are under way, and the later one answers first.
            started.fire()
            await started.wait(for: 2)
            if page == 2 { await third.wait() } else { third.fire() }
            return Page(items: [Row(id: page)], next: page == 2 ? cursor(3) : nil)
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2, 3])
        #expect(log.value.sorted() == [1, 2, 3])
    }

    @Test func leavingTheLoopCancelsWhatIsUnderWay() async throws {
        let started = Signal()
        let cancelled = Signal()
        let sequence = PagedSequence<Row> { at in
            guard number(at) > 1 else { return Page(items: [Row(id: 1), Row(id: 2)], next: cursor(2), lookahead: [cursor(3), cursor(4)]) }
            started.fire()
            try await waitForCancellation(whenCancelled: cancelled)
        }
        for try await row in sequence {
            await started.wait(for: 3)
            #expect(row.id == 1)
            break
        }
        await cancelled.wait(for: 3)
    }

    @Test func cancellingTheTaskCancelsWhatIsUnderWay() async throws {
        let started = Signal()
        let cancelled = Signal()
        let sequence = PagedSequence<Row> { at in
            guard number(at) > 1 else { return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)]) }
            started.fire()
            try await waitForCancellation(whenCancelled: cancelled)
        }
        let reader = Task { try await sequence.reduce(into: 0) { count, _ in count += 1 } }
        await started.wait(for: 2)
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        await cancelled.wait(for: 2)
    }

    @Test func cancellingDuringTheFirstPageEndsIt() async throws {
        let started = Signal()
        let sequence = PagedSequence<Row> { _ in
            started.fire()
            try await waitForCancellation()
        }
        let reader = Task { try await sequence.reduce(into: 0) { count, _ in count += 1 } }
        await started.wait()
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test func pagesAheadOfTheEndAreThrownAwayWithTheirErrors() async throws {
        struct PastTheEnd: Error {}
        let cancelled = Signal()
        let started = Signal()
        let sequence = PagedSequence<Row> { at in
            switch number(at) {
            case 1: return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3), cursor(4)])
            case 2:
                await started.wait()
                return Page(items: [Row(id: 2)])
            case 3: throw PastTheEnd()
            default:
                started.fire()
                try await waitForCancellation(whenCancelled: cancelled)
            }
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2])
        await cancelled.wait()
    }

    @Test func anErrorCancelsTheOthers() async throws {
        struct Broken: Error {}
        let cancelled = Signal()
        let started = Signal()
        let sequence = PagedSequence<Row> { at in
            switch number(at) {
            case 1: return Page(items: [Row(id: 1)], next: cursor(2), lookahead: [cursor(3)])
            case 2:
                await started.wait()
                throw Broken()
            default:
                started.fire()
                try await waitForCancellation(whenCancelled: cancelled)
            }
        }
        await #expect(throws: Broken.self) { for try await _ in sequence {} }
        await cancelled.wait()
    }

    @Test func aPageNamedAheadMoreThanOnceIsFetchedOnce() async throws {
        let log = Shared<[Int]>([])
        let sequence = PagedSequence<Row> { at in
            let page = number(at)
            log.update { $0.append(page) }
            return Page(
                items: [Row(id: page)], next: page < 6 ? cursor(page + 1) : nil,
                lookahead: [page + 1, page + 2, page + 3].filter { $0 <= 6 }.map(cursor))
        }
        #expect(try await sequence.reduce(into: []) { $0.append($1.id) } == [1, 2, 3, 4, 5, 6])
        #expect(log.value.sorted() == [1, 2, 3, 4, 5, 6])
    }
}
