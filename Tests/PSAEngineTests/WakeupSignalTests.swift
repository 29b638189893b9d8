import PSACore
import PSATesting
import Testing
@testable import PSAEngine

@Suite(.timeLimit(.minutes(1))) struct WakeupSignalTests {
    @Test func severalWaitersEndByTheirOwnCancellation() async {
        let signal = WakeupSignal()
        let time = ManualClock(movesBySleeping: false)
        let tasks = (0..<3).map { _ in Task { await signal.wait(atMost: .seconds(3_600), time.source) } }
        for _ in 0..<100 { await Task.yield() }
        for task in tasks {
            task.cancel()
            await task.value
        }
    }

    @Test func aNotificationWakesEveryWaiter() async {
        let signal = WakeupSignal()
        let time = ManualClock(movesBySleeping: false)
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { await signal.wait(atMost: .seconds(3_600), time.source) } }
            group.addTask {
                for _ in 0..<3 {
                    for _ in 0..<100 { await Task.yield() }
                    signal.notify()
                }
            }
        }
    }

    @Test func aNotificationWithoutAWaiterEndsTheNextWait() async {
        let signal = WakeupSignal()
        signal.notify()
        await signal.wait(atMost: .seconds(3_600), ManualClock(movesBySleeping: false).source)
    }
}
