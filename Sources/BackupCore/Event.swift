/// Something worth a line in the journal: a stable kind, facts in fields, one sentence for people.
package struct Event: Sendable, Equatable {
    package var kind: EventKind
    package var message: String
    package var fields: Fields

    package init(_ kind: EventKind, _ message: String, _ fields: Fields = Fields()) {
        self.kind = kind
        self.message = message
        self.fields = fields
    }

    /// The facts by which `journalctl` finds an event; each is a field `SNAPWARDEN_…`.
    package struct Fields: Sendable, Equatable {
        package var policy: PolicyName?
        package var resource: ResourceID?
        package var slot: Moment?
        package var site: Site?
        package var snapshot: String?
        package var action: String?
        package var reason: String?
        package var requestID: String?
        package var errorCode: String?
        /// How often, or how many.
        package var count: Int?

        package init(
            policy: PolicyName? = nil, resource: ResourceID? = nil, slot: Moment? = nil, site: Site? = nil,
            snapshot: String? = nil, action: String? = nil, reason: String? = nil, requestID: String? = nil,
            errorCode: String? = nil, count: Int? = nil
        ) {
            self.policy = policy
            self.resource = resource
            self.slot = slot
            self.site = site
            self.snapshot = snapshot
            self.action = action
            self.reason = reason
            self.requestID = requestID
            self.errorCode = errorCode
            self.count = count
        }

        /// Field names and values, in the order in which they are written; absent facts are left out.
        package var named: [(name: String, value: String)] {
            [
                ("SNAPWARDEN_POLICY", policy?.rawValue), ("SNAPWARDEN_RESOURCE", resource?.rawValue),
                ("SNAPWARDEN_SLOT", slot?.description), ("SNAPWARDEN_REGION", site?.region.rawValue),
                ("SNAPWARDEN_ACCOUNT", site.flatMap { $0.account == .standard ? nil : $0.account.rawValue }),
                ("SNAPWARDEN_SNAPSHOT_ID", snapshot), ("SNAPWARDEN_ACTION", action),
                ("SNAPWARDEN_REASON", reason), ("SNAPWARDEN_AWS_REQUEST_ID", requestID),
                ("SNAPWARDEN_ERROR_CODE", errorCode), ("SNAPWARDEN_COUNT", count.map { String($0) }),
            ].compactMap { name, value in value.map { (name, $0) } }
        }
    }
}

/// How loud an event is, as syslog(3) numbers it.
package enum Priority: Int, Sendable {
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
}

