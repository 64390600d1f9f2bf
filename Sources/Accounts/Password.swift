import CArgon2
import Kernel

/// Passwords hashed with Argon2id by libargon2: 19 MiB, two passes, one lane (OWASP's floor), salt and settings inside the hash.
public enum Password {
    /// Length in characters; a long sentence beats a short riddle.
    public static let minimum = 10
    /// Longer ones are refused unhashed.
    static let maximum = 200

    /// - Throws: `Refusal("access.password-weak")` where it is short, long, common, one character over and over, a run along the keyboard, or
    ///   made of the account's name.
    public static func check(_ password: String, name: String) throws {
        let folded = password.lowercased()
        let isOfName = !name.isEmpty && (folded.contains(name.lowercased()) && password.count < name.count + minimum)
        guard password.count >= minimum, password.count <= maximum, Set(folded).count >= 4, !commonest.contains(folded), !isRun(folded),
            !isOfName
        else { throw Refusal("access.password-weak", field: "password", ["limit": String(minimum)]) }
    }

    /// Those of ten characters and more that people take most, with the ones of this country.
    static let commonest: Set<String> = [
        "1234567890", "12345678910", "0123456789", "123456789a", "1234567891", "9876543210", "qwertyuiop", "1q2w3e4r5t", "1qaz2wsx3edc",
        "qwerty12345", "qwerty123456", "password12", "password123", "password1234", "passw0rd123", "p@ssw0rd123", "p@ssword123",
        "iloveyou123", "woaini1314", "woaini5201314", "woaini520520", "5201314520", "5201314woaini", "asdfghjkl123", "zxcvbnm123",
        "abc1234567",
        "abcd123456", "abcd1234567", "abc123456789", "a123456789", "aa123456789", "qq123456789", "admin12345", "admin123456",
        "administrator", "administrator1", "welcome123", "welcome1234", "letmein123", "changeme123", "1qaz@wsx3edc", "1qazxsw23edc",
        "qazwsxedcrfv", "qwer123456", "asdf123456", "test123456", "guest123456", "root123456", "zhiyebing123", "weijianju123",
        "huawei@123", "huawei12#$", "admin@12345", "admin@123456", "aa12345678", "abc@123456", "abcd@1234", "qwe123456789",
    ]

    private static func isRun(_ text: String) -> Bool {
        let rows = ["01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"]
        return rows.contains { row in row.contains(text) || String(row.reversed()).contains(text) }
    }

    public static func hash(_ password: String) throws -> String {
        let salt = Digest.random(16)
        var encoded = [CChar](repeating: 0, count: 128)
        let bytes = Array(password.utf8)
        let code = argon2id_hash_encoded(2, 19 * 1024, 1, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count)
        guard code == ARGON2_OK.rawValue else { throw Refusal("internal", ["value": "argon2 \(code)"]) }
        return encoded.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
    public static func verify(_ password: String, _ hash: String) -> Bool {
        guard password.count <= maximum else { return false }
        let bytes = Array(password.utf8)
        return argon2id_verify(hash, bytes, bytes.count) == ARGON2_OK.rawValue
    }

    /// A hash that nothing hashes to: checked for unknown names, so that time does not tell which names exist.
    static let nobodys = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}
