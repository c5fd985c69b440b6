import AWS
import ArgumentParser
import BackupConfig
import BackupCore
import BackupDaemon
import Glibc

/// What a command works with: the config, the environment's settings, and the clients made from them.
struct Session: Sendable {
    /// The config; in the daemon the one in force.
    var configuration: Configuration
    let configPath: String
    let stateDirectory: String
    let settings: AWSSettings
    let transport: any Transport
    let accounts: AccountBook
    /// How many calls may be made; a changed config may change it.
    let budget: CallBudget
    /// What all its clients share.
    let commons: AWSCommons
    /// AWS's time, as far as its replies show that this machine's clock is wrong.
    let time: any WallClock
    /// The daemon that carries the command out; nil in a command of its own.
    var daemon: Daemon?

    /// The client of one of the config's accounts.
    func client(of account: AccountID) -> AWSClient {
        guard let client = accounts.client(of: account) else {
            preconditionFailure("no policy and no copy names an account that the config does not have")
        }
        return client
    }

    /// Reads and checks everything that can be wrong before anything is done.
    ///
    /// `events` is told of a clock that disagrees with AWS's; without it, standard error.
    ///
    /// - Throws: `ExitCode` after saying what is wrong: 10 for the config, 1 for the environment.
    init(_ options: GlobalOptions, clock: any WallClock, events: (any EventSink)? = nil) throws {
        try self.init(options, try Session.load(options.path), clock: clock, events: events)
    }

    /// The same with a config that was read already.
    init(
        _ options: GlobalOptions, _ configuration: Configuration, clock: any WallClock, events: (any EventSink)?
    ) throws {
        let environment = Environment.all
        configPath = options.path
        self.configuration = configuration
        stateDirectory = options.statePath
        budget = CallBudget(percent: configuration.apiBudget)
        do {
            settings = try AWSSettings(environment: environment)
            try settings.check(Set(configuration.scopes.keys.map(\.region)).sorted())
            transport = try CurlTransport(
                caBundle: settings.caBundle, limits: CurlLimits(total: configuration.timing.callTimeout))
            commons = AWSCommons(budget: budget, events: events ?? Events.sink(.text, clock: clock))
            time = CorrectedClock(local: clock, skew: commons.skew)
            accounts = AccountBook(
                base: StandardCredentials(
                    environment: environment, settings: settings, transport: transport, clock: clock, commons: commons),
                settings: settings, transport: transport, clock: clock, commons: commons)
            accounts.use(configuration)
        } catch {
            Terminal.complain("snapwarden: \(error)")
            throw ExitStatus.failed.code
        }
    }

    /// The config, or exit code 10 after all its problems were printed.
    static func load(_ path: String) throws -> Configuration {
        let reading = ConfigurationFile.load(path)
        for problem in reading.problems { Terminal.complain(problem.description) }
        guard let configuration = reading.configuration else { throw ExitStatus.invalidConfig.code }
        return configuration
    }

    /// Says that the config holds no such policy, and gives the exit code for it.
    static func unknownPolicy(_ name: String, _ configuration: Configuration, _ path: String) -> any Error {
        let known = configuration.policies.map(\.name.rawValue).sorted()
        let some = known.count > 8 ? known.prefix(8) + ["and \(known.count - 8) more"] : known[...]
        let hint = known.isEmpty ? "it has no policies" : "it has \(some.joined(separator: ", "))"
        let nearest = Suggestion.text(for: name, among: known)
        Terminal.complain("snapwarden: no policy \"\(name)\" in \(path)\(nearest.isEmpty ? ": \(hint)" : nearest)")
        return ExitStatus.failed.code
    }

    /// A region of the config's that a person named.
    ///
    /// - Throws: The exit code, after saying that the config has no such region.
    func region(named name: String) throws -> Region {
        let known = Set(configuration.scopes.keys.map(\.region)).sorted()
        if let region = known.first(where: { $0.rawValue == name }) { return region }
        let names = known.map(\.rawValue)
        let hint = Suggestion.text(for: name, among: names)
        let all = "it has \(names.joined(separator: ", "))"
        Terminal.complain(
            "snapwarden: nothing in \(configPath) is in the region \"\(name)\"\(hint.isEmpty ? ": \(all)" : hint)")
        throw ExitStatus.failed.code
    }

    /// The half that cannot write.
    var reader: AWSCloudReader {
        let accounts = accounts
        return AWSCloudReader(
            { accounts.clients.mapValues(\.reading) }, fleet: configuration.fleet, clock: time)
    }

    /// The whole.
    var cloud: AWSCloud {
        let accounts = accounts
        return AWSCloud({ accounts.clients }, fleet: configuration.fleet, clock: time)
    }

    /// Everything AWS holds of ours and can be protected, read now; or the points alone, or one region alone.
    func inventory(pointsOnly: Bool = false, in region: Region? = nil) async -> Inventory {
        let reader = reader
        var listings: [Place: Listing] = [:]
        await withTaskGroup(of: (Place, Listing).self) { group in
            for (place, scope) in configuration.scopes where place.region == region ?? place.region {
                let scope = pointsOnly ? Scope() : scope
                group.addTask { (place, await reader.listing(of: place, scope: scope)) }
            }
            for await (place, listing) in group { listings[place] = listing }
        }
        return Inventory(listings)
    }

    /// What the daemon has read of AWS last, if this is one; else what AWS shows now.
    func knownInventory() async -> Inventory {
        guard let daemon else { return await inventory() }
        let known = await daemon.runner.inventory
        if known.listings.isEmpty, !configuration.policies.isEmpty {
            Terminal.complain("snapwarden: the daemon has just begun and has not read AWS yet")
        }
        return known
    }

    /// Says what could not be read, of one region or of all; true if nothing is missing.
    func report(gapsIn inventory: Inventory, of region: Region? = nil) -> Bool {
        let gaps = inventory.listings.filter { $0.value.gap != nil && (region ?? $0.key.region) == $0.key.region }
            .sorted { $0.key < $1.key }
        for (place, listing) in gaps {
            Terminal.complain("snapwarden: \(place) was not read completely: \(listing.gap?.description ?? "")")
        }
        return gaps.isEmpty
    }
}

extension GlobalOptions {
    var path: String { config ?? GlobalOptions.defaultConfig }
    var statePath: String { stateDir ?? Environment.all["STATE_DIRECTORY"] ?? GlobalOptions.defaultState }
}

/// The process's environment.
enum Environment {
    static var all: [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return values
    }
}
