import Hummingbird
import Kernel
import Ledger
import Web

/// Every route of the site, as values: tests walk this list.
public func routes(_ office: Office) -> [Route] {
    homeRoutes(office) + messageRoutes(office) + signInRoutes(office) + boardRoutes(office) + planRoutes(office) + evaluationRoutes(office)
        + indicatorRoutes(office)
        + recordRoutes(office)
        + formRoutes(office) + stepRoutes(office) + judgementRoutes(office) + employerRoutes(office) + workerRoutes(office)
        + dutyRoutes(office)
        + importRoutes(office)
        + attachmentRoutes(office) + inspectRoutes(office) + inspectionRoutes(office) + orderRoutes(office)
        + employerClassRoutes(office)
        + caseRoutes(office) + creditRoutes(office) + complaintRoutes(office) + publicDecisionRoutes(office) + publicComplaintRoutes(office)
        + ownAccountRoutes(office) + accountsRoutes(office) + registrationRoutes(office)
        + declareRoutes(office) + signRoutes(office)
        + auditRoutes(office) + publicLookupRoutes(office) + publicCalculateRoutes(office) + publicCheckRoutes(office)
        + publicAPIRoutes(office) + recordAPIRoutes(office) + openAPIRoutes(office) + tokenRoutes(office) + printRoutes(office)
        + drawRoutes(office) + publicHomeRoutes(office)
}

/// The page of a refusal that no form shows.
public func errorPage(_ office: Office) -> @Sendable (Call, Refusal) async throws -> Response {
    { call, refusal in
        // Programs get a document, people a page.
        if call.request.uri.path.hasPrefix("/api/") { return try call.problem([refusal]) }
        let code = status(of: refusal)
        let heading =
            switch code {
            case .notFound: "error.not-found"
            case .forbidden: "error.forbidden"
            case .internalServerError: "error.internal"
            default: "error.refused"
            }
        return try call.page(
            "error",
            ErrorPage(
                frame: office.frame(call), status: String(code.code), heading: call.word(heading), message: call.say(refusal),
                details: refusal.field.map { [$0] } ?? [], reference: refusal.code == "internal" ? refusal.details["value"] : nil,
                backHref: "/",
                isSignedOut: call.person.role == .nobody))
    }
}
