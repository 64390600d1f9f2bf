import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House

/// The API: the same records, checks and rights as the pages; what is repeated is done once; errors as problem documents.
@Suite struct APITests {
    struct Client {
        let visitor: Visitor
        let guest: Visitor.Guest
        func send(
            _ method: HTTPRequest.Method, _ path: String, _ body: String = "", _ headers: [String: String] = [:]
        ) async -> Visitor.Answer {
            await visitor.send(
                method, path, guest, type: body.isEmpty ? nil : "application/json", Array(body.utf8),
                headers: ["X-CSRF-Token": guest.csrf].merging(headers) { $1 })
        }
    }
    func object(_ answer: Visitor.Answer) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any], "\(answer.status) \(answer.body.prefix(300))")
    }

    @Test(arguments: Stores.kinds) func recordsAreMadeReadChangedAndWithdrawn(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let client = Client(visitor: visitor, guest: try await visitor.guest("officer", .officer, division: "450204"))
        let made = await client.send(
            .post, "/api/records/employer",
            #"{"values": {"name": "甲厂 \"引号\"", "division": "450204", "headcount": 9, "hazards": true, "industry": "C3071"}}"#)
        #expect(made.status == 201)
        let id = try #require(try object(made)["id"] as? String)
        let read = await client.send(.get, "/api/record/\(id)")
        let values = try #require(try object(read)["values"] as? [String: Any])
        #expect(values["name"] as? String == "甲厂 \"引号\"" && values["headcount"] as? Int == 9 && values["hazards"] as? Bool == true)
        #expect(read.headers[.eTag] == "\"1\"")
        // Without the version that was seen, or with an older one, nothing is changed.
        #expect(await client.send(.patch, "/api/record/\(id)", #"{"values": {"headcount": 10}}"#).status == 422)
        #expect(await client.send(.patch, "/api/record/\(id)", #"{"values": {"headcount": 10}}"#, ["If-Match": "\"1\""]).status == 200)
        let late = await client.send(.patch, "/api/record/\(id)", #"{"values": {"headcount": 11}}"#, ["If-Match": "1"])
        #expect(late.status == 409 && late.headers[.contentType]?.hasPrefix("application/problem+json") == true)
        #expect(await client.send(.delete, "/api/record/\(id)?reason=%E9%87%8D%E5%A4%8D", "", ["If-Match": "2"]).status == 200)
        #expect(try object(await client.send(.get, "/api/record/\(id)"))["state"] as? String == "withdrawn")
        let versions = try #require(try object(await client.send(.get, "/api/record/\(id)/versions"))["items"] as? [[String: Any]])
        #expect(versions.count == 3 && versions.last?["reason"] as? String == "重复")
        try await visitor.isWhole()
    }

    @Test(arguments: Stores.kinds) func whatIsRepeatedIsDoneOnce(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let client = Client(visitor: visitor, guest: try await visitor.guest("officer", .officer, division: "450204"))
        let body = #"[{"values": {"name": "甲", "division": "450204"}}, {"values": {"name": "", "division": "450204"}}, {"values": 5}]"#
        let first = await client.send(.post, "/api/records/employer", body, ["Idempotency-Key": "k-1"])
        #expect(first.status == 200)
        let told = try object(first)
        #expect(told["taken"] as? Int == 1 && told["refused"] as? Int == 2)
        let errors = try #require(((told["items"] as? [[String: Any]])?[1]["errors"] as? [[String: Any]])?.first)
        #expect(errors["row"] as? Int == 2 && errors["field"] as? String == "name" && errors["code"] as? String == "field.required")
        let again = await client.send(.post, "/api/records/employer", body, ["Idempotency-Key": "k-1"])
        #expect(again.body == first.body && again.status == 200)
        #expect(HTTPField.Name("Idempotent-Replayed").flatMap { again.headers[$0] } == "true")
        #expect(try await visitor.count("employer") == 1)
        // The same key for something else is refused; so is the key of another account not its own.
        #expect(await client.send(.post, "/api/records/worker", #"{"values": {"name": "乙"}}"#, ["Idempotency-Key": "k-1"]).status == 409)
        let other = Client(visitor: visitor, guest: try await visitor.guest("second", .officer, division: "450204"))
        #expect(await other.send(.post, "/api/records/employer", body, ["Idempotency-Key": "k-1"]).status == 200)
        #expect(try await visitor.count("employer") == 2)
        // Twenty at once with one key: one record.
        let answers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await client.send(
                        .post, "/api/records/employer", #"{"values": {"name": "丙", "division": "450204"}}"#, ["Idempotency-Key": "race"]
                    ).status
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0 == 201 })
        #expect(try await visitor.count("employer") == 3)
        #expect(
            await client.send(.post, "/api/records/employer?dry_run=1", #"{"values": {"name": "丁", "division": "450204"}}"#).status == 200)
        #expect(try await visitor.count("employer") == 3)
    }

    @Test func stepsAndConflictsReadAsOnThePages() async throws {
        let visitor = try await Visitor.open()
        let employer = try #require(try await visitor.store("employer", [CourseTests.hazards]).first)
        let workshop = Client(visitor: visitor, guest: try await visitor.guest("workshop", .organisation, organisation: employer))
        let officer = Client(visitor: visitor, guest: try await visitor.guest("officer", .officer, division: "450204"))
        let stranger = Client(visitor: visitor, guest: try await visitor.guest("far", .officer, division: "330402"))
        let made = try object(
            await workshop.send(
                .post, "/api/records/declaration",
                #"{"values": {"employer": "\#(employer)", "type": "initial", "submitted": "2022-06-30"}}"#))
        let id = try #require(made["id"] as? String)
        #expect(await stranger.send(.get, "/api/record/\(id)").status == 404)
        #expect(await stranger.send(.post, "/api/record/\(id)/steps/accept").status == 404)
        #expect(await workshop.send(.post, "/api/record/\(id)/steps/accept").status == 403)
        #expect(await officer.send(.post, "/api/record/\(id)/steps/return", "{}").status == 422)
        #expect(await officer.send(.post, "/api/record/\(id)/steps/dance").status == 404)
        #expect(await officer.send(.post, "/api/record/\(id)/steps/accept", "", ["If-Match": "1"]).status == 200)
        let record = try object(await workshop.send(.get, "/api/record/\(id)"))
        #expect(record["state"] as? String == "accepted")
        let waiting = try object(await officer.send(.get, "/api/records/declaration?state=accepted&limit=1"))
        #expect((waiting["items"] as? [[String: Any]])?.count == 1)
    }

    @Test func theDescriptionNamesEveryKindAndEveryRouteOfRecords() async throws {
        let visitor = try await Visitor.open()
        let answer = await visitor.get("/api/openapi.json")
        let document = try object(answer)
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        for kind in visitor.house.ledger.kinds.values {
            #expect(paths["/api/records/\(kind.name)"]?.keys.sorted() == ["get", "post"])
            let properties = schemas["\(kind.name)_values"]?["properties"] as? [String: Any]
            #expect(Set(properties?.keys.map { $0 } ?? []) == Set(kind.entered.map(\.name)))
        }
        // Every signed-in route under /api is described, and nothing is described that is no route.
        let described = Set(
            paths.flatMap { path, methods in
                methods.keys.map {
                    "\($0.uppercased()) " + path.replacingOccurrences(of: "{", with: ":").replacingOccurrences(of: "}", with: "")
                }
            })
        for route in visitor.site.routes where route.path.hasPrefix("/api/") && route.needs == .signedIn && !route.path.contains(":kind") {
            #expect(described.contains(route.sign), "\(route.sign) is not described")
        }
        for sign in described where !sign.contains("/api/records/") {
            #expect(visitor.site.routes.contains { $0.sign == sign }, "\(sign) is described and not there")
        }
    }

    @Test func personalFieldsAreMaskedHereToo() async throws {
        let visitor = try await Visitor.open()
        let number = ResidentID.completing("45020419700101123")
        let worker = try #require(try await visitor.store("worker", [["name": "某人", "identity": number, "phone": "13800001234"]]).first)
        let officer = Client(visitor: visitor, guest: try await visitor.guest("officer", .officer, division: "450204"))
        for path in ["/api/record/\(worker)", "/api/records/worker", "/api/record/\(worker)/versions"] {
            let answer = await officer.send(.get, path)
            #expect(answer.status == 200 && !answer.body.contains(number) && !answer.body.contains("13800001234"), "\(path)")
        }
    }
}
