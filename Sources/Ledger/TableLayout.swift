import Storage

extension Ledger {
    /// Where the rows of each table lie on a cluster. What has a home lies with its home; what is unique everywhere is spread by its own key;
    /// what every change touches stays with the coordinator.
    public static let distribution = Distribution([
        "record": .by("home"), "record_version": .by("home"), "link": .by("home"), "stretch": .by("home"), "tally": .by("home"),
        "plan_edition": .by("home"), "evaluation": .by("home"), "evaluation_line": .by("home"), "layout": .by("home"), "audit": .by("home"),
        "draft": .by("home"), "counter": .by("home"), "invitation": .by("home"), "claim": .by("home"), "delegation": .by("home"),
        "draw": .by("home"), "draw_result": .by("home"), "message": .by("home"), "message_read": .by("home"), "reminder": .by("home"),
        "assignment": .by("home"), "mail": .by("home"), "attachment": .by("home"), "attachment_chunk": .by("home"),
        "import_part": .by("home"), "directory": .by("key"), "idempotency": .by("account"),
        "account": .everywhere, "mailbox": .everywhere, "key_use": .everywhere, "recovery_code": .everywhere, "token": .everywhere,
        "calendar_feed": .everywhere,
        "house_state": .coordinator, "schema_step": .coordinator, "session": .coordinator, "sign_in_failure": .coordinator,
    ])
}
