// Our side of each measurement of tools/bench/run. One measurement per process; the result is one
// line on standard output: COUNT SECONDS.

import EventModel
import Foundation
import LogStorage
import ProjectionEngine

let usage = """
    usage: AnnalsBench append FOLDER EVENTS PER-COMMIT
           AnnalsBench scan FOLDER
           AnnalsBench proxies FOLDER EVENTS
           AnnalsBench rebuild FOLDER DATABASE
           AnnalsBench verify FOLDER
    """

let clock: @Sendable () -> Timestamp = {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
}

func openLog(_ folder: String) throws -> EventLog {
    try EventLog(folder: folder, access: .readWrite, clock: clock)
}

func makeLog(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try EventLog.create(folder: folder, id: String(repeating: "b", count: 32), clock: clock)
}

func report(_ count: Int, since start: ContinuousClock.Instant, _ more: String = "") {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("\(count) \(seconds)\(more)")
}

/// Appends are prepared ahead of the one that is being committed, on all cores but one, and committed
/// in order and one at a time: every commit has exactly `perCommit` events.
func append(_ folder: String, events count: Int, perCommit: Int) throws {
    try makeLog(folder)
    let log = try openLog(folder)
    let batches = stride(from: 0, to: count, by: perCommit).map { first in
        (first..<min(first + perCommit, count)).map(BenchEvents.mixed)
    }
    let helpers = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
    let places = (0..<(helpers + 3)).map { _ in PreparedPlace() }
    let start = ContinuousClock.now
    for helper in 0..<helpers {
        Thread.detachNewThread {
            for number in stride(from: helper, to: batches.count, by: helpers) {
                places[number % places.count].put { try PreparedAppend(batches[number]) }
            }
        }
    }
    for number in batches.indices {
        _ = try log.appendAndWait(places[number % places.count].take())
    }
    report(count, since: start)
}

/// The same bytes as in baseline/common.h: one of every cache line, and the last.
@inline(__always)
func touch(_ bytes: Span<UInt8>) -> UInt64 {
    var sum: UInt64 = 0
    for index in stride(from: 0, to: bytes.count, by: 64) { sum &+= UInt64(bytes[index]) }
    return bytes.isEmpty ? sum : sum &+ UInt64(bytes[bytes.count - 1])
}

func scan(_ folder: String) throws {
    let log = try openLog(folder)
    var sum: UInt64 = 0
    var position = Position.start
    let start = ContinuousClock.now
    while true {
        let last = try log.forEachEvent(
            after: position, through: Position(.max), limit: 16_384
        ) { event in
            sum &+= touch(event.typeBytes) &+ touch(event.streamBytes) &+ touch(event.data)
        }
        if last == position { break }
        position = last
    }
    report(Int(position.value), since: start, " \(sum)")
}

func makeProxies(_ folder: String, events count: Int) throws {
    try makeLog(folder)
    let log = try openLog(folder)
    let start = ContinuousClock.now
    for first in stride(from: 0, to: count, by: 10_000) {
        let events = (first..<min(first + 10_000, count)).map(BenchEvents.added)
        _ = try log.appendAndWait(PreparedAppend(events))
    }
    report(count, since: start)
}

func rebuild(_ folder: String, into path: String) throws {
    let log = try openLog(folder)
    let definition = try ProjectionDefinition.load(
        manifest: ("projection.yaml", Array(BenchProjection.manifest.utf8)),
        files: [("001_proxies.sql", Array(BenchProjection.migration.utf8))])
    let start = ContinuousClock.now
    let database = try ProjectionDatabase.create(
        path: path, definition: definition, versions: [1], appliedAt: clock())
    let count = try database.apply(from: VerifiedEvents(log), through: log.head())
    report(count, since: start)
    try database.finishBulk()
}

func verify(_ folder: String) throws {
    let log = try openLog(folder)
    let start = ContinuousClock.now
    let report = try log.verify()
    for problem in report.problems { print(problem) }
    AnnalsBench.report(Int(report.head.value), since: start)
}

let arguments = CommandLine.arguments.dropFirst().map { String($0) }
switch (arguments.first, arguments.count) {
case ("append", 4):
    try append(
        arguments[1], events: Int(arguments[2]) ?? 0, perCommit: Int(arguments[3]) ?? 1)
case ("scan", 2): try scan(arguments[1])
case ("proxies", 3): try makeProxies(arguments[1], events: Int(arguments[2]) ?? 0)
case ("rebuild", 3): try rebuild(arguments[1], into: arguments[2])
case ("verify", 2): try verify(arguments[1])
default:
    print(usage)
    exit(64)
}
