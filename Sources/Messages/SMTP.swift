import CCurl
import Dispatch
import Foundation
import Kernel

/// The mail server, as docs/configuration.md names it.
public struct MailServer: Sendable {
    public enum Security: String, Sendable, CaseIterable {
        /// STARTTLS, refused where the server does not offer it; TLS from the first byte; in clear, for a server on this machine.
        case starttls, tls, none
    }
    public var host: String
    public var port: Int
    public var user: String?
    /// A file that holds the password and nothing else, read at each sending.
    public var passwordFile: String?
    public var from: String
    public var security: Security
    /// A file of certificates to trust instead of the system's.
    public var authorities: String?
    /// Seconds for one letter.
    public var timeout: Int

    public init(
        host: String, port: Int? = nil, user: String? = nil, passwordFile: String? = nil, from: String, security: Security = .starttls,
        authorities: String? = nil, timeout: Int = 60
    ) {
        (self.host, self.user, self.passwordFile, self.from) = (host, user, passwordFile, from)
        (self.security, self.authorities, self.timeout) = (security, authorities, timeout)
        self.port = port ?? (security == .tls ? 465 : security == .starttls ? 587 : 25)
    }

    /// What became of a letter.
    public enum Fate: Sendable, Hashable {
        case sent
        /// May succeed later: the server is away, busy, or does not know us.
        case failed(String)
        /// The server will never take it: a mailbox that does not exist.
        case refused(String)
    }

    /// Sends one letter, off the calling thread.
    public func send(_ letter: Letter) async -> Fate {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: deliver(letter)) }
        }
    }

    /// Once, before the first letter: the library's own state.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private func deliver(_ letter: Letter) -> Fate {
        guard MailServer.isReady, let curl = curl_easy_init() else { return .failed("curl") }
        defer { curl_easy_cleanup(curl) }
        let scheme = security == .tls ? "smtps" : "smtp"
        let recipients = curl_slist_append(nil, "<\(letter.to)>")
        defer { curl_slist_free_all(recipients) }
        var bytes = letter.bytes
        let count = bytes.count
        return bytes.withUnsafeMutableBytes { buffer -> Fate in
            guard recipients != nil, let file = fmemopen(buffer.baseAddress, count, "r") else { return .failed("memory") }
            defer { fclose(file) }
            func text(_ option: CURLoption, _ value: String) { _ = zhifang_curl_text(curl, option, value) }
            func number(_ option: CURLoption, _ value: Int) { _ = zhifang_curl_number(curl, option, value) }
            text(CURLOPT_URL, "\(scheme)://\(host):\(port)/zhifang")
            text(CURLOPT_PROTOCOLS_STR, scheme)
            text(CURLOPT_MAIL_FROM, "<\(letter.from)>")
            _ = zhifang_curl_list(curl, CURLOPT_MAIL_RCPT, recipients)
            if security == .starttls { number(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
            if let authorities { text(CURLOPT_CAINFO, authorities) }
            if let user {
                text(CURLOPT_USERNAME, user)
                let password = passwordFile.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
                text(CURLOPT_PASSWORD, password.trimmingCharacters(in: .newlines))
            }
            number(CURLOPT_UPLOAD, 1)
            number(CURLOPT_CONNECTTIMEOUT, min(timeout, 20))
            number(CURLOPT_TIMEOUT, timeout)
            number(CURLOPT_NOSIGNAL, 1)
            _ = zhifang_curl_file(curl, file)
            let code = curl_easy_perform(curl)
            if code == CURLE_OK { return .sent }
            var answer = 0
            _ = zhifang_curl_answer(curl, &answer)
            let words = String(cString: curl_easy_strerror(code)) + (answer > 0 ? " (\(answer))" : "")
            // Who we are may be mended; that a mailbox does not exist will not.
            let isFinal = (550...559).contains(answer) && code == CURLE_SEND_ERROR
            return isFinal ? .refused(words) : .failed(words)
        }
    }
}
