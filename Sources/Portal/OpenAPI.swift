import Catalog
import Hummingbird
import Kernel
import Ledger
import Web

/// The description of the API, made from the kinds and the routes: nothing of it is written twice.
func openAPIRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/api/openapi.json", needs: .anyone) { call in
            call.text(
                OpenAPI(office.ledger, version: office.version, isEnglish: call.isEnglish).json.text + "\n",
                type: "application/json; charset=utf-8")
        }
    ]
}

/// An OpenAPI 3.1 document: a schema for each kind, the paths of the records for each kind by name, and the rest of `/api`.
struct OpenAPI {
    let ledger: Ledger
    let version: String
    let isEnglish: Bool
    /// Longer code tables are named, not listed.
    static let longestList = 60

    init(_ ledger: Ledger, version: String, isEnglish: Bool) { (self.ledger, self.version, self.isEnglish) = (ledger, version, isEnglish) }

    private var kinds: [Kind] { ledger.features.flatMap(\.kinds) }
    private func word(_ zh: String, _ en: String) -> JSON { .text(isEnglish ? en : zh) }

    var json: JSON {
        .object([
            ("openapi", "3.1.0"),
            (
                "info",
                .object([
                    ("title", "Zhifang 职防"), ("version", .text(version)),
                    (
                        "description",
                        word(
                            "职业病防治规划平台的接口。记录的字段、校验和权限与页面、导入相同。机器用令牌（Authorization: Bearer）登录；写入时带 Idempotency-Key，重发不会重复写入；修改时带 If-Match 说明看到的版本。错误以 RFC 9457 问题文档回答。",
                            "Records, duties and figures of an occupational-disease prevention plan. Fields, checks and rights are those of the pages and imports. Machines sign in with a token (Authorization: Bearer); an Idempotency-Key makes a write safe to repeat; If-Match names the version that was seen. Errors are problem documents (RFC 9457)."
                        )
                    ),
                ])
            ),
            ("servers", .list([.object([("url", "/")])])),
            ("security", .list([.object([("token", [])])])),
            ("paths", .object(paths)),
            ("components", .object([("securitySchemes", security), ("schemas", .object(schemas)), ("responses", responses)])),
        ])
    }

    private var security: JSON { ["token": ["type": "http", "scheme": "bearer", "bearerFormat": "zf_…"]] }
    private func reference(_ name: String) -> JSON { ["$ref": .text("#/components/schemas/\(name)")] }
    private static func content(_ schema: JSON, _ type: String = "application/json") -> JSON {
        .object([(type, .object([("schema", schema)]))])
    }

    private var responses: JSON {
        let all: [(name: String, zh: String, en: String)] = [
            ("Unauthorized", "未登录或令牌无效", "Not signed in, or the token is not valid"), ("Forbidden", "无权这样做", "Not allowed"),
            ("NotFound", "没有，或无权看到", "Not there, or not yours to see"),
            ("Conflict", "看到的版本已不是最新，或键已存在", "Changed since it was seen, or the key exists"), ("TooLarge", "请求过大", "Too large"),
            ("Refused", "不合要求：每项写明行、字段和规则", "Refused: row, field and rule of each flaw"), ("TooMany", "请求过多", "Too many requests"),
        ]
        let content = OpenAPI.content(reference("Problem"), "application/problem+json")
        return .object(all.map { ($0.name, .object([("description", word($0.zh, $0.en)), ("content", content)])) })
    }
    private func answers(_ good: [(String, JSON)], also codes: [Int] = []) -> JSON {
        let names = [
            401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 413: "TooLarge", 422: "Refused", 429: "TooMany",
        ]
        return .object(
            good
                + ([401, 403, 422] + codes).sorted().map {
                    (String($0), ["$ref": .text("#/components/responses/\(names[$0] ?? "Refused")")])
                })
    }
    private func good(_ schema: JSON, _ zh: String = "成功", _ en: String = "Done") -> JSON {
        ["description": word(zh, en), "content": OpenAPI.content(schema)]
    }
    private func parameter(_ name: String, _ place: String, _ schema: JSON, _ zh: String, _ en: String, required: Bool = false) -> JSON {
        ["name": .text(name), "in": .text(place), "required": .flag(required), "schema": schema, "description": word(zh, en)]
    }
    private var key: JSON {
        parameter(
            "Idempotency-Key", "header", ["type": "string", "pattern": "^[!-~]{1,200}$"], "同一请求的键，重发得到同样的回答",
            "Same key, same request: same answer"
        )
    }
    private var match: JSON {
        parameter(
            "If-Match", "header", ["type": "string", "pattern": "^\"?[0-9]{1,9}\"?$"], "看到的版本", "The version that was seen", required: true)
    }
    private var identifier: JSON {
        parameter("id", "path", ["type": "string", "minLength": 1, "maxLength": 64], "记录号", "Record id", required: true)
    }
    private var limit: JSON { parameter("limit", "query", ["type": "integer", "minimum": 1, "maximum": 500], "每页条数", "Page size") }

