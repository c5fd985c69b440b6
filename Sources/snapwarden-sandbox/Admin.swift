import AWS
import BackupCore
import FoundationEssentials
import Simulation

/// The sandbox's own interface under `/_sandbox/`: unsigned, JSON, for people and tests.
struct Admin: Sendable {
    let world: Guarded<World>

    func answer(_ request: ReceivedRequest, now: Moment) -> HTTPReply {
        do {
            return try world.withLock { try Admin.perform(request, on: &$0, now: now) }
        } catch {
            return Admin.reply(status: 400, error: "\(error)")
        }
    }

    private static func perform(_ request: ReceivedRequest, on world: inout World, now: Moment) throws -> HTTPReply {
        switch (request.method, String(request.path.dropFirst("/_sandbox/".count))) {
        case ("POST", "seed"): world = try World(StrictJSON.seed(request.body), now: now)
        case ("POST", "add"): try world.plant(StrictJSON.seed(request.body), now: now)
        case ("POST", "set"): try world.apply(StrictJSON.change(request.body), now: now)
        case ("POST", "faults"): world.faults += try StrictJSON.faults(request.body)
        case ("DELETE", "faults"): world.faults = []
        case ("DELETE", "requests"): world.calls = []
        case ("GET", "requests"): return HTTPReply(status: 200, headers: json, body: try encoded(world.calls))
        case ("GET", "faults"): return HTTPReply(status: 200, headers: json, body: try encoded(world.faults))
        case ("GET", "dump"):
            let isPlain = (FormText.decode(request.query) ?? []).contains { $0.0 == "plain" && $0.1 == "1" }
            return HTTPReply(status: 200, headers: json, body: world.dump(isPlain ? .plain : .full, now: now).json)
        default:
            return reply(status: 404, error: "there is no \(request.method) \(request.path) here; see --help")
        }
        return HTTPReply(status: 200, headers: json, body: Array("{\"done\": true}\n".utf8))
    }

    private static let json = [Header("Content-Type", "application/json")]

    private static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    private static func reply(status: Int, error: String) -> HTTPReply {
        HTTPReply(status: status, headers: json, body: (try? encoded(["error": error])) ?? [])
    }
}
