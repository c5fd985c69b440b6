import AWS

/// The bundles of Linux that there are, which differ in no region here.
enum SimulatedBundles {
    static let ofDatabases = ["micro", "small", "medium", "large"].flatMap { ["\($0)_2_0", "\($0)_ha_2_0"] }

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
