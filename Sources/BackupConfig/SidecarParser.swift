import BackupCore

/// Reads where what no snapshot holds is put down: `s3://bucket/prefix`.
struct SidecarParser {
    let problems: Problems

    /// The bucket is looked for where the first copies go; without copies, or policies, at home.
    func bucket(_ reader: MappingReader, _ policies: [Policy]) -> SidecarBucket? {
        guard let (text, mark) = reader.text("sidecar") else { return nil }
        let scheme = "s3://"
        guard text.hasPrefix(scheme) else {
            problems.add(mark, "sidecar: expected a bucket of S3, as in s3://bucket/prefix, got \"\(text)\"")
            return nil
        }
        let parts = text.dropFirst(scheme.count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let (name, prefix) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        guard SidecarParser.isBucket(name) else {
            problems.add(
                mark,
                "sidecar: \"\(name)\" is no bucket's name: 3 to 63 lower-case letters, digits, hyphens and dots, of which the "
                    + "first and the last are letters or digits")
            return nil
        }
        guard SidecarParser.isPrefix(prefix) else {
            problems.add(
                mark,
                "sidecar: \"\(prefix)\" cannot begin the objects' keys: names of letters, digits and ._- with single slashes "
                    + "between them")
            return nil
        }
        let region = policies.lazy.compactMap { $0.copies.first?.region }.first ?? policies.first?.regions.first
        return SidecarBucket(name: name, prefix: prefix, region: region ?? Region("us-east-1"))
    }

    /// Source: S3 user guide, "General purpose bucket naming rules".
    private static func isBucket(_ name: String) -> Bool {
        let isPlain: (UInt8) -> Bool = {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard (3...63).contains(name.utf8.count), let first = name.utf8.first, let last = name.utf8.last else {
            return false
        }
        return isPlain(first) && isPlain(last) && !name.contains("..")
            && name.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// Such keys stand in URLs and signatures as they are.
    private static func isPrefix(_ prefix: String) -> Bool {
        guard !prefix.isEmpty else { return true }
        return prefix.utf8.count <= 512
            && prefix.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                ![".", "..", ""].contains(part)
                    && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
            }
    }
}
