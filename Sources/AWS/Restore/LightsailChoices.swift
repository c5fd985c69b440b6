import BackupCore

/// Which bundle a restored instance gets: the same, or the next larger one that is to be had.
///
/// A snapshot fits into its own bundle and into larger ones (developer guide, "Create an instance from a snapshot").
struct BundleChoice: Equatable {
    var bundle: String
    /// US dollars a month; nil if AWS did not say.
    var price: Double?
    /// Why it is another one than the original's; nil if it is not.
    var remark: String?

    /// - Throws: ``RestoreError/refused(_:)`` if the one asked for is not to be had, or none fits.
    init(
        original: String?, asked: String?, gibibytes: Int, among bundles: [LightsailBundle]
    ) throws(RestoreError) {
        let active = bundles.filter { $0.isActive == true }
        let ofOriginal = bundles.first { $0.bundleId == original }
        if let asked {
            guard let found = active.first(where: { $0.bundleId == asked }) else {
                let nearest = active.map(\.bundleId).sorted().joined(separator: ", ")
                throw .refused("bundleId: there is no active bundle \"\(asked)\" here; there are \(nearest)")
            }
            // The system disk must hold the snapshot's, whatever else is known.
            guard found.suits(ofOriginal, gibibytes: gibibytes) else {
                throw .refused(
                    "bundleId: \(asked) is smaller than the original's, \(original ?? "which is not known"), or for another system: "
                        + "a snapshot fits into its own bundle or a larger one")
            }
            self.init(found, remark: nil)
            return
        }
        guard let original else {
            throw .refused(
                "bundleId: what the original had is not known, neither from its snapshot nor from its tags: name one with "
                    + "--bundle")
        }
        if let same = active.first(where: { $0.bundleId == original }) {
            self.init(same, remark: nil)
            return
        }
        let larger = active.filter { $0.holds(ofOriginal, gibibytes: gibibytes) }.min {
            ($0.price ?? .infinity, $0.bundleId) < ($1.price ?? .infinity, $1.bundleId)
        }
        guard ofOriginal != nil, let larger else {
            throw .refused(
                "bundleId: the original's, \(original), is not to be had any more, and none that is surely as large: name "
                    + "one with --bundle")
        }
        self.init(
            larger, remark: "the bundle is \(larger.bundleId): the original's, \(original), is not to be had any more")
    }

    private init(_ bundle: LightsailBundle, remark: String?) {
        (self.bundle, price, self.remark) = (bundle.bundleId, bundle.price, remark)
    }
}

extension LightsailBundle {
    /// Whether a snapshot of that original fits, as far as the original is known.
    fileprivate func suits(_ original: LightsailBundle?, gibibytes: Int) -> Bool {
        guard let original else { return (diskSizeInGb ?? 0) >= gibibytes }
        return (diskSizeInGb ?? 0) >= max(gibibytes, original.diskSizeInGb ?? 0)
            && (ramSizeInGb ?? 0) >= (original.ramSizeInGb ?? 0) && (cpuCount ?? 0) >= (original.cpuCount ?? 0)
            && supportedPlatforms == original.supportedPlatforms
    }

    /// Whether it has at least as much of everything, and is for the same system and kind of address.
    fileprivate func holds(_ other: LightsailBundle?, gibibytes: Int) -> Bool {
        guard let other else { return false }
        return (diskSizeInGb ?? 0) >= max(gibibytes, other.diskSizeInGb ?? 0)
            && (ramSizeInGb ?? 0) >= (other.ramSizeInGb ?? 0) && (cpuCount ?? 0) >= (other.cpuCount ?? 0)
            && supportedPlatforms == other.supportedPlatforms
            && publicIpv4AddressCount == other.publicIpv4AddressCount
    }
}

/// Which zone something is made in: the one asked for, the original's letter, else the first that is to be had.
struct ZoneChoice: Equatable {
    var zone: String
    var remark: String?

    /// `original` is the original's zone, perhaps of another region.
    ///
    /// - Throws: ``RestoreError/refused(_:)`` if the one asked for is not to be had, or none is.
    init(asked: String?, original: String?, among zones: [String], in region: Region) throws(RestoreError) {
        if let asked {
            guard zones.contains(asked) else {
                throw .refused(
                    "availabilityZone: \"\(asked)\" is not to be had in \(region); there are \(zones.joined(separator: ", "))"
                )
            }
            (zone, remark) = (asked, nil)
            return
        }
        let letter = original?.last
        if let same = zones.first(where: { $0.last == letter && $0.hasPrefix(region.rawValue) }) {
            (zone, remark) = (same, nil)
            return
        }
        guard let first = zones.sorted().first else {
            throw .refused("availabilityZone: AWS names no zone of \(region) that is available: name one with --zone")
        }
        let why = original.map { ": the original's was \($0)" } ?? ": the original's is not known"
        (zone, remark) = (first, "the zone is \(first)\(why)")
    }
}

