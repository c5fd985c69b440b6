package import BackupCore

/// The one listing that is long.
extension EC2Client {
    /// Asks for each page while the one before it is being read.
    ///
    /// The token of the next page is looked up in the text of this one; should that be no good, the pages come one by one.
    package func eachSnapshot(
        _ request: DescribeSnapshotsRequest, of fleet: FleetName, in site: Site, _ take: (SeenMember) -> Void
    ) async throws(AWSError) {
        var request = request
        let region = site.region
        let reader = SnapshotPage(fleet: fleet, account: site.account)
        var page = try await unread(request, in: region).get()
        while true {
            var following = request
            following.nextToken = RawPage.nextToken(of: page)
            let expected = following.nextToken
            async let ahead = expected == nil ? nil : unread(following, in: region)
            // The call goes out before this queue is busy with the page.
            if expected != nil { await Task.yield() }
            do throws(WireError) {
                request.nextToken = try reader.read(emptying: &page, take)
            } catch {
                throw AWSError.unreadable(error, EC2.describeSnapshots, in: region)
            }
            guard let token = request.nextToken else { return }
            let next = token == expected ? await ahead : nil
            if let next { page = try next.get() } else { page = try await unread(request, in: region).get() }
        }
    }

    /// A page's bytes, once they end as a whole reply does.
    private func unread(_ request: DescribeSnapshotsRequest, in region: Region) async -> Result<[UInt8], AWSError> {
        do throws(AWSError) {
            return .success(
                try await perform(EC2.describeSnapshots, request, in: region) { body in
                    // What is no whole reply is read at once, to find out why, and is asked for again.
                    if !RawPage.isWhole(body) { _ = try XMLDocument.reply(to: EC2.describeSnapshots, body) }
                    return body
                })
        } catch {
            return .failure(error)
        }
    }
}

extension AWSError {
    fileprivate static func unreadable(_ error: WireError, _ operation: Operation, in region: Region) -> AWSError {
        AWSError(
            service: operation.service, operation: operation.name, region: region, code: "UnreadableReply",
            message: "the reply cannot be read: \(error)", fate: .outcomeUnknown)
    }
}
