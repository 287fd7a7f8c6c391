/// The check of all pages that one commit reaches.
///
/// Is each what its parent says, and does all that is in it lie inside of it? Structure only: what keys and values say is for those who wrote them. Tables with several values
/// for a key are never made here, so that their pages are damage too. LMDB's mdb.c has the layout.
struct PageCheck: ~Copyable {
    private let file: DataFile
    private let meta: DataFile.Meta
    /// Whole pages in the file.
    private let present: UInt64
    /// A bit for each page: reached, or free.
    private var taken: [UInt64]
    /// The trees of the tables found so far.
    private var tables: [PageTree] = []
    /// A bit for every second byte of a page: a node begins there.
    private var starts: [UInt64]

    private static let branch: UInt64 = 0x01
    private static let leaf: UInt64 = 0x02
    private static let overflow: UInt64 = 0x04
    /// The first pages are the meta pages.
    private static let metaPages: UInt64 = 2
    /// The longest way from a root that LMDB follows.
    private static let depthMax = 32

    init(file: consuming DataFile, meta: DataFile.Meta) {
        present = file.length() / UInt64(meta.pageBytes)
        taken = Array(repeating: 0, count: Int(present / 64) + 1)
        starts = Array(repeating: 0, count: meta.pageBytes / 128 + 1)
        self.file = file
        self.meta = meta
    }

    /// Walks the tree of free pages, the tree of tables, and each table.
    /// - Throws: `DamagedPage` for the first page that is not as it must be.
    mutating func all() throws(DamagedPage) {
        let page = meta.transaction & 1
        try walk(PageTree(.free, record: meta.trees, at: 0, page: page))
        try walk(PageTree(.tables, record: meta.trees, at: PageTree.recordBytes, page: page))
        for table in tables { try walk(table) }
    }

    private mutating func walk(_ tree: PageTree) throws(DamagedPage) {
        guard tree.kind == .free || tree.flags == 0 else {
            throw DamagedPage(page: tree.page, what: "a tree in it has the flags \(tree.flags)")
        }
        var entries: UInt64 = 0
        var open: [(page: UInt64, parent: UInt64, level: Int)] = []
        if tree.root != DataFile.noPage {
            guard (1...Self.depthMax).contains(tree.depth) else {
                throw DamagedPage(page: tree.page, what: "a tree in it has depth \(tree.depth)")
            }
            open.append((tree.root, tree.page, 1))
        }
        while let (page, parent, level) = open.popLast() {
            try take(page, from: parent)
            let isLeaf = level == tree.depth
            let bytes = try read(page, isLeaf ? Self.leaf : Self.branch)
            let nodes = try nodes(of: bytes, page, isLeaf: isLeaf)
            // The tree of free pages may be caught while LMDB thins it out.
            guard tree.kind == .free || nodes.count >= (isLeaf ? 1 : 2) else {
                throw DamagedPage(page: page, what: "it has \(nodes.count) entries")
            }
            if isLeaf {
                entries += UInt64(nodes.count)
                for node in nodes { try check(node, in: bytes, page, of: tree) }
            } else {
                // Backwards, so that pages are read in the order of their keys.
                for node in nodes.reversed() { open.append((node.child, page, level + 1)) }
            }
        }
        guard entries == tree.entries else {
            throw DamagedPage(
                page: tree.page,
                what: "a tree in it is to have \(tree.entries) entries, but has \(entries)")
        }
    }

    /// A page of a tree, if it is what it must be.
    private func read(_ page: UInt64, _ flags: UInt64) throws(DamagedPage) -> [UInt8] {
        let isTree = flags != Self.overflow
        let bytes: [UInt8]
        do {
            bytes = try file.read(
                at: Int(page) * meta.pageBytes,
                count: isTree ? meta.pageBytes : DataFile.pageHeaderBytes)
        } catch {
            throw DamagedPage(page: page, what: "it cannot be read")
        }
        let number = littleEndian(bytes, at: 0, count: 8)
        guard number == page else {
            throw DamagedPage(page: page, what: "it has the number \(number)")
        }
        let found = littleEndian(bytes, at: 10, count: 2)
        guard found == flags else {
            throw DamagedPage(page: page, what: "its flags are \(found), not \(flags)")
        }
        return bytes
    }