/// How something new in Lightsail is called, where names are unique in a region.
enum LightsailNaming {
    /// What stands under a name already.
    enum Holder {
        case nobody
        /// An earlier run of this restore.
        case us
        case another
    }

    /// The one name that was asked for, else one after the original's.
    static func name(
        _ asked: [String], after original: String, slot: Moment, holder: (String) -> Holder
    ) throws(RestoreError) -> String {
        guard let name = asked.first else { return try self.name(after: original, slot: slot, holder: holder) }
        guard asked.count == 1 else { throw .refused("--as: only instances of Lightsail can be made several at once") }
        return name
    }

    /// The original's name where it is free, else one that tells what it was restored from; the one that an earlier run took.
    static func name(after original: String, slot: Moment, holder: (String) -> Holder) throws(RestoreError) -> String {
        let suffix = "-restored-\(slot.compact)"
        let plain = plain(original)
        let candidates = [plain, String(plain.prefix(255 - suffix.count)) + suffix]
        if let ours = candidates.first(where: { holder($0) == .us }) { return ours }
        if let free = candidates.first(where: { holder($0) == .nobody }) { return free }
        throw .refused(
            "\(candidates.joined(separator: " and ")) are names of other resources there: give the new one a name with --as"
        )
    }

    /// A name as the API takes it.
    static func plain(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) ? $0 : "-" })
    }
}

extension Sidecar {
    /// The firewall that the instance had; nil if that is not known.
    var ports: [LightsailPort]? {
        let words = all(.port)
        // What is written after them shows that none was left out.
        guard isWhole || facts.contains(where: { [.addOn, .tag].contains($0.topic) }) else { return nil }
        var ports: [LightsailPort] = []
        for word in words where word.count == 3 {
            let range = word[1].split(separator: "-", omittingEmptySubsequences: false)
            // -1 stands for all types of ICMP.
            guard let to = Int(word[1].hasSuffix("--1") ? "-1" : String(range.last ?? "")),
                let from = Int(word[1].hasPrefix("-1-") ? "-1" : String(range.first ?? ""))
            else { continue }
            let isSame = { (port: LightsailPort) in
                port.protocol == word[0] && port.fromPort == from && port.toPort == to
            }
            let index = ports.firstIndex(where: isSame) ?? ports.endIndex
            if index == ports.endIndex { ports.append(LightsailPort(word[0], from, to)) }
            ports[index].open(to: word[2])
        }
        return ports
    }

    /// The add-ons that were switched on.
    var addOns: [LightsailAddOnRequest] {
        all(.addOn).compactMap { parts in
            switch parts.first {
            case LightsailAddOn.autoSnapshot: .autoSnapshot(at: parts.dropFirst().first)
            case LightsailAddOn.stopInstanceOnIdle where parts.count == 3:
                .stopInstanceOnIdle(threshold: parts[1], duration: parts[2])
            default: nil
            }
        }
    }

    /// The original's tags.
    var tags: [String: String] {
        Dictionary(
            all(.tag).filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }
}

extension LightsailPort {
    /// Words with a dot are IPv4, with a colon IPv6, all others AWS's names for lists.
    fileprivate mutating func open(to source: String) {
        if source.contains(":") {
            ipv6Cidrs = (ipv6Cidrs ?? []) + [source]
        } else if source.contains(".") {
            cidrs = (cidrs ?? []) + [source]
        } else {
            cidrListAliases = (cidrListAliases ?? []) + [source]
        }
    }

    /// The rule, however its parts are ordered.
    fileprivate var rule: [String] {
        let sources = [cidrs, ipv6Cidrs, cidrListAliases].map { ($0 ?? []).sorted().joined(separator: ",") }
        return [self.protocol ?? "", "\(fromPort ?? 0)", "\(toPort ?? 0)"] + sources
    }
}

extension [LightsailPort] {
    /// Whether these are the same rules in any order.
    func opensLike(_ other: [LightsailPort]) -> Bool { Set(map(\.rule)) == Set(other.map(\.rule)) }

    /// `tcp/22, tcp/8000-8010`.
    var summary: String {
        map { port in
            let (from, to) = (port.fromPort ?? 0, port.toPort ?? 0)
            return "\(port.protocol ?? "")/\(from == to ? "\(from)" : "\(from)-\(to)")"
        }.joined(separator: ", ")
    }
}
