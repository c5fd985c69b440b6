import BackupCore
import Testing

@testable import AWS

/// What a restore asks of Lightsail, and what is refused before it is asked.
@Suite struct LightsailRestoreWireTests {
    static var everything: CreateInstancesFromSnapshotRequest {
        var request = CreateInstancesFromSnapshotRequest(
            instanceNames: ["blog-2", "blog-3"], availabilityZone: "eu-west-1b", bundleId: "medium_3_0")
        request.instanceSnapshotName = "acme--web--us-east-1--blog--0123456789abcdef0123--20261120T020000Z"
        request.attachedDiskMapping = [
            "blog-2": [.init(originalDiskPath: "/dev/xvdf", newDiskName: "data-2")],
            "blog-3": [.init(originalDiskPath: "/dev/xvdf", newDiskName: "data-3")],
        ]
        request.userData = "#!/bin/sh\ntrue"
        request.keyPairName = "dr-key"
        request.tags = [LightsailTag(key: "role", value: "web"), LightsailTag(key: "bare", value: nil)]
        request.addOns = [.autoSnapshot(at: "04:00"), .stopInstanceOnIdle(threshold: "5", duration: "60")]
        request.ipAddressType = "ipv4"
        return request
    }

    @Test func everyParameterOfCreateInstancesFromSnapshot() throws {
        #expect(LightsailRestoreWireTests.everything.fault == nil)
        let text = String(decoding: try JSONText.write(LightsailRestoreWireTests.everything), as: UTF8.self)
        #expect(
            text == """
                {"addOns":[{"addOnType":"AutoSnapshot","autoSnapshotAddOnRequest":{"snapshotTimeOfDay":"04:00"}},\
                {"addOnType":"StopInstanceOnIdle","stopInstanceOnIdleRequest":{"duration":"60","threshold":"5"}}],\
                "attachedDiskMapping":{"blog-2":[{"newDiskName":"data-2","originalDiskPath":"/dev/xvdf"}],\
                "blog-3":[{"newDiskName":"data-3","originalDiskPath":"/dev/xvdf"}]},"availabilityZone":"eu-west-1b",\
                "bundleId":"medium_3_0","instanceNames":["blog-2","blog-3"],\
                "instanceSnapshotName":"acme--web--us-east-1--blog--0123456789abcdef0123--20261120T020000Z",\
                "ipAddressType":"ipv4","keyPairName":"dr-key","tags":[{"key":"role","value":"web"},{"key":"bare"}],\
                "userData":"#!/bin/sh\\ntrue"}
                """)
    }

    @Test func fromAnAutomaticSnapshot() throws {
        var request = CreateInstancesFromSnapshotRequest(
            instanceNames: ["blog-2"], availabilityZone: "us-east-1a", bundleId: "small_3_0")
        request.sourceInstanceName = "blog"
        request.useLatestRestorableAutoSnapshot = true
        #expect(request.fault == nil)
        (request.useLatestRestorableAutoSnapshot, request.restoreDate) = (nil, "2026-11-20")
        #expect(request.fault == nil)
        let text = String(decoding: try JSONText.write(request), as: UTF8.self)
        #expect(
            text == """
                {"availabilityZone":"us-east-1a","bundleId":"small_3_0","instanceNames":["blog-2"],\
                "restoreDate":"2026-11-20","sourceInstanceName":"blog"}
                """)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: String
        let change: @Sendable (inout CreateInstancesFromSnapshotRequest) -> Void

        init(
            _ name: String, _ fault: String,
            _ change: @escaping @Sendable (inout CreateInstancesFromSnapshotRequest) -> Void
        ) {
            (testDescription, self.fault, self.change) = (name, fault, change)
        }
    }

    static let rows = [
        Row("a manual and an automatic one", "instanceSnapshotName and sourceInstanceName exclude each other") {
            $0.sourceInstanceName = "blog"
        },
        Row("a date for a manual one", "instanceSnapshotName and restoreDate exclude each other") {
            $0.restoreDate = "2026-11-20"
        },
        Row(
            "the latest for a manual one",
            "instanceSnapshotName and useLatestRestorableAutoSnapshot exclude each other"
        ) { $0.useLatestRestorableAutoSnapshot = true },
        Row(
            "neither",
            "one of instanceSnapshotName (a manual snapshot) and sourceInstanceName (an automatic one) is needed"
        ) { $0.instanceSnapshotName = nil },
        Row("no date", "sourceInstanceName needs restoreDate or useLatestRestorableAutoSnapshot") {
            ($0.instanceSnapshotName, $0.sourceInstanceName) = (nil, "blog")
        },
        Row("a date and the latest", "restoreDate and useLatestRestorableAutoSnapshot exclude each other") {
            ($0.instanceSnapshotName, $0.sourceInstanceName) = (nil, "blog")
            ($0.restoreDate, $0.useLatestRestorableAutoSnapshot) = ("2026-11-20", true)
        },
        Row("no such day", "restoreDate must be a date of the form YYYY-MM-DD, not \"2026-02-30\"") {
            ($0.instanceSnapshotName, $0.sourceInstanceName, $0.restoreDate) = (nil, "blog", "2026-02-30")
        },
        Row("no instance", "instanceNames: at least one name is needed") { $0.instanceNames = [] },
        Row("a name twice", "instanceNames: \"blog-2\" is there twice") { $0.instanceNames = ["blog-2", "blog-2"] },
        Row(
            "a dot in a name",
            "instanceNames: 2 to 255 letters, digits, _ and -, beginning and ending with no hyphen; got \"blog.2\""
        ) { ($0.instanceNames, $0.attachedDiskMapping) = (["blog.2"], nil) },
        Row(
            "a key pair of one letter",
            "keyPairName: 2 to 255 letters, digits, _ and -, beginning and ending with no hyphen; got \"k\""
        ) { $0.keyPairName = "k" },
        Row("a disk of nobody's", "attachedDiskMapping: \"blog-4\" is none of instanceNames") {
            $0.attachedDiskMapping?["blog-4"] = []
        },
        Row("a path twice", "attachedDiskMapping: originalDiskPath \"/dev/xvdf\" is there twice for \"blog-2\"") {
            $0.attachedDiskMapping?["blog-2"]?.append(.init(originalDiskPath: "/dev/xvdf", newDiskName: "other"))
        },
        Row(
            "a disk's name twice",
            "attachedDiskMapping: newDiskName \"data-2\" is there twice: names are unique in a region"
        ) { $0.attachedDiskMapping?["blog-3"] = [.init(originalDiskPath: "/dev/xvdf", newDiskName: "data-2")] },
        Row("a path without a name", "attachedDiskMapping: /dev/xvdf needs a newDiskName") {
            $0.attachedDiskMapping?["blog-2"] = [.init(originalDiskPath: "/dev/xvdf", newDiskName: nil)]
        },
        Row("a name without a path", "attachedDiskMapping: each entry needs an originalDiskPath, such as /dev/xvdf") {
            $0.attachedDiskMapping?["blog-2"] = [.init(originalDiskPath: " ", newDiskName: "data-2")]
        },
        Row("no zone", "availabilityZone: a zone of the region is needed, such as us-east-2a") {
            $0.availabilityZone = ""
        },
        Row("no bundle", "bundleId: a bundle is needed, such as small_3_0") { $0.bundleId = " " },
        Row("no such kind of address", "ipAddressType must be dualstack, ipv4 or ipv6, not \"ipv5\"") {
            $0.ipAddressType = "ipv5"
        },
        Row("half an hour", "addOns: snapshotTimeOfDay must be a whole hour of the form HH:00 in UTC, not \"04:30\"") {
            $0.addOns = [.autoSnapshot(at: "04:30")]
        },
        Row(
            "an hour that is none",
            "addOns: snapshotTimeOfDay must be a whole hour of the form HH:00 in UTC, not \"24:00\""
        ) {
            $0.addOns = [.autoSnapshot(at: "24:00")]
        },
        Row("an unknown add-on", "addOns: addOnType must be AutoSnapshot or StopInstanceOnIdle, not \"Firewall\"") {
            $0.addOns = [LightsailAddOnRequest(addOnType: "Firewall")]
        },
        Row("the wrong part", "addOns: stopInstanceOnIdleRequest belongs to the addOnType StopInstanceOnIdle") {
            var addOn = LightsailAddOnRequest.autoSnapshot(at: "04:00")
            addOn.stopInstanceOnIdleRequest = .init(threshold: "5", duration: "60")
            $0.addOns = [addOn]
        },
        Row("the other wrong part", "addOns: autoSnapshotAddOnRequest belongs to the addOnType AutoSnapshot") {
            var addOn = LightsailAddOnRequest.stopInstanceOnIdle(threshold: "5", duration: "60")
            addOn.autoSnapshotAddOnRequest = .init(snapshotTimeOfDay: "04:00")
            $0.addOns = [addOn]
        },
        Row("idle for how long", "addOns: StopInstanceOnIdle needs a duration, a whole number") {
            $0.addOns = [.stopInstanceOnIdle(threshold: "5", duration: nil)]
        },
        Row("idle below what", "addOns: StopInstanceOnIdle needs a threshold, a whole number") {
            $0.addOns = [.stopInstanceOnIdle(threshold: "5%", duration: "60")]
        },
        Row(
            "a tag's value",
            "the value of role: 256 letters, digits, spaces and + - = . _ : / @ at the most; got \"web!\""
        ) { $0.tags = [LightsailTag(key: "role", value: "web!")] },
    ]

    @Test(arguments: rows) func whatTheAPIWouldRefuseIsToldWithoutACall(_ row: Row) {
        var request = LightsailRestoreWireTests.everything
        row.change(&request)
        #expect(request.fault == row.fault)
    }

    @Test func disksAndDatabasesHaveTheirSourcesToo() {
        var disk = CreateDiskFromSnapshotRequest(diskName: "data-2", availabilityZone: "eu-west-1a", sizeInGb: 64)
        #expect(
            disk.fault == "one of diskSnapshotName (a manual snapshot) and sourceDiskName (an automatic one) is needed")
        disk.diskSnapshotName = "data-snapshot"
        #expect(disk.fault == nil)
        disk.sizeInGb = 0
        #expect(disk.fault == "sizeInGb: a size of at least 1 is needed, not 0")
        var database = CreateDatabaseFromSnapshotRequest(relationalDatabaseName: "orders-2")
        #expect(
            database.fault == "one of relationalDatabaseSnapshotName and sourceRelationalDatabaseName is needed")
        database.relationalDatabaseSnapshotName = "orders-snapshot"
        #expect(database.fault == nil)
        database.useLatestRestorableTime = true
        #expect(
            database.fault == "restoreTime and useLatestRestorableTime belong to sourceRelationalDatabaseName")
        (database.relationalDatabaseSnapshotName, database.sourceRelationalDatabaseName) = (nil, "orders")
        #expect(database.fault == nil)
        database.useLatestRestorableTime = nil
        #expect(database.fault == "sourceRelationalDatabaseName needs restoreTime or useLatestRestorableTime")
    }
}
