import CCrypto

/// Codes of a second factor: HOTP (RFC 4226) over the clock, which is TOTP (RFC 6238). The HMAC is libcrypto's.
public enum OneTimeCode {
    public enum Hash: String, Sendable, CaseIterable { case sha1 = "SHA1", sha256 = "SHA256", sha512 = "SHA512" }
    /// Seconds for which a code stands.
    public static let period = 30
    /// Bytes of a secret: the length of SHA-1, as RFC 4226 §4 recommends.
    public static let secretBytes = 20

    /// The steps of 30 seconds since 1970 that a moment lies in.
    public static func step(at moment: Moment) -> Int { Int(moment.microseconds / 1_000_000) / period }

    /// RFC 4226 §5.3: the last digits of 31 bits of the HMAC, picked out by its own last four bits.
    public static func code(_ secret: [UInt8], step: Int, digits: Int = 6, hash: Hash = .sha1) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(step) >> UInt64(56 - 8 * $0)) }
        let mac = hmac(counter, key: secret, hash)
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<(offset + 4)].enumerated().reduce(UInt32(0)) { sum, next in
            sum << 8 | UInt32(next.offset == 0 ? next.element & 0x7F : next.element)
        }
        let limit = (0..<digits).reduce(1) { sum, _ in sum * 10 }
        let text = String(Int(number) % limit)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// The step whose code it is: this one, or one before or after it for clocks that differ, but none up to `used`: a code is good once.
    public static func match(_ code: String, _ secret: [UInt8], at moment: Moment, after used: Int) -> Int? {
        let now = step(at: moment)
        return (now - 1...now + 1).first { $0 > used && isSame(self.code(secret, step: $0), code) }
    }

    /// Compares in a time that does not tell where they differ.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        let (a, b) = (Array(one.utf8), Array(other.utf8))
        return a.count == b.count && zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    static func hmac(_ bytes: [UInt8], key: [UInt8], _ hash: Hash) -> [UInt8] {
        let function =
            switch hash {
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            case .sha512: EVP_sha512()
            }
        var result = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        precondition(
            HMAC(function, key, Int32(key.count), bytes, bytes.count, &result, &count) != nil, "libcrypto makes no authentication code")
        return Array(result.prefix(Int(count)))
    }
}

/// Base 32 (RFC 4648 §6) without padding: how a secret is shown to people and to their apps.
public enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var (text, buffer, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
    /// The bytes of a text, spaces and case aside; nil where it holds anything else.
    public static func decode(_ text: String) -> [UInt8]? {
        var (bytes, buffer, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in text.uppercased().utf8 where character != UInt8(ascii: " ") && character != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}
