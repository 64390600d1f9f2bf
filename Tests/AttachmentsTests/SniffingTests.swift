import Foundation
import Kernel
import Testing

@testable import Attachments

/// What a file is follows from its content: pictures lose what tells of people and places and nothing else; what is disguised is refused.
@Suite struct SniffingTests {
    private func refusal(_ bytes: [UInt8]) -> (code: String, value: String)? {
        do throws(Refusal) {
            _ = try Sniffer.look(at: bytes)
            return nil
        } catch {
            return (error.code, error.details["value"] ?? "")
        }
    }
    private func holds(_ bytes: [UInt8], _ text: String) -> Bool { Data(bytes).range(of: Data(text.utf8)) != nil }

    @Test func photoOfAPhone() throws {
        let file = try Sniffer.look(at: Pictures.phone)
        #expect(file.format == .jpeg && file.width == 40 && file.height == 30)
        #expect(file.removed == "location" && file.taken == "2026:03:01 10:20:30")
        #expect(holds(Pictures.phone, "Maker") && holds(Pictures.phone, "secret"))
        #expect(!holds(file.bytes, "Maker") && !holds(file.bytes, "secret") && !holds(file.bytes, "2026:03:01"))
        // It stays turned: a block of Exif with one entry, and what is read again loses nothing more.
        let again = try Sniffer.look(at: file.bytes)
        #expect(again.bytes == file.bytes && again.removed == "metadata" && again.taken.isEmpty)
        #expect(ExifBlock(Array(ExifBlock.turned(6).dropFirst(4)))?.orientation == 6)
        // The picture's own data are the same, byte by byte, from the first table on.
        let table = Data([0xFF, 0xDB])
        let (old, new) = (Data(Pictures.phone), Data(file.bytes))
        let (from, to) = (try #require(old.range(of: table)).lowerBound, try #require(new.range(of: table)).lowerBound)
        let (oldTail, newTail) = (Array(old[from...]), Array(new[to...]))
        #expect(oldTail.suffix(200) == newTail.suffix(200))
    }

    @Test func otherPictures() throws {
        let progressive = try Sniffer.look(at: Pictures.progressive)
        #expect(progressive.bytes == Pictures.progressive && progressive.removed.isEmpty)
        let png = try Sniffer.look(at: Pictures.png)
        #expect(png.format == .png && png.width == 40 && png.height == 30 && png.removed == "metadata" && !holds(png.bytes, "somebody"))
        #expect(try Sniffer.look(at: png.bytes).bytes == png.bytes)
        let webp = try Sniffer.look(at: Pictures.webp)
        #expect(webp.format == .webp && webp.width == 40 && webp.height == 30 && webp.removed == "location" && !holds(webp.bytes, "Maker"))
        #expect(try Sniffer.look(at: webp.bytes).removed.isEmpty)
        let lossless = try Sniffer.look(at: Pictures.lossless)
        #expect(lossless.width == 40 && lossless.height == 30)
    }

    /// Whatever it is called, what is no picture and no PDF is refused with what it looks like.
    @Test(arguments: [
        ("<!DOCTYPE html><html><script>alert(1)</script>", "HTML"), ("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\"/>", "SVG"),
        ("#!/bin/sh\nrm -rf /", "script"), ("PK\u{3}\u{4}", "ZIP / Office"), ("MZ\u{90}", "EXE"), ("GIF89a", "GIF"), ("hello", "text"),
        ("\u{0}\u{0}\u{0}\u{18}ftypheic\u{0}", "HEIC"), ("<?php system($_GET[0]);", "PHP"),
    ]) func disguised(_ content: String, _ kind: String) throws {
        let found = try #require(refusal(Array(content.utf8)))
        #expect(found.code == "file.disguised" && found.value == kind)
    }

    @Test func twoFilesInOne() throws {
        for (picture, format) in [(Pictures.phone, "jpeg"), (Pictures.png, "png"), (Pictures.webp, "webp")] {
            for tail in ["PK\u{3}\u{4}payload", "<script>alert(1)</script>", "%PDF-1.4", "<HTML>", "<?php x"] {
                #expect(refusal(picture + Array(tail.utf8))?.code == "file.polyglot", "\(format) \(tail)")
            }
            // What cameras append is left out.
            let tailed = try Sniffer.look(at: picture + Array("SEFHsamsung-trailer".utf8))
            #expect(!holds(tailed.bytes, "samsung"))
            // Cut anywhere it is broken.
            for cut in stride(from: 20, to: picture.count - 2, by: 37) {
                #expect(
                    ["file.broken", "file.disguised"].contains(refusal(Array(picture.prefix(cut)))?.code ?? "none"), "\(format) \(cut)")
            }
        }
    }

    @Test func pixels() throws {
        // A PNG that says it is 60,000 × 60,000.
        var bomb = Pictures.png
        bomb.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        let sum = PNGFile.crc(bomb[12..<29])
        bomb.replaceSubrange(29..<33, with: [UInt8(sum >> 24), UInt8(sum >> 16 & 255), UInt8(sum >> 8 & 255), UInt8(sum & 255)])
        #expect(refusal(bomb)?.code == "file.pixels")
        var zero = Pictures.phone
        let start = try #require(Data(zero).range(of: Data([0xFF, 0xC0]))).lowerBound
        zero.replaceSubrange((start + 5)..<(start + 9), with: [0, 0, 0, 0])
        #expect(refusal(zero)?.code == "file.broken")
        zero.replaceSubrange((start + 5)..<(start + 9), with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(refusal(zero)?.code == "file.pixels")
    }

    @Test func documents() throws {
        let plain = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
        #expect(try Sniffer.look(at: Array(plain.utf8)).format == .pdf)
        for word in ["/JavaScript (x)", "/JS (x)", "/Launch", "/EmbeddedFile"] {
            #expect(refusal(Array(plain.replacing("/Type", with: "\(word) /Type").utf8))?.code == "file.active", "\(word)")
        }
        #expect(refusal(Array((plain + "PK\u{3}\u{4}").utf8))?.code == "file.polyglot")
        #expect(refusal(Array(plain.prefix(30).utf8))?.code == "file.broken")
        #expect(refusal(Array((" " + plain).utf8))?.code == "file.disguised")
        #expect(refusal([])?.code == "file.empty")
    }

    @Test func names() {
        for (given, shown) in [
            ("../../etc/passwd", "passwd.jpg"), ("C:\\Windows\\evil.exe", "evil.jpg"), ("photo.jpg.html", "photo.jpg"), ("", "file.jpg"),
            ("现场 1.png", "现场 1.jpg"), ("a\u{202E}gpj.exe", "agpj.jpg"), ("..", "file.jpg"), ("x\";y=\".jpg", "xy=.jpg"),
        ] {
            #expect(Attachments.title(given, .jpeg) == shown)
        }
        #expect(Attachments.isField("item.E72-1") && !Attachments.isField("a/b") && !Attachments.isField("") && !Attachments.isField("a b"))
    }
}
