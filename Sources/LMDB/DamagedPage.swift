/// A page of `data.mdb` that LMDB cannot have written so.
public struct DamagedPage: Error, Sendable, Equatable, CustomStringConvertible {
    /// Its number, from 0: it begins at this many times the page size.
    public let page: UInt64
    /// What is wrong with it.
    public let what: String

    /// One sentence with the number.
    public var description: String { "page \(page) of data.mdb is damaged: \(what)" }
}
