import AWS

/// EC2's rules for tags, the same in each call that writes some.
///
/// Source: EC2 user guide, "Tag restrictions"; CreateTags.
extension Refusal {
    static let tagLimit = 50

    /// The tags of the one specification for snapshots that a create call may carry.
    func snapshotTags(_ specifications: [TagSpecification]?) throws(AWSError) -> [(key: String, value: String?)] {
        for specification in specifications ?? [] where specification.resourceType != "snapshot" {
            throw invalid(
                "'\(specification.resourceType)' is not a valid taggable resource type for this operation.")
        }
        guard (specifications ?? []).count <= 1 else {
            throw invalid("Tag specification resource type can be specified only once: 'snapshot'.")
        }
        let tags = specifications?.first?.tags ?? []
        try check(tags)
        return tags.map { ($0.key, $0.value) }
    }

    func check(_ tags: [EC2Tag]) throws(AWSError) {
        var seen: Set<String> = []
        for tag in tags {
            guard !tag.key.isEmpty else { throw invalid("Tag key cannot be empty.") }
            guard !tag.key.hasPrefix("aws:") else {
                throw invalid(
                    "Value ( \(tag.key) ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved "
                        + "for internal use")
            }
            guard tag.key.unicodeScalars.count <= 127 else {
                throw invalid("Tag key exceeds the maximum length of 127 characters")
            }
            guard tag.value.unicodeScalars.count <= 256 else {
                throw invalid("Tag value exceeds the maximum length of 256 characters")
            }
            guard seen.insert(tag.key).inserted else { throw invalid("Duplicate tag key '\(tag.key)' specified.") }
        }
    }

    func checkLimit(_ count: Int) throws(AWSError) {
        guard count <= Refusal.tagLimit else {
            throw self("TagLimitExceeded", "More than \(Refusal.tagLimit) tags specified: \(count)")
        }
    }
}
