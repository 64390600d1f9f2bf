import Foundation
import Kernel
import Testing

@Suite struct SealTests {
    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).map { index in
            let start = hex.index(hex.startIndex, offsetBy: index)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
    }

    /// The GCM specification's cases for keys of 256 bits: what others sealed is opened.
    @Test func opensTheSpecificationsOwnCases() {
        // Test case 13: no plain text, no associated data, a key and a nonce of zeros.
        let empty = Data(bytes("000000000000000000000000" + "530f8afbc74536b9a963b4f1c4cb738b")).base64EncodedString()
        #expect(Seal.open(empty, key: [UInt8](repeating: 0, count: 32), owner: "") == "")
        // Test case 14: one block of zeros.
        let zeros = "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"
        let opened = Seal.open(
            Data(bytes("000000000000000000000000" + zeros)).base64EncodedString(), key: [UInt8](repeating: 0, count: 32), owner: "")
        #expect(opened == String(repeating: "\0", count: 16))
    }

    @Test func sealsForOneOwnerWithAFreshNonce() {
        let key = Digest.random(32)
        var seen: Set<String> = []
        for text in ["", "13800138000", "330402198001011234", "轻度听力损失，双耳", String(repeating: "长", count: 5000)] {
            for _ in 0..<20 {
                let sealed = Seal.seal(text, key: key, owner: "worker1/phone")
                #expect(seen.insert(sealed).inserted)
                #expect(Seal.open(sealed, key: key, owner: "worker1/phone") == text)
                #expect(Seal.open(sealed, key: key, owner: "worker2/phone") == nil)
                #expect(Seal.open(sealed, key: Digest.random(32), owner: "worker1/phone") == nil)
            }
        }
    }

    @Test func everyChangedBitIsSeen() throws {
        let key = Digest.random(32)
        let sealed = try #require(Data(base64Encoded: Seal.seal("330402198001011234", key: key, owner: "w")))
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= UInt8(1 << bit)
                #expect(Seal.open(changed.base64EncodedString(), key: key, owner: "w") == nil)
            }
            #expect(Seal.open(sealed.prefix(index).base64EncodedString(), key: key, owner: "w") == nil)
        }
        #expect(Seal.open("no base64 at all!", key: key, owner: "w") == nil)
    }

    /// RFC 4231, test case 2.
    @Test func digestsAsTheStandardDoes() {
        #expect(
            Digest.hex(Seal.digest("what do ya want for nothing?", key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    /// RFC 8032, section 7.1, tests 1 and 2.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "r",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ]) func signsAsTheStandardDoes(_ secret: String, _ known: String, _ text: String, _ signature: String) {
        #expect(Digest.hex(Signature.publicKey(of: bytes(secret))) == known)
        #expect(Digest.hex(Signature.sign(text, secret: bytes(secret))) == signature)
        #expect(Signature.verify(text, bytes(signature), publicKey: bytes(known)))
        #expect(!Signature.verify(text + " ", bytes(signature), publicKey: bytes(known)))
        #expect(!Signature.verify(text, bytes(signature), publicKey: bytes(known).reversed()))
    }
}
