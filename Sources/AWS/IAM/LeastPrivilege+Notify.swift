import BackupCore

/// What `notify:` needs: to publish to its topics.
extension LeastPrivilege {
    var notifyStatements: [IAMPolicy.Statement] {
        guard account == .standard, !topics.isEmpty else { return [] }
        return [IAMPolicy.Statement(sid: "Notify", actions: [SNS.publish.right], resources: topics)]
    }
}
