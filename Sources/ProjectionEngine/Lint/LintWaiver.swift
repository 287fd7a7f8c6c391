/// A line `-- Lint: allow CODE reason` of a migration's header: this file may do that.
///
/// Like the description it is no part of the token hash, so adding one is a cosmetic edit.
public struct LintWaiver: Sendable, Equatable {
    /// The code of the rule.
    public let code: String
    /// Why it is right here.
    public let reason: String
    /// The line in the file, from 1.
    public let line: Int

    /// Reads what follows `-- Lint: `; `nil` when it has not the form, or no reason.
    init?(_ text: Substring, line: Int) {
        let words = text.split(separator: " ", maxSplits: 2)
        let isCode = { (byte: UInt8) in
            (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
        guard words.count == 3, words[0] == "allow", words[1].utf8.allSatisfy(isCode) else {
            return nil
        }
        code = String(words[1])
        reason = String(words[2])
        self.line = line
    }
}

extension Linter {
    /// Marks the findings that their files waive, and adds what is wrong with the waivers.
    /// - Parameter skipped: the rules that were not looked for, whose waivers prove nothing.
    func waive(_ findings: [LintFinding], skipped: Set<String>) -> [LintFinding] {
        var findings = findings
        for migration in definition.migrations {
            for waiver in migration.waivers {
                guard let rule = LintRule(rawValue: waiver.code), rule.isWaivable else {
                    findings.append(
                        finding(
                            .unknownWaiver, migration, line: waiver.line,
                            "`\(waiver.code)` is no rule that can be waived."))
                    continue
                }
                var isUsed = false
                for index in findings.indices
                where findings[index].migration == migration.number
                    && findings[index].code == waiver.code
                {
                    findings[index].waiver = waiver.reason
                    isUsed = true
                }
                if !isUsed, !skipped.contains(waiver.code) {
                    findings.append(
                        finding(
                            .unusedWaiver, migration, line: waiver.line,
                            "`\(waiver.code)` is allowed here and not found."))
                }
            }
        }
        return findings
    }
}
