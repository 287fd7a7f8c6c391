import Dispatch

/// Measures what the statements of handlers take; which meter runs is decided when the program is
/// compiled, so that not measuring costs nothing.
protocol StatementMeter {
    /// The time before a statement runs, in nanoseconds of the machine's steady clock.
    func now() -> UInt64
    /// Takes note of a statement that has run since.
    mutating func ran(_ statement: CompiledStatement, of type: Int, since: UInt64)
}

/// Measures nothing.
struct NoMeter: StatementMeter {
    @inline(__always) func now() -> UInt64 { 0 }
    @inline(__always) func ran(_ statement: CompiledStatement, of type: Int, since: UInt64) {}
}

/// What one handler took in all.
public struct HandlerTime: Sendable, Equatable {
    /// The event's type.
    public let eventType: String
    /// The file that defines it.
    public let file: String
    /// The line of its first statement.
    public let line: Int
    /// How often it ran to its end.
    public internal(set) var calls: Int
    /// All of its statements together, in milliseconds.
    public internal(set) var totalMs: Double

    /// One run, in milliseconds.
    public var meanMs: Double { calls == 0 ? 0 : totalMs / Double(calls) }
}

/// Measures each statement and adds up.
struct HandlerMeter: StatementMeter {
    private struct Sum {
        let statement: CompiledStatement
        let type: Int
        var calls = 0
        var nanoseconds: UInt64 = 0
    }

    private var sums: [ObjectIdentifier: Sum] = [:]

    func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

    mutating func ran(_ statement: CompiledStatement, of type: Int, since: UInt64) {
        let time = now() - since
        var sum = sums[ObjectIdentifier(statement)] ?? Sum(statement: statement, type: type)
        sum.calls += 1
        sum.nanoseconds += time
        sums[ObjectIdentifier(statement)] = sum
    }

    /// The handlers that ran, the one that took longest first.
    func handlers(_ inputs: HandlerInputs) -> [HandlerTime] {
        var found: [HandlerTime] = []
        // In the order of the statements: the first of a handler says its line.
        let ordered = sums.values.sorted {
            ($0.type, $0.statement.migration, $0.statement.start)
                < ($1.type, $1.statement.migration, $1.statement.start)
        }
        var last: Sum?
        for sum in ordered {
            let time = Double(sum.nanoseconds) / 1e6
            if let last, last.type == sum.type, last.statement.migration == sum.statement.migration
            {
                found[found.count - 1].totalMs += time
                found[found.count - 1].calls = min(found[found.count - 1].calls, sum.calls)
            } else {
                let section = sum.statement.section
                found.append(
                    HandlerTime(
                        eventType: inputs.types[sum.type].name, file: section.file,
                        line: section.location(utf8Offset: sum.statement.start).line,
                        calls: sum.calls, totalMs: time))
            }
            last = sum
        }
        return found.sorted {
            ($1.totalMs, $0.eventType, $0.file) < ($0.totalMs, $1.eventType, $1.file)
        }
    }
}