    // MARK: Schemas

    private var schemas: [(String, JSON)] {
        var all: [(String, JSON)] = [
            (
                "Problem",
                OpenAPI.record([
                    ("type", ["type": "string"]), ("title", ["type": "string"]), ("detail", ["type": "string"]),
                    ("status", ["type": "integer"]),
                    ("errors", ["type": "array", "items": reference("Flaw")]),
                ])
            ),
            (
                "Flaw",
                OpenAPI.record(
                    [
                        ("code", ["type": "string"]), ("text", ["type": "string"]), ("row", ["type": "integer"]),
                        ("field", ["type": "string"]),
                        ("details", ["type": "object", "additionalProperties": ["type": "string"]]),
                    ], required: ["code", "text"])
            ),
            (
                "Fate",
                OpenAPI.record(
                    [
                        ("row", ["type": ["integer", "null"]]),
                        ("fate", ["enum": ["created", "changed", "unchanged", "withdrawn", "refused"]]),
                        ("id", ["type": "string"]), ("version", ["type": "integer"]), ("errors", ["type": "array"]),
                    ], required: ["fate"])
            ),
            ("Items", OpenAPI.record([("items", ["type": "array", "items": ["type": "object"]])])),
            (
                "Duty",
                OpenAPI.record(
                    ["rule", "owed", "clause", "debtor", "subject", "file", "division", "verdict", "since", "until", "reason", "record"].map
                    {
                        ($0, ["type": ["string", "null"]])
                    })
            ),
        ]
        for kind in kinds {
            all.append((kind.name + "_values", values(kind)))
            all.append(
                (
                    kind.name,
                    OpenAPI.record(
                        [
                            ("id", ["type": "string"]), ("kind", ["const": .text(kind.name)]), ("version", ["type": "integer"]),
                            ("state", ["type": ["string", "null"]]), ("home", ["type": "string"]), ("recorded_at", ["type": "string"]),
                            ("title", ["type": "string"]), ("values", ["type": "object"]),
                            ("masked", ["type": "array", "items": ["type": "string"]]),
                        ])
                ))
        }
        return all
    }
    private static func record(_ members: [(String, JSON)], required: [String]? = nil) -> JSON {
        ["type": "object", "properties": .object(members), "required": .list((required ?? members.map(\.0)).map(JSON.text))]
    }

