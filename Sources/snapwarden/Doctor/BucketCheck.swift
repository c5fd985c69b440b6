import BackupCore

/// Asks S3 for a record that is not there: that tells whether the bucket is, and whether a restore could read one.
struct BucketCheck {
    let session: Session

    func findings() async -> Findings {
        var findings = Findings()
        guard let bucket = session.configuration.sidecarBucket else { return findings }
        let title = "s3://\(bucket.name)"
        do throws(CloudError) {
            let fleet = session.configuration.fleet
            _ = try await session.sidecarSearch.store.find(SetID("doctor"), fleet: fleet, in: bucket)
            findings.ok("bucket", "\(title) is there, and records in it can be read")
        } catch {
            switch error.code {
            case "NoSuchBucket":
                findings.fail("bucket", "\(title) is not there", remedy: "create it, best in the other region")
            case "AccessDenied":
                findings.warn(
                    "bucket", "\(title): \(error)",
                    remedy: "nothing for the daemon, which only puts; restores need s3:GetObject and s3:ListBucket "
                        + "(\"snapwarden iam-policy --restore\")")
            default: findings.warn("bucket", "\(title): \(error)", remedy: "see whether this machine reaches S3")
            }
        }
        return findings
    }
}
