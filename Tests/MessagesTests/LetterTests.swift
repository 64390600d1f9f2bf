import Foundation
import Kernel
import TestKit
import Testing

@testable import Messages

@Suite struct LetterTests {
    @Test func whatWouldEndAHeaderIsRefused() throws {
        let moment = try #require(Moment("2026-07-01 09:00"))
        func make(from: String = "a@b.cn", to: String = "c@d.cn", subject: String = "题", id: String = "abc") throws {
            _ = try Letter(from: from, to: to, subject: subject, body: "文", id: id, date: moment)
        }
        try make()
        for subject in ["题\r\nBcc: x@y.cn", "题\nX: 1", "题\u{0}", "\r", "a\u{7F}"] {
            #expect(throws: Refusal.self, "\(subject.debugDescription)") { try make(subject: subject) }
        }
        for address in [
            "", "a", "@b.cn", "a@", "a@b@c", "a b@c.cn", "a@b.cn\r\nRCPT TO:<x@y.cn>", "a@b.cn\n", "<a@b.cn>", "a@b.cn, c@d.cn", "a\"@b.cn",
            "a..b@c.cn", ".a@c.cn", "a@-b.cn", "a@b..cn", "职防@b.cn", "a@\(String(repeating: "b", count: 64)).cn", "a@b.cn\t",
            String(repeating: "a", count: 65) + "@b.cn",
        ] {
            #expect(throws: Refusal.self, "\(address.debugDescription)") { try make(to: address) }
            #expect(throws: Refusal.self, "\(address.debugDescription)") { try make(from: address) }
        }
        for address in ["a@b", "first.last+tag@sub.example.com", "x_y-z@1.cn"] { try make(to: address) }
        #expect(throws: Refusal.self) { try make(id: "a>\r\nX: 1") }
    }

    /// Generated subjects and texts through a real server and Python's own reader: what arrives is what was sent.
    @Test func whatIsReceivedIsWhatWasSent() async throws {
        let mail = try MailHost(["--starttls", "--user", "robot", "--password", "p w"])
        defer { mail.end() }
        try "p w\n".write(to: mail.folder.appendingPathComponent("word"), atomically: true, encoding: .utf8)
        let server = mail.server(.starttls, user: "robot")
        var random = SeededGenerator(seed: 7)
        let alphabet = Array("职业病危害因素检测报告abcXYZ 0129?=_:;,.<>\"'()🦺é")
        var sent: [(subject: String, body: String)] = [("", "空"), ("=?UTF-8?B?5a2X?=", ".\n..\n.\n"), ("plain", "From here\nto there")]
        for _ in 0..<20 {
            let subject = String((0..<Int.random(in: 1...90, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" })
            let body = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                String((0..<Int.random(in: 0...200, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" })
            }.joined(separator: "\n")
            // Blanks at the ends of a header are nobody's.
            sent.append((subject.trimmingCharacters(in: .whitespaces), body))
        }
        for (number, letter) in sent.enumerated() {
            let moment = try #require(Moment("2026-07-01 09:00"))
            let made = try Letter(
                from: "zhifang@example.com", to: "somebody@example.cn", subject: letter.subject, body: letter.body + "\n", id: "n\(number)",
                date: moment)
            #expect(await server.send(made) == .sent)
        }
        let taken = try mail.taken()
        #expect(taken.count == sent.count)
        for (got, letter) in zip(taken, sent) {
            #expect(got.from == "zhifang@example.com" && got.to == ["somebody@example.cn"])
            #expect(got.headers["Subject"] ?? "" == letter.subject)
            #expect(got.text.replacing("\r\n", with: "\n") == letter.body + "\n")
            #expect(got.tls && got.longest <= 998 && got.defects.isEmpty)
            #expect(got.headers["Date"] == "Wed, 01 Jul 2026 09:00:00 +0800")
            #expect(got.headers["Bcc"] == nil && got.headers["Auto-Submitted"] == "auto-generated")
        }
    }

    @Test func whatAServerSaysDecidesWhatBecomesOfALetter() async throws {
        let moment = try #require(Moment("2026-07-01 09:00"))
        func letter(_ to: String) throws -> Letter {
            try Letter(from: "zhifang@example.com", to: to, subject: "题", body: "文\n", id: "x", date: moment)
        }
        func isFailed(_ fate: MailServer.Fate) -> Bool { if case .failed = fate { true } else { false } }
        let plain = try MailHost()
        defer { plain.end() }
        #expect(await plain.server(.none).send(try letter("a@b.cn")) == .sent)
        let gone = await plain.server(.none).send(try letter("nobody@b.cn"))
        guard case .refused = gone else { Issue.record("\(gone)"); return }
        #expect(isFailed(await plain.server(.none).send(try letter("busy@b.cn"))))
        // Asked for TLS, a server that has none gets nothing.
        #expect(isFailed(await plain.server(.starttls).send(try letter("a@b.cn"))))
        #expect(isFailed(await plain.server(.tls).send(try letter("a@b.cn"))))
        #expect(try plain.taken().count == 1)
        // TLS from the first byte; a certificate that nobody vouches for is refused.
        let secret = try MailHost(["--tls"])
        defer { secret.end() }
        #expect(await secret.server(.tls).send(try letter("a@b.cn")) == .sent)
        var blind = secret.server(.tls)
        blind.authorities = nil
        #expect(isFailed(await blind.send(try letter("a@b.cn"))))
        // A wrong password may be mended.
        let guarded = try MailHost(["--starttls", "--user", "robot", "--password", "right"])
        defer { guarded.end() }
        try "wrong".write(to: guarded.folder.appendingPathComponent("word"), atomically: true, encoding: .utf8)
        #expect(isFailed(await guarded.server(.starttls, user: "robot").send(try letter("a@b.cn"))))
        try "right\n".write(to: guarded.folder.appendingPathComponent("word"), atomically: true, encoding: .utf8)
        #expect(await guarded.server(.starttls, user: "robot").send(try letter("a@b.cn")) == .sent)
        // Nobody there.
        guarded.end()
        #expect(isFailed(await guarded.server(.starttls, user: "robot").send(try letter("a@b.cn"))))
    }
}

extension MailHost {
    func server(_ security: MailServer.Security, user: String? = nil) -> MailServer {
        MailServer(
            host: "localhost", port: port, user: user, passwordFile: folder.appendingPathComponent("word").path,
            from: "zhifang@example.com",
            security: security, authorities: folder.appendingPathComponent("cert.pem").path, timeout: 10)
    }
}
