import AWS
import ArgumentParser
import BackupCore
import Glibc

/// What a person asks of a restore besides the point.
struct RestoreOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "What the new resource is called (default: the original's name where it is free). Several for Lightsail's "
                + "instances. With another name a point can be restored again.", valueName: "name"))
    var names: [String] = []
    @Option(help: "The zone (default: the original's letter, else the first).") var zone: String?
    @Option(help: ArgumentHelp("A tag besides the original's.", valueName: "key=value")) var tag: [String] = []
    @Flag(help: "Leave the original's tags off: policies may select by them.") var noTags = false
    @Option(help: "The key pair (default: the original's where it is known to be there).") var keyPair: String?
    @Option(help: ArgumentHelp("A file with the script or cloud-init text for the first start.", valueName: "file"))
    var userData: String?
    @Option(help: ArgumentHelp("Attach the volumes, or the disk, to this instance.", valueName: "instance"))
    var attachTo: String?
    @Option(
        help: ArgumentHelp(
            "Where what was attached at one device is to be: /dev/xvda=/dev/sdf; for a Lightsail disk the path alone.",
            valueName: "old=new"))
    var device: [String] = []

    // Lightsail

    @Option(help: "Lightsail: the bundle (default: the original's, or the next larger that is to be had).")
    var bundle: String?
    @Option(
        help: ArgumentHelp(
            "Lightsail: what the disk at a path becomes, /dev/xvdf=data-2 (default: its own name where that is free).",
            valueName: "path=name"))
    var disk: [String] = []
    @Option(
        help: ArgumentHelp(
            "Lightsail: AutoSnapshot=HH:00, StopInstanceOnIdle=PERCENT/MINUTES, or none (default: the original's).",
            valueName: "add-on"))
    var addOn: [String] = []
    @Option(help: "Lightsail: dualstack, ipv4 or ipv6 (default: the original's).") var ipAddressType: String?
    @Option(help: "Lightsail: attach this static address.") var staticIp: String?
    @Flag(help: "Lightsail: of an automatic snapshot, take the latest, whatever its date.") var latestAutomatic = false
    @Option(help: ArgumentHelp("Lightsail: make the disk so large.", valueName: "GiB")) var size: Int?

    // EC2

    @Flag(help: "EC2: a volume from each snapshot, and no more.") var volumesOnly = false
    @Flag(help: "EC2: a new instance like the original.") var newInstance = false
    @Option(
        help: ArgumentHelp(
            "EC2: replace the root volume of this running instance, which reboots.", valueName: "instance"))
    var replaceRootVolume: String?
    @Flag(help: "EC2: delete the root volume that was replaced.") var deleteReplacedRoot = false
    @Option(help: "EC2: the instance type (default: the original's).") var type: String?
    @Option(help: "EC2: the subnet (default: the original's at home, else the zone's default).") var subnet: String?
    @Option(help: "EC2: a security group; several are possible (default: the original's at home).")
    var securityGroup: [String] = []
    @Option(help: "EC2: the instance profile, a name or an ARN (default: the original's).") var profile: String?
    @Option(
        help: ArgumentHelp(
            "EC2: a launch template, NAME or ID, perhaps with :VERSION; nothing it says is taken from the original.",
            valueName: "template"))
    var launchTemplate: String?
    @Option(help: "EC2: the type of all volumes (default: each as the original).") var volumeType: String?
    @Option(help: "EC2: the IOPS of all volumes.") var iops: Int?
    @Option(help: "EC2: the throughput of all volumes, MiB a second.") var throughput: Int?
    @Option(help: "EC2: encrypt the volumes under this key.") var kmsKey: String?
    @Flag(help: "EC2: keep the image that the new instance was started from.") var keepImage = false
    @Flag(help: "EC2: restore what is left of a set that has lost members.") var unsafeIncomplete = false

    func validate() throws {
        let aims = [volumesOnly, newInstance, attachTo != nil, replaceRootVolume != nil].filter { $0 }
        guard aims.count <= 1 else {
            throw ValidationError(
                "--volumes-only, --new-instance, --attach-to and --replace-root-volume exclude each other.")
        }
        for (name, texts) in [("--tag", tag), ("--disk", disk)] {
            for text in texts where !text.contains("=") || text.hasPrefix("=") {
                throw ValidationError("\(name) takes a key and a value: not \"\(text)\".")
            }
            if let twice = RestoreOptions.keyGivenTwice(texts) {
                throw ValidationError("\(name): \(twice) is there twice.")
            }
        }
        for text in tag where text.lowercased().hasPrefix("aws:") || text.hasPrefix("snapwarden:") {
            throw ValidationError("--tag takes none of AWS's and none of ours: not \"\(text)\".")
        }
        for name in names where name.hasPrefix("drill ") {
            throw ValidationError("--as takes no name that begins as a drill's: not \"\(name)\".")
        }
        _ = try addOns()
    }

    /// - Throws: `ExitCode` after saying that the file cannot be read.
    func order() throws -> RestoreOrder {
        var order = RestoreOrder()
        order.names = names
        order.zone = zone
        order.tags = pairs(tag)
        order.takesTags = !noTags
        order.keyPair = keyPair
        order.userData = try userData.map(RestoreOptions.bytes)
        order.aim = aim
        // A device alone is that of the one disk there is.
        order.disks = pairs(disk).merging(pairs(device.map { $0.contains("=") ? $0 : "=\($0)" })) { first, _ in first }
        order.lightsail.bundle = bundle
        order.lightsail.addOns = try addOns()
        order.lightsail.addressType = ipAddressType
        order.lightsail.staticIP = staticIp
        order.lightsail.takesLatestAutomatic = latestAutomatic
        order.lightsail.gibibytes = size
        order.ec2.instanceType = type
        order.ec2.subnet = subnet
        order.ec2.securityGroups = securityGroup
        order.ec2.profile = profile
        order.ec2.launchTemplate = launchTemplate
        order.ec2.volumeType = volumeType
        order.ec2.iops = iops
        order.ec2.throughput = throughput
        order.ec2.kmsKey = kmsKey
        order.ec2.takesIncomplete = unsafeIncomplete
        order.ec2.keepsImage = keepImage
        order.ec2.deletesReplacedRoot = deleteReplacedRoot
        return order
    }

    private var aim: RestoreOrder.Aim? {
        if volumesOnly { return .volumesOnly }
        if newInstance { return .newInstance }
        if let attachTo { return .attach(to: attachTo) }
        return replaceRootVolume.map { .replaceRootVolume(of: $0) }
    }

    /// Nil where none is named; empty for `none`.
    private func addOns() throws -> [LightsailAddOnRequest]? {
        if addOn.isEmpty { return nil }
        if addOn == ["none"] { return [] }
        if let twice = RestoreOptions.keyGivenTwice(addOn) {
            throw ValidationError("--add-on: \(twice) is there twice.")
        }
        return try addOn.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.count) {
            case (LightsailAddOn.autoSnapshot, 2): return .autoSnapshot(at: parts[1])
            case (LightsailAddOn.autoSnapshot, 1): return .autoSnapshot(at: nil)
            case (LightsailAddOn.stopInstanceOnIdle, 2):
                let numbers = parts[1].split(separator: "/").map(String.init)
                guard numbers.count == 2 else { fallthrough }
                return .stopInstanceOnIdle(threshold: numbers[0], duration: numbers[1])
            default:
                throw ValidationError(
                    "--add-on takes AutoSnapshot=06:00, StopInstanceOnIdle=2/15 (percent and minutes) or none: not \"\(text)\"."
                )
            }
        }
    }

    private static func keyGivenTwice(_ texts: [String]) -> String? {
        var seen: Set<Substring> = []
        return texts.map { $0.prefix { $0 != "=" } }.first { !seen.insert($0).inserted }.map(String.init)
    }

    private func pairs(_ texts: [String]) -> [String: String] {
        let pairs = texts.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    /// EC2 takes 16 KiB (EC2 user guide, "User data").
    private static let mostUserData = 16_384

    private static func bytes(ofFile path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else {
            Terminal.complain("snapwarden: --user-data: \(path) cannot be read: \(String(cString: strerror(errno)))")
            throw ExitStatus.failed.code
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: mostUserData + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count <= mostUserData else {
            Terminal.complain("snapwarden: --user-data: \(path) is longer than \(mostUserData) bytes")
            throw ExitStatus.failed.code
        }
        guard ferror(file) == 0 else {
            Terminal.complain("snapwarden: --user-data: \(path) cannot be read: \(String(cString: strerror(errno)))")
            throw ExitStatus.failed.code
        }
        return Array(bytes.prefix(count))
    }
}

extension RestoreOptions {
    /// The options that were given and mean nothing for a point of that kind.
    func strangers(to kind: ResourceKind) -> [String] {
        let isInstance = kind == .lightsailInstance || kind == .ec2Instance
        let isEC2 = kind == .ec2Instance || kind == .ec2Volume
        let startsInstance = kind == .lightsailInstance || (isEC2 && newInstance)
        let makesVolumes = isEC2 && replaceRootVolume == nil
        let given: [(String, Bool, isMeant: Bool)] = [
            ("--bundle", bundle != nil, !isEC2 && kind != .lightsailDisk),
            ("--disk", !disk.isEmpty, kind == .lightsailInstance),
            ("--add-on", !addOn.isEmpty, kind == .lightsailInstance || kind == .lightsailDisk),
            ("--ip-address-type", ipAddressType != nil, kind == .lightsailInstance),
            ("--static-ip", staticIp != nil, kind == .lightsailInstance),
            ("--latest-automatic", latestAutomatic, kind == .lightsailInstance || kind == .lightsailDisk),
            ("--size", size != nil, kind == .lightsailDisk), ("--volumes-only", volumesOnly, isEC2),
            ("--new-instance", newInstance, kind == .ec2Instance),
            ("--replace-root-volume", replaceRootVolume != nil, kind == .ec2Instance),
            ("--delete-replaced-root", deleteReplacedRoot, isEC2 && replaceRootVolume != nil),
            ("--attach-to", attachTo != nil, isEC2 || kind == .lightsailDisk),
            ("--device", !device.isEmpty, attachTo != nil), ("--type", type != nil, isEC2 && newInstance),
            ("--subnet", subnet != nil, isEC2 && newInstance),
            ("--security-group", !securityGroup.isEmpty, isEC2 && newInstance),
            ("--profile", profile != nil, isEC2 && newInstance),
            ("--launch-template", launchTemplate != nil, isEC2 && newInstance),
            ("--keep-image", keepImage, isEC2 && newInstance),
            ("--key-pair", keyPair != nil, startsInstance), ("--user-data", userData != nil, startsInstance),
            ("--volume-type", volumeType != nil, makesVolumes), ("--iops", iops != nil, makesVolumes),
            ("--throughput", throughput != nil, makesVolumes), ("--zone", zone != nil, replaceRootVolume == nil),
            ("--kms-key", kmsKey != nil, makesVolumes && !newInstance),
            ("--unsafe-incomplete", unsafeIncomplete, isEC2 && isInstance),
        ]
        return given.filter { $0.1 && !$0.isMeant }.map(\.0)
    }
}
