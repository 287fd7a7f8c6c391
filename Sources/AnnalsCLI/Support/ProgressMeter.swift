internal import Foundation
internal import Synchronization

/// Tells on standard error how far a long task is: done of total, rate, time left.
///
/// On a terminal it is one line that changes; elsewhere a plain line every few seconds, none at all
/// for what takes less. May be used from several threads.
final class ProgressMeter: Sendable {
    /// What the meter counts.
    enum Unit: Sendable {
        case events
        case bytes
    }

    /// How far one of several things done together is.
    private struct Part {
        let name: String
        /// What was done when it first told; it is no part of the rate.
        let first: UInt64
        var done: UInt64
        var total: UInt64

        var percent: UInt64 { total == 0 ? 100 : min(100, done * 100 / total) }
    }

    private struct State {
        /// In the order in which they first told.
        var parts: [Part] = []
        var shown: ContinuousClock.Instant
        var isLineOpen = false
    }

    private let title: String
    private let unit: Unit
    private let isTerminal: Bool
    private let start: ContinuousClock.Instant
    private let state: Mutex<State>

    /// Milliseconds between two lines.
    private var interval: Duration { isTerminal ? .milliseconds(100) : .seconds(3) }

    /// Begins to measure.
    ///
    /// - Parameter title: what is done, in the shape "importing FILE".
    init(_ title: String, unit: Unit = .events, on console: Console) {
        self.title = title
        self.unit = unit
        isTerminal = console.isTerminal
        let now = ContinuousClock.now
        start = now
        state = Mutex(State(shown: now))
    }

    /// Takes note of how far a part is, and tells it when it is time to.
    func update(_ part: String = "", done: UInt64, total: UInt64) {
        state.withLock { state in
            if let index = state.parts.firstIndex(where: { $0.name == part }) {
                state.parts[index].done = done
                state.parts[index].total = total
            } else {
                state.parts.append(Part(name: part, first: done, done: done, total: total))
            }
            let now = ContinuousClock.now
            guard now - state.shown >= interval else { return }
            state.shown = now
            let line = line(state.parts, elapsed: now - start)
            writeToStandardError(isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n")
            state.isLineOpen = isTerminal
        }
    }

    /// Takes the changing line away, so that what comes next begins at the left.
    func end() {
        state.withLock { state in
            if state.isLineOpen { writeToStandardError("\r\u{1B}[K") }
            state.isLineOpen = false
        }
    }

    private func line(_ parts: [Part], elapsed: Duration) -> String {
        let done = parts.reduce(0) { $0 + $1.done }
        let total = parts.reduce(0) { $0 + $1.total }
        let new = parts.reduce(0) { $0 + ($1.done - min($1.first, $1.done)) }
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(new) / seconds : 0
        var line = "\(title): \(amount(done))"
        if total > 0 { line += " of \(amount(total)) (\(min(100, done * 100 / total)) %)" }
        line += ", \(amount(UInt64(rate)))/s"
        if total > done, rate > 0 {
            line += ", \(Self.time((Double(total - done) / rate).rounded(.up))) left"
        }
        if parts.count > 1 {
            let each = parts.map { "\($0.name) \($0.percent) %" }
            line += " [\(each.joined(separator: ", "))]"
        }
        return line
    }

    private func amount(_ number: UInt64) -> String {
        switch unit {
        case .events: "\(DisplayText.grouped(number)) events"
        case .bytes: "\(DisplayText.grouped(number >> 10)) KiB"
        }
    }

    /// A duration in seconds as people read it: `160 ms`, `7 s`, `3 min 20 s`, `2 h 5 min`.
    static func time(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int(max(0, seconds) * 1000)) ms" }
        let seconds = Int(min(seconds.rounded(.up), 1e9))
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}
