package import AWS
package import BackupCore

extension World {
    /// Every key is there and can be used, but for the bad ones, which are disabled, and those of other regions.
    package func describeKey(_ request: DescribeKeyRequest, in region: Region) throws(AWSError) -> DescribeKeyReply {
        let refuse = try admit(KMS.describeKey, in: region)
        guard !request.keyID.isEmpty else { throw refuse("ValidationException", "KeyId is empty") }
        let arn = keyARN(request.keyID, in: region)
        guard arn.hasPrefix("arn:\(region.partition):kms:\(region):") else {
            throw refuse("NotFoundException", "Invalid arn \(arn.split(separator: ":").dropFirst(3).first ?? "")")
        }
        let isBad = badKeys.contains(arn) || badKeys.contains(request.keyID)
        return DescribeKeyReply(
            metadata: KeyMetadata(
                keyID: String(arn.split(separator: "/").last ?? ""), arn: arn, state: isBad ? "Disabled" : "Enabled",
                usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT",
                manager: World.isManagedByAWS(arn) ? "AWS" : "CUSTOMER"))
    }
}
