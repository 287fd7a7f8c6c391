internal import Glibc

/// Who holds the lock of `flock` on an open file, as far as the system says.
enum LockHolder {
    /// The process that holds it; `nil` when nobody does, or when that cannot be known.
    static func process(ofDescriptor descriptor: Int32) -> Int32? {
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else { return nil }
        let inode = String(information.st_ino)
        for line in String(decoding: locks(), as: UTF8.self).split(separator: "\n") {
            // "1: FLOCK  ADVISORY  WRITE 16953 fe:00:1204368 0 EOF"; behind "->" are those who wait.
            let words = line.split(separator: " ")
            guard words.count > 5, words[1] == "FLOCK",
                words[5].split(separator: ":").last.map(String.init) == inode
            else { continue }
            return Int32(words[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }

    /// The kernel's list of file locks; empty where there is none.
    private static func locks() -> [UInt8] {
        let file = unsafe open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(file, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return text }
            text += chunk[..<count]
        }
    }
}
