import BackupCore

/// What `sidecar:` needs: to put objects down, which nobody can overwrite by that right alone, and to read them in a restore.
extension LeastPrivilege {
    var sidecarStatements: [IAMPolicy.Statement] {
        guard let bucket else { return [] }
        let variables = IAMPolicy.Statement(
            sid: "ReadUefiData", actions: [EC2.getInstanceUEFIData.right],
            resources: names(.ec2, "instance/*", in: homes(of: .ec2)))
        // Source: S3 user guide, "Enforce conditional writes on Amazon S3 buckets".
        let putting = IAMPolicy.Statement(
            sid: "PutSidecars", actions: [S3.putObject.right], resources: [bucket.objects(of: fleet)],
            conditions: ["Null": ["s3:if-none-match": ["false"]]])
        return (variables.resources.isEmpty ? [] : [variables]) + (account == .standard ? [putting] : [])
    }

    /// For whoever restores, a person or a drill.
    var sidecarReading: [IAMPolicy.Statement] {
        guard let bucket, account == .standard else { return [] }
        return [
            IAMPolicy.Statement(
                sid: "ReadSidecars", actions: [S3.getObject.right], resources: [bucket.objects(of: fleet)]),
            IAMPolicy.Statement(sid: "TellMissingSidecars", actions: [S3.listBucket], resources: [bucket.arn]),
        ]
    }
}

extension SidecarBucket {
    fileprivate var arn: String { "arn:\(region.partition):s3:::\(name)" }
    fileprivate func objects(of fleet: FleetName) -> String { "\(arn)/\(folder(of: fleet))*" }
}
