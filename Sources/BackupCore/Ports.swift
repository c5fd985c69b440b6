/// Where the time comes from.
///
/// Nothing in the product asks the system for it behind this door's back.
package protocol WallClock: Sendable {
    var now: Moment { get }
    /// What `now` has been corrected by, because the cloud's clock shows another time than this machine's; zero while the
    /// two agree, and while the cloud has not been asked.
    var correction: Duration { get }
    /// Returns once `moment` is reached, at once if it lies behind; early if the clock is set meanwhile.
    func sleep(until moment: Moment) async throws(CancellationError)
}

extension WallClock {
    package var correction: Duration { .zero }
}

/// The half of the cloud that cannot change anything; `plan` gets no more.
package protocol CloudReading: Sendable {
    /// Everything of ours in a place. Never throws: what could not be read is the listing's `gap`.
    func listing(of place: Place, scope: Scope) async -> Listing
    /// The same points with their members' states as they are now, in one batched call.
    func refreshed(_ points: [RecoveryPoint], in place: Place) async throws(CloudError) -> [RecoveryPoint]
    /// All points of ours in a place that bear one of these slots, whoever made them; none of Lightsail, where no second one
    /// can be made under the same name.
    func points(ofSlots slots: Set<Moment>, in place: Place) async throws(CloudError) -> [RecoveryPoint]
    /// Everybody's snapshots that are being made in a place, or failed.
    func underWay(in place: Place) async throws(CloudError) -> [UnderWay]
}

/// The cloud, as the doing half sees it: points in, points out; calls, tags and names are its own business.
///
/// None of the calls that make something is repeated blindly. Where a reply is lost the implementation looks for
/// what it may have made; if it finds nothing it throws an error whose ``CloudError/kind`` is `outcomeUnknown`,
/// and the caller looks again after the consistency delay before anything is made again.
package protocol Cloud: CloudReading {
    func create(_ order: CreateOrder) async throws(CloudError) -> RecoveryPoint
    /// Starts the copy of one member that `order` names, and returns the point in the destination with that member.
    ///
    /// For a copy in another account, the member is shared with it before.
    func copy(_ member: Member, _ order: CopyOrder) async throws(CloudError) -> RecoveryPoint
    /// Deletes these members; one that is gone already counts as deleted.
    func delete(_ snapshots: [SnapshotID], of point: PointID) async throws(CloudError)
    /// Writes the tags that are missing on a point of ours, and the mark of destinations reached.
    func repair(_ order: RepairOrder) async throws(CloudError)
    /// Marks every member of a point as wanted by a person, with a text that says why, or since when.
    func hold(_ point: RecoveryPoint, _ text: String) async throws(CloudError)
    /// Takes that mark off every member again.
    func release(_ point: RecoveryPoint) async throws(CloudError)
    /// Takes back that accounts to which a point is copied may read its snapshots.
    func unshare(_ point: RecoveryPoint, with accounts: Set<AccountID>) async throws(CloudError)
    /// Has Lightsail take automatic snapshots of an instance or a disk, or take none.
    func setAutomatic(_ setting: AutomaticSetting, of resource: Resource) async throws(CloudError)
}

/// The ledger, as the deciding half sees it: what is remembered, and what changes in it.
package protocol History: Sendable {
    func recall() async throws(HistoryError) -> Memory
    /// Makes the changes durable, all or none, before it returns.
    func record(_ changes: [Change]) async throws(HistoryError)
}

/// What people told a running installation; read at each tick, so that it counts at once.
package protocol Instructions: Sendable {
    /// Which policies are paused, or were.
    ///
    /// - Throws: ``HistoryError`` if it cannot be read; what was known goes on.
    func pauses() throws(HistoryError) -> [PolicyName: Pause]
    /// The points whose deletion was approved though it is over the cap, and until when that holds.
    ///
    /// - Throws: ``HistoryError`` if it cannot be read; what was known goes on.
    func approvals() throws(HistoryError) -> [PointID: Moment]
}

/// Where events go: the journal, or standard error.
package protocol EventSink: Sendable {
    func emit(_ event: Event)
}

