import BackupCore

/// Reads the KMS key of copies.
struct KeyParser {
    let problems: Problems

    /// The key as it stands there; nil without one, or if it is none that copies to that region can be under.
    func key(_ reader: MappingReader, in region: Region) -> String? {
        guard let (text, mark) = reader.text("kms-key") else { return nil }
        do throws(BadKeyName) {
            if let problem = problem(try KeyName(text), text, in: region) {
                problems.add(mark, "kms-key: \(problem)")
                return nil
            }
            return text
        } catch {
            problems.add(mark, "kms-key: \(error)")
            return nil
        }
    }

    private func problem(_ key: KeyName, _ text: String, in region: Region) -> String? {
        if let owner = key.owner, owner.region != region {
            return
                "\"\(text)\" is in \(owner.region), and copies in \(region) need a key of \(region): name one of that "
                + "region"
        }
        if let owner = key.owner, owner.partition != region.partition.name {
            return "an ARN of \(region) begins with arn:\(region.partition):, not with arn:\(owner.partition):"
        }
        if key.name.hasPrefix("alias/aws/"), key.name != "alias/aws/ebs" {
            return "\(key.name) is the key of another service: name a key of yours, or alias/aws/ebs"
        }
        if text.utf8.count > KeyParser.longest {
            return
                "longer than the \(KeyParser.longest) characters of a tag, in which copies carry it: leave out the ARN"
        }
        return nil
    }

    /// Of a tag's value (EC2 user guide, "Tag restrictions").
    private static let longest = 256
}
