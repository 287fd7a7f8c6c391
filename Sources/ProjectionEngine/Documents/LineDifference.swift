/// How one text differs from another, line by line, as `diff -u` shows it.
public struct LineDifference: Sendable, Equatable {
    /// Lines that are shown before and after a change.
    public static let contextMax = 3

    /// The lines of the difference: `@@` heads, then lines that begin with a space, `-` or `+`; empty
    /// for equal texts.
    public let lines: [String]

    /// Compares two texts.
    public init(from old: String, to new: String) {
        let old = Self.lines(of: old)
        let new = Self.lines(of: new)
        let steps = Self.steps(old, new)
        let changed = steps.indices.filter { steps[$0].mark != " " }
        guard let first = changed.first else {
            lines = []
            return
        }
        var output: [String] = []
        var begin = max(0, first - Self.contextMax)
        var last = first
        for index in changed.dropFirst() + [.max] {
            if index != .max, index - last <= 2 * Self.contextMax {
                last = index
                continue
            }
            let hunk = steps[begin...min(last + Self.contextMax, steps.count - 1)]
            output.append(Self.head(hunk))
            output += hunk.map { "\($0.mark)\($0.text)" }
            if index != .max {
                begin = index - Self.contextMax
                last = index
            }
        }
        lines = output
    }

    private struct Step {
        let mark: Character
        let text: Substring
        /// The lines of the old and the new text before this one.
        let oldBefore: Int
        let newBefore: Int
    }

    private static func lines(of text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func steps(_ old: [Substring], _ new: [Substring]) -> [Step] {
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var steps: [Step] = []
        var (at, to) = (0, 0)
        while at < old.count || to < new.count {
            if at < old.count, removed.contains(at) {
                steps.append(Step(mark: "-", text: old[at], oldBefore: at, newBefore: to))
                at += 1
            } else if to < new.count, inserted.contains(to) {
                steps.append(Step(mark: "+", text: new[to], oldBefore: at, newBefore: to))
                to += 1
            } else {
                steps.append(Step(mark: " ", text: new[to], oldBefore: at, newBefore: to))
                at += 1
                to += 1
            }
        }
        return steps
    }

    private static func head(_ hunk: ArraySlice<Step>) -> String {
        let old = hunk.filter { $0.mark != "+" }.count
        let new = hunk.filter { $0.mark != "-" }.count
        let (oldStart, newStart) = (hunk.first?.oldBefore ?? 0, hunk.first?.newBefore ?? 0)
        // An empty side is counted from the line before it.
        return
            "@@ -\(oldStart + (old > 0 ? 1 : 0)),\(old) +\(newStart + (new > 0 ? 1 : 0)),\(new) @@"
    }
}