/// The ledger could not be read or written.
package struct HistoryError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// One home point to be made.
package struct CreateOrder: Sendable, Equatable {
    package var policy: Policy
    package var resource: Resource
    package var slot: Moment
    package var kind: PointKind
    /// The fresh nonce that will tell this call's snapshots from any other's.
    ///
    /// Lightsail's names make their own.
    package var nonce: SetID
    /// The run that asks for it.
    package var run: RunID?

    package init(policy: Policy, resource: Resource, slot: Moment, kind: PointKind, nonce: SetID) {
        self.policy = policy
        self.resource = resource
        self.slot = slot
        self.kind = kind
        self.nonce = nonce
    }

    /// The volumes of an EC2 instance that its policy does not leave out.
    package var volumes: [AttachedVolume] { resource.volumes.filter { !policy.exclusion.excludes($0) } }
}

/// Members of one usable home point that lack a copy in a destination.
package struct CopyOrder: Sendable, Equatable {
    package var point: RecoveryPoint
    package var members: [Member]
    package var rule: CopyRule
    package var tags: TagRules
    /// The run that asks for it.
    package var run: RunID?

    package init(point: RecoveryPoint, members: [Member], rule: CopyRule, tags: TagRules) {
        self.point = point
        self.members = members
        self.rule = rule
        self.tags = tags
    }
}

/// Tags of ours that are missing on a point, from what is known of it.
package struct RepairOrder: Sendable, Equatable {
    package var point: RecoveryPoint
    /// The resource's name for the readable `Name` tag, if known.
    package var title: String?
    /// The devices of the resource's volumes, for the `snapwarden:device` tags.
    package var devices: [VolumeID: String]
    /// Destinations to be marked as reached, on a home point.
    package var reached: Set<Site>

    package init(
        point: RecoveryPoint, title: String? = nil, devices: [VolumeID: String] = [:], reached: Set<Site> = []
    ) {
        self.point = point
        self.title = title
        self.devices = devices
        self.reached = reached
    }
}

/// A call to the cloud that did not do what was asked: what was tried, what came back, what to do.
package struct CloudError: Error, Sendable, Hashable {
    /// What follows from an error.
    package enum Kind: String, Sendable {
        /// AWS said no, and nothing was done.
        case refused
        /// The limit on what may be under way is reached: wait, it is no failure.
        case quota
        /// A lock or an image keeps it from being deleted: that ends some day, and is no failure.
        case protected
        /// AWS could not be reached or was too busy, and nothing was done.
        case unavailable
        /// The reply was lost: it may have been done or not.
        case outcomeUnknown
        /// Only a person can mend it: credentials, permissions, keys.
        case needsPerson
    }

    package var kind: Kind
    /// What was tried, as AWS names it: `ec2:CreateSnapshots`.
    package var operation: String
    package var region: Region
    package var code: String
    package var message: String
    package var requestID: String?

    package init(
        kind: Kind, operation: String, region: Region, code: String, message: String, requestID: String? = nil
    ) {
        self.kind = kind
        self.operation = operation
        self.region = region
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}

extension CloudError {
    /// What AWS said, without what differs from call to call: `InvalidSnapshot.InUse: The snapshot … is in use`.
    package var answer: String { "\(code): \(message)" }
}

extension CloudError: CustomStringConvertible {
    /// `ec2:CopySnapshot in eu-west-1: KMS.DisabledException (request 7f3…): The key is disabled`.
    package var description: String {
        let request = requestID.map { " (request \($0))" } ?? ""
        return "\(operation) in \(region): \(code)\(request): \(message)"
    }
}

/// The service manager that started us, if any; each call is a quiet no-op without one.
package protocol ServiceManager: Sendable {
    /// Config and ledger are loaded, and the timer is armed.
    func ready()
    func reloading()
    func stopping()
    /// The scheduler's own queue finished a tick: nothing hangs.
    func alive()
    /// One line for `systemctl status`, made only if somebody reads it.
    func status(_ line: @autoclosure () -> String)
}
