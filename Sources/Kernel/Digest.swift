import CCrypto

/// SHA-256 by the system's libcrypto, as bytes or lower-case hexadecimal.
public enum Digest {
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &result)
        return result
    }
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
    public static func sha256(_ text: String) -> String { hex(sha256(Array(text.utf8))) }

    /// Bytes from the system's cryptographic generator, for tokens and salts.
    public static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let status = RAND_bytes(&bytes, Int32(count))
        precondition(status == 1, "the system gave no random bytes")
        return bytes
    }
}
