/// What ``ErrorRow``'s table says of an error.
extension AWSError {
    /// What follows from it; nil for a code that is in no row.
    package var kind: ErrorRow.Kind? {
        // Before the caller is known, a proxy or a front door says it by the status alone (RFC 6585, section 4).
        ErrorRow.row(of: code)?.kind ?? (status == 429 ? .throttling : nil)
    }

    /// Too many calls: nothing was done, and the same call will do in a moment.
    package var isThrottling: Bool { kind == .throttling }

    /// Too much under way: nothing was done, and it is no failure to wait.
    package var isQuota: Bool { kind == .quota }

    /// A wrong clock of ours may be the reason.
    var mayBeSkew: Bool { ErrorRow.row(of: code)?.mayBeSkew ?? false }

    /// A snapshot that was to be deleted is used by an image, or locked: nothing was done, and it is no failure.
    ///
    /// AWS documents no code for a locked snapshot, so that any refusal of DeleteSnapshot that speaks of a lock counts.
    package var isProtection: Bool {
        guard operation == "DeleteSnapshot", fate == .notPerformed, status != nil, !needsPerson else { return false }
        return code == "InvalidSnapshot.InUse" || code.contains("Lock") || message.speaksOfALock
    }

    /// Waiting does not help; somebody must change credentials, permissions or keys.
    package var needsPerson: Bool { kind == .person }
}

extension String {
    /// Whether one of its words is "lock" or "locked"; "blocked" is none.
    fileprivate var speaksOfALock: Bool {
        split { !$0.isLetter }.contains { ["lock", "locked"].contains($0.lowercased()) }
    }
}
