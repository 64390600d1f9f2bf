import CCrypto
import Foundation

/// Sealed text: AES-256-GCM by libcrypto with a fresh nonce each time. What a text belongs to (a record and its field) is bound in, so
/// that a sealed text put elsewhere does not open.
public enum Seal {
    public static let keyBytes = 32
    private static let nonceBytes = 12
    private static let tagBytes = 16
    nonisolated(unsafe) private static let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// Nonce, cipher text and tag as base64.
    /// - Parameter owner: what the text belongs to; the same must be given to open it.
    public static func seal(_ text: String, key: [UInt8], owner: String) -> String { seal(Array(text.utf8), key: key, owner: owner) }
    /// The same for bytes.
    public static func seal(_ plain: [UInt8], key: [UInt8], owner: String) -> String {
        precondition(key.count == keyBytes, "a key has 32 bytes")
        let (nonce, bound) = (Digest.random(nonceBytes), Array(owner.utf8))
        var sealed = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: tagBytes)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var (length, done) = (Int32(0), Int32(0))
        let isDone =
            EVP_EncryptInit_ex(context, cipher, nil, key, nonce) == 1
            && EVP_EncryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1
            && EVP_EncryptUpdate(context, &sealed, &length, plain, Int32(plain.count)) == 1
            && EVP_EncryptFinal_ex(context, nil, &done) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(tagBytes), &tag) == 1
        precondition(isDone, "libcrypto seals no text")
        return Data(nonce + sealed + tag).base64EncodedString()
    }

    /// The text, or nil where the key or the owner is another one or a bit was changed.
    public static func open(_ sealed: String, key: [UInt8], owner: String) -> String? {
        openBytes(sealed, key: key, owner: owner).map { String(decoding: $0, as: UTF8.self) }
    }
    public static func openBytes(_ sealed: String, key: [UInt8], owner: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: sealed), data.count >= nonceBytes + tagBytes, key.count == keyBytes else { return nil }
        let bytes = [UInt8](data)
        let (nonce, body) = (Array(bytes.prefix(nonceBytes)), Array(bytes[nonceBytes..<(bytes.count - tagBytes)]))
        var tag = Array(bytes.suffix(tagBytes))
        let bound = Array(owner.utf8)
        var plain = [UInt8](repeating: 0, count: body.count)
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var (length, done) = (Int32(0), Int32(0))
        guard EVP_DecryptInit_ex(context, cipher, nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &length, bound, Int32(bound.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &length, body, Int32(body.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(tagBytes), &tag) == 1,
            EVP_DecryptFinal_ex(context, nil, &done) == 1
        else { return nil }
        return plain
    }

    /// HMAC-SHA-256: a digest that only the holder of the key can make, so that a guessable text cannot be guessed from it.
    public static func digest(_ text: String, key: [UInt8]) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        precondition(HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &result, &count) != nil, "libcrypto makes no digest")
        return result
    }
}

/// Signatures by Ed25519 (RFC 8032): a secret and a public key of 32 bytes each, a signature of 64.
public enum Signature {
    /// The public key of a secret one.
    public static func publicKey(of secret: [UInt8]) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, secret.count)
        defer { EVP_PKEY_free(key) }
        var (result, count) = ([UInt8](repeating: 0, count: 32), 32)
        precondition(EVP_PKEY_get_raw_public_key(key, &result, &count) == 1, "a secret key has 32 bytes")
        return result
    }
    public static func sign(_ text: String, secret: [UInt8]) -> [UInt8] {
        let bytes = Array(text.utf8)
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, secret, secret.count)
        let context = EVP_MD_CTX_new()
        defer { EVP_PKEY_free(key); EVP_MD_CTX_free(context) }
        var (result, count) = ([UInt8](repeating: 0, count: 64), 64)
        let isDone =
            EVP_DigestSignInit(context, nil, nil, nil, key) == 1 && EVP_DigestSign(context, &result, &count, bytes, bytes.count) == 1
        precondition(isDone, "libcrypto signs nothing")
        return result
    }
    public static func verify(_ text: String, _ signature: [UInt8], publicKey: [UInt8]) -> Bool {
        guard publicKey.count == 32, signature.count == 64 else { return false }
        let bytes = Array(text.utf8)
        let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        let context = EVP_MD_CTX_new()
        defer { EVP_PKEY_free(key); EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }
}
