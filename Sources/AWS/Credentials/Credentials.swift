/// The keys that requests are signed with.
///
/// However it is printed, dumped or mirrored, it shows the access key's id and never the secret or the token.
package struct Credentials: Sendable, Equatable {
    package let accessKeyID: String
    package let secret: String
    package let sessionToken: String?

    package init(accessKeyID: String, secret: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secret = secret
        self.sessionToken = sessionToken
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credentials \(accessKeyID)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