    /// The nodes of a page in the order of their keys.
    ///
    /// From `upper` to its end a page is filled with nodes, without a gap.
    private mutating func nodes(
        of bytes: [UInt8], _ page: UInt64, isLeaf: Bool
    ) throws(DamagedPage) -> [PageNode] {
        let lower = Int(littleEndian(bytes, at: 12, count: 2))
        let upper = Int(littleEndian(bytes, at: 14, count: 2))
        guard lower >= DataFile.pageHeaderBytes, lower % 2 == 0, upper % 2 == 0,
            lower <= upper, upper <= bytes.count
        else {
            throw DamagedPage(page: page, what: "its free space is from \(lower) to \(upper)")
        }
        var nodes: [PageNode] = []
        nodes.reserveCapacity(lower / 2)
        for index in starts.indices { starts[index] = 0 }
        for slot in stride(from: DataFile.pageHeaderBytes, to: lower, by: 2) {
            let start = Int(littleEndian(bytes, at: slot, count: 2))
            guard start >= upper, start % 2 == 0, start + DataFile.nodeHeaderBytes <= bytes.count
            else {
                throw DamagedPage(page: page, what: "an entry is at \(start), outside of it")
            }
            starts[start / 128] |= 1 << UInt64(start / 2 % 64)
            nodes.append(PageNode(bytes, at: start, isLeaf: isLeaf))
        }
        var end = upper
        var count = 0
        while end < bytes.count {
            guard starts[end / 128] & 1 << UInt64(end / 2 % 64) != 0 else {
                throw DamagedPage(page: page, what: "no entry is at \(end), where one has to be")
            }
            end = PageNode(bytes, at: end, isLeaf: isLeaf).end
            count += 1
        }
        guard end == bytes.count, count == nodes.count else {
            throw DamagedPage(page: page, what: "its entries end at \(end), or there are others")
        }
        return nodes
    }

    /// Checks the value of a leaf's node, and what else it leads to.
    private mutating func check(
        _ node: PageNode, in bytes: [UInt8], _ page: UInt64, of tree: PageTree
    ) throws(DamagedPage) {
        let flags: ClosedRange<UInt64> = tree.kind == .tables ? 2...2 : 0...1
        guard flags.contains(node.flags) else {
            throw DamagedPage(page: page, what: "an entry has the flags \(node.flags)")
        }
        if tree.kind == .tables {
            guard node.valueBytes == PageTree.recordBytes else {
                throw DamagedPage(page: page, what: "a table has \(node.valueBytes) bytes")
            }
            tables.append(PageTree(.values, record: bytes, at: node.value, page: page))
        }
        let first = node.isElsewhere ? littleEndian(bytes, at: node.value, count: 8) : nil
        if let first { try checkPages(from: first, of: node, parent: page) }
        if tree.kind == .free { try takeFree(node, in: bytes, page, first) }
    }

    /// Checks the pages of a large value: only the first has a header.
    private mutating func checkPages(
        from first: UInt64, of node: PageNode, parent: UInt64
    ) throws(DamagedPage) {
        try take(first, from: parent)
        let count = littleEndian(try read(first, Self.overflow), at: 12, count: 4)
        guard count * UInt64(meta.pageBytes) >= UInt64(DataFile.pageHeaderBytes + node.valueBytes)
        else {
            throw DamagedPage(
                page: first, what: "its \(count) pages do not hold \(node.valueBytes) bytes")
        }
        for offset in 1..<max(count, 1) { try take(first + offset, from: first) }
    }

    /// Takes the pages of a list of free ones: their number, then theirs.
    private mutating func takeFree(
        _ node: PageNode, in bytes: [UInt8], _ page: UInt64, _ first: UInt64?
    ) throws(DamagedPage) {
        var list = bytes[node.value..<min(node.end, bytes.count)]
        if let first {
            do {
                let offset = Int(first) * meta.pageBytes + DataFile.pageHeaderBytes
                list = try file.read(at: offset, count: node.valueBytes)[...]
            } catch {
                throw DamagedPage(page: first, what: "it cannot be read")
            }
        }
        let numbers = Array(list)
        let count = numbers.count < 8 ? 0 : littleEndian(numbers, at: 0, count: 8)
        guard node.keyBytes == 8, node.valueBytes >= 8, count <= (node.valueBytes - 8) / 8 else {
            throw DamagedPage(page: page, what: "an entry is no list of free pages")
        }
        for index in 0..<Int(count) {
            let free = littleEndian(numbers, at: 8 + index * 8, count: 8)
            // A page that was never written can lie behind the end of the file.
            if free < present || free > meta.lastPage { try take(free, from: page) }
        }
    }

    /// Notes that a page is in use, or free.
    private mutating func take(_ page: UInt64, from parent: UInt64) throws(DamagedPage) {
        guard page >= Self.metaPages, page <= meta.lastPage, page < present else {
            throw DamagedPage(page: parent, what: "it leads to page \(page), which is not there")
        }
        let (word, bit) = (Int(page / 64), UInt64(1) << (page % 64))
        guard taken[word] & bit == 0 else {
            throw DamagedPage(page: page, what: "it is used twice, once by page \(parent)")
        }
        taken[word] |= bit
    }
}
