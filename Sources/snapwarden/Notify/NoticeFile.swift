import BackupCore
import BackupDaemon
import BackupLedger
import FoundationEssentials

/// What targets were told, as JSON in the state directory: names, and to each the alarms in the words of then.
struct NoticeFile: NoticeMemory {
    private let path: String

    init(directory: String) { path = directory + "/notices.json" }

    func recall() -> [String: [Alarm.ID: String]] {
        guard let data = try? Data(contentsOf: URL(filePath: path)),
            let told = try? JSONDecoder().decode([String: [String: String]].self, from: data)
        else { return [:] }
        return told.mapValues { alarms in
            Dictionary(uniqueKeysWithValues: alarms.map { (Alarm.ID($0.key), $0.value) })
        }
    }

    func keep(_ told: [String: [Alarm.ID: String]]) throws(HistoryError) {
        let plain = told.mapValues { alarms in
            Dictionary(uniqueKeysWithValues: alarms.map { ($0.key.description, $0.value) })
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Texts can always be written.
        guard let data = try? encoder.encode(plain) else { return }
        try WholeFile.write(String(decoding: data, as: UTF8.self) + "\n", to: path, mode: 0o600, isDurable: false)
    }
}
