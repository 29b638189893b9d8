import PSACore
import PSATesting
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Wakeup signal", .timeLimit(.minutes(1))) struct WakeupSignalTests {
    private let wakeup = WakeupSignal()
    private let time = ManualClock(movesBySleeping: false, random: 0.5)

    @Test func aNotificationWithoutAWaiterEndsTheNextWait() async {
        wakeup.notify()
        wakeup.notify()
        await wakeup.wait(atMost: .seconds(60), time.source)
    }

    @Test func aNotificationWakesTheWaiter() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        wakeup.notify()
        await waiter.value
    }

    @Test func theWaitEndsAtTheTimeout() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        time.advance(by: 60)
        await waiter.value
    }

    @Test func theWaitEndsWhenTheTaskIsCancelled() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        waiter.cancel()
        await waiter.value
    }

    @Test func oneNotificationEndsOneWait() async {
        let waits = Mutex(0)
        let loop = Task {
            while !Task.isCancelled {
                await wakeup.wait(atMost: .seconds(3_600), time.source)
                waits.withLock { $0 += 1 }
            }
        }
        await time.waitForSleeper()
        wakeup.notify()
        // Thousands of yields for a waiter that loops.
        for _ in 0..<5_000 { await Task.yield() }
        #expect(waits.withLock { $0 } == 1)
        loop.cancel()
        await loop.value
    }
}
