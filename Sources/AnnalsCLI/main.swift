internal import Foundation

CrashReport.arm(isJSON: CommandLine.arguments.prefix { $0 != "--" }.contains("--json"))
let interrupts = Interrupts()
let work = Task { await Program.run(interrupts) }
interrupts.cancels(work)
exit(await work.value)
