import Foundation
import Kernel
import TestKit
import Testing

@testable import Messages

@Suite struct CalendarTests {
    struct Read: Decodable {
        struct Event: Decodable {
            let uid, day, end, title, description, url, stamp: String
            let alarm: Int?
            let errors: [String]
        }
        let version, name: String
        let events: [Event]
        let longest, bare: Int
    }

    /// Generated events, read by another program: what it reads is what was written, no line is too long, no character is cut.
    @Test func anotherProgramReadsWhatWasWritten() throws {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("申报职业病危害项目；，,;:\\\"n N\n期限🦺abc")
        func text(_ most: Int) -> String {
            String((0..<Int.random(in: 1...most, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "x" })
        }
        let moment = try #require(Moment("2026-07-01 07:30"))
        let first = try #require(Day("2026-02-20"))
        let calendars = (0..<30).map { _ in
            (0..<Int.random(in: 0...12, using: &random)).map { number in
                CalendarFeed.Event(
                    uid: "u\(number)@zhifang", day: first + Int.random(in: 0...800, using: &random), title: text(120),
                    description: text(400),
                    href: "https://zhifang.example.com/duties?rule=declaration_rate", alarm: Bool.random(using: &random) ? 7 : nil)
            }
        }
        let read: [Read] = try Python.ask(
            "Tests/messages/feed.py", calendars.map { CalendarFeed.text($0, name: "职防期限", stamp: moment) })
        #expect(read.count == calendars.count)
        for (answer, events) in zip(read, calendars) {
            #expect(answer.version == "2.0" && answer.name == "职防期限")
            #expect(answer.longest <= 75 && answer.bare == 0)
            #expect(answer.events.count == events.count)
            for (got, event) in zip(answer.events, events) {
                #expect(got.errors.isEmpty)
                #expect(got.uid == event.uid && got.title == event.title && got.description == event.description)
                #expect(got.day == event.day.description && got.end == (event.day + 1).description)
                #expect(got.url == event.href && got.alarm == event.alarm)
                // Half past seven in China is half past eleven of the day before in Greenwich.
                #expect(got.stamp == "2026-06-30T23:30:00+00:00")
            }
        }
    }
}
