/// A tree of pages, as LMDB's record of 48 bytes describes it.
struct PageTree {
    /// What its values are.
    enum Kind {
        /// Lists of pages.
        case free
        /// Records of the named tables' trees.
        case tables
        /// Bytes of the caller's.
        case values
    }

    static let recordBytes = 48

    let kind: Kind
    /// The page that the record lies on.
    let page: UInt64
    let flags: UInt64
    /// Pages from the root to any leaf, both counted.
    let depth: Int
    let entries: UInt64
    let root: UInt64

    init(_ kind: Kind, record: [UInt8], at offset: Int, page: UInt64) {
        self.kind = kind
        self.page = page
        flags = littleEndian(record, at: offset + 4, count: 2)
        depth = Int(littleEndian(record, at: offset + 6, count: 2))
        entries = littleEndian(record, at: offset + 32, count: 8)
        root = littleEndian(record, at: offset + 40, count: 8)
    }
}

/// The place of a key and its value, or of a child, in a page.
struct PageNode {
    let start: Int
    let keyBytes: Int
    /// The value's bytes, wherever they lie; 0 in a branch.
    let valueBytes: Int
    /// What kind of value it is; 0 in a branch.
    let flags: UInt64
    /// The child of a branch's node.
    let child: UInt64

    /// Where the value begins, or the number of the page that it lies on.
    var value: Int { start + DataFile.nodeHeaderBytes + keyBytes }
    /// The value lies on pages of its own.
    var isElsewhere: Bool { flags & 0x01 != 0 }
    /// Where the next node begins: nodes have an even length.
    var end: Int { (value + (isElsewhere ? 8 : valueBytes) + 1) & ~1 }

    /// Reads a node's header, which must lie in the page.
    init(_ bytes: [UInt8], at start: Int, isLeaf: Bool) {
        self.start = start
        keyBytes = Int(littleEndian(bytes, at: start + 6, count: 2))
        valueBytes = isLeaf ? Int(littleEndian(bytes, at: start, count: 4)) : 0
        flags = isLeaf ? littleEndian(bytes, at: start + 4, count: 2) : 0
        child = isLeaf ? 0 : littleEndian(bytes, at: start, count: 6)
    }
}
