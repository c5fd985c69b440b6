package import BackupCore

/// The config last applied, as it stood in its files, so that a start with one that has problems can go on with it.
package struct AppliedConfigFile {
    private let file: LineFile

    package init(directory: String) { file = LineFile(path: directory + "/applied-config", mode: 0o600) }

    /// Remembers it, unless it is the one that is remembered.
    ///
    /// - Throws: ``HistoryError`` if it cannot be written; then the one before is still there.
    package func keep(_ sources: [(file: String, text: String)]) throws(HistoryError) {
        // A line of a text begins with a tab, a file's name does not: no line is empty.
        let lines = sources.flatMap { source in
            [source.file] + source.text.split(separator: "\n", omittingEmptySubsequences: false).map { "\t" + $0 }
        }
        guard (try? file.lines().map { String($0.text) }) != lines else { return }
        try file.replace { () throws(HistoryError) in lines }
    }

    /// The files and their texts, the main one first; nothing if none was applied yet.
    ///
    /// - Throws: ``HistoryError`` if it cannot be read.
    package func sources() throws(HistoryError) -> [(file: String, text: String)] {
        var sources: [(file: String, lines: [Substring])] = []
        for line in try file.lines() {
            if !line.text.hasPrefix("\t") {
                sources.append((String(line.text), []))
            } else if sources.isEmpty {
                throw file.mistake(line, expected: "the name of a file")
            } else {
                sources[sources.count - 1].lines.append(line.text.dropFirst())
            }
        }
        return sources.map { ($0.file, $0.lines.joined(separator: "\n")) }
    }
}
