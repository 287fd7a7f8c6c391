internal import Annals
internal import EventModel

/// What `verify` tells of the store's data keys.
struct KeyCheck {
    private let result: Result<DataKeyReport?, AnnalsError>

    /// Checks the file.
    init(_ store: EventStore) {
        do throws(AnnalsError) {
            result = .success(try store.checkDataKeys())
        } catch {
            result = .failure(error)
        }
    }

    /// Whether every record is whole.
    var isGood: Bool {
        switch result {
        case .success(let report): report?.damaged.isEmpty ?? true
        case .failure: false
        }
    }

    /// The member `dataKeys` of the document; null when the store has none.
    var members: [JSON.Member] {
        let value: JSON
        switch result {
        case .success(nil): value = .null
        case .success(let report?):
            value = [
                "count": JSON(report.count), "damaged": .array(report.damaged.map { JSON($0) }),
            ]
        case .failure(let error):
            value = ["code": .string(error.code), "message": .string(error.message)]
        }
        return [JSON.Member(name: "dataKeys", value: value)]
    }

    /// The line for people; `nil` when the store has none.
    func line(_ console: Console) -> String? {
        switch result {
        case .success(nil): return nil
        case .success(let report?):
            let count = DisplayText.count(report.count, "key")
            guard !report.damaged.isEmpty else {
                return "data keys: \(console.painted("sound", .green)), \(count)"
            }
            let slots = report.damaged.map(String.init).joined(separator: ", ")
            return "data keys: \(console.painted("DAMAGED", .red)) at \(slots); \(count) whole"
        case .failure(let error):
            return "data keys: \(console.painted("NOT VERIFIED", .red)), "
                + "\(error.code): \(DisplayText.escaped(error.message))"
        }
    }
}
