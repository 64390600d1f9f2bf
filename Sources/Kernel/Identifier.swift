/// New record ids: 26 characters, time first so that they sort by creation, unique across homes (UUIDv7's idea in base 32).
public enum Identifier {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    public static func make(at moment: Moment) -> String {
        var value: [UInt8] = []
        let milliseconds = UInt64(moment.microseconds / 1000)
        for shift in stride(from: 45, through: 0, by: -5) { value.append(alphabet[Int((milliseconds >> UInt64(shift)) & 31)]) }
        for byte in Digest.random(16) { value.append(alphabet[Int(byte & 31)]) }
        return String(decoding: value, as: UTF8.self)
    }
}
