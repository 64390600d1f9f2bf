// The signs and cards of an employer's posts.

extension View {
    /// A sign that a post needs.
    public struct SignLine: Sendable {
        public var code, kind, name, place: String
        /// The factors that ask for it.
        public var factors: String
        /// What it hangs on, where it is not needed always.
        public var condition: String?
        public var basis: String
        public var confidence: Mark?
        public init(
            code: String, kind: String, name: String, place: String, factors: String, condition: String? = nil, basis: String,
            confidence: Mark? = nil
        ) {
            (self.code, self.kind, self.name, self.place, self.factors) = (code, kind, name, place, factors)
            (self.condition, self.basis, self.confidence) = (condition, basis, confidence)
        }
    }
    /// Whether the signs of a category are up, as recorded.
    public struct SignState: Sendable {
        public var category: String
        public var mark: Mark
        public var since, href, enterHref: String?
        public init(category: String, mark: Mark, since: String? = nil, href: String? = nil, enterHref: String? = nil) {
            (self.category, self.mark, self.since, self.href, self.enterHref) = (category, mark, since, href, enterHref)
        }
    }
    /// A notice card.
    public struct CardLine: Sendable {
        public var factor, basis: String
        public var facts: [Fact]
        public var printHref: String?
        public init(factor: String, basis: String, facts: [Fact], printHref: String? = nil) {
            (self.factor, self.basis, self.facts, self.printHref) = (factor, basis, facts, printHref)
        }
    }
    public struct PostSigns: Sendable {
        public var id, name, href: String
        public var persons: String?
        public var states: [SignState]
        public var signs: [SignLine]
        public var cards: [CardLine]
        /// How the test results of the post were made public.
        public var published: Mark
        public var publishHref: String?
        /// The list of signs and all cards of the post as papers.
        public var listHref, cardsHref: String?
        public init(
            id: String, name: String, href: String, persons: String? = nil, states: [SignState], signs: [SignLine], cards: [CardLine],
            published: Mark, publishHref: String? = nil
        ) {
            (self.id, self.name, self.href, self.persons, self.states) = (id, name, href, persons, states)
            (self.signs, self.cards, self.published, self.publishHref) = (signs, cards, published, publishHref)
        }
    }
}

/// Template `signs`: what each post of an employer has to put up, and what is up.
public struct SignsPage: Sendable {
    public var frame: Frame
    public var employer, employerHref: String
    public var posts: [View.PostSigns]
    public init(frame: Frame, employer: String, employerHref: String, posts: [View.PostSigns]) {
        (self.frame, self.employer, self.employerHref, self.posts) = (frame, employer, employerHref, posts)
    }
}
