internal import Foundation

let interrupts = Interrupts()
let work = Task { await Program.run(interrupts) }
interrupts.cancels(work)
exit(await work.value)
