package import AWS
package import BackupCore

extension World {
    package func getCallerIdentity(in region: Region, by caller: Caller = Caller()) throws(AWSError) -> CallerIdentity {
        _ = try admit(STS.getCallerIdentity, in: region)
        guard let session = sessions[caller.accessKey] else {
            return CallerIdentity(account: account, arn: userARN, userId: "AIDASANDBOX0000000000")
        }
        return CallerIdentity(account: session.account, arn: session.user.arn, userId: session.user.assumedRoleId)
    }

    /// The one user of this account.
    private var userARN: String { "arn:\(home.partition):iam::\(account):user/sandbox" }

    /// How STS names who calls.
    func arn(of caller: Caller) -> String { sessions[caller.accessKey]?.user.arn ?? userARN }
}