/// Every kind of event there is.
///
/// The ids never change their meaning; a new meaning gets a new id.
package enum EventKind: String, Sendable, CaseIterable {
    case started
    case stopping
    case configLoaded = "config-loaded"
    case configRejected = "config-rejected"
    case retentionChanged = "retention-changed"
    case passEnded = "pass-ended"
    case setTaken = "set-taken"
    case pointUsable = "point-usable"
    case copyStarted = "copy-started"
    case copyUsable = "copy-usable"
    case pruned
    case withheld
    case repaired
    case adopted
    case failedRemoved = "failed-removed"
    case automaticSet = "automatic-set"
    case unshared
    case actionFailed = "action-failed"
    case actionDeferred = "action-deferred"
    case outcomeUnknown = "outcome-unknown"
    case inventoryIncomplete = "inventory-incomplete"
    case slotMissed = "slot-missed"
    case snapshotFailed = "snapshot-failed"
    case ledgerTrouble = "ledger-trouble"
    case ledgerRecovered = "ledger-recovered"
    case ledgerSetAside = "ledger-set-aside"
    case paused
    case resumed
    case clockStepped = "clock-stepped"
    case zonesChanged = "zones-changed"
    case clockSkewed = "clock-skewed"
    case failingOnAndOn = "failing-on-and-on"
    case fleetConflict = "fleet-conflict"
    case steppedBack = "stepped-back"
    case drillStarted = "drill-started"
    case drillPassed = "drill-passed"
    case drillFailed = "drill-failed"
    case noticeFailed = "notice-failed"

    /// The `MESSAGE_ID` (128 bits, lower-case hexadecimal, random, made once; sd-id128(3)).
    package var messageID: String {
        switch self {
        case .started: "b17d500bc4c0485195a944000115b4f0"
        case .stopping: "136cac6513614503a26707c93a44a7e7"
        case .configLoaded: "1c21450ac1da4485a9ca43f19be8cd01"
        case .configRejected: "76377cd401fa43468c5c2d1ea5625075"
        case .retentionChanged: "8738c24a5951fd54312be4ce9b2764bc"
        case .passEnded: "3a1683273e594fdc8a01d62c80dc216c"
        case .setTaken: "7c51a24e46144d0282d005135cdb9c7f"
        case .pointUsable: "e5491a30b8e34be193b188ff6f59ac5c"
        case .copyStarted: "9051bf85560e4871971b788c2316f968"
        case .copyUsable: "c39a9a895a85464e80dad522331fc812"
        case .pruned: "be09d19d840b405996876880d529913c"
        case .withheld: "11f9f9580766488e84ace3950c07ea08"
        case .repaired: "b8952748782740548eb3850e4d21d6dc"
        case .adopted: "c0d26df7212f46d3bd424275c45fcab3"
        case .failedRemoved: "62153929e1ed43a6b730296129db6c2f"
        case .automaticSet: "24a13116b7cf487007f86201a51f6c70"
        case .unshared: "53b4857db5954054a73c846a148663fe"
        case .actionFailed: "e896a53b6cfd406fb5ba544d6ba1c238"
        case .actionDeferred: "a9a3f9b0d4984d1a903c9665fb2ee53d"
        case .outcomeUnknown: "955a47989e0e4cb2a484c4c699fe22a8"
        case .inventoryIncomplete: "973d4b09465647068462cc8a1b5df6df"
        case .slotMissed: "53f27c4303744273892a4d8b422cb29d"
        case .snapshotFailed: "2c77c45f5a34403aaddea4b8ecb33640"
        case .ledgerTrouble: "906e3c8400d5444ebcd7e7f1cca2ef45"
        case .ledgerRecovered: "222409a52814f12d548e82d7d249a650"
        case .ledgerSetAside: "fe41849b59d6bf9d5f9a322b1ea91e72"
        case .paused: "e482f2998704e5a19082c0050f8d18ec"
        case .resumed: "c788f98797e773c9f4fa5b3b61dfd0bd"
        case .clockStepped: "69c98030642cb627c5e8f90bbcb5cf2f"
        case .zonesChanged: "f02a7d02982dfeb74fe11891e06a6532"
        case .clockSkewed: "f514ffec068a287712fd6a5f0de10122"
        case .failingOnAndOn: "c77fb7ac9d888c3676abea703901a85b"
        case .fleetConflict: "17dc5898a334385d48d3e1d6e75ab623"
        case .steppedBack: "f3d18281a42d018bce764c78c15844df"
        case .drillStarted: "d8ef3a76e89241c4bb105b67ed054dac"
        case .drillPassed: "aee40a844f7b43a3b9c8c74600ff79a8"
        case .drillFailed: "bdbbc4e2fc2b4e6dab5728815e8e2017"
        case .noticeFailed: "aa7d885f6232462eba83782f853a58f9"
        }
    }

    package var priority: Priority {
        switch self {
        case .failingOnAndOn: .critical
        case .configRejected, .actionFailed, .snapshotFailed, .ledgerTrouble, .drillFailed, .noticeFailed: .error
        case .slotMissed, .outcomeUnknown, .inventoryIncomplete, .clockStepped, .clockSkewed, .retentionChanged,
            .fleetConflict, .ledgerSetAside:
            .warning
        case .started, .stopping, .configLoaded, .setTaken, .copyUsable, .pruned, .withheld, .failedRemoved, .adopted,
            .automaticSet, .unshared, .steppedBack, .ledgerRecovered,
            .paused, .resumed, .zonesChanged, .drillPassed:
            .notice
        case .drillStarted, .passEnded, .pointUsable, .copyStarted, .repaired, .actionDeferred: .info
        }
    }
}
