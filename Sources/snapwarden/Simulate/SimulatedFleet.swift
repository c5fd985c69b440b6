import BackupCore
import Simulation

/// An account in memory that holds, for every policy, resources such as it selects.
struct SimulatedFleet {
    /// So many resources for each kind and region that a policy selects.
    ///
    /// They are alike, so that one of them is lived through, and counts for all.
    var resources: Int
    /// GiB of each resource, on one volume.
    var gibibytes: Int

    /// For how many resources one of the simulated ones stands: for all alike, or for those that the policy names by id.
    func weight(of resource: ResourceID, _ policy: Policy) -> Int {
        let kind: ResourceKind =
            resource.rawValue.hasPrefix("vol-")
            ? .ec2Volume : resource.rawValue.hasPrefix("i-") ? .ec2Instance : .lightsailInstance
        let ids = policy.selection[kind]?.ids ?? []
        return kind.provider == .ec2 && !ids.isEmpty ? ids.count : resources
    }

    func world(_ configuration: Configuration, now: Moment) throws -> World {
        var seed = Seed()
        // None that a config could name.
        seed.account = "000000000000"
        seed.regions = Set(configuration.scopes.keys.map(\.region)).sorted().map(\.rawValue)
        for policy in configuration.policies.sorted(by: { $0.name < $1.name }) {
            var part = policy.account == .standard ? seed : seed.accounts?[policy.account.rawValue] ?? Seed()
            for kind in policy.selection.kinds {
                guard let selector = policy.selection[kind] else { continue }
                for region in policy.regions { add(kind, selector, policy, region, to: &part) }
            }
            if policy.account == .standard {
                seed = part
            } else {
                seed.accounts = (seed.accounts ?? [:]).merging([policy.account.rawValue: part]) { $1 }
            }
        }
        var timings = Timings()
        timings.snapshotSeconds = 0
        timings.copySeconds = 0
        timings.lightsailPageSize = 1000
        seed.timings = timings
        var world = try World(seed, now: now)
        world.keepsCalls = false
        world.announcesCompletion = true
        return world
    }

    private func add(
        _ kind: ResourceKind, _ selector: ResourceSelector, _ policy: Policy, _ region: Region, to seed: inout Seed
    ) {
        let (name, tags) = (name(selector, kind), tags(selector))
        switch kind {
        case .ec2Instance:
            let id = selector.ids.first ?? "i-" + digits(policy, region)
            let volume = VolumeSeed(
                id: "vol-\(id.dropFirst(2))", device: "/dev/xvda", boot: !policy.exclusion.bootVolume, size: gibibytes)
            seed.ec2Instances =
                (seed.ec2Instances ?? []) + [
                    EC2InstanceSeed(region: region.rawValue, id: id, name: name, tags: tags, volumes: [volume])
                ]
        case .ec2Volume:
            let id = selector.ids.first ?? "vol-1" + digits(policy, region).dropFirst()
            seed.ec2Volumes =
                (seed.ec2Volumes ?? []) + [
                    EC2VolumeSeed(region: region.rawValue, id: id, name: name, tags: tags, size: gibibytes)
                ]
        case .lightsailDisk:
            var disk = LightsailDiskSeed(region: region.rawValue, name: name, tags: tags)
            disk.size = gibibytes
            disk.automatic = automatic(policy)
            seed.lightsailDisks = (seed.lightsailDisks ?? []) + [disk]
        case .lightsailDatabase:
            var database = LightsailDatabaseSeed(region: region.rawValue, name: name, tags: tags)
            database.size = gibibytes
            seed.lightsailDatabases = (seed.lightsailDatabases ?? []) + [database]
        case .lightsailInstance:
            var instance = LightsailInstanceSeed(region: region.rawValue, name: name, tags: tags)
            instance.automatic = automatic(policy)
            seed.lightsailInstances = (seed.lightsailInstances ?? []) + [instance]
        }
    }

    /// Who copies automatic snapshots has them switched on.
    private func automatic(_ policy: Policy) -> String? {
        policy.source == .automatic ? policy.automatic?.time ?? "06:00" : nil
    }

    /// 17 hexadecimal digits, as in EC2's ids.
    private func digits(_ policy: Policy, _ region: Region) -> String {
        let digits = String(stableHash("\(policy.name) \(region)".utf8), radix: 16)
        return "0" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A name that the selector's first pattern matches.
    ///
    /// Lightsail's names are unique over all kinds, so that each kind has a number of its own.
    private func name(_ selector: ResourceSelector, _ kind: ResourceKind) -> String {
        let number = kind == .lightsailDisk ? "2" : kind == .lightsailDatabase ? "3" : "1"
        let pattern = selector.names.first?.pattern ?? "simulated-*"
        let filled = pattern.replacing("*", with: number).replacing("?", with: "x")
        return filled.isEmpty ? number : filled
    }

    private func tags(_ selector: ResourceSelector) -> [String: String] {
        Dictionary(
            selector.tags.map { tag in
                let value = tag.values.first?.pattern.replacing("*", with: "x").replacing("?", with: "x") ?? ""
                return (tag.key, value)
            }, uniquingKeysWith: { first, _ in first })
    }
}
