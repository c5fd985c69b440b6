import AWS

/// The bundles that there are, which differ in no region here.
enum SimulatedBundles {
    static let ofDatabases =
        databases("micro", price: 15, memory: 1) + databases("small", price: 30, memory: 2)
        + databases("medium", price: 60, memory: 4) + databases("large", price: 115, memory: 8)

    /// A single one, and a pair of them.
    private static func databases(_ size: String, price: Double, memory: Int) -> [LightsailDatabaseBundle] {
        [(id: "\(size)_2_0", count: 1.0), (id: "\(size)_ha_2_0", count: 2.0)].map { bundle in
            LightsailDatabaseBundle(
                bundle.id, price: price * bundle.count, cpuCount: 2, ramSizeInGb: Double(memory),
                diskSizeInGb: 40 * memory)
        }
    }

    static let all = [
        LightsailBundle("nano_2_0", price: 3.5, cpuCount: 1, ramSizeInGb: 0.5, diskSizeInGb: 20, isActive: false),
        LightsailBundle("nano_3_0", price: 5, cpuCount: 2, ramSizeInGb: 0.5, diskSizeInGb: 20),
        LightsailBundle("micro_3_0", price: 7, cpuCount: 2, ramSizeInGb: 1, diskSizeInGb: 40),
        LightsailBundle("small_3_0", price: 12, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60),
        LightsailBundle("medium_3_0", price: 24, cpuCount: 2, ramSizeInGb: 4, diskSizeInGb: 80),
        LightsailBundle("large_3_0", price: 44, cpuCount: 2, ramSizeInGb: 8, diskSizeInGb: 160),
        LightsailBundle("xlarge_3_0", price: 84, cpuCount: 4, ramSizeInGb: 16, diskSizeInGb: 320),
        LightsailBundle("2xlarge_3_0", price: 164, cpuCount: 8, ramSizeInGb: 32, diskSizeInGb: 640),
        LightsailBundle(
            "small_ipv6_3_0", price: 10, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60, publicIpv4AddressCount: 0),
        LightsailBundle(
            "small_win_3_0", price: 22, cpuCount: 2, ramSizeInGb: 2, diskSizeInGb: 60, platform: "WINDOWS"),
    ]
}
