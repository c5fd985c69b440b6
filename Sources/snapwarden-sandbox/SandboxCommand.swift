import AWS
import ArgumentParser
import BackupCore
import CLinux
import FoundationEssentials
import Simulation

/// The program: reads the seed, serves until it is told to stop.
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapwarden-sandbox",
        abstract: "An AWS on this machine's loopback, kept in memory: for trying out, rehearsing and testing.",
        discussion: """
            It answers the EC2, Lightsail and STS operations that snapwarden uses, checks every request's signature \
            and forgets everything when it ends. Point clients at it with AWS_ENDPOINT_URL. \
            Under /_sandbox/ it can be seeded, disturbed and looked into:

              POST seed · POST add · POST set · POST faults · DELETE faults
              GET dump[?plain=1] · GET requests · DELETE requests
            """)

    @Option(help: "The port on 127.0.0.1; 0 takes a free one.")
    var port: UInt16 = 0

    @Option(help: "A JSON file with what the world begins with.")
    var seed: String?

    @Option(help: "The id of the one access key that is accepted.")
    var accessKey = "AKIDSANDBOX"

    @Option(help: "Its secret.")
    var secretKey = "sandbox-secret"

    func run() throws {
        let signals = StopSignals()
        let world = try SandboxCommand.world(from: seed, now: SystemTime.now)
        let front = Front(world: world, credentials: Credentials(accessKeyID: accessKey, secret: secretKey))
        guard let server = HTTPServer(port: port, handler: { front.answer($0, now: SystemTime.now) }) else {
            throw ValidationError("127.0.0.1:\(port) cannot be listened on: choose another --port, or 0 for a free one")
        }
        linux_line_buffer_stdout()
        print("snapwarden-sandbox: http://127.0.0.1:\(server.port)")
        signals.wait()
        server.stop()
    }

    /// The seeded world, or an empty one of us-east-1 and eu-west-1.
    private static func world(from file: String?, now: Moment) throws -> World {
        guard let file else { return World(regions: [Region("us-east-1"), Region("eu-west-1")]) }
        do {
            return try World(StrictJSON.seed(Array(try Data(contentsOf: URL(filePath: file)))), now: now)
        } catch {
            throw ValidationError("seed \(file): \(error)")
        }
    }
}
