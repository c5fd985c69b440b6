import AWS
import BackupCore
import BackupDaemon
import CLinux
import Dispatch
import Glibc

/// Reads a region's points from an endpoint and decides which are kept; prints how many, the seconds of processor time
/// and the peak resident size in MiB.
enum ReadingBenchmark {
    static func run(_ endpoint: String) -> Never {
        // As the program begins.
        linux_return_large_buffers()
        let turn = DispatchTurn()
        Task(executorPreference: turn) {
            do {
                try await read(endpoint, turn)
                exit(0)
            } catch {
                print("failed: \(error)")
                exit(1)
            }
        }
        dispatchMain()
    }

    private static func read(_ endpoint: String, _ turn: DispatchTurn) async throws {
        let environment = [
            "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s",
        ]
        let settings = try AWSSettings(environment: environment)
        let transport = try CurlTransport()
        let client = AWSClient(
            settings: settings,
            credentials: StandardCredentials(
                environment: environment, settings: settings, transport: transport, clock: turn),
            transport: transport, clock: turn)
        let reader = AWSCloudReader(
            ec2: EC2Client(client), lightsail: LightsailClient(client), fleet: FleetName("acme"), clock: turn)
        let start = processorSeconds()
        let listing = await reader.listing(
            of: Place(.ec2, Region("us-east-1")), scope: Scope())
        if let gap = listing.gap ?? listing.protectionGap { throw gap }
        let rules = Retention(last: 7, daily: 30)
        let now = Moment(seconds: 1_795_240_000)
        // A set is kept or goes as one: its volumes need no groups of their own.
        let resources = Dictionary(grouping: listing.points, by: \.resource)
        let kept = resources.values.map { points in
            let verdicts = rules.verdicts(on: points.map { Dated(slot: $0.slot, taken: $0.taken) }, in: .utc, now: now)
            return zip(points, verdicts).map { $1.isKept ? $0.members.count : 0 }.reduce(0, +)
        }.reduce(0, +)
        print(kept, processorSeconds() - start, peakMebibytes())
    }

    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let parts = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
        return parts.reduce(0, +)
    }
}
