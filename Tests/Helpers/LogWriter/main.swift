// A process that appends to a log until it is done or killed, and says on standard output what was
// acknowledged: one line "ID POSITION" for each event. Tests run it beside themselves and kill it.
//
// Usage: LogWriter FOLDER NAME APPENDS EVENTS-PER-APPEND

import EventModel
import Glibc
import LogStorage

let arguments = CommandLine.arguments
guard arguments.count == 5, let appends = Int(arguments[3]), let events = Int(arguments[4]) else {
    print("usage: LogWriter FOLDER NAME APPENDS EVENTS-PER-APPEND")
    exit(64)
}
let name = arguments[2]

let log = try EventLog(
    folder: arguments[1], access: .readWrite, flushEvents: 64,
    clock: { Timestamp(milliseconds: Int64(time(nil)) * 1000) })
for number in 0..<appends {
    let batch = (0..<events).map { index in
        Event(
            type: "helper.event\(index % 3)", stream: "helper/\((number + index) % 17)",
            data: #"{"n":\#(number),"i":\#(index)}"#, tags: ["by:\(name)", "mod:\(number % 5)"],
            id: "\(name)-\(number)-\(index)")
    }
    let result = try log.appendAndWait(PreparedAppend(batch))
    for (event, place) in zip(batch, result.places) {
        print("\(event.id ?? "") \(place.position)")
    }
    fflush(nil)
}
