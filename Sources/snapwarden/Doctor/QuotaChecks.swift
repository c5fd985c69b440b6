import AWS
import BackupCore

/// How much of EC2's quotas is in use in a region, by everybody in the account.
///
/// Source: Amazon EBS endpoints and quotas: 100 pending snapshots, 20 copies under way into a region, 100,000 snapshots.
struct QuotaChecks {
    let ec2: any EC2Reading
    let site: Site
    let isDestination: Bool

    private static let pendingSnapshots = 100
    private static let pendingCopies = 20
    private static let snapshots = 100_000
    /// AWS gives every copy this volume.
    private static let volumeOfCopies = "vol-ffffffff"

    func check(_ findings: inout Findings) async {
        var (all, pending, copies) = (0, 0, 0)
        var request = DescribeSnapshotsRequest(ownerIds: ["self"], maxResults: 1000)
        do throws(AWSError) {
            repeat {
                let page = try await ec2.describeSnapshots(request, in: site.region)
                all += page.snapshots.count
                for snapshot in page.snapshots where snapshot.state == "pending" {
                    pending += 1
                    if snapshot.volumeId == QuotaChecks.volumeOfCopies { copies += 1 }
                }
                request.nextToken = page.nextToken
            } while request.nextToken != nil
        } catch {
            // The permission that is missing was named already.
            return
        }
        note(
            all, of: QuotaChecks.snapshots, "snapshots", &findings, remedy: "ask Service Quotas for more, or keep less")
        let wait = "new ones wait until these are done, then are made up for"
        note(pending, of: QuotaChecks.pendingSnapshots, "pending snapshots", &findings, remedy: wait)
        if isDestination { note(copies, of: QuotaChecks.pendingCopies, "copies under way", &findings, remedy: wait) }
    }

    private func note(_ count: Int, of limit: Int, _ what: String, _ findings: inout Findings, remedy: String) {
        let text = "\(count) of \(limit) \(what) in \(site)"
        if count * 5 < limit * 4 { findings.ok("quota", text) } else { findings.warn("quota", text, remedy: remedy) }
    }
}
