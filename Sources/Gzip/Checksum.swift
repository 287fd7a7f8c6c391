import CZlib

/// CRC-32, the checksum of gzip (ISO-HDLC polynomial), by zlib.
public enum Checksum {
    /// The CRC-32 of the bytes, or of all so far when it goes on from an earlier one.
    ///
    /// - Parameter previous: The checksum of the bytes before; 0 to begin.
    public static func crc32(_ bytes: Span<UInt8>, continuing previous: UInt32 = 0) -> UInt32 {
        // With an empty span zlib would be handed a null pointer, which it takes for "begin anew".
        if bytes.isEmpty { return previous }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe UInt32(
                truncatingIfNeeded: crc32_z(UInt(previous), buffer.baseAddress, buffer.count))
        }
    }
}
