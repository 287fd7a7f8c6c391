import Annals
import AnnalsTesting
import EventModel
import Foundation

// A program that works on a store while a test watches, kills or races it.
//
//   StoreDriver STORE [--failpoint NAME=crash | NAME=pause:FILE] [--wait] [--migrates] VERB ARGUMENT…
//
// With --migrates it opens the store so that what waits is applied. With --wait it says "ready" and starts when a line comes in. It says "ack ID" for each
// acknowledged append, "done …" at the end, and "error CODE MESSAGE" when the store refuses.

var arguments = Array(CommandLine.arguments.dropFirst())
let path = arguments.removeFirst()
var waits = false
var options = EventStore.Options()
while let option = arguments.first, option.hasPrefix("--") {
    arguments.removeFirst()
    switch option {
    case "--wait": waits = true
    case "--migrates": options.migrates = true
    default: arm(arguments.removeFirst())
    }
}
let verb = arguments.removeFirst()
do {
    let store =
        try verb == "create"
        ? .create(at: path, options: options) : EventStore(at: path, options: options)
    if waits {
        say("ready")
        _ = readLine()
    }
    try await Driver(store: store).run(verb, arguments)
} catch let error as AnnalsError {
    say("error \(error.code) \(error.message)")
    exit(1)
} catch {
    say("error OTHER \(error)")
    exit(1)
}
