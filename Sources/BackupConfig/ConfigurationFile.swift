package import BackupCore
import Glibc

/// What came of reading a config: the configuration, or everything that is wrong with it.
package struct ConfigurationReading: Sendable {
    /// Nil exactly if there are problems.
    package var configuration: Configuration?
    package var problems: [Problem]
    /// What is legal but has no effect.
    package var warnings: [Problem]
    /// What was read, the main file first.
    package var sources: [(file: String, text: String)] = []
}

/// Reads `snapwarden.yaml` and the drop-ins in `policies.d` beside it.
package enum ConfigurationFile {
    /// Reads the file at `path`, and every `policies.d/*.yaml` in the same folder, in the order of their names.
    package static func load(_ path: String, zones: ZoneCatalog = ZoneCatalog()) -> ConfigurationReading {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let dropIns = (folder.isEmpty && !path.hasPrefix("/") ? "" : folder + "/") + "policies.d"
        var sources: [(file: String, text: String)] = []
        var problems: [Problem] = []
        for file in [path] + yamlFiles(in: dropIns) {
            switch text(of: file) {
            case .success(let text): sources.append((file, text))
            case .failure(let problem): problems.append(problem)
            }
        }
        guard problems.isEmpty else {
            return ConfigurationReading(configuration: nil, problems: problems, warnings: [])
        }
        return read(sources, zones: zones)
    }

    /// Reads a config that stands in one text.
    package static func read(
        _ text: String, file: String, zones: ZoneCatalog = ZoneCatalog()
    ) -> ConfigurationReading { read([(file, text)], zones: zones) }

    /// The first source is the main file, the others hold policies only.
    package static func read(
        _ sources: [(file: String, text: String)], zones: ZoneCatalog = ZoneCatalog()
    ) -> ConfigurationReading {
        let zones = ZoneReader(zones)
        var problems: [Problem] = []
        var warnings: [Problem] = []
        var configuration: Configuration?
        var accounts = Accounts()
        var targets: [NotifyTarget] = []
        var places: [PolicyName: (file: String, mark: Mark)] = [:]
        for (index, source) in sources.enumerated() {
            let collected = Problems(file: source.file)
            let parser = ConfigurationParser(problems: collected, zones: zones, accounts: accounts, targets: targets)
            do throws(YAMLError) {
                let root = try YAMLDocument.read(source.text) ?? .mapping([], Mark(line: 1, column: 1))
                if index == 0 { configuration = parser.main(root) }
                (accounts, targets) = (parser.accounts, parser.targets)
                let policies = index == 0 ? parser.policies : parser.dropIn(root)
                for (policy, mark) in policies {
                    if let first = places[policy.name] {
                        collected.add(
                            mark,
                            "policy \"\(policy.name)\" is defined already at \(first.file):\(first.mark.line): rename one"
                        )
                        continue
                    }
                    places[policy.name] = (source.file, mark)
                    if index > 0 { configuration?.policies.append(policy) }
                }
            } catch {
                collected.add(error.mark, error.message)
            }
            problems += collected.errors
            warnings += collected.warnings
        }
        if let configuration { problems += adoptionProblems(configuration, places) }
        problems.sort {
            ($0.file, $0.mark ?? Mark(line: 0, column: 0)) < ($1.file, $1.mark ?? Mark(line: 0, column: 0))
        }
        return ConfigurationReading(
            configuration: problems.isEmpty ? configuration : nil, problems: problems, warnings: warnings,
            sources: sources)
    }

    /// A name of old belongs to one policy, and to none that still exists.
    private static func adoptionProblems(
        _ configuration: Configuration, _ places: [PolicyName: (file: String, mark: Mark)]
    ) -> [Problem] {
        var owners: [PolicyName: PolicyName] = [:]
        var problems: [Problem] = []
        for policy in configuration.policies {
            guard let place = places[policy.name] else { continue }
            for name in policy.adopts {
                if places[name] != nil {
                    problems.append(
                        Problem(
                            file: place.file, mark: place.mark,
                            message:
                                "policy \"\(policy.name)\": adopts \"\(name)\", which is a policy still: remove one"))
                } else if let owner = owners[name] {
                    problems.append(
                        Problem(
                            file: place.file, mark: place.mark,
                            message:
                                "policy \"\(policy.name)\": \"\(name)\" is adopted by \"\(owner)\" already: keep one"))
                }
                owners[name] = policy.name
            }
        }
        return problems
    }

    private enum FileText {
        case success(String)
        case failure(Problem)
    }

    private static func text(of path: String) -> FileText {
        guard let file = fopen(path, "re") else {
            let reason = String(cString: strerror(errno))
            return .failure(Problem(file: path, mark: nil, message: "cannot be read: \(reason)"))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= YAMLDocument.largest {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        if ferror(file) != 0 {
            return .failure(
                Problem(file: path, mark: nil, message: "cannot be read: \(String(cString: strerror(errno)))"))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Problem(file: path, mark: nil, message: "is not UTF-8 text: save it as UTF-8"))
        }
        return .success(text)
    }

    private static func yamlFiles(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var files: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".yaml"), !name.hasPrefix(".") { files.append(folder + "/" + name) }
        }
        return files.sorted()
    }
}
