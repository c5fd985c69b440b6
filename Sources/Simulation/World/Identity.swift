package import AWS
package import BackupCore

extension World {
    package func getCallerIdentity(in region: Region) throws(AWSError) -> CallerIdentity {
        _ = try admit(STS.getCallerIdentity, in: region)
        return CallerIdentity(
            account: account, arn: "arn:aws:iam::\(account):user/sandbox", userId: "AIDASANDBOX0000000000")
    }
}