    /// What a record of a kind is made of, as it is sent: every field with its name in both languages, its type, its rule and its source.
    private func values(_ kind: Kind) -> JSON {
        .object([
            ("type", "object"), ("title", .text("\(kind.zh) \(kind.en)")), ("additionalProperties", false),
            ("properties", .object(kind.entered.map { ($0.name, schema($0)) })),
            ("required", .list(kind.entered.filter(\.required).map { .text($0.name) })),
        ])
    }
    private func schema(_ field: FieldSpec) -> JSON {
        var members: [(String, JSON)] = [("title", .text("\(field.zh) \(field.en)"))]
        switch field.type {
        case .text(let max): members += [("type", "string"), ("maxLength", .whole(max))]
        case .integer(let range):
            members += [("type", "integer"), ("minimum", .whole(range.lowerBound)), ("maximum", .whole(range.upperBound))]
        case .decimal(let range):
            members += [("type", "number"), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound))]
        case .day: members += [("type", "string"), ("format", "date")]
        case .flag: members += [("type", "boolean")]
        case .code(let table): members += code(table)
        case .codes(let table): members += [("type", "array"), ("items", .object(code(table)))]
        case .reference(let kind):
            members += [
                ("type", "string"),
                (
                    "description",
                    word(
                        "\(ledger.kinds[kind]?.zh ?? kind)的记录号、编号、代码或全名",
                        "id, number, code or full name of: \(ledger.kinds[kind]?.en ?? kind)")
                ),
            ]
        case .division(let township): members += [("type", "string"), ("pattern", .text(township ? "^[0-9]{9}$" : "^[0-9]{6}$"))]
        case .creditCode: members += [("type", "string"), ("pattern", "^[0-9A-HJ-NP-RTUW-Y]{18}$")]
        case .residentID: members += [("type", "string"), ("pattern", "^[0-9]{17}[0-9X]$")]
        }
        if field.sensitivity != .open { members.append(("x-sensitivity", .text(field.sensitivity.rawValue))) }
        if !field.source.isEmpty { members.append(("x-source", .text(field.source))) }
        return .object(members)
    }
    private func code(_ table: String) -> [(String, JSON)] {
        let entries = ledger.catalog.tables[table]?.entries ?? []
        var members: [(String, JSON)] = [("type", "string"), ("x-table", .text(table))]
        if !entries.isEmpty, entries.count <= OpenAPI.longestList { members.append(("enum", .list(entries.map { .text($0.code) }))) }
        return members
    }

    // MARK: Paths

    private var paths: [(String, JSON)] {
        var all: [(String, JSON)] = []
        for kind in kinds {
            let name = isEnglish ? kind.en : kind.zh
            let values = reference(kind.name + "_values")
            let one = OpenAPI.record([("values", values)])
            var list: [JSON] = [
                parameter("q", "query", ["type": "string", "maxLength": 100], "按名称、编号查找", "Search by name or number"),
                parameter("of", "query", ["type": "string", "maxLength": 64], "只要提到这条记录的", "Only those that name this record"),
                parameter(
                    "after", "query", ["type": "string", "maxLength": 64], "从这条之后（上一页的 next）", "Behind this one: `next` of the page before"),
                limit,
            ]
            if kind.flow != nil {
                list.append(
                    parameter(
                        "state", "query", ["enum": .list(Flow.State.allCases.map { .text($0.rawValue) })], "办理状态", "State in its course"))
            }
            all.append(
                (
                    "/api/records/\(kind.name)",
                    .object([
                        (
                            "get",
                            [
                                "operationId": .text("list_\(kind.name)"), "summary": .text(name), "tags": [.text(kind.name)],
                                "parameters": .list(list),
                                "responses": answers(
                                    [
                                        (
                                            "200",
                                            good(
                                                OpenAPI.record([
                                                    ("items", ["type": "array", "items": reference(kind.name)]),
                                                    ("next", ["type": ["string", "null"]]),
                                                ]))
                                        )
                                    ], also: [404]),
                            ]
                        ),
                        (
                            "post",
                            [
                                "operationId": .text("create_\(kind.name)"), "summary": .text(name), "tags": [.text(kind.name)],
                                "parameters": .list([
                                    key,
                                    parameter(
                                        "dry_run", "query", ["enum": ["0", "1"]], "1：只说会怎样，不写入", "1: say what would happen, store nothing"),
                                    parameter(
                                        "updates", "query", ["enum": ["0", "1"]], "1：键相同的记录按内容更改", "1: change records of the same key"),
                                ]),
                                "requestBody": .object([
                                    ("required", true),
                                    (
                                        "content",
                                        .object([
                                            (
                                                "application/json",
                                                [
                                                    "schema": [
                                                        "oneOf": [
                                                            one,
                                                            ["type": "array", "minItems": 1, "maxItems": .whole(Desk.most), "items": one],
                                                        ]
                                                    ]
                                                ]
                                            )
                                        ])
                                    ),
                                ]),
                                "responses": answers(
                                    [
                                        ("200", good(["type": "object"], "已有，或多条各自的结果", "It was there, or what became of each of many")),
                                        ("201", good(reference("Fate"), "已写入", "Stored")),
                                    ], also: [404, 409, 413]),
                            ]
                        ),
                    ])
                ))
        }
        return all + common
    }

    private func get(_ id: String, _ zh: String, _ en: String, _ parameters: [JSON], _ schema: JSON, also: [Int] = [404]) -> (String, JSON)
    {
        (
            "get",
            [
                "operationId": .text(id), "summary": word(zh, en), "parameters": .list(parameters),
                "responses": answers([("200", good(schema))], also: also),
            ]
        )
    }

    private var common: [(String, JSON)] {
        let record: JSON = ["type": "object", "required": ["id", "kind", "version", "values"]]
        let items = reference("Items")
        let asOf = parameter("as_of", "query", ["type": "string", "format": "date"], "截至日期", "As of")
        func body(_ schema: JSON, required: Bool = true) -> JSON { ["required": .flag(required), "content": OpenAPI.content(schema)] }
        return [
            ("/api/me", .object([get("me", "当前账户", "The caller", [], ["type": "object"], also: [])])),
            ("/api/kinds", .object([get("kinds", "记录类别", "Kinds of record", [], items, also: [])])),
            (
                "/api/record/{id}",
                .object([
                    get("record", "一条记录", "One record", [identifier], record),
                    (
                        "patch",
                        [
                            "operationId": "change_record", "summary": word("更改：没写的字段不动，空值清除", "Change: absent fields stay, null clears"),
                            "parameters": .list([identifier, match, key]),
                            "requestBody": body(
                                [
                                    "type": "object", "properties": ["values": ["type": "object"], "reason": ["type": "string"]],
                                    "required": ["values"],
                                ]),
                            "responses": answers([("200", good(reference("Fate")))], also: [404, 409, 413]),
                        ]
                    ),
                    (
                        "delete",
                        [
                            "operationId": "withdraw_record", "summary": word("撤回：不再计入，各版本仍可读", "Withdraw: counts no more, stays readable"),
                            "parameters": .list([
                                identifier, match,
                                parameter(
                                    "reason", "query", ["type": "string", "minLength": 1, "maxLength": 300], "理由", "Reason", required: true),
                            ]), "responses": answers([("200", good(reference("Fate")))], also: [404, 409]),
                        ]
                    ),
                ])
            ),
            ("/api/record/{id}/versions", .object([get("versions", "各版本", "Every version", [identifier], items)])),
            (
                "/api/record/{id}/steps/{step}",
                .object([
                    (
                        "post",
                        [
                            "operationId": "take_step", "summary": word("办理：受理、退回、撤销", "Accept, return or cancel"),
                            "parameters": .list([
                                identifier,
                                parameter(
                                    "step", "path", ["enum": .list(Flow.Step.allCases.map { .text($0.rawValue) })], "步骤", "Step",
                                    required: true),
                                parameter(
                                    "If-Match", "header", ["type": "string", "pattern": "^\"?[0-9]{1,9}\"?$"], "看到的版本",
                                    "The version that was seen"),
                                key,
                            ]),
                            "requestBody": body(
                                ["type": "object", "properties": ["remark": ["type": "string", "maxLength": 300]]], required: false),
                            "responses": answers([("200", good(reference("Fate")))], also: [404, 409, 413]),
                        ]
                    )
                ])
            ),
            (
                "/api/duties",
                .object([
                    get(
                        "duties", "义务", "Duties",
                        [
                            parameter(
                                "state", "query", ["enum": .list(DutyQuery.states.map { .text($0.code) })], "状态", "State"), asOf, limit,
                            parameter("from", "query", ["type": "integer", "minimum": 0], "从第几条起", "Offset"),
                        ], OpenAPI.record([("items", ["type": "array", "items": reference("Duty")])]), also: [])
                ])
            ),
            ("/api/plans", .object([get("plans", "规划", "Plans", [], items, also: [])])),
            (
                "/api/plans/{plan}",
                .object([
                    get(
                        "board", "规划各项指标的数值", "A plan's figures",
                        [
                            parameter("plan", "path", ["type": "string", "minLength": 1, "maxLength": 80], "规划", "Plan", required: true),
                            asOf,
                            parameter("known_at", "query", ["type": "string"], "已知时点", "As known at"),
                        ], items)
                ])
            ),
        ]
    }
}
