/// A text that stands for one thing only: two kinds of name never mix by accident.
package protocol Name: RawRepresentable<String>, Hashable, Comparable, Sendable, CustomStringConvertible {
    init(rawValue: String)
}

extension Name {
    package init(_ text: some StringProtocol) { self.init(rawValue: String(text)) }
    package var description: String { rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// All that one installation owns is marked with its fleet's name.
package struct FleetName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a policy, as it stands in the config and in the tag `snapwarden:policy`.
package struct PolicyName: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// An AWS region, `eu-central-1`.
package struct Region: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// An AWS account: its twelve digits, or `default` for whichever the credentials of the standard chain are of.
package struct AccountID: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The account of the standard chain's credentials.
    package static let standard = AccountID("default")
}

/// The provider's own id of a resource: `i-…`, or the UUID in a Lightsail instance's ARN.
package struct ResourceID: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The provider's id of a snapshot: `snap-…`, or a Lightsail snapshot's name.
package struct SnapshotID: CompactName {
    static let shape = CompactText.Shape(prefix: "snap-", count: 17)
    let compact: CompactText
    package init(rawValue: String) { compact = CompactText(rawValue, SnapshotID.shape) }
}

/// The id of an AMI, `ami-…`.
package struct ImageID: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// An EBS volume's id, or the path of a Lightsail disk.
package struct VolumeID: Name {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// What groups the snapshots of one call: the fresh nonce in `snapwarden:set`, or a Lightsail snapshot's name.
///
/// A home point and its copies share it; the region tells them apart.
package struct SetID: CompactName {
    static let shape = CompactText.Shape(prefix: "", count: 32)
    let compact: CompactText
    package init(rawValue: String) { compact = CompactText(rawValue, SetID.shape) }
}

/// Who made the objects we deal with; Lightsail lists its kinds apart, and so do we.
package enum Provider: String, Sendable, CaseIterable, Comparable {
    case ec2
    /// Lightsail's instances.
    case lightsail
    case lightsailDisks = "lightsail-disks"
    case lightsailDatabases = "lightsail-databases"

    /// The first of those that share names and limits with it: EC2, or all of Lightsail.
    package var service: Provider { self == .ec2 ? .ec2 : .lightsail }
    /// There a point is one snapshot, and its name is its identity.
    package var isLightsail: Bool { service == .lightsail }

    package static func < (a: Provider, b: Provider) -> Bool { a.rawValue < b.rawValue }
}

/// One region of one account.
///
/// Its text is the region's name, and before it, for all but the standard account, the account's number:
/// `111122223333/eu-west-1`.
package struct Site: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let account: AccountID
    package let region: Region

    package init(_ account: AccountID, _ region: Region) {
        self.account = account
        self.region = region
    }

    /// A region of the standard account.
    package init(_ region: Region) { self.init(.standard, region) }

    /// Reads its text; what names no account is of `near`'s.
    package init(_ text: some StringProtocol, near: AccountID = .standard) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            self.init(AccountID(parts[0]), Region(parts[1]))
        } else {
            self.init(near, Region(text))
        }
    }

    /// Its text for readers in an account, which goes without saying.
    package func text(near: AccountID) -> String { account == near ? region.rawValue : "\(account)/\(region)" }

    package var description: String { text(near: .standard) }
    package static func < (a: Site, b: Site) -> Bool { (a.account, a.region) < (b.account, b.region) }
}

/// One provider in one region of one account: what one listing covers and one client talks to.
package struct Place: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let provider: Provider
    package let site: Site

    package init(_ provider: Provider, _ site: Site) {
        self.provider = provider
        self.site = site
    }

    package init(_ provider: Provider, _ region: Region, account: AccountID = .standard) {
        self.init(provider, Site(account, region))
    }

    package var region: Region { site.region }
    package var account: AccountID { site.account }

    /// By the region, which few places share.
    package func hash(into hasher: inout Hasher) { hasher.combine(region) }

    package var description: String { "\(provider.rawValue)/\(site)" }
    package static func < (a: Place, b: Place) -> Bool { (a.provider, a.site) < (b.provider, b.site) }
}
