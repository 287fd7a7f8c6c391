import Annals
import EventModel
import Foundation
import RotationProjection

// A program that rotates and records while a test or tool watches or races it.
//
//   RotationDriver STORE create PROXIES         makes a store with proxies and a round-robin of all
//   RotationDriver STORE rotate SECONDS BATCH   says "ready", waits for a line, then rotates and records
//                                               BATCH requests through each proxy chosen; at the end
//                                               "done ROTATIONS RECORDS"
//   RotationDriver STORE usage RECORDS BATCH    records requests of many kinds, and says how fast
//   RotationDriver STORE totals                 what the projection and the log say, one figure a line

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
    say("error USAGE RotationDriver STORE VERB ARGUMENT…")
    exit(2)
}
let numbers = arguments.dropFirst(2).compactMap(Int.init)
do {
    var options = EventStore.Options()
    options.builtIn = [try Rotation.definition()]
    options.migrates = arguments[1] == "create"
    let store =
        try arguments[1] == "create"
        ? .create(at: arguments[0], options: options)
        : EventStore(at: arguments[0], options: options)
    let driver = RotationDriver(rotation: try RotationStore(store))
    switch (arguments[1], numbers.count) {
    case ("create", 1): try await driver.create(proxies: numbers[0])
    case ("rotate", 2): try await driver.rotate(seconds: numbers[0], batch: numbers[1])
    case ("usage", 2): try await driver.usage(records: numbers[0], batch: numbers[1])
    case ("totals", 0): try driver.totals()
    default:
        say("error USAGE \(arguments.joined(separator: " "))")
        exit(2)
    }
} catch {
    say("error FAILED \(error)")
    exit(1)
}

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
