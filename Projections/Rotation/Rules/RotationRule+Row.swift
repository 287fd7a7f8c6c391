internal import EventModel
internal import Foundation
internal import GRDB

extension RotationRule {
    /// The columns, in the order in which `init(row:)` reads them.
    static let columns = """
        id, config_id, name, description, coalesce(priority, 0), conditions,
        coalesce(condition_logic, 'AND'), actions, coalesce(stop_on_match, 1),
        coalesce(enabled, 1), coalesce(created_at, 0), coalesce(updated_at, created_at, 0)
        """

    /// Reads a row of `columns`.
    init(row: Row) throws {
        let decoder = JSONDecoder()
        func list<Part: Decodable>(_ index: Int) throws -> [Part] {
            do {
                return try decoder.decode([Part].self, from: Data((row[index] as String).utf8))
            } catch {
                throw RotationError(
                    .invalid(field: index == 5 ? "conditions" : "actions"),
                    "The rule '\(row[0] as String)' cannot be read: \(error)")
            }
        }
        self.init(
            id: row[0], configID: row[1], name: row[2], description: row[3], priority: row[4],
            conditions: try list(5), conditionLogic: try row.word(6), actions: try list(7),
            stopOnMatch: row[8], enabled: row[9], createdAt: Timestamp(milliseconds: row[10]),
            updatedAt: Timestamp(milliseconds: row[11]))
    }
}
