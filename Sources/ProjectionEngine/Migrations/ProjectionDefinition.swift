/// What a projection is: its modules and its migrations, read from a folder or from the program.
///
/// Numbers are unique, every migration belongs to a module, dependencies point backwards.
/// `checkConsistency()` tells whether the migrations fit together, `check()` adds what only SQLite can
/// tell.
public struct ProjectionDefinition: Sendable, Equatable {
    /// Where a definition was read from.
    public enum Origin: Sendable, Equatable {
        /// A folder with `projection.yaml` and `Migrations/`.
        case folder(String)
        /// The program itself.
        case builtIn
    }

    /// The projection's name, which is the manifest's.
    public let name: String
    /// What it is for; may be empty.
    public let description: String
    /// The kind of database that it is built in.
    public internal(set) var dialect = Dialect.sqlite
    /// The day of the manifest's last change, `2026-11-21`; empty when it does not say.
    public internal(set) var updated = ""
    /// Its modules, by ascending range.
    public let modules: [Module]
    /// Its migrations, by ascending number.
    public let migrations: [Migration]
    /// Where it was read from.
    public let origin: Origin

    /// The migration with a number, `nil` when there is none.
    public func migration(_ number: Int) -> Migration? {
        migrations.first { $0.number == number }
    }

    /// The module with a name, `nil` when there is none.
    public func module(_ name: String) -> Module? { modules.first { $0.name == name } }

    /// The names of the modules that a new store has.
    public var defaultModules: Set<String> {
        Set(modules.filter(\.isEnabledByDefault).map(\.name))
    }
}
