/// DescribeLockedSnapshots: the account's locked snapshots of a region, also those whose lock has expired.
///
/// Source: EC2 API reference, DescribeLockedSnapshots.
package struct DescribeLockedSnapshotsRequest: Codable, Sendable, Equatable {
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?
    package var snapshotIds: [String]?
    package var dryRun: Bool?

    package init(
        snapshotIds: [String]? = nil, filters: [EC2Filter]? = nil, maxResults: Int? = nil, nextToken: String? = nil
    ) {
        self.snapshotIds = snapshotIds
        self.filters = filters
        self.maxResults = maxResults
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case filters = "Filter"
        case maxResults, nextToken
        case snapshotIds = "SnapshotId"
        case dryRun
    }
}

/// One page.
package struct DescribeLockedSnapshotsReply: Codable, Sendable, Equatable {
    package var snapshots: [LockedSnapshot]
    package var nextToken: String?

    package init(snapshots: [LockedSnapshot], nextToken: String? = nil) {
        self.snapshots = snapshots
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case snapshots = "snapshotSet"
        case nextToken
    }
}

/// A snapshot's lock.
package struct LockedSnapshot: Codable, Sendable, Equatable {
    package var ownerId: String?
    package var snapshotId: String
    /// `compliance-cooloff`, `governance`, `compliance` or `expired`; the last one locks nothing.
    package var lockState: String?
    /// Days.
    package var lockDuration: Int?
    /// Hours; of compliance mode only.
    package var coolOffPeriod: Int?
    package var coolOffPeriodExpiresOn: ISOTime?
    package var lockCreatedOn: ISOTime?
    /// Absent, as the next one, while a snapshot that was locked while pending is not complete.
    package var lockDurationStartTime: ISOTime?
    package var lockExpiresOn: ISOTime?

    package init(snapshotId: String) { self.snapshotId = snapshotId }
}
