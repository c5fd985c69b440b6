package import BackupCore

/// The name of a journal field: upper-case letters, digits and underscores, not beginning with an underscore.
///
/// journald drops any other silently (sd_journal_send(3)).
package struct FieldName: Sendable, Hashable {
    package let text: String

    package init?(_ text: String) {
        let isGood: (UInt8) -> Bool = { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        guard !text.isEmpty, text.utf8.count <= 64, text.utf8.first != 0x5F, text.utf8.allSatisfy(isGood) else {
            return nil
        }
        self.text = text
    }
}

/// An event as the journal stores it.
package struct JournalEntry: Sendable, Equatable {
    /// `NAME=value`, in order; values may hold newlines.
    package let fields: [String]

    package init(_ event: Event) {
        let own: [(String, String)] = [
            ("MESSAGE", event.message), ("MESSAGE_ID", event.kind.messageID),
            ("PRIORITY", String(event.kind.priority.rawValue)), ("SYSLOG_IDENTIFIER", "snapwarden"),
            ("SNAPWARDEN_EVENT", event.kind.rawValue),
        ]
        let named = event.fields.named.map { ($0.name, $0.value) }
        fields = (own + named).compactMap { name, value in FieldName(name).map { "\($0.text)=\(value)" } }
    }
}
