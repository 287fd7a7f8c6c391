internal import Glibc

/// `data.mdb` as it lies on disk, read without LMDB's map.
///
/// LMDB maps the file without asking how long it is, and reading a page that is not there ends the
/// process (SIGBUS). A file may rightly end before the last page that LMDB counts: pages that a
/// transaction takes and gives back are never written. Such pages are in the list of free ones, and
/// that alone tells them from pages that were lost.
struct DataFile: ~Copyable {
    private let descriptor: Int32

    /// What a meta page says.
    struct Meta: Equatable {
        let transaction: UInt64
        let pageBytes: Int
        /// The tree of free pages, and that of the named tables, each as LMDB's record of 48 bytes.
        let trees: [UInt8]
        let lastPage: UInt64

        var freeRoot: UInt64 { littleEndian(trees, at: 40, count: 8) }
    }

    /// A page that cannot be what it should be, or is not there.
    struct Unreadable: Error {}

    static let pageHeaderBytes = 16
    static let nodeHeaderBytes = 8
    /// The root of a tree without entries.
    static let noPage = UInt64.max

    /// Opens the file.
    init(path: String) throws(LMDBError) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LMDBError(code: errno, call: "open") }
    }

    deinit { close(descriptor) }

    /// Whether every page in use is there; other processes may write meanwhile.
    func isWhole() -> Bool {
        var seen: UInt64?
        while true {
            guard let meta = newestMeta() else { return false }
            // The length is asked for last: others can only have made the file longer.
            let present = length() / UInt64(meta.pageBytes)
            if present > meta.lastPage { return true }
            let missing = present...meta.lastPage
            do {
                var free = 0
                try forEachFreePage(meta, present) { if missing.contains($0) { free += 1 } }
                if free == missing.count { return true }
            } catch {
                // Lost too, or overwritten by a transaction that came meanwhile.
            }
            if seen == meta.transaction { return false }
            seen = meta.transaction
        }
    }

    /// The meta page of the last commit.
    private func newestMeta() -> Meta? {
        guard let first = meta(at: 0) else { return nil }
        guard let second = meta(at: first.pageBytes) else { return first }
        return first.transaction > second.transaction ? first : second
    }

    /// The meta page of a commit, if it is still there: the next but one overwrites it.
    ///
    /// It is read twice, since who overwrites it may be half-way.
    func meta(ofTransaction transaction: UInt64) -> Meta? {
        guard let pageBytes = newestMeta()?.pageBytes else { return nil }
        let offset = Int(transaction & 1) * pageBytes
        guard let meta = meta(at: offset), meta.transaction == transaction,
            meta == self.meta(at: offset)
        else { return nil }
        return meta
    }

    private func meta(at offset: Int) -> Meta? {
        do {
            let bytes = try read(at: offset, count: 152)
            let pageBytes = Int(littleEndian(bytes, at: 40, count: 4))
            let lastPage = littleEndian(bytes, at: 136, count: 8)
            guard littleEndian(bytes, at: 16, count: 4) == 0xBEEF_C0DE, pageBytes >= 512,
                lastPage < 1 << 48
            else {
                return nil
            }
            return Meta(
                transaction: littleEndian(bytes, at: 144, count: 8), pageBytes: pageBytes,
                trees: Array(bytes[40..<136]), lastPage: lastPage)
        } catch {
            return nil
        }
    }

    /// Walks the tree of free pages: its values are lists, each with its length in front.
    private func forEachFreePage(
        _ meta: Meta, _ present: UInt64, _ body: (UInt64) -> Void
    ) throws {
        guard meta.freeRoot != Self.noPage else { return }
        var open = [meta.freeRoot]
        var walked: UInt64 = 0
        while let page = open.popLast() {
            walked += 1
            guard walked <= present else { throw Unreadable() }
            let bytes = try self.page(page, meta, present)
            let flags = littleEndian(bytes, at: 10, count: 2)
            let end = Int(littleEndian(bytes, at: 12, count: 2))
            guard flags & 0x03 != 0, end <= bytes.count else { throw Unreadable() }
            for slot in stride(from: Self.pageHeaderBytes, to: end, by: 2) {
                let node = Int(littleEndian(bytes, at: slot, count: 2))
                guard node + Self.nodeHeaderBytes <= bytes.count else { throw Unreadable() }
                if flags & 0x01 != 0 {
                    open.append(littleEndian(bytes, at: node, count: 6))
                } else {
                    let list = try value(of: node, in: bytes, meta, present)
                    for offset in stride(from: 8, to: list.count - 7, by: 8) {
                        body(littleEndian(list, at: offset, count: 8))
                    }
                }
            }
        }
    }

    /// The value of a leaf's node: behind the key, or on pages of its own.
    private func value(
        of node: Int, in bytes: [UInt8], _ meta: Meta, _ present: UInt64
    ) throws -> [UInt8] {
        let count = Int(littleEndian(bytes, at: node, count: 4))
        let isElsewhere = bytes[node + 4] & 0x01 != 0
        let start = node + Self.nodeHeaderBytes + Int(littleEndian(bytes, at: node + 6, count: 2))
        let end = start + (isElsewhere ? 8 : count)
        guard end <= bytes.count else { throw Unreadable() }
        guard isElsewhere else { return Array(bytes[start..<end]) }
        let first = littleEndian(bytes, at: start, count: 8)
        guard first < present else { throw Unreadable() }
        return try read(at: Int(first) * meta.pageBytes + Self.pageHeaderBytes, count: count)
    }

    private func page(_ page: UInt64, _ meta: Meta, _ present: UInt64) throws -> [UInt8] {
        guard page < present else { throw Unreadable() }
        return try read(at: Int(page) * meta.pageBytes, count: meta.pageBytes)
    }

    /// Exactly so many bytes.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
        // What is long may be so by damage, and is asked for before memory is taken.
        guard count <= 1 << 16 || UInt64(offset) + UInt64(count) <= length() else {
            throw Unreadable()
        }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe pread(descriptor, buffer.baseAddress, count, off_t(offset))
        }
        guard got == count else { throw Unreadable() }
        return bytes
    }

    /// The bytes of the file now; 0 when the system does not say.
    func length() -> UInt64 {
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { return 0 }
        return UInt64(clamping: information.st_size)
    }
}

/// A number of 2, 4, 6 or 8 bytes as LMDB keeps it on the machines that this program is for: least
/// significant byte first.
@inline(__always)
func littleEndian(_ bytes: [UInt8], at offset: Int, count: Int) -> UInt64 {
    let bytes = bytes.span
    return switch count {
    case 2: UInt64(bytes.u16(offset).byteSwapped)
    case 4: UInt64(bytes.u32(offset).byteSwapped)
    case 6:
        UInt64(bytes.u32(offset).byteSwapped) | UInt64(bytes.u16(offset + 4).byteSwapped) << 32
    default: bytes.u64(offset).byteSwapped
    }
}
