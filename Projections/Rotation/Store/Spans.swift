internal import EventModel

extension Timestamp {
    /// So many milliseconds later; at the end of time it stays.
    func advanced(by milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// So many days before.
    /// - Throws: `invalid`.
    func minus(retentionDays days: Int) throws(RotationError) -> Timestamp {
        guard (0...36_525).contains(days) else {
            throw RotationError(
                .invalid(field: "retentionDays"), "Retention is 0 to 36,525 days, not \(days).")
        }
        return advanced(by: Int64(days) * -86_400_000)
    }
}

extension RotationStore {
    /// So many hours before now.
    /// - Throws: `invalid`.
    func hoursAgo(_ hours: Int) throws(RotationError) -> Timestamp {
        guard (0...876_600).contains(hours) else {
            throw RotationError(
                .invalid(field: "hours"), "A span is 0 to 876,600 hours, not \(hours).")
        }
        return now.advanced(by: Int64(hours) * -3_600_000)
    }
}
