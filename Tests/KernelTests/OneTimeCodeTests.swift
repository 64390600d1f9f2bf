import Kernel
import Testing

@Suite struct OneTimeCodeTests {
    static let secret = Array("12345678901234567890".utf8)

    /// RFC 4226, Appendix D.
    @Test func hotpVectors() {
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
        for (counter, code) in codes.enumerated() { #expect(OneTimeCode.code(OneTimeCodeTests.secret, step: counter) == code) }
    }

    /// RFC 6238, Appendix B: eight digits, the secret as long as the hash.
    @Test(arguments: [
        (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
    ]) func totpVectors(_ second: Int, _ sha1: String, _ sha256: String, _ sha512: String) {
        let step = OneTimeCode.step(at: Moment(microseconds: Int64(second) * 1_000_000))
        for (hash, length, code) in [(OneTimeCode.Hash.sha1, 20, sha1), (.sha256, 32, sha256), (.sha512, 64, sha512)] {
            let secret = (0..<length).map { OneTimeCodeTests.secret[$0 % 20] }
            #expect(OneTimeCode.code(secret, step: step, digits: 8, hash: hash) == code)
        }
    }

    /// A code stands for its step and the neighbours, and never a second time.
    @Test func aCodeIsGoodOnce() throws {
        let moment = Moment(microseconds: 1_111_111_111_000_000)
        let step = OneTimeCode.step(at: moment)
        let code = OneTimeCode.code(OneTimeCodeTests.secret, step: step)
        #expect(OneTimeCode.match(code, OneTimeCodeTests.secret, at: moment, after: 0) == step)
        #expect(OneTimeCode.match(code, OneTimeCodeTests.secret, at: moment, after: step) == nil)
        for shift in [-60, 60] {
            let other = Moment(microseconds: moment.microseconds + Int64(shift) * 1_000_000)
            #expect(OneTimeCode.match(code, OneTimeCodeTests.secret, at: other, after: 0) == nil)
        }
        let late = Moment(microseconds: moment.microseconds + 30_000_000)
        #expect(OneTimeCode.match(code, OneTimeCodeTests.secret, at: late, after: 0) == step)
        #expect(OneTimeCode.match("", OneTimeCodeTests.secret, at: moment, after: 0) == nil)
    }

    /// RFC 4648 §10, without padding; and whatever is encoded comes back.
    @Test func base32() {
        for (plain, text) in [
            ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(Base32.encode(Array(plain.utf8)) == text && Base32.decode(text.lowercased()) == Array(plain.utf8))
        }
        for length in 0..<40 {
            let bytes = Digest.random(length)
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
        }
        #expect(Base32.decode("1") == nil)
    }
}
