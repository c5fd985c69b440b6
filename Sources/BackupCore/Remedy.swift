/// What to do about what AWS says, as one sentence: the table for codes, and for the messages of snapshots that failed
/// an hour after they were begun well.
///
/// Sources: EC2 user guide, "Copy an Amazon EBS snapshot" (a key that cannot be used makes a copy fail later, with the
/// reason in its StateMessage alone) and "Amazon EBS encryption"; EC2 API reference, "Error codes"; AWS KMS API
/// reference; EBS user guide, "Quotas for Amazon EBS".
package enum Remedy {
    private static let keyRights = "kms:DescribeKey, CreateGrant, GenerateDataKey*, Decrypt and ReEncrypt*"

    /// A part of AWS's code or message in lower case, and what helps; of several that fit the first counts.
    static let table: [(part: String, sentence: String)] = [
        (
            "given key id is not accessible",
            "see that kms-key names an enabled key of the copy's own region, and that its policy allows this role "
                + keyRights
        ),
        ("kms.disabledexception", "enable the KMS key, or name another one as kms-key"),
        (
            "kms.notfoundexception",
            "the copy's region has no such KMS key: name one of that region as kms-key, by alias, id or ARN"
        ),
        ("kms.accessdeniedexception", "let the KMS key's policy, in its own region, allow this role \(keyRights)"),
        (
            "kms.invalidstateexception",
            "the KMS key is being deleted, or has no key material: cancel its deletion, or name another one as kms-key"
        ),
        ("kms.", "see that the KMS key exists, is enabled, and that its policy allows this role \(keyRights)"),
        (
            "default key cannot be shared",
            "encrypt the volume under a customer managed key: copy a snapshot of it under that key, and make the volume "
                + "anew from the copy"
        ),
        (
            "presigned",
            "AWS did not accept the presigned URL: see that the clock is right and that this role may call "
                + "ec2:CopySnapshot in the source region too"
        ),
        ("snapshotlimitexceeded", "delete snapshots in that region, or ask Service Quotas for more"),
        ("expiredtoken", "renew the credentials"),
        ("requestexpired", "set the clock (timedatectl status), and renew the credentials if they are temporary"),
        ("requesttimetooskewed", "set the clock (timedatectl status)"),
        ("unauthorizedoperation", "allow this role the call"),
        ("accessdenied", "allow this role the call"),
        ("invalidclienttokenid", "see that the access key exists and is active"),
        ("unrecognizedclientexception", "see that the access key exists and is active"),
        ("signaturedoesnotmatch", "see that the secret belongs to the access key, and that the clock is right"),
        ("invalidsignatureexception", "see that the secret belongs to the access key, and that the clock is right"),
        ("authfailure", "see that the credentials are right, and that the region is switched on for the account"),
        ("optinrequired", "switch the region, or the service, on for this account"),
        ("nocredentials", "give this program credentials"),
        ("internal", "the trouble is AWS's own: it passes, or AWS's support has to look at it"),
    ]

    /// The sentence for a code or message; nil if none is known.
    package static func sentence(for text: String) -> String? {
        let text = text.lowercased()
        return table.first { text.contains($0.part) }?.sentence
    }

    /// The same for an error, code before message.
    package static func sentence(for error: CloudError) -> String? {
        sentence(for: error.code) ?? sentence(for: error.message)
    }

    /// A message with what helps behind it, if that is known.
    package static func advised(_ message: String) -> String {
        sentence(for: message).map { "\(message) (\($0))" } ?? message
    }
}
