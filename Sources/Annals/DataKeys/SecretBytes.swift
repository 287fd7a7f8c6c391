package import Crypto
package import EventModel
internal import Foundation

/// Bytes in memory of their own, which are overwritten when they are no longer needed.
///
/// What is copied out of it, by `symmetricKey` for example, is the business of whoever copied it. It is
/// shared between threads only behind a lock.
@safe package final class SecretBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer

    /// Takes `count` bytes of zeros.
    package init(count: Int) {
        unsafe memory = .allocate(byteCount: max(count, 1), alignment: 16)
        wipe()
    }

    /// Copies bytes; the ones that were given stay where they are.
    package convenience init(_ bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        for (index, byte) in bytes.enumerated() { self[index] = byte }
    }

    /// Copies a key, which overwrites its own memory at its end.
    package convenience init(_ key: SymmetricKey) {
        self.init(count: key.bitCount / 8)
        unsafe key.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
    }

    /// Random bytes of the system's generator.
    package static func random(_ count: Int) -> SecretBytes {
        SecretBytes(SymmetricKey(size: .init(bitCount: count * 8)))
    }

    deinit {
        wipe()
        unsafe memory.deallocate()
    }

    /// How many bytes there are.
    package var count: Int { unsafe memory.count }

    /// Overwrites all bytes with zeros, now; the compiler may not leave that out.
    package func wipe() {
        guard let start = unsafe memory.baseAddress else { return }
        unsafe explicit_bzero(start, memory.count)
    }

    /// One byte.
    package subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < count, "a byte that is there")
            return unsafe memory[index]
        }
        set {
            precondition(index >= 0 && index < count, "a byte that is there")
            unsafe memory[index] = newValue
        }
    }

    /// Whether every byte of a range is zero.
    package func isZero(_ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes that are there")
        var all: UInt8 = 0
        for index in range { all |= unsafe memory[index] }
        return all == 0
    }

    /// Overwrites a part of itself.
    package func replace(at offset: Int, with other: some Collection<UInt8>) {
        for (index, byte) in other.enumerated() { self[offset + index] = byte }
    }

    /// A copy of a range.
    package func copy(_ range: Range<Int>) -> SecretBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes that are there")
        let copy = SecretBytes(count: range.count)
        unsafe copy.memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[range]))
        return copy
    }

    /// The bytes where any code may keep them.
    package var bytes: [UInt8] { (0..<count).map { self[$0] } }

    /// The bytes as a key for the ciphers, which overwrites its own memory at its end.
    package var symmetricKey: SymmetricKey { unsafe SymmetricKey(data: memory) }

    /// The SHA-256 of a range.
    package func sha256(of range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes that are there")
        var hash = SHA256()
        unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: memory[range]))
        return Array(hash.finalize())
    }

    /// Fills itself from a place of an open file.
    ///
    /// - Returns: how many bytes the file had there.
    /// - Throws: `FILE_FAILED` with what the system says.
    package func read(_ descriptor: Int32, at offset: Int) throws(AnnalsError) -> Int {
        var done = 0
        while done < count {
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[done...])
            let got = unsafe pread(descriptor, part.baseAddress, part.count, offset + done)
            if got == 0 { break }
            guard got > 0 else {
                if errno == EINTR { continue }
                throw Self.failed("Reading")
            }
            done += got
        }
        return done
    }

    /// Writes itself to a place of an open file; not synced yet.
    /// - Throws: `DISK_FULL`, `FILE_FAILED` with what the system says.
    package func write(_ descriptor: Int32, at offset: Int) throws(AnnalsError) {
        var done = 0
        while done < count {
            let part = unsafe UnsafeRawBufferPointer(rebasing: memory[done...])
            let put = unsafe pwrite(descriptor, part.baseAddress, part.count, offset + done)
            guard put > 0 else {
                if put < 0, errno == EINTR { continue }
                throw Self.failed("Writing")
            }
            done += put
        }
    }

    private static func failed(_ what: String) -> AnnalsError {
        let isFull = errno == ENOSPC || errno == EDQUOT
        let reason = unsafe String(cString: strerror(errno))
        return AnnalsError(
            .unavailable, isFull ? "DISK_FULL" : "FILE_FAILED", "\(what) keys failed: \(reason).",
            hint: isFull ? "Free space, then repeat." : "Check the folder's owner, mode and disk.")
    }
}
