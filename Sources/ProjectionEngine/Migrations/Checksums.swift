/// The hashes of a migration's parts: what was applied is compared with what the file says now.
///
/// Text hashes see every character but trailing spaces, line-end style and byte-order mark. Token hashes
/// see neither comments nor spacing, so an edit that changes a text hash alone is cosmetic. The
/// file's path is part of none.
public struct Checksums: Sendable, Equatable {
    /// The name of the way these hashes are made; part of every stored rendering.
    public static let algorithm = "sha256-v1"

    /// The hashes of one part, SHA-256 in lower-case hex.
    public struct Part: Sendable, Equatable {
        /// Over the normalised text.
        public let text: String
        /// Over the tokens.
        public let tokens: String
    }

    /// Over the whole file's normalised text.
    public let whole: String
    /// Over everything that has an effect: module, dependencies and every section's tokens.
    ///
    /// Number, name and description are left out, so a renamed or renumbered file is known again.
    public let tokens: String
    /// The parts by name, in file order: `header`, `up`, `On TYPE`, `Off TYPE`,
    /// `Seed TYPE STREAM ID`, `Upcast TYPE FROM TO`, `down`.
    public let parts: [(name: String, part: Part)]

    /// Equal when every hash is.
    public static func == (left: Checksums, right: Checksums) -> Bool {
        left.rendering == right.rendering
    }
}
