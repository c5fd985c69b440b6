package import BackupCore

/// What signs a request.
///
/// Its secrets show up in no description, mirror or dump.
package struct Credentials: Sendable, Equatable {
    package var accessKeyID: String
    package var secret: String
    package var sessionToken: String?
    /// When they end; nil for keys that do not, or of which it is not known.
    package var expiration: Moment?

    package init(accessKeyID: String, secret: String, sessionToken: String? = nil, expiration: Moment? = nil) {
        self.accessKeyID = accessKeyID
        self.secret = secret
        self.sessionToken = sessionToken
        self.expiration = expiration
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Credentials(\(accessKeyID))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
