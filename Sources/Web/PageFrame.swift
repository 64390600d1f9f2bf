// The frame of every page, the ways in, and refusals: what the templates need, in the manner of PageModels.swift.

/// Where the navigation leads.
public struct Addresses: Sendable {
    public var home: String
    public var plans: String
    public var duties: String
    public var messages: String
    public var records: String
    public var imports: String
    public var lookup: String
    public var signIn: String
    public var signOut: String
    public var assets: String

    public init(
        home: String = "/", plans: String = "/plans", duties: String = "/duties", messages: String = "/messages",
        records: String = "/records", imports: String = "/import",
        lookup: String = "/lookup", signIn: String = "/sign-in", signOut: String = "/sign-out", assets: String = "/assets"
    ) {
        (self.home, self.plans, self.duties, self.records, self.imports) = (home, plans, duties, records, imports)
        self.messages = messages
        (self.lookup, self.signIn, self.signOut, self.assets) = (lookup, signIn, signOut, assets)
    }
}

/// What the layout of every page needs. Every page model has one, named `frame`.
public struct Frame: Sendable {
    /// Which entry of the navigation is the current one.
    public enum Place: Sendable { case none, home, plans, duties, messages, records, imports, lookup }

    /// The language of the page: "zh-CN" or "en".
    public var language: String
    /// The other language and the page in it.
    public var otherLanguage, otherCode, otherHref: String
    /// The person signed in; nil shows the way in instead.
    public var person: String?
    public var unit: String?
    /// Goes into every form as `csrf`.
    public var csrf: String
    /// Demonstration data: a band says so on every page.
    public var demo: Bool
    public var version: String
    public var addresses: Addresses
    public var atHome, atPlans, atDuties, atMessages, atRecords, atImports, atLookup: Bool
    /// How many messages the person has not read; nil for none.
    public var unread: String?
    /// How many duties of the person are overdue.
    public var overdue: String?
    /// Who has plans, records, imports and duties to go to, who administers accounts, who answers requests for accounts, who reads the audit.
    public var hasPlans, hasRecords, hasImports, hasDuties, hasAccounts, hasClaims, hasAudit: Bool

    public init(
        language: String, otherLanguage: String, otherCode: String, otherHref: String, person: String? = nil, unit: String? = nil,
        csrf: String = "", demo: Bool = false, version: String, at place: Place = .none, overdue: String? = nil, unread: String? = nil,
        addresses: Addresses = Addresses()
    ) {
        (self.language, self.otherLanguage, self.otherCode, self.otherHref) = (language, otherLanguage, otherCode, otherHref)
        (self.person, self.unit, self.csrf, self.demo, self.version) = (person, unit, csrf, demo, version)
        (self.overdue, self.addresses) = (overdue, addresses)
        (atPlans, atDuties, atRecords, atImports) = (place == .plans, place == .duties, place == .records, place == .imports)
        atLookup = place == .lookup
        (atHome, atMessages, self.unread) = (place == .home, place == .messages, unread)
        (hasPlans, hasRecords, hasImports, hasDuties) = (person != nil, person != nil, person != nil, person != nil)
        (hasAccounts, hasClaims, hasAudit) = (false, false, false)
    }
}

extension View {
    /// An account of the demonstration data, shown on the sign-in page of a demonstration only.
    public struct DemoAccount: Sendable {
        public var name, password, role: String

        public init(name: String, password: String, role: String) {
            (self.name, self.password, self.role) = (name, password, role)
        }
    }
}

/// Template `sign-in`. Posts `name`, `password`, `next`.
public struct SignInPage: Sendable {
    public var frame: Frame
    public var action: String
    public var name: String
    public var next: String
    public var error: String?
    public var accounts: [View.DemoAccount]

    public init(
        frame: Frame, action: String, name: String = "", next: String = "", error: String? = nil, accounts: [View.DemoAccount] = []
    ) {
        (self.frame, self.action, self.name, self.next) = (frame, action, name, next)
        (self.error, self.accounts) = (error, accounts)
    }
}

/// Template `setup`: the three administrators, asked once. Posts `ROLE-name`, `ROLE-password`, `ROLE-again` for each.
public struct SetupPage: Sendable {
    public struct Administrator: Sendable {
        public var code, title, note, name: String
        public init(code: String, title: String, note: String, name: String) {
            (self.code, self.title, self.note, self.name) = (code, title, note, name)
        }
    }
    public var frame: Frame
    public var action: String
    public var administrators: [Administrator]
    /// Characters
    public var minimum: String
    public var errors: [String]

    public init(frame: Frame, action: String, administrators: [Administrator], minimum: String, errors: [String] = []) {
        (self.frame, self.action, self.administrators) = (frame, action, administrators)
        (self.minimum, self.errors) = (minimum, errors)
    }
}

/// Template `error`, for everything refused outside a form: not found, forbidden, too large, internal.
public struct ErrorPage: Sendable {
    public var frame: Frame
    public var status, heading, message: String
    public var details: [String]
    /// The request, for whoever looks into the log
    public var reference: String?
    public var backHref: String?
    /// Offers to sign in
    public var isSignedOut: Bool

    public init(
        frame: Frame, status: String, heading: String, message: String, details: [String] = [], reference: String? = nil,
        backHref: String? = nil, isSignedOut: Bool = false
    ) {
        (self.frame, self.status, self.heading, self.message, self.details) = (frame, status, heading, message, details)
        (self.reference, self.backHref, self.isSignedOut) = (reference, backHref, isSignedOut)
    }
}
