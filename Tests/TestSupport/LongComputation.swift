/// Lets other tasks run once in a hundred rounds of a computation without suspension points.
///
/// Tasks share a thread for each processor. Tests that only compute would otherwise hold all of them, and requests of other tests would
/// time out.
public func letOtherTasksRun(in round: Int) async {
    if round % 100 == 0 { await Task.yield() }
}
