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
        let ids = policy.selection.ec2Instances?.ids ?? []
        return resource.rawValue.hasPrefix("i-") && !ids.isEmpty ? ids.count : resources
    }

    func world(_ configuration: Configuration, now: Moment) throws -> World {
        var seed = Seed()
        seed.regions = Set(configuration.scopes.keys.map(\.region)).sorted().map(\.rawValue)
        seed.ec2Instances = []
        seed.lightsailInstances = []
        for policy in configuration.policies.sorted(by: { $0.name < $1.name }) {
            for region in policy.regions {
                if let selector = policy.selection.ec2Instances {
                    seed.ec2Instances? += instances(selector, policy, region)
                }
                if let selector = policy.selection.lightsailInstances {
                    seed.lightsailInstances? += lightsailInstances(selector, policy, region)
                }
            }
        }
        var timings = Timings()
        timings.snapshotSeconds = 0
        timings.copySeconds = 0
        timings.lightsailPageSize = 1000
        seed.timings = timings
        var world = try World(seed, now: now)
        world.keepsCalls = false
        return world
    }

    private func instances(_ selector: InstanceSelector, _ policy: Policy, _ region: Region) -> [EC2InstanceSeed] {
        let id = selector.ids.first ?? id(policy, region)
        let volume = VolumeSeed(
            id: "vol-\(id.dropFirst(2))", device: "/dev/xvda", boot: !policy.exclusion.bootVolume, size: gibibytes)
        return [
            EC2InstanceSeed(
                region: region.rawValue, id: id, name: name(selector), tags: tags(selector), volumes: [volume])
        ]
    }

    private func lightsailInstances(
        _ selector: InstanceSelector, _ policy: Policy, _ region: Region
    ) -> [LightsailInstanceSeed] {
        [LightsailInstanceSeed(region: region.rawValue, name: name(selector), tags: tags(selector))]
    }

    /// `i-` and 17 hexadecimal digits, as EC2's are.
    private func id(_ policy: Policy, _ region: Region) -> String {
        let digits = String(stableHash("\(policy.name) \(region)".utf8), radix: 16)
        return "i-0" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A name that the selector's first pattern matches.
    private func name(_ selector: InstanceSelector) -> String {
        let pattern = selector.names.first?.pattern ?? "simulated-*"
        let filled = pattern.replacing("*", with: "1").replacing("?", with: "x")
        return filled.isEmpty ? "1" : filled
    }

    private func tags(_ selector: InstanceSelector) -> [String: String] {
        Dictionary(
            selector.tags.map { tag in
                let value = tag.values.first?.pattern.replacing("*", with: "x").replacing("?", with: "x") ?? ""
                return (tag.key, value)
            }, uniquingKeysWith: { first, _ in first })
    }
}
